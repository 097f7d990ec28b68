"""Steps 2, 4 and 5: the records are one global log, and its newest checkpoint is signed as the
trust file asks.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from audit.tlog.checkpoint import Checkpoint, Origin
from audit.tlog.compact import CompactRange
from audit.tlog.cosignature import check_cosignatures
from audit.tlog.errors import CheckpointError, HeadError, NoteError
from audit.tlog.heads import (
    EpochRecord,
    LogGenesis,
    decode_epoch_record,
    decode_log_genesis,
    record_leaf,
)
from audit.tlog.merkle import Hash
from audit.tlog.note import ED25519, Note, VerifierKey, open_note, parse_note
from audit.tlog.trust import TrustPolicy

# Twenty-eight years of quarter-hour epochs; they are held in memory.
MAX_EPOCHS = 1_000_000


@dataclass(frozen=True, slots=True)
class GlobalLog:
    """The records of the global log: `epochs[e - 1]` is that of epoch e. `roots` has the root of
    the tree at the sizes that were asked for and at the newest."""

    genesis: LogGenesis
    epochs: list[EpochRecord]
    roots: dict[int, Hash]

    @property
    def last(self) -> EpochRecord:
        """The record of the newest epoch, e1."""
        return self.epochs[-1]

    @property
    def size(self) -> int:
        """The number of records, the genesis among them."""
        return len(self.epochs) + 1

    def birth(self, number: int) -> int:
        """Return the first epoch that counts trail `number`. Raises HeadError."""
        for record in self.epochs:
            if record.trails > number:
                return record.epoch
        raise HeadError(
            f"the log has {self.last.trails} trails in epoch {self.last.epoch}, so none is number "
            f"{number}"
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest checkpoint, and who signed it.

    `quorum_time_ms` is the smallest time by which cosignatures meet the quorum of the trust file,
    in milliseconds since 1970. It is None where they do not meet it, or none is asked. `unchecked`
    are the keys of the log that signed with a type that this verifier cannot check."""

    note: bytes
    cosigned: dict[VerifierKey, int]
    quorum_time_ms: int | None
    unchecked: tuple[VerifierKey, ...]


def read_log(records: Iterable[bytes], sizes: Collection[int]) -> GlobalLog:
    """Return the global log of these records, with its roots at `sizes` and at the end. Step 2.

    Raises HeadError, CheckpointError and what reading `records` raises."""
    rest = iter(records)
    first = next(rest, None)
    if first is None:
        raise HeadError("want the log's genesis and at least one epoch, got no record")
    genesis = decode_log_genesis(first)
    tree = CompactRange.empty()
    tree.append(record_leaf(first))
    roots = {1: tree.root()} if 1 in sizes else {}
    epochs: list[EpochRecord] = []
    for record in rest:
        _check_next(epochs, decode_epoch_record(record))
        tree.append(record_leaf(record))
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    if not epochs:
        raise HeadError("want at least one epoch, got the log's genesis alone")
    return GlobalLog(genesis, epochs, roots | {tree.size: tree.root()})


def check_checkpoint(note: bytes, size: int, log: GlobalLog, trust: TrustPolicy) -> None:
    """Check that a checkpoint commits to the first `size` records. Step 4.

    Also checks that no signature on it by a known key fails. It needs no signature by a key of
    today: its root is computed, and the log may have changed its keys. Raises NoteError,
    CheckpointError."""
    parsed = parse_note(note)
    checkpoint = Checkpoint.decode(parsed.text)
    if checkpoint.origin != log.genesis.origin:
        raise CheckpointError(f"want origin {log.genesis.origin!a}, got {checkpoint.origin!a}")
    if checkpoint.size != size:
        raise CheckpointError(f"want size {size}, as the member is named, got {checkpoint.size}")
    if size not in log.roots:
        raise CheckpointError(f"want a size from 1 to {log.size}, the number of records")
    if checkpoint.root != log.roots[size]:
        raise CheckpointError(
            f"want root {log.roots[size].hex()} of the first {size} records, got "
            f"{checkpoint.root.hex()}"
        )
    keys = [key for key in trust.logs if key.name == checkpoint.origin]
    if any(line.pair == key.pair and key.kind == ED25519 for line in parsed.others for key in keys):
        parsed = open_note(note, keys)
    check_cosignatures(parsed, trust.witness_keys)


def check_anchor(note: bytes, origin: str, trust: TrustPolicy) -> Anchor:
    """Check that every key that the trust file lists for the log signed the anchor. Step 5.

    Returns who cosigned it. Raises NoteError, TrustError."""
    keys = trust.log_keys(Origin(origin))
    opened = _open(note, keys)
    signers = {line.pair for line in opened.signatures + opened.others}
    for key in keys:
        if key.pair not in signers:
            raise NoteError(
                f"not signed by the log's key {key.name}+{key.key_id.hex()} of your trust file"
            )
    cosigned = check_cosignatures(opened, trust.witness_keys)
    quorum_time_s = trust.quorum_time(cosigned)
    return Anchor(
        note=note,
        cosigned=cosigned,
        quorum_time_ms=None if quorum_time_s is None else quorum_time_s * 1000,
        unchecked=tuple(key for key in keys if key.kind != ED25519),
    )


def _open(note: bytes, keys: Collection[VerifierKey]) -> Note:
    """Open a note with those of `keys` whose signatures we can check, if there are any."""
    return open_note(note, keys) if any(key.kind == ED25519 for key in keys) else parse_note(note)


def _check_next(epochs: list[EpochRecord], record: EpochRecord) -> None:
    """Check that `record` follows the last of `epochs`, and add it."""
    if len(epochs) == MAX_EPOCHS:
        raise HeadError(f"want at most {MAX_EPOCHS} epochs, got more")
    if record.epoch != len(epochs) + 1:
        raise HeadError(
            f"want the record of epoch {len(epochs) + 1} next, got that of epoch {record.epoch}"
        )
    if epochs:
        last = epochs[-1]
        if record.closed_ms <= last.closed_ms:
            raise HeadError(
                f"epoch {record.epoch} closed at {record.closed_ms}, not after {last.closed_ms} of "
                f"epoch {last.epoch}"
            )
        if record.trails < last.trails:
            raise HeadError(
                f"epoch {record.epoch} has {record.trails} trails, below {last.trails} of epoch "
                f"{last.epoch}"
            )
    epochs.append(record)
