"""★1 Recording: facts in, answers out, in one transaction a batch. `record` is the step;
`admission` says who may say what, `lines` holds the lines of a batch, `answers` what each is told.
How facts change the derived tables is `sovereignty.projection`."""
