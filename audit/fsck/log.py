"""The global log's part of `fsck`: each epoch's record and checkpoint, the log's roots, and each
epoch's heads tree."""

from collections.abc import Iterator, Sequence

from audit.errors import SealError
from audit.fsck.defect import Defect
from audit.jobs.progress import Progress
from audit.log import epochs
from audit.log.epochs import StoredSeal
from audit.log.genesis import differences
from audit.seal import checkpoint_text
from audit.storage.second_store_lines import Contents, in_words
from audit.tlog import heads
from audit.tlog.compact import CompactRange
from audit.tlog.errors import HeadError, NoteError
from audit.tlog.note import VerifierKey, open_note

_EPOCHS_A_WORD = 64


def check_log(
    newest: int,
    published: int | None,
    remembered: Contents,
    key: VerifierKey | None,
    progress: Progress,
) -> Iterator[Defect]:
    """Yield the defects of the epochs 0 … `newest`. `published` was the newest published one before
    the second store was read, `key` is the log's, None where its signatures are not to be checked.
    """
    yield from _check_records(newest, published, remembered, key)
    try:
        for seal, epoch_heads in epochs.heads_of_epochs(1, newest):
            yield from _check_heads_tree(seal, epoch_heads)
            if seal.epoch % _EPOCHS_A_WORD == 0 or seal.epoch == newest:
                progress(seal.epoch, newest, "rebuilding heads trees")
    except SealError as error:
        yield Defect(str(error))


def _check_records(
    newest: int, published: int | None, remembered: Contents, key: VerifierKey | None
) -> Iterator[Defect]:
    """Go through the records in order: the epochs follow each other, and roots, ranges and
    signatures are theirs."""
    tree = CompactRange.empty()
    before: StoredSeal | None = None
    # What the second store may remember: it was read between these two epochs' publications.
    texts: list[bytes | None] = [None] if published is None else []
    for seal in epochs.seals(0, newest):
        if seal.epoch != tree.end:
            break
        tree.append(heads.record_leaf(seal.record))
        text = checkpoint_text(seal.epoch, tree.root())
        if seal.epoch >= (published or 0):
            texts.append(text)
        yield from _check_roots(seal, tree)
        yield from (
            _check_genesis(seal, remembered) if before is None else _check_record(seal, before)
        )
        yield from _check_checkpoint(seal, before, text, key)
        before = seal
    if tree.end != newest + 1:
        yield Defect(
            f"epoch {tree.end}: it is missing; the {newest + 1 - tree.end} epochs from here on are "
            "not checked"
        )
    elif remembered.fleet is not None and remembered.checkpoint not in texts:
        known, expected = in_words(remembered.checkpoint), in_words(texts[-1])
        yield Defect(
            f"the second store remembers the checkpoint {known}, the records lead to {expected}"
        )


def _check_roots(seal: StoredSeal, tree: CompactRange) -> Iterator[Defect]:
    if tree.root() != seal.root:
        yield Defect(
            f"epoch {seal.epoch}: the records lead to root {tree.root().hex()}, its row has "
            f"{seal.root.hex()}"
        )
    if seal.epoch and tree.encode() != seal.compact:
        yield Defect(f"epoch {seal.epoch}: its row's compact range is not that of the records")


def _check_genesis(seal: StoredSeal, remembered: Contents) -> Iterator[Defect]:
    try:
        genesis = heads.decode_log_genesis(seal.record)
    except HeadError as error:
        yield Defect(f"epoch 0: {error}")
        return
    yield from (Defect(f"epoch 0: {difference}") for difference in differences(genesis))
    if remembered.fleet is not None and genesis.fleet != remembered.fleet:
        yield Defect(
            f"epoch 0: the log's fleet trail is {genesis.fleet.hex()}, the second store's "
            f"{remembered.fleet.hex()}"
        )


def _check_record(seal: StoredSeal, before: StoredSeal) -> Iterator[Defect]:
    try:
        record = heads.decode_epoch_record(seal.record)
    except HeadError as error:
        yield Defect(f"epoch {seal.epoch}: {error}")
        return
    recorded, row = (
        (record.epoch, record.closed_ms, record.trails),
        (seal.epoch, seal.closed_at, seal.trails),
    )
    if recorded != row:
        yield Defect(
            f"epoch {seal.epoch}: its record says epoch, closed and trails {recorded}, its row "
            f"{row}"
        )
    if record.closed_ms <= before.closed_at:
        yield Defect(
            f"epoch {seal.epoch}: it closed at {record.closed_ms}, not after {before.closed_at} of "
            "the one before"
        )
    if record.trails < before.trails:
        yield Defect(
            f"epoch {seal.epoch}: it has {record.trails} trails, the one before {before.trails}"
        )


def _check_checkpoint(
    seal: StoredSeal, before: StoredSeal | None, text: bytes, key: VerifierKey | None
) -> Iterator[Defect]:
    if seal.checkpoint is None:
        return
    if before is not None and before.checkpoint is None:
        yield Defect(f"epoch {seal.epoch}: it is published, the one before is not")
    if key is None:
        return
    try:
        signed = open_note(seal.checkpoint, [key]).text
    except NoteError as error:
        yield Defect(f"epoch {seal.epoch}: its checkpoint: {error}")
        return
    if signed != text:
        yield Defect(
            f"epoch {seal.epoch}: what was signed is {signed!r}, the records lead to {text!r}"
        )


def _check_heads_tree(seal: StoredSeal, epoch_heads: Sequence[heads.Head]) -> Iterator[Defect]:
    try:
        record = heads.decode_epoch_record(seal.record)
        root = heads.heads_root(seal.epoch, epoch_heads)
    except HeadError as error:
        yield Defect(f"epoch {seal.epoch}: {error}")
        return
    if (record.trails, record.heads) != (len(epoch_heads), root):
        yield Defect(
            f"epoch {seal.epoch}: "
            f"its record has {record.trails} trails under {record.heads.hex()}, "
            f"the stored heads {len(epoch_heads)} under {root.hex()}"
        )
