"""What the ledger's templates print: times, hashes, counts."""
