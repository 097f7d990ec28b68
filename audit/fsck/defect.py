"""What `fsck` finds: one sentence, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """Something stored that is not what the rest of the ledger says it is."""

    text: str
    trail: int | None = None
    index: int | None = None

    def __str__(self) -> str:
        where = "" if self.trail is None else f"trail {self.trail}"
        if self.index is not None:
            where += f", entry {self.index}"
        return f"{where}: {self.text}" if where else self.text
