"""A whole ledger in memory, honest until it is told to lie.

It plays both liars that a verifier meets. The operator holds the signing key, so it lies before it
signs: pass `seal` other heads, another number of trails, another time. Whoever merely hands the
bundle on lies afterwards: change the `Parts` before they are written. Everything is deterministic,
and nothing but `audit.tlog` is used.
"""

import copy
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from audit.tlog.archive import ArchiveReader, ArchiveWriter
from audit.tlog.bundle import BundleWriter
from audit.tlog.bundle_json import HeadProof, Hints
from audit.tlog.checkpoint import Checkpoint, Origin
from audit.tlog.compact import CompactRange
from audit.tlog.cosignature import cosigned_message
from audit.tlog.entry import Attachment, Entry, encode, entry_leaf
from audit.tlog.genesis import genesis
from audit.tlog.heads import (
    EpochRecord,
    Head,
    LogGenesis,
    encode_epoch_record,
    encode_log_genesis,
    head_leaf,
    record_leaf,
)
from audit.tlog.merkle import Hash, root_hash
from audit.tlog.note import COSIGNATURE, Signature, Signer, VerifierKey, parse_note, write_note
from audit.tlog.proving import Tree
from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import Pin

ORIGIN = "ledger.example/a"
START = 1_735_689_600_000  # 1 January 2025, in milliseconds
EPOCH = 900_000
FLEET, OPERATOR, HOSPITAL = 0, 1, 2


@dataclass(frozen=True)
class Witness:
    """A witness that cosigns whatever it is shown."""

    name: str
    signer: Signer

    @classmethod
    def named(cls, name: str) -> "Witness":
        """Return the witness of this name; the same name has the same key."""
        return cls(name, Signer(f"witness.{name}.example", random.Random(name).randbytes(32)))

    @property
    def key(self) -> VerifierKey:
        """Its public key, of the cosigning type."""
        return VerifierKey(self.signer.name, COSIGNATURE, self.signer.verifier_key.public_key)

    def cosign(self, note: bytes, timestamp_s: int) -> bytes:
        """The note with this witness's line."""
        parsed = parse_note(note)
        stamp = timestamp_s.to_bytes(8, "big")
        signed = stamp + self.signer.sign(cosigned_message(timestamp_s, parsed.text))
        line = Signature(self.signer.name, self.key.key_id, signed)
        return write_note(parsed.text, [*parsed.others, line])


@dataclass
class Parts:
    """The members of a bundle, to be changed before they are written."""

    hints: Hints
    records: list[bytes]
    checkpoints: dict[int, bytes]
    heads: dict[int, list[HeadProof]]
    entries: dict[int, list[bytes]]
    attachments: dict[bytes, bytes] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Write them as the bundle `path`, over whatever is there; `raw` replaces or adds whole
        members."""
        with path.open("w+b") as file:
            writer = BundleWriter(file)
            writer.hints(self.hints)
            writer.records(self.records)
            for size, note in self.checkpoints.items():
                writer.checkpoint(size, note)
            for number, heads in self.heads.items():
                writer.heads(number, heads)
            for number, contents in self.entries.items():
                writer.entries(number, contents)
            for sha256, data in self.attachments.items():
                writer.attachment(sha256, [data])
            writer.close()
            if self.raw:
                _replace_members(file, self.raw)
        return path


class LyingLog:
    """A log with a fleet trail, an operator trail and a hospital's, all open and nothing sealed."""

    def __init__(self, origin: str = ORIGIN, seed: int = 1) -> None:
        self.origin = origin
        self.random = random.Random(seed)
        self.key = Signer(origin, random.Random(origin).randbytes(32))
        self.clock = START
        self.contents: list[list[bytes]] = []
        self.attachments: dict[bytes, bytes] = {}
        self.heads: list[list[Head]] = []
        self.notes: dict[int, bytes] = {}
        for name in ("fleet", "operator", "St. Anna Hospital"):
            self.open_trail(name)
        log_genesis = LogGenesis(origin, EPOCH, self.trail_id(FLEET))
        self.records = [encode_log_genesis(log_genesis)]

    def open_trail(self, name: str, **changes: Any) -> int:
        """Open a trail and return its number; `changes` go into its genesis."""
        number = len(self.contents)
        fields: dict[str, Any] = {
            "origin": self.origin,
            "number": number,
            "name": name,
            "tenant_nonce": None,
            "nonce": self.random.randbytes(16),
            "received_at": self.clock,
        }
        self.contents.append([genesis(**fields | changes)])
        return number

    def trail_id(self, number: int) -> Hash:
        """The id of a trail."""
        return entry_leaf(self.contents[number][0])

    def pin(self, number: int = HOSPITAL) -> Pin:
        """The pin that the tenant got when its trail was opened."""
        return Pin(number, self.trail_id(number))

    def entry(self, number: int = HOSPITAL, **changes: Any) -> Entry:
        """The next entry of a trail, not appended."""
        index = len(self.contents[number])
        self.clock += 1_000
        entry = Entry(
            trail=self.trail_id(number),
            index=index,
            kind="touch.recorded/v1",
            subject=f"job/{index}",
            source="slurm/hz-a",
            sequence=index,
            occurred_at=self.clock - 500,
            received_at=self.clock,
            nonce=self.random.randbytes(16),
            attachments=(),
            body={"data": {"cards": ["n1/0"]}, "id": f"{number}-{index}"},
        )
        return replace(entry, **changes)

    def append(self, number: int = HOSPITAL, count: int = 1, **changes: Any) -> None:
        """Append `count` entries to a trail, with `changes` to their fields."""
        for _ in range(count):
            self.contents[number].append(encode(self.entry(number, **changes)))

    def attach(self, number: int, data: bytes, sha256: bytes, size: int | None = None) -> None:
        """Append an entry that names `data` as its attachment."""
        self.attachments[sha256] = data
        named = Attachment(sha256, len(data) if size is None else size, "text/plain")
        self.append(number, attachments=(named,))

    def head(self, number: int, size: int | None = None) -> Head:
        """The head that a trail has now, or had at `size` entries."""
        leaves = [entry_leaf(content) for content in self.contents[number][:size]]
        return Head(number, self.trail_id(number), len(leaves), root_hash(leaves))

    def seal(
        self,
        heads: Sequence[Head] | None = None,
        trails: int | None = None,
        closed_ms: int | None = None,
    ) -> int:
        """Close an epoch over all heads, or over those given, sign its checkpoint, and return its
        number."""
        self.clock += EPOCH // 2
        epoch = len(self.records)
        sealed = (
            [self.head(number) for number in range(len(self.contents))]
            if heads is None
            else list(heads)
        )
        root = root_hash([head_leaf(epoch, head) for head in sealed])
        count = len(sealed) if trails is None else trails
        self.heads.append(sealed)
        record = EpochRecord(epoch, self.clock if closed_ms is None else closed_ms, count, root)
        self.records.append(encode_epoch_record(record))
        self.sign()
        return epoch

    def sign(self, *, keys: Iterable[Signer] | None = None, **changes: Any) -> None:
        """Sign the checkpoint of all records; `changes` go into it before it is signed."""
        size = len(self.records)
        checkpoint = replace(Checkpoint(Origin(self.origin), size, self.global_root()), **changes)
        text = checkpoint.encode()
        signers = [self.key] if keys is None else keys
        self.notes[size] = write_note(
            text, [Signature(key.name, key.key_id, key.sign(text)) for key in signers]
        )

    def cosign(self, *names: str, timestamp_s: int | None = None, size: int | None = None) -> None:
        """Let witnesses cosign the checkpoint at `size`, the newest by default."""
        size = size or len(self.records)
        stamp = self.clock // 1000 + 1 if timestamp_s is None else timestamp_s
        for name in names:
            self.notes[size] = Witness.named(name).cosign(self.notes[size], stamp)

    def global_root(self, size: int | None = None) -> Hash:
        """The root of the global log."""
        tree = CompactRange.empty()
        tree.extend(map(record_leaf, self.records[:size]))
        return tree.root()

    def proofs(self, number: int) -> list[HeadProof]:
        """The heads of a trail in every epoch that has one for it, with their proofs."""
        proofs = []
        for epoch, heads in enumerate(self.heads, start=1):
            if number < len(heads):
                tree = Tree([head_leaf(epoch, head) for head in heads])
                head = heads[number]
                proofs.append(HeadProof(epoch, head.size, head.root, tree.prove_inclusion(number)))
        return proofs

    def parts(self, number: int = HOSPITAL) -> Parts:
        """The honest members of a bundle of trail `number` at the newest epoch."""
        epoch = len(self.records) - 1
        numbers = sorted({FLEET, number})
        return Parts(
            hints=Hints(self.origin, number, self.trail_id(number), epoch, None, self.clock),
            records=list(self.records),
            checkpoints=dict(self.notes),
            heads={trail: self.proofs(trail) for trail in numbers},
            entries={
                trail: self.contents[trail][: self.heads[-1][trail].size] for trail in numbers
            },
            attachments=dict(self.attachments),
        )

    def fork(self) -> "LyingLog":
        """Another ledger with the same past and the same keys, and a future of its own."""
        other = copy.deepcopy(self)
        other.random.seed(f"fork at {len(self.records)}")
        return other

    def policy(self, quorum: str = "quorum none\n") -> str:
        """A trust file for this log: its key, and the lines of a quorum."""
        return f"log {self.key.verifier_key.text()}\n{quorum}"

    def trust(self, quorum: str = "quorum none\n") -> TrustPolicy:
        """The same, parsed."""
        return TrustPolicy.parse(self.policy(quorum))


def _replace_members(file: BinaryIO, raw: dict[str, bytes]) -> None:
    """Write the archive again, with the members of `raw` in it."""
    reader = ArchiveReader(file)
    members = {name: b"".join(reader.chunks(name)) for name in reader.members} | raw
    file.seek(0)
    file.truncate()
    writer = ArchiveWriter(file)
    for name, data in members.items():
        writer.write(name, [data])
    writer.close()


def witnesses(*names: str, threshold: str) -> str:
    """The lines of a trust file for a quorum of `threshold` (all, any, or a number) of these
    witnesses."""
    lines = [f"witness {name} {Witness.named(name).key.text()}\n" for name in names]
    return (
        "".join(lines)
        + f"group quorum-of-all {threshold} {' '.join(names)}\nquorum quorum-of-all\n"
    )


def honest_log() -> LyingLog:
    """A log of four epochs in which all trails grow, but not in every epoch, and one is born
    late."""
    log = LyingLog()
    log.append(FLEET, 3)
    log.append(HOSPITAL, 4)
    log.seal()
    log.append(HOSPITAL, 2)
    log.open_trail("late")
    log.seal()
    log.append(FLEET, 2)
    log.append(3, 5)
    log.seal()
    log.append(HOSPITAL, 3)
    log.append(OPERATOR, 1)
    log.seal()
    return log
