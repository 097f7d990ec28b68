"""What can go wrong with the ledger. Every error of the package, outside `tlog` and `verifier`, is
a `LedgerError`.

Messages start in lower case and say what was wanted and what was got.
"""

NOT_OPEN = "the ledger is not open: run `manage.py open_ledger` first"


class LedgerError(Exception):
    """Base of the errors below. Raised when none of them fits: never."""


class LedgerMissing(LedgerError):
    """Raised when the ledger has not been opened: there is no fleet trail or no global log yet."""


class StoreError(LedgerError):
    """Raised when the second store is damaged, or cannot be written."""


class StoreMismatch(LedgerError):
    """Raised when the database is shorter than, or different from, what the second store remembers
    of it."""


class StoreNotAdopted(LedgerError):
    """Raised when the second store is empty, so that nothing can be compared with the database."""


class KeyFileError(LedgerError):
    """Raised when a signing key is missing though it has signed before, is open to others, or is of
    another log."""


class SealError(LedgerError):
    """Raised when the stored bytes do not lead to the heads on record, so that nothing may be
    signed."""


class WrongLedger(SealError):
    """Raised when the settings name another log than the one that the database holds."""


class ExportError(LedgerError):
    """Raised when a trail cannot be exported, or its new bundle fails its own verification. Its
    reader sees the message word by word."""


class PersonError(LedgerError):
    """Raised when an act on a person cannot be done: no such person, a name that is taken, a weak
    password, no such trail."""


class TokenError(LedgerError):
    """Raised when a token cannot be issued or revoked: no label, sources or trail that do not fit
    its purpose, no such token."""


class NotRecordedError(LedgerError):
    """Raised when somebody was shut out and no entry could be written: `done` is what is so now,
    `cause` why."""

    def __init__(self, done: str, cause: LedgerError) -> None:
        super().__init__(
            f"{done}, but the operator's trail has no entry of it; "
            f"run this again once the cause is mended: {cause}"
        )
