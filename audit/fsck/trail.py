"""One trail's part of `fsck`: its entries from the genesis on, and every root on record of it.

The entries are read once, in order. Roots are on record in the heads of epochs, in the newest
sealed head, in the second store and in the trail's own row. Each is compared when the reading
reaches its size.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from audit.fsck.defect import Defect
from audit.fsck.receipts import ReceiptCheck
from audit.models import TrailHead
from audit.storage import raw
from audit.storage.second_store_lines import Head
from audit.tlog import entry as tlog_entry
from audit.tlog.compact import CompactRange
from audit.tlog.errors import EntryError, ProofError
from audit.tlog.genesis import GENESIS_KIND, decode_genesis
from audit.tlog.merkle import Hash
from audit.tlog.note import VerifierKey

TRAILS = (
    "SELECT trail.number, trail.trail_id, trail.size, trail.root, trail.compact, "
    "trail.received_at, sealed.size, sealed.root, sealed.compact "
    "FROM audit_trail trail LEFT JOIN audit_sealedhead sealed "
    "ON sealed.trail_number = trail.number ORDER BY trail.number"
)
_HEADS = (
    "SELECT epoch, size, root FROM audit_trailhead "
    "WHERE trail_number = %s AND epoch <= %s ORDER BY epoch"
)
_ENTRIES_A_WORD = 10_000


class TrailRow(NamedTuple):
    """A row of TRAILS: a trail with its newest sealed head, None in all three while it is in no
    epoch."""

    number: int
    trail_id: bytes
    size: int
    root: bytes
    compact: bytes
    received_at: int
    sealed_size: int | None
    sealed_root: bytes | None
    sealed_compact: bytes | None


class _HeadRow(NamedTuple):
    """A head, in the epoch in which it became one."""

    epoch: int
    size: int
    root: bytes


def check_trail(
    trail: TrailRow, epoch: int, remembered: Head | None, key: VerifierKey | None
) -> Iterator[Defect | int]:
    """Yield the defects of one trail, and between them how many of its entries are read. `epoch` is
    the newest that the trail's row must know of; `key` is that of receipts, None where their
    signatures are not to be checked."""
    number, tree, received_at = trail.number, CompactRange.empty(), 0
    heads = [_HeadRow._make(row) for row in raw.read(_HEADS, [number, epoch])]
    roots = _roots_on_record(trail, heads, remembered)
    receipts = ReceiptCheck(number, Hash(trail.trail_id), trail.size, key)
    for row in raw.entries([(number, 0, trail.size)]):
        if row[1] != tree.end:
            break
        leaf = tlog_entry.entry_leaf(row[5])
        yield from _check_entry(trail, row, leaf, received_at)
        received_at = max(received_at, row[3])
        tree.append(leaf)
        yield from _check_roots(number, tree, roots.pop(tree.end, []))
        yield from receipts.check(tree, leaf, row[3])
        if tree.end % _ENTRIES_A_WORD == 0 or tree.end == trail.size:
            yield tree.end
    if tree.end != trail.size:
        yield Defect(
            f"it is missing; the {trail.size - tree.end} entries from here on are not checked",
            number,
            tree.end,
        )
        return
    yield from receipts.check_end()
    yield from _check_row(trail, tree, received_at)
    yield from _check_heads(trail, heads)
    for size, recorded in sorted(roots.items()):
        yield from (
            Defect(f"{whose} has size {size}, the trail {trail.size}", number)
            for _, whose in recorded
        )


def _roots_on_record(
    trail: TrailRow, heads: list[_HeadRow], remembered: Head | None
) -> dict[int, list[tuple[bytes, str]]]:
    """Return by size the roots that were written down, and where."""
    roots: dict[int, list[tuple[bytes, str]]] = defaultdict(list)
    roots[trail.size].append((trail.root, "its row"))
    if remembered is not None:
        roots[remembered[0]].append((remembered[1], "the second store"))
    if trail.sealed_size is not None and trail.sealed_root is not None:
        roots[trail.sealed_size].append((trail.sealed_root, "its newest sealed head"))
    for head in heads:
        roots[head.size].append((head.root, f"its head in epoch {head.epoch}"))
    return roots


def _check_roots(
    number: int, tree: CompactRange, recorded: list[tuple[bytes, str]]
) -> Iterator[Defect]:
    for root, whose in recorded:
        if root != tree.root():
            yield Defect(
                f"{whose} has root {root.hex()} at size {tree.end}, the entries lead to "
                f"{tree.root().hex()}",
                number,
            )


def _check_entry(
    trail: TrailRow, row: raw.StoredEntry, leaf: Hash, received_before: int
) -> Iterator[Defect]:
    """Check one row against its own content: that alone was hashed."""
    number, index, kind, received_at, its_leaf, content = row
    if leaf != its_leaf:
        yield Defect(
            f"its content hashes to {leaf.hex()}, its row has {its_leaf.hex()}", number, index
        )
    try:
        stated = (
            _stated_by_entry(trail, content) if index else _stated_by_genesis(trail, content, leaf)
        )
        if stated != (index, kind, received_at):
            yield Defect(
                f"its content says index, kind and received_at {stated}, its row "
                f"{(index, kind, received_at)}",
                number,
                index,
            )
    except EntryError as error:
        yield Defect(str(error), number, index)
    if received_at < received_before:
        yield Defect(
            f"it was received at {received_at}, before {received_before} of the entry in front",
            number,
            index,
        )


def _stated_by_genesis(trail: TrailRow, content: bytes, leaf: Hash) -> tuple[int, str, int]:
    genesis = decode_genesis(content)
    if leaf != trail.trail_id:
        raise EntryError(
            f"the genesis makes the trail's id {leaf.hex()}, its row has {trail.trail_id.hex()}"
        )
    if (genesis.origin, genesis.number) != (settings.LOG_ORIGIN, trail.number):
        raise EntryError(
            f"the genesis is of trail {genesis.number} of {genesis.origin}, "
            f"want {trail.number} of {settings.LOG_ORIGIN}, as DOMICILE_ORIGIN says"
        )
    return 0, GENESIS_KIND, genesis.received_at


def _stated_by_entry(trail: TrailRow, content: bytes) -> tuple[int, str, int]:
    entry = tlog_entry.decode(content)
    if entry.trail != trail.trail_id:
        raise EntryError(f"entry is of the trail {entry.trail.hex()}, want {trail.trail_id.hex()}")
    return entry.index, entry.kind, entry.received_at


def _check_row(trail: TrailRow, tree: CompactRange, received_at: int) -> Iterator[Defect]:
    """Check what the trail's row says beside its root."""
    if tree.encode() != trail.compact:
        yield Defect("its row's compact range is not that of its entries", trail.number)
    if received_at != trail.received_at:
        yield Defect(
            f"its row has received_at {trail.received_at}, its newest entry {received_at}",
            trail.number,
        )


def _check_heads(trail: TrailRow, heads: list[_HeadRow]) -> Iterator[Defect]:
    """Check that heads only grow, and that the sealed head is the newest of them, or newer."""
    size = 0
    for head in heads:
        if head.size <= size:
            yield Defect(
                f"its head in epoch {head.epoch} has size {head.size}, the one before {size}",
                trail.number,
            )
        size = head.size
    if (trail.sealed_size or 0) < size:
        yield Defect(
            f"its newest sealed head has size {trail.sealed_size}, its head in epoch "
            f"{heads[-1].epoch} {size}",
            trail.number,
        )
    if trail.sealed_size is None or trail.sealed_root is None or trail.sealed_compact is None:
        return
    if trail.sealed_size not in {head.size for head in heads} and not _is_sealed_since(
        trail.number, trail.sealed_size
    ):
        yield Defect(
            f"its newest sealed head, of size {trail.sealed_size}, is in no epoch", trail.number
        )
    try:
        root = CompactRange.decode(0, trail.sealed_size, trail.sealed_compact).root()
        if root != trail.sealed_root:
            yield Defect(
                f"its newest sealed head has root {trail.sealed_root.hex()}, its compact range "
                f"{root.hex()}",
                trail.number,
            )
    except ProofError as error:
        yield Defect(f"the compact range of its newest sealed head: {error}", trail.number)


def _is_sealed_since(number: int, size: int) -> bool:
    """Whether the newest sealed head is of an epoch that was closed while the others were read."""
    return TrailHead.objects.filter(trail_number=number, size=size).exists()
