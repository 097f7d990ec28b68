"""Head proofs: a trail's head in each epoch, with the path to that epoch's record. They never
change, and are kept.

A heads tree binds its epoch's number into every leaf, so each epoch has a tree of its own. A year
of quarter hours for one trail needs 35,000 of them. They are built once: one file a trail, named
after the trail's id, keeps the lines of `heads.jsonl`, and each export adds the epochs since to the
files of all trails that were ever exported. The files are a cache: the bundle's verification covers
what they say, and an export makes lost ones again. FORMATS.md sections
2.5 and 2.10.
"""

import contextlib
import fcntl
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings

from audit.errors import ExportError
from audit.jobs.progress import Progress
from audit.log.epochs import EPOCHS_AT_ONCE, StoredSeal, heads_of_epochs
from audit.models import TrailHead
from audit.storage import raw
from audit.tlog import heads
from audit.tlog.bundle_json import HeadProof, decode_head, encode_head
from audit.tlog.errors import BundleError
from audit.tlog.proving import Tree

_TAIL = 16_384  # more than the longest line: a path has at most 64 hashes


def extend(numbers: Collection[int], last: int, progress: Progress) -> None:
    """Bring the files of these trails, which must be in an epoch up to `last`, up to that epoch.
    Raises ExportError where stored heads do not lead to an epoch's record, SealError where a head
    is missing."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        paths = {
            number: path for number, path in _paths().items() if number in numbers or path.exists()
        }
        upcoming = {number: _next_epoch(number, path) for number, path in paths.items()}
        first = min(upcoming[number] for number in numbers)
        lines: dict[int, list[bytes]] = {
            number: [] for number in paths if upcoming[number] >= first
        }
        for seal, epoch_heads in heads_of_epochs(first, last):
            tree = _tree(seal, epoch_heads)
            for number, its_lines in lines.items():
                if upcoming[number] <= seal.epoch and number < len(epoch_heads):
                    its_lines.append(_line(seal.epoch, epoch_heads[number], tree))
            if seal.epoch % EPOCHS_AT_ONCE == 0 or seal.epoch == last:
                _write(paths, lines)
                progress(
                    seal.epoch - first + 1, last - first + 1, "proving the heads of each epoch"
                )


def read(number: int, last: int) -> Iterator[HeadProof]:
    """Yield the head proofs of trail `number` from its birth to epoch `last`, after `extend`.
    Raises ExportError."""
    with _paths()[number].open("rb") as file:
        for line in file:
            try:
                proof = decode_head(line.removesuffix(b"\n"))
            except BundleError as error:
                forget(number)
                raise ExportError(
                    f"the kept head proofs of trail {number} were damaged and are removed; "
                    f"export again: {error}"
                ) from error
            if proof.epoch > last:
                return
            yield proof


def forget(number: int) -> None:
    """Remove what is kept of a trail, so that the next export builds it again."""
    _paths()[number].unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.BUNDLES_DIR) / "heads"


def _paths() -> dict[int, Path]:
    folder = _folder()
    rows = raw.read("SELECT number, trail_id FROM audit_trail ORDER BY number")
    return {number: folder / f"{trail_id.hex()}.jsonl" for number, trail_id in rows}


def _next_epoch(number: int, path: Path) -> int:
    """Return the epoch that the file lacks next, having cut off what a dying writer left behind its
    last line."""
    if path.exists():
        with path.open("r+b") as file:
            start = max(0, path.stat().st_size - _TAIL)
            file.seek(start)
            tail = file.read()
            whole = tail.rfind(b"\n") + 1
            file.truncate(start + whole)
        with contextlib.suppress(BundleError, IndexError):
            return decode_head(tail[:whole].splitlines()[-1]).epoch + 1
        path.unlink()
    return TrailHead.objects.filter(trail_number=number).earliest("epoch").epoch


def _tree(seal: StoredSeal, epoch_heads: Collection[heads.Head]) -> Tree:
    record = heads.decode_epoch_record(seal.record)
    tree = Tree(heads.head_leaves(seal.epoch, epoch_heads))
    if (tree.size, tree.root) != (record.trails, record.heads):
        raise ExportError(
            f"epoch {seal.epoch}: "
            f"the stored heads of {tree.size} trails lead to {tree.root.hex()}, "
            f"its record has {record.trails} and {record.heads.hex()}"
        )
    return tree


def _line(epoch: int, head: heads.Head, tree: Tree) -> bytes:
    return (
        encode_head(HeadProof(epoch, head.size, head.root, tree.prove_inclusion(head.number)))
        + b"\n"
    )


def _write(paths: dict[int, Path], lines: dict[int, list[bytes]]) -> None:
    for number, its_lines in lines.items():
        if its_lines:
            with paths[number].open("ab") as file:
                file.writelines(its_lines)
            its_lines.clear()
