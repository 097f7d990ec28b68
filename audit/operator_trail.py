"""Record an act of the operator's own, on a person, a token, a key or the second store, in the
operator's trail.

    with transaction.atomic():
        trail = lock()                            # from here on acts come one after the other
        Token.objects.filter(pk=7, revoked_at=None).update(revoked_at=now)
        append_act(trail, TOKEN_REVOKED, "token/7", {"label": "slurm", "token": 7}, actor="enzo")

The row and its entry are one transaction, and the second store is written as after any append. The
kinds: audit/FORMATS.md section 3.1.
"""

from collections.abc import Mapping

from audit import clock
from audit.append import lock_trails
from audit.errors import StoreError, StoreMismatch, StoreNotAdopted
from audit.models import OPERATOR_NUMBER, Trail
from audit.own_entries import append_own

# With these `lock` and the commit refuse an append.
REFUSED = (StoreMismatch, StoreNotAdopted, StoreError)


def lock() -> Trail:
    """Lock the operator's trail until the open transaction ends, and return it. What is read
    afterwards cannot change before that.

    Raises LedgerMissing where the ledger is not open; StoreMismatch, StoreNotAdopted, StoreError.
    """
    (trail,) = lock_trails([OPERATOR_NUMBER]).values()
    return trail


def append_act(
    trail: Trail, kind: str, subject: str, body: Mapping[str, object], *, actor: str
) -> int:
    """Append one entry to the operator's (locked) trail, and return its time in milliseconds. The
    entry's body is `body` and the actor.

    Raises CanonicalError for a text that JSON cannot hold."""
    now = clock.now_ms()
    append_own(trail, kind, subject, {"actor": actor, **body}, occurred_at=now)
    return now
