"""Steps 6 to 9: one trail, from its genesis to its last entry and its attachments."""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from audit.tlog.bundle import Bundle
from audit.tlog.bundle_json import HeadProof
from audit.tlog.compact import CompactRange
from audit.tlog.entry import Attachment, check_place, entry_leaf
from audit.tlog.errors import BundleError, EntryError, HeadError, ProofError
from audit.tlog.genesis import Genesis, decode_genesis
from audit.tlog.heads import Head, head_leaf
from audit.tlog.merkle import Hash, check_inclusion
from audit.verifier.log import GlobalLog
from audit.verifier.pin_and_head import Pin

# So many entries are hashed between two words on progress.
BLOCK = 16_384
# So many indexes are listed of entries received out of order; their number is always whole.
MAX_LISTED = 10

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Entries:
    """What step 8 learns of a trail's entries, besides that they are the sealed ones.

    `received_at` is that of the newest entry. `disordered` counts the entries with an earlier
    received_at than the entry before them, and `first_disordered` has the first of their indexes.
    `attachments` maps SHA-256 to size."""

    received_at: int
    disordered: int = 0
    first_disordered: list[int] = field(default_factory=list)
    attachments: dict[bytes, int] = field(default_factory=dict)

    def note_disorder(self, index: int) -> None:
        """Count the entry `index` as received before the entry in front of it."""
        self.disordered += 1
        if len(self.first_disordered) < MAX_LISTED:
            self.first_disordered.append(index)

    def note_attachments(self, index: int, attachments: Iterable[Attachment]) -> None:
        """Add the attachments that the entry `index` names. Raises EntryError if an earlier entry
        gave another size."""
        for attachment in attachments:
            size = self.attachments.setdefault(attachment.sha256, attachment.size)
            if size != attachment.size:
                raise EntryError(
                    f"entry {index} says that attachment {attachment.sha256.hex()} has "
                    f"{attachment.size} bytes, "
                    f"an entry before {size}"
                )


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of one trail from epoch `birth` to `last`, in order, without repetitions."""

    birth: int
    last: int
    changed: list[Head]
    epochs: list[int]

    @property
    def newest(self) -> Head:
        """The head of the newest epoch."""
        return self.changed[-1]

    def at(self, epoch: int) -> Head | None:
        """Return the trail's head in `epoch`, None before its birth. Needs epoch <= `last`."""
        count = bisect_right(self.epochs, epoch)
        return self.changed[count - 1] if count else None


def check_genesis(pin: Pin, log: GlobalLog, contents: Iterable[bytes]) -> Genesis:
    """Return the genesis of the pinned trail, the first of `contents`. Step 6.

    The id alone identifies the trail: it is the hash of a text that names the log and the number.
    Raises EntryError, HeadError."""
    log.birth(pin.number)
    content = next(iter(contents), None)
    if content is None:
        raise EntryError("want at least its genesis, got no entry")
    genesis = decode_genesis(content)
    if entry_leaf(content) != pin.trail_id:
        raise EntryError(
            f"its genesis has id {entry_leaf(content).hex()}, want {pin.trail_id.hex()}"
        )
    if genesis.number != pin.number:
        raise EntryError(f"its genesis says that it is number {genesis.number}")
    if genesis.origin != log.genesis.origin:
        raise EntryError(
            f"its genesis names the log {genesis.origin!a}, want {log.genesis.origin!a}"
        )
    return genesis


def check_heads(pin: Pin, log: GlobalLog, proofs: Iterable[HeadProof]) -> Heads:
    """Return the heads of the pinned trail. Step 7.

    There is one in every epoch from its birth to the newest. Each is in the heads tree of its epoch
    at the trail's number, and none is smaller than the one before. Raises HeadError, ProofError and
    what reading `proofs` raises."""
    heads = Heads(log.birth(pin.number), log.last.epoch, [], [])
    want = heads.birth
    for proof in proofs:
        if want > heads.last:
            raise HeadError(
                f"want no head after epoch {heads.last}, got one of epoch {proof.epoch}"
            )
        if proof.epoch != want:
            raise HeadError(f"want the head of epoch {want} next, got that of epoch {proof.epoch}")
        _check_head(pin, log, heads, proof)
        want += 1
    if want <= heads.last:
        raise HeadError(
            f"want a head in every epoch from {heads.birth} to {heads.last}, got none in epoch "
            f"{want}"
        )
    return heads


def _check_head(pin: Pin, log: GlobalLog, heads: Heads, proof: HeadProof) -> None:
    """Check the next head against the record of its epoch and the head before. Keep it if it
    changed."""
    head = Head(pin.number, pin.trail_id, proof.size, proof.root)
    record = log.epochs[proof.epoch - 1]
    try:
        check_inclusion(
            head_leaf(proof.epoch, head), pin.number, record.trails, proof.path, record.heads
        )
    except ProofError as error:
        raise ProofError(
            f"epoch {proof.epoch} does not hold this head of size {head.size}: {error}"
        ) from error
    if heads.changed:
        before = heads.newest
        if head.size < before.size:
            raise HeadError(
                f"epoch {proof.epoch} has size {head.size}, "
                f"below {before.size} at epoch {proof.epoch - 1}"
            )
        if head.size == before.size and head.root != before.root:
            raise HeadError(f"epoch {proof.epoch} has another root for the same size {head.size}")
        if head == before:
            return
    heads.changed.append(head)
    heads.epochs.append(proof.epoch)


def check_entries(
    pin: Pin,
    genesis: Genesis,
    heads: Heads,
    contents: Iterable[bytes],
    previous_size: int,
    progress: Progress,
) -> tuple[Entries, Hash | None]:
    """Check that `contents` are exactly the entries of the pinned trail. Step 8.

    Each must be well formed and at its index, and the root of each head is computed again from
    them. Returns what was learned, and the root at `previous_size` entries if the trail is that
    long. Raises EntryError, ProofError and what reading `contents` raises."""
    reading = _Reading(
        pin, iter(contents), heads.newest.size, Entries(genesis.received_at), progress
    )
    sealed = {
        head.size: (epoch, head.root)
        for epoch, head in zip(heads.epochs, heads.changed, strict=True)
    }
    previous_root = None
    known = 0
    for stop in sorted(
        sealed.keys() | ({previous_size} if 0 < previous_size <= reading.total else set())
    ):
        root = reading.root_at(stop)
        if stop == previous_size:
            previous_root = root
        if stop in sealed:
            epoch, want = sealed[stop]
            if root != want:
                raise ProofError(
                    f"entries 0 … {stop - 1} hash to root {root.hex()}, epoch {epoch} has "
                    f"{want.hex()}: "
                    f"one of entries {known} … {stop - 1} is not the sealed one"
                )
            known = stop
    if next(reading.rest, None) is not None:
        raise EntryError(f"want {reading.total} entries, got more")
    return reading.entries, previous_root


@dataclass(slots=True)
class _Reading:
    """The entries of one trail: `tree` covers those that were read, `rest` yields the others."""

    pin: Pin
    rest: Iterator[bytes]
    total: int
    entries: Entries
    progress: Progress
    tree: CompactRange = field(default_factory=CompactRange.empty)

    def root_at(self, size: int) -> Hash:
        """Read on until there are `size` entries and return their root. Raises EntryError."""
        while self.tree.size < size:
            block = list(islice(self.rest, min(BLOCK, size - self.tree.size)))
            if not block:
                raise EntryError(f"want {self.total} entries, got {self.tree.size}")
            self._check_block(block)
            self.tree.extend(map(entry_leaf, block))
            self.progress(f"entries of trail {self.pin.number}", self.tree.size, self.total)
        return self.tree.root()

    def _check_block(self, block: list[bytes]) -> None:
        """Check `block`, the entries that follow."""
        # The genesis was read in step 6, and its bytes are under the same root as all others.
        first = max(1, self.tree.size)
        latest = self.entries.received_at
        for index, content in enumerate(block[first - self.tree.size :], start=first):
            try:
                received_at, attachments = check_place(content, self.pin.trail_id, index)
            except EntryError as error:
                raise EntryError(f"entry {index}: {error}") from error
            if received_at < latest:
                self.entries.note_disorder(index)
            latest = received_at
            if attachments:
                self.entries.note_attachments(index, attachments)
        self.entries.received_at = latest


def check_attachments(bundle: Bundle, named: dict[bytes, int]) -> Iterator[bytes]:
    """Yield the SHA-256 of each attachment in the bundle, after checking its bytes and that an
    entry names it. `named` maps SHA-256 to size. Step 9. Raises BundleError."""
    for sha256 in bundle.attachments():
        if sha256 not in named:
            raise BundleError(f"attachment {sha256.hex()} is named by no entry")
        digest, size = hashlib.sha256(), 0
        for chunk in bundle.attachment(sha256):
            digest.update(chunk)
            size += len(chunk)
        if digest.digest() != sha256:
            raise BundleError(f"attachment {sha256.hex()} has SHA-256 {digest.hexdigest()}")
        if size != named[sha256]:
            raise BundleError(
                f"attachment {sha256.hex()} has {size} bytes, its entry says {named[sha256]}"
            )
        yield sha256
