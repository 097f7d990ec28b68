"""The heads that a seal closes: read at one moment, computed again from the stored bytes, written
where they changed.

A trail's row holds its head. The seal believes it only after the entries' own bytes lead to the
same root, from the compact range of the last sealed head on. So a bit that flips between append and
seal is found before anything is signed. FORMATS.md sections 2.3 and 2.9.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db import connection

from audit.errors import SealError
from audit.models import SealedHead, TrailHead
from audit.storage import raw, rows
from audit.storage.second_store_lines import Head as Remembered
from audit.storage.second_store_lines import check_not_behind, describe_head
from audit.tlog.compact import CompactRange
from audit.tlog.entry import entry_leaf
from audit.tlog.heads import Head
from audit.tlog.merkle import Hash

_STATES = (
    "SELECT trail.number, trail.trail_id, trail.size, trail.root, sealed.size, sealed.root "
    "FROM audit_trail trail LEFT JOIN audit_sealedhead sealed "
    "ON sealed.trail_number = trail.number ORDER BY trail.number"
)
_COMPACTS = (
    "SELECT sealed.trail_number, sealed.compact FROM audit_sealedhead sealed "
    "JOIN audit_trail trail ON trail.number = sealed.trail_number WHERE trail.size > sealed.size"
)


@dataclass(frozen=True, slots=True)
class TrailState:
    """A trail's head, and its newest sealed head: size 0 for a trail that is in no epoch yet."""

    head: Head
    sealed_size: int
    sealed_root: Hash

    @property
    def is_changed(self) -> bool:
        """Whether it has entries that are not sealed."""
        return self.head.size > self.sealed_size

    def check(self, remembered: Remembered | None) -> None:
        """Check that the trail is not behind its sealed head, nor behind the head that the second
        store remembers. Raises SealError, StoreMismatch."""
        head = self.head
        if head.size < self.sealed_size or (
            head.size == self.sealed_size and head.root != self.sealed_root
        ):
            raise SealError(
                f"trail {head.number}: sealed is "
                f"{describe_head(self.sealed_size, self.sealed_root)}, "
                f"got {describe_head(head.size, head.root)}"
            )
        check_not_behind(head.number, head.size, head.root, remembered)


@dataclass(frozen=True, slots=True)
class ChangedHead:
    """A head that is computed from the stored bytes, and its compact range."""

    number: int
    compact: CompactRange
    root: Hash


def read_trail_states() -> list[TrailState]:
    """Return the state of each trail, by number. One statement, so all of one moment."""
    return [
        TrailState(
            Head(number, Hash(trail_id), size, Hash(root)),
            sealed_size or 0,
            Hash(sealed_root or b""),
        )
        for number, trail_id, size, root, sealed_size, sealed_root in raw.read(_STATES)
    ]


def changed_heads(
    states: Sequence[TrailState], remembered: Mapping[int, Remembered]
) -> list[ChangedHead]:
    """Return the heads of the trails with new entries, computed from the stored bytes of these.
    Raises SealError where they do not lead to the head on record, or do not pass through the
    remembered one."""
    changed = [state for state in states if state.is_changed]
    compacts = dict(raw.read(_COMPACTS))
    leaves = _leaves(changed)
    return [
        _computed(
            state, compacts.get(state.head.number, b""), leaves, remembered.get(state.head.number)
        )
        for state in changed
    ]


def write_heads(epoch: int, heads: Sequence[ChangedHead]) -> None:
    """Write the heads that changed in `epoch`, and what the next seal goes on from."""
    rows.insert(
        TrailHead,
        ("epoch", "trail_number", "size", "root"),
        [(epoch, head.number, head.compact.end, head.root) for head in heads],
    )
    table = SealedHead._meta.db_table
    numbers = [(head.number,) for head in heads]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            every = [head.number for head in heads]
            cursor.execute(f"DELETE FROM {table} WHERE trail_number = ANY(%s)", [every])  # noqa: S608
        else:
            cursor.executemany(f"DELETE FROM {table} WHERE trail_number = %s", numbers)  # noqa: S608 - our table
    rows.insert(
        SealedHead,
        ("trail_number", "size", "root", "compact"),
        [(head.number, head.compact.end, head.root, head.compact.encode()) for head in heads],
    )


def _leaves(changed: Sequence[TrailState]) -> Iterator[Hash]:
    """Yield the leaf hashes of all new entries, trail after trail, from the stored contents. Raises
    SealError where an entry is missing."""
    ranges = [(state.head.number, state.sealed_size, state.head.size) for state in changed]
    expected = ((number, index) for number, begin, end in ranges for index in range(begin, end))
    for number, index, _, _, _, content in raw.entries(ranges):
        want = next(expected)
        if (number, index) != want:
            raise SealError(f"trail {want[0]}: entry {want[1]} is missing")
        yield entry_leaf(content)
    for number, index in expected:
        raise SealError(f"trail {number}: entry {index} is missing")


def _computed(
    state: TrailState, compact: bytes, leaves: Iterator[Hash], remembered: Remembered | None
) -> ChangedHead:
    head = state.head
    compact_range = CompactRange.decode(0, state.sealed_size, compact)
    if state.sealed_size:
        _check_root(head.number, compact_range, state.sealed_root)
    if remembered is not None and remembered[0] > state.sealed_size:
        # A process died between commit and second store. The history must still pass through the
        # head that was promised last.
        compact_range.extend(islice(leaves, remembered[0] - compact_range.end))
        _check_root(head.number, compact_range, remembered[1])
    compact_range.extend(islice(leaves, head.size - compact_range.end))
    return ChangedHead(
        head.number, compact_range, _check_root(head.number, compact_range, head.root)
    )


def _check_root(number: int, compact: CompactRange, want: Hash) -> Hash:
    root = compact.root()
    if root != want:
        raise SealError(
            f"trail {number}: the stored bytes lead to {describe_head(compact.end, root)}, "
            f"want root {want.hex()}: "
            "nothing was signed; `manage.py fsck` names the entry"
        )
    return root
