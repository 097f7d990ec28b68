"""The heads of all trails, epoch after epoch, from the rows that hold a head only where it changed.

Both who proves heads (`head_proofs`) and who checks them (`fsck`) go through the epochs in order
and build each heads tree once. Rows of a committed epoch never change, so no snapshot is needed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from audit.errors import SealError
from audit.storage import raw
from audit.tlog.heads import Head
from audit.tlog.merkle import Hash

# How many epochs one statement reads.
EPOCHS_AT_ONCE = 64

_SEALS = (
    "SELECT epoch, record, closed_at, trails, root, compact, checkpoint FROM audit_seal "
    "WHERE epoch >= %s AND epoch < %s ORDER BY epoch"
)
_CHANGES = (
    "SELECT epoch, trail_number, size, root FROM audit_trailhead "
    "WHERE epoch >= %s AND epoch < %s ORDER BY epoch, trail_number"
)
_BEFORE = (
    "SELECT head.trail_number, head.size, head.root "
    "FROM audit_trail trail JOIN audit_trailhead head "
    "ON head.trail_number = trail.number AND head.epoch = ("
    "SELECT MAX(epoch) FROM audit_trailhead older "
    "WHERE older.trail_number = trail.number AND older.epoch < %s) "
    "ORDER BY head.trail_number"
)


class StoredSeal(NamedTuple):
    """One row of a seal."""

    epoch: int
    record: bytes
    closed_at: int
    trails: int
    root: bytes
    compact: bytes
    checkpoint: bytes | None


def seals(first: int, last: int) -> Iterator[StoredSeal]:
    """Yield the seals of the epochs `first` … `last`, as far as there are any."""
    for begin in range(first, last + 1, EPOCHS_AT_ONCE):
        yield from map(
            StoredSeal._make, raw.read(_SEALS, [begin, min(begin + EPOCHS_AT_ONCE, last + 1)])
        )


def heads_of_epochs(first: int, last: int) -> Iterator[tuple[StoredSeal, Sequence[Head]]]:
    """Yield each epoch `first` … `last`, from 1 on, with the heads of trails 0, 1, 2 … in it. The
    list is the same one each time: read it before the next epoch. Raises SealError where a head has
    no row."""
    ids = [
        Hash(trail_id)
        for (trail_id,) in raw.read("SELECT trail_id FROM audit_trail ORDER BY number")
    ]
    heads: list[Head] = []
    _apply(heads, ids, first - 1, raw.read(_BEFORE, [first]))
    changes: dict[int, list[tuple[int, int, bytes]]] = {}
    for seal in seals(first, last):
        if seal.epoch not in changes:
            changes = _changes(seal.epoch)
        _apply(heads, ids, seal.epoch, changes[seal.epoch])
        yield seal, heads


def _changes(begin: int) -> dict[int, list[tuple[int, int, bytes]]]:
    """Return the changed heads of the next epochs; an epoch without a change has an empty list."""
    changes: dict[int, list[tuple[int, int, bytes]]] = {
        epoch: [] for epoch in range(begin, begin + EPOCHS_AT_ONCE)
    }
    for epoch, number, size, root in raw.read(_CHANGES, [begin, begin + EPOCHS_AT_ONCE]):
        changes[epoch].append((number, size, root))
    return changes


def _apply(
    heads: list[Head], ids: Sequence[Hash], epoch: int, changes: Sequence[tuple[int, int, bytes]]
) -> None:
    for number, size, root in changes:
        if number > len(heads) or number >= len(ids):
            raise SealError(
                f"epoch {epoch}: "
                f"trail {min(len(heads), len(ids))} has no head, trail {number} has one"
            )
        head = Head(number, ids[number], size, Hash(root))
        if number == len(heads):
            heads.append(head)
        else:
            heads[number] = head
