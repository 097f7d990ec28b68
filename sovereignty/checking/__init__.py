"""★2 Checking: from a question to an answer in the ledger. `question` fixes what is asked, `check`
answers it, `slices` masks each tenant's part, `publish` writes policies, `schedule` asks again.
Judging itself is pure and lives in `sovereignty.policy`."""
