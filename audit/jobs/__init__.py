"""Long work: a table of jobs with leases in the database, and the processes that run them. `queue`
takes a job and runs it once, `lease` says who holds it, `runner` starts processes, and `workers`
says why a job may wait. A broker's message only says *look at job N*. What a job does stands with
its kind (`JOB_KINDS`), not here."""
