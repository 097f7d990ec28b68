"""Verify an evidence bundle, step by step. `steps` says what each step checks.

Nothing here trusts the bundle: each thing that it says of itself is compared with what was
computed. The trust file, the pin and the previous head are trusted, and all three are yours.
Members are read front to back and are never whole in memory, so memory grows with epochs and
attachments, not with entries.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from audit.tlog.bundle import Bundle
from audit.tlog.bundle_json import Hints
from audit.tlog.errors import BundleError, CheckpointError, EntryError
from audit.tlog.genesis import Genesis
from audit.tlog.merkle import Hash
from audit.tlog.trail_numbers import FLEET_NUMBER
from audit.tlog.trust import TrustPolicy
from audit.verifier import wording
from audit.verifier.history import check_previous_head, check_previous_log
from audit.verifier.log import Anchor, GlobalLog, check_anchor, check_checkpoint, read_log
from audit.verifier.pin_and_head import Pin, PreviousHead
from audit.verifier.report import AnchorFacts, Failure, Report, Statement, TrailFacts
from audit.verifier.steps import StepError, step
from audit.verifier.trail import (
    Entries,
    Heads,
    Progress,
    check_attachments,
    check_entries,
    check_genesis,
    check_heads,
)


def verify_bundle(
    path: Path,
    trust: TrustPolicy,
    pin: Pin | None = None,
    previous: PreviousHead | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify the bundle at `path` and return what can be stated of it.

    `previous` must be a head of the pinned trail. `progress` is called now and then with what is
    read, how much of it is done, and how much there is. A bad bundle raises nothing: the report
    names the step that failed. Raises OSError when the file cannot be opened or read, and
    ValueError when `previous` is a head of another trail."""
    if previous is not None and (pin is None or previous.number != pin.number):
        raise ValueError(
            f"previous head is of trail {previous.number}, want one of the pinned trail"
        )
    question = _Question(trust, pin, previous, progress or _say_nothing)
    draft = _Draft([])
    try:
        _run(path, question, draft)
    except StepError as error:
        draft.trails = []
        draft.failure = Failure(error.step, error.claim, error.trail, str(error))
        draft.statements.append(wording.failed(error.claim, error.trail, str(error)))
    return draft.report()


@dataclass(frozen=True, slots=True)
class _Question:
    """What the reader asks, and what the reader trusts."""

    trust: TrustPolicy
    pin: Pin | None
    previous: PreviousHead | None
    progress: Progress


@dataclass(slots=True)
class _Draft:
    """What can be stated so far."""

    statements: list[Statement]
    failure: Failure | None = None
    anchor: AnchorFacts | None = None
    trails: list[TrailFacts] | None = None
    period: tuple[int, int] | None = None

    def report(self) -> Report:
        """Return it as a report."""
        return Report(
            tuple(self.statements), self.failure, self.anchor, tuple(self.trails or ()), self.period
        )


@dataclass(frozen=True, slots=True)
class _Trail:
    """What steps 6 to 8 learned of a trail. `previous_root` is its root at the size of the previous
    head."""

    pin: Pin
    genesis: Genesis
    heads: Heads
    entries: Entries
    previous_root: Hash | None


def _run(path: Path, question: _Question, draft: _Draft) -> None:
    """Work through the steps and add to `draft` what each one proves. Raises StepError."""
    # Step 1: the container is a bundle: one strict zip file of known members.
    with step(1, "container"):
        bundle = Bundle.open(path)
    with bundle:
        # Steps 2 to 5: the log, and who signed it.
        log = _check_log(bundle, question)
        hints = _check_hints(bundle, log)
        draft.period = hints.period
        anchor = _check_checkpoints(bundle, log, question)
        draft.anchor = _anchor_facts(log, anchor, question.trust)
        reason = _why_not_anchored(anchor, question.trust)
        draft.statements.append(wording.anchored(draft.anchor, question.trust, reason))
        if question.pin is None:
            # Without a pin only the bundle says whose trail it is, so nothing below can be stated.
            if not reason:
                draft.statements.append(wording.without_pin())
            return
        # Steps 6 to 9: the pinned trail and the fleet trail. Steps 6 to 10 are worked through even
        # if C1 is not proved: a contradiction counts more than a statement.
        pins = _check_pin(question.pin, hints, log)
        trails = _check_trails(bundle, log, question, pins)
        facts = _check_attachments(bundle, trails)
        if not reason:
            draft.trails = facts
            draft.statements += map(wording.unaltered, facts)
        # Step 10: what you kept from last time is the beginning of this bundle.
        history = _check_history(log, trails[0], facts, question.previous)
        if not reason:
            draft.statements += history
            draft.statements += [wording.complete(trail, draft.anchor) for trail in facts]


def _check_log(bundle: Bundle, question: _Question) -> GlobalLog:
    """Step 2: the records form one global log: a genesis, then every epoch, in order."""
    with step(2, "global records"):
        sizes = set(bundle.checkpoint_sizes())
        if question.previous:
            sizes.add(question.previous.read_checkpoint().size)
        return read_log(bundle.records(), sizes)


def _check_hints(bundle: Bundle, log: GlobalLog) -> Hints:
    """Step 3: what the bundle says of itself agrees with the log and with its own trails."""
    with step(3, "bundle.json"):
        hints = bundle.hints()
        if hints.origin != log.genesis.origin:
            raise BundleError(
                f"says origin {hints.origin!a}, the records say {log.genesis.origin!a}"
            )
        if hints.epoch != log.last.epoch:
            raise BundleError(
                f"says that it reaches epoch {hints.epoch}, the records reach {log.last.epoch}"
            )
        if bundle.trails() != sorted({FLEET_NUMBER, hints.trail}):
            raise BundleError(
                f"says trail {hints.trail}, the bundle carries the trails {bundle.trails()}"
            )
        return hints


def _check_checkpoints(bundle: Bundle, log: GlobalLog, question: _Question) -> Anchor:
    """Step 4: every checkpoint commits to these very records. Step 5: the newest is signed, and
    cosigned by a quorum."""
    sizes = bundle.checkpoint_sizes()
    for size in sizes:
        with step(4, f"checkpoint {size}"):
            check_checkpoint(bundle.checkpoint(size), size, log, question.trust)
    with step(5, "anchor"):
        if not sizes or sizes[-1] != log.size:
            newest = f"the newest covers {sizes[-1]}" if sizes else "there is none"
            raise CheckpointError(f"want a checkpoint of all {log.size} records, {newest}")
        return check_anchor(bundle.checkpoint(log.size), log.genesis.origin, question.trust)


def _anchor_facts(log: GlobalLog, anchor: Anchor, trust: TrustPolicy) -> AnchorFacts:
    return AnchorFacts(
        origin=log.genesis.origin,
        epoch=log.last.epoch,
        size=log.size,
        root=log.roots[log.size],
        note=anchor.note,
        closed_ms=log.last.closed_ms,
        quorum_time_ms=anchor.quorum_time_ms,
        colluders=trust.colluders,
    )


def _why_not_anchored(anchor: Anchor, trust: TrustPolicy) -> str:
    """Return why C1 is not proved, or "" when it is."""
    if anchor.unchecked:
        names = ", ".join(f"{key.name} of type {key.kind:02x}" for key in anchor.unchecked)
        return (
            "Your trust file lists keys of the log whose signatures this verifier cannot check: "
            f"{names}."
        )
    if trust.quorum is not None and anchor.quorum_time_ms is None:
        names = ", ".join(key.name for key in anchor.cosigned) or "none of your witnesses"
        return (
            f"The quorum {trust.quorum.name} of your trust file is not met. "
            f"The checkpoint is cosigned by {names}."
        )
    return ""


def _check_pin(pin: Pin, hints: Hints, log: GlobalLog) -> list[Pin]:
    """Step 6: the bundle is of the trail that you pinned.

    Returns your pin and the pin of the fleet trail, which the log's genesis names. Returns one pin
    when both are the same trail."""
    with step(6, "pin", pin.number):
        fleet = Pin(FLEET_NUMBER, log.genesis.fleet)
        stated = Pin(hints.trail, hints.trail_id)
        if pin != stated:
            raise BundleError(
                f"your pin is {pin.text()}, the bundle says that it is of {stated.text()}"
            )
        if pin.number == FLEET_NUMBER and pin != fleet:
            raise EntryError(f"your pin is {pin.text()}, the log's fleet trail is {fleet.text()}")
        return [pin] if pin == fleet else [pin, fleet]


def _check_trails(
    bundle: Bundle, log: GlobalLog, question: _Question, pins: list[Pin]
) -> list[_Trail]:
    """Steps 6 to 8, each for the pinned trail first and then for the fleet trail."""
    geneses = []
    for pin in pins:
        # Step 6: the trail is the one that its genesis opens.
        with step(6, f"genesis of trail {pin.number}", pin.number):
            geneses.append(check_genesis(pin, log, bundle.entries(pin.number)))
    heads = []
    for pin in pins:
        # Step 7: it has one head in every epoch from its birth on, and none shrinks.
        with step(7, f"heads of trail {pin.number}", pin.number):
            heads.append(check_heads(pin, log, bundle.heads(pin.number)))
    trails = []
    for pin, genesis, its_heads in zip(pins, geneses, heads, strict=True):
        # Step 8: its entries are well formed and lead to each head's root.
        with step(8, f"entries of trail {pin.number}", pin.number):
            contents = bundle.entries(pin.number)
            previous_size = question.previous.size if question.previous else 0
            entries, root = check_entries(
                pin, genesis, its_heads, contents, previous_size, question.progress
            )
            trails.append(_Trail(pin, genesis, its_heads, entries, root))
    return trails


def _check_attachments(bundle: Bundle, trails: Iterable[_Trail]) -> list[TrailFacts]:
    """Step 9: each attachment is one that an entry names, unaltered. Returns the facts of the
    trails."""
    with step(9, "attachments"):
        named: dict[bytes, int] = {}
        for trail in trails:
            for sha256, size in trail.entries.attachments.items():
                if named.setdefault(sha256, size) != size:
                    raise EntryError(
                        f"two trails give attachment {sha256.hex()} sizes {named[sha256]} and "
                        f"{size}"
                    )
        carried = set(check_attachments(bundle, named))
    return [_trail_facts(trail, carried) for trail in trails]


def _trail_facts(trail: _Trail, carried: set[bytes]) -> TrailFacts:
    return TrailFacts(
        genesis=trail.genesis,
        trail_id=trail.pin.trail_id,
        birth=trail.heads.birth,
        head=trail.heads.newest,
        disordered=trail.entries.disordered,
        first_disordered=tuple(trail.entries.first_disordered),
        attachments=len(trail.entries.attachments),
        withheld=tuple(sorted(trail.entries.attachments.keys() - carried)),
    )


def _check_history(
    log: GlobalLog, pinned: _Trail, facts: Iterable[TrailFacts], previous: PreviousHead | None
) -> list[Statement]:
    """Step 10: C3 for the pinned trail by the head you kept, and for the fleet trail by the
    checkpoint of that head alone."""
    of_log = of_head = ""
    if previous is not None:
        with step(10, "previous head", pinned.pin.number):
            of_head = check_previous_head(previous, pinned.pin, pinned.heads, pinned.previous_root)
            of_log = check_previous_log(previous, log)
    return [
        wording.consistent(
            trail, previous, (of_head or of_log) if trail.number == pinned.pin.number else of_log
        )
        for trail in facts
    ]


def _say_nothing(what: str, done: int, total: int) -> None:
    """Report no progress."""
