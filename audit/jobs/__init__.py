"""Long work: a table of jobs with leases in the database, and who runs them. `queue` takes a job
and runs it once, `lease` says who holds it, `runner` and `workers` find somebody to run it. A
broker's message only says *look at job N*. What a job does lives with its kind (`JOB_KINDS`), not
here."""
