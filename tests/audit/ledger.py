"""A small real ledger, built on the database by the steps themselves."""

from collections.abc import Sequence

from django.db import transaction

from audit.append import Appended, NewEntry, append, lock_trails
from audit.models import Trail
from audit.tlog import canonical
from audit.trails import open_trail

RECEIVED_AT = 1_800_000_000_000


def tenant_trail(key: str = "hospital") -> Trail:
    """Open the trail of one tenant."""
    with transaction.atomic():
        return open_trail(owner=f"tenant:{key}", name=key)


def write(number: int, texts: Sequence[str] = ("a touch",), received_at: int = RECEIVED_AT) -> Appended:
    """Append one entry a text to trail `number`, in a transaction of their own."""
    with transaction.atomic():
        (trail,) = lock_trails([number]).values()
        return append(trail, [new_entry(text) for text in texts], received_at)


def new_entry(text: str) -> NewEntry:
    return NewEntry("note.made/v1", "note", "olga", None, RECEIVED_AT, canonical.encode({"text": text}))
