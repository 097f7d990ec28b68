"""What a verification states: separate statements, each with its range and its assumption.

| claim | states                                                                             |
|-------|------------------------------------------------------------------------------------|
| C1    | the log signed the checkpoint, and as many witnesses saw it as the trust file asks |
| C2    | every entry is in the pinned trail, at its index, unaltered                        |
| C3    | what you kept from last time is the beginning of this bundle                       |
| C4    | these are all the entries that were sealed in the trail                            |

A report has no clock, no path and no host in it. The same bundle, trust file, pin and previous head
therefore give the same report for ever. This module has the facts and their JSON; `wording` has the
sentences. audit/FORMATS.md, section 9.
"""

from dataclasses import dataclass
from enum import Enum

from audit.tlog import canonical
from audit.tlog.canonical import Json
from audit.tlog.genesis import Genesis
from audit.tlog.heads import Head
from audit.verifier.pin_and_head import REPORT_FORMAT, PreviousHead


class Status(Enum):
    """Whether a statement is proved."""

    PROVED = "proved"
    NOT_PROVED = "not proved"
    FAILED = "failed"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `trail` is the number of its trail, None for the whole log. `reason` says why
    it is not proved, or how it failed; otherwise it is empty."""

    claim: str
    trail: int | None
    status: Status
    text: str
    range: str
    assumption: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """The step at which the bundle contradicted itself, or what you brought. No later step was
    run."""

    step: int
    claim: str
    trail: int | None
    text: str


@dataclass(frozen=True, slots=True)
class AnchorFacts:
    """The checkpoint that every statement stands on.

    Times are milliseconds since 1970 UTC: `closed_ms` by the log's own clock, `quorum_time_ms` by
    the witnesses' clocks, None where no quorum is asked or met. `colluders` is the smallest number
    of witnesses that must lie together for a second history to meet the quorum."""

    origin: str
    epoch: int
    size: int
    root: bytes
    note: bytes
    closed_ms: int
    quorum_time_ms: int | None
    colluders: int

    @property
    def proved_to_ms(self) -> int:
        """The time up to which a period can be proved.

        An entry received after the epoch closed is not in it, even if a witness cosigned later. An
        entry that the witnesses had not yet seen rests on the operator's word alone."""
        return (
            self.closed_ms
            if self.quorum_time_ms is None
            else min(self.closed_ms, self.quorum_time_ms)
        )


@dataclass(frozen=True, slots=True)
class TrailFacts:
    """What was proved of one trail, and what a reader should know besides.

    `disordered` counts the entries that were received before the entry in front of them;
    `first_disordered` lists the first. `withheld` are the attachments that entries name and the
    bundle lacks."""

    genesis: Genesis
    trail_id: bytes
    birth: int
    head: Head
    disordered: int
    first_disordered: tuple[int, ...]
    attachments: int
    withheld: tuple[bytes, ...]

    @property
    def number(self) -> int:
        """The trail's number in the log."""
        return self.head.number


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification.

    `trails` is empty unless C1 and C2 are proved and nothing failed. `period` is what the bundle
    says it was made for, from and to in milliseconds since 1970; it is not proved."""

    statements: tuple[Statement, ...]
    failure: Failure | None = None
    anchor: AnchorFacts | None = None
    trails: tuple[TrailFacts, ...] = ()
    period: tuple[int, int] | None = None

    @property
    def status(self) -> Status:
        """Failed if anything failed; proved if every statement that you asked for is proved."""
        statuses = {statement.status for statement in self.statements}
        if self.failure or Status.FAILED in statuses:
            return Status.FAILED
        all_proved = Status.PROVED in statuses and Status.NOT_PROVED not in statuses
        return Status.PROVED if all_proved else Status.NOT_PROVED

    @property
    def proved(self) -> bool:
        """Whether every statement that you asked for is proved."""
        return self.status is Status.PROVED

    def trail(self, number: int) -> TrailFacts:
        """Return what was proved of trail `number`. Raises KeyError."""
        for trail in self.trails:
            if trail.number == number:
                return trail
        raise KeyError(f"nothing is proved of trail {number}")

    def head(self, number: int) -> PreviousHead:
        """Return the proved head of trail `number`, to keep and to give as `--previous`.
        Raises KeyError."""
        if self.anchor is None:
            raise KeyError(f"nothing is proved of trail {number}")
        head = self.trail(number).head
        return PreviousHead(
            number, head.trail_id, self.anchor.epoch, head.size, head.root, self.anchor.note
        )


def to_json(report: Report) -> bytes:
    """Return the report as canonical JSON."""
    period: Json = None
    if report.period and report.anchor and report.trails:
        begin, end = report.period
        period = {"from": begin, "proved_to": min(end, report.anchor.proved_to_ms), "to": end}
    return canonical.encode(
        {
            "anchor": _anchor_json(report.anchor),
            "failure": _failure_json(report.failure),
            "format": REPORT_FORMAT,
            "period": period,
            "statements": [_statement_json(statement) for statement in report.statements],
            "trails": [_trail_json(report, trail) for trail in report.trails],
            "verdict": report.status.value,
        }
    )


def _anchor_json(anchor: AnchorFacts | None) -> Json:
    if anchor is None:
        return None
    return {
        "checkpoint": anchor.note.decode(),
        "closed": anchor.closed_ms,
        "colluders": anchor.colluders,
        "epoch": anchor.epoch,
        "origin": anchor.origin,
        "quorum_time": anchor.quorum_time_ms,
        "root": anchor.root.hex(),
        "size": anchor.size,
    }


def _failure_json(failure: Failure | None) -> Json:
    if failure is None:
        return None
    return {
        "claim": failure.claim,
        "step": failure.step,
        "text": failure.text,
        "trail": failure.trail,
    }


def _statement_json(statement: Statement) -> Json:
    return {
        "assumption": statement.assumption,
        "claim": statement.claim,
        "range": statement.range,
        "reason": statement.reason,
        "status": statement.status.value,
        "text": statement.text,
        "trail": statement.trail,
    }


def _trail_json(report: Report, trail: TrailFacts) -> Json:
    return {
        "attachments": {
            "named": trail.attachments,
            "withheld": [sha256.hex() for sha256 in trail.withheld],
        },
        "birth": trail.birth,
        "head": report.head(trail.number).as_json(),
        "name": trail.genesis.name,
        "number": trail.number,
        "received_out_of_order": {"count": trail.disordered, "first": list(trail.first_disordered)},
    }
