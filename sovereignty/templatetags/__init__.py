"""What the domain's templates print: verdicts, amounts, intervals."""
