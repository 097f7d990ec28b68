"""The sentences of a report. The wording of every statement is here and nowhere else."""

from datetime import UTC, datetime

from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import PreviousHead
from audit.verifier.report import AnchorFacts, Report, Statement, Status, TrailFacts

TITLES = {"C1": "anchored", "C2": "unaltered", "C3": "consistent", "C4": "complete"}

_CRYPTOGRAPHY = "SHA-256 and Ed25519 hold, and the keys in your trust file are authentic"


def anchored(anchor: AnchorFacts, trust: TrustPolicy, reason: str) -> Statement:
    """Return C1, proved unless there is a `reason` why not."""
    signed = "is signed by every key that your trust file lists for the log"
    if trust.quorum is None:
        text = f"This checkpoint, as shown to you, {signed}."
        assumption = (
            f"{_CRYPTOGRAPHY}. Your trust file asks for no witnesses, so the operator could show "
            "others a different history."
        )
    else:
        by = "" if anchor.quorum_time_ms is None else f" by {time(anchor.quorum_time_ms)}"
        text = f"This checkpoint {signed}, and a quorum of your witnesses cosigned it{by}."
        assumption = f"{_CRYPTOGRAPHY}. {_colluders(anchor.colluders)}"
    status = Status.NOT_PROVED if reason else Status.PROVED
    return Statement("C1", None, status, text, _log_range(anchor), assumption, reason)


def unaltered(trail: TrailFacts) -> Statement:
    """Return C2, proved."""
    which = "the trail that your pin names"
    assumption = "C1 holds, and your pin is authentic."
    if trail.number == 0:
        which = "the fleet trail that the log's first record names"
        assumption = "C1 holds."
    text = f"Every entry is in {which}, at its index, unaltered since it was sealed."
    return Statement("C2", trail.number, Status.PROVED, text, _entry_range(trail), assumption)


def without_pin() -> Statement:
    """Return C2, not proved because no pin was given."""
    reason = (
        "You gave no pin. A bundle can be consistent in itself and still be of a trail that is not "
        "yours. Give --pin with the number and the id that you received when your trail was opened."
    )
    text = (
        "Every entry is in the trail that your pin names, at its index, unaltered since it was "
        "sealed."
    )
    return Statement("C2", None, Status.NOT_PROVED, text, "no trail", "C1 holds.", reason)


def consistent(trail: TrailFacts, previous: PreviousHead | None, reason: str) -> Statement:
    """Return C3: not asked without a previous head, else proved unless there is a `reason`."""
    if previous is None:
        text = "What you kept from an earlier bundle is the beginning of this one."
        return Statement("C3", trail.number, Status.NOT_ASKED, text, "you gave no --previous", "")
    if previous.number == trail.number:
        text = "The head that you kept is the one that this trail had in that epoch."
        span = f"epoch {previous.epoch}, {previous.size} entries"
    else:
        text = (
            "The log whose checkpoint you kept is the beginning of this log, so every head of this "
            "trail up to then is the same."
        )
        span = f"the first {previous.read_checkpoint().size} records of the log"
    status = Status.NOT_PROVED if reason else Status.PROVED
    return Statement(
        "C3", trail.number, status, text, span, "C2 holds, and what you kept is authentic.", reason
    )


def complete(trail: TrailFacts, anchor: AnchorFacts) -> Statement:
    """Return C4, proved."""
    if anchor.quorum_time_ms is None:
        as_of = (
            f"as shown to you, up to an epoch that closed at {time(anchor.closed_ms)} by the "
            "operator's clock"
        )
    else:
        as_of = f"as of {time(anchor.quorum_time_ms)} by your witnesses' clocks"
    text = (
        f"These are all entries that were sealed in this trail, {as_of}. The trail has one head in "
        "every epoch since its first, and no head shrinks."
    )
    assumption = (
        "C1 holds. This does not state that every event was recorded, or that it was recorded "
        "truthfully."
    )
    span = f"epochs {trail.birth} … {anchor.epoch}, {_entry_range(trail)}"
    return Statement("C4", trail.number, Status.PROVED, text, span, assumption)


def failed(claim: str, trail: int | None, reason: str) -> Statement:
    """Return the statement that fails with a step."""
    text = {
        "C1": "This checkpoint is the log's and covers the records in the bundle.",
        "C2": "Every entry is in the trail, at its index, unaltered since it was sealed.",
        "C3": "What you kept from an earlier bundle is the beginning of this one.",
        "C4": "These are all entries that were sealed in this trail.",
    }[claim]
    return Statement(claim, trail, Status.FAILED, text, "", "", reason)


def to_text(report: Report) -> str:
    """Return the report for a person to read."""
    parts = [_heading(report)]
    parts += [_statement_text(statement) for statement in report.statements]
    parts += [_trail_text(trail) for trail in report.trails]
    if report.period and report.anchor and report.trails:
        parts.append(_period_text(report.period, report.anchor))
    parts.append(_verdict_text(report))
    return plain("\n\n".join(parts)) + "\n"


def time(milliseconds: int) -> str:
    """Return a time in words, UTC. A time after the year 9999 stays a number."""
    try:
        whole = datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms after 1970"
    return f"{whole:%Y-%m-%d %H:%M:%S}.{milliseconds % 1000:03d} UTC"


def plain(text: str) -> str:
    """Return `text` with the characters escaped that could move a terminal's cursor or reverse a
    line. Whoever made the bundle chose the names in it."""
    return "".join(
        char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text
    )


def _heading(report: Report) -> str:
    if report.anchor is None:
        return "Evidence bundle, not anchored."
    anchor = report.anchor
    return (
        f"Evidence bundle of the log {anchor.origin}.\n"
        f"Anchor: {_log_range(anchor)}, root {anchor.root.hex()}, closed at "
        f"{time(anchor.closed_ms)} by the log's clock."
    )


def _statement_text(statement: Statement) -> str:
    about = {None: "", 0: ", fleet trail"}.get(statement.trail, f", trail {statement.trail}")
    lines = [
        f"{statement.claim} {TITLES[statement.claim]}{about}: {statement.status.value.upper()}",
        statement.text,
    ]
    if statement.range:
        lines.append(f"Range: {statement.range}.")
    if statement.assumption:
        lines.append(f"Assuming: {statement.assumption}")
    if statement.reason:
        lines.append(f"Because: {statement.reason}")
    return "\n    ".join(lines)


def _trail_text(trail: TrailFacts) -> str:
    lines = [f"Trail {trail.number}, {trail.genesis.name!r}, id {trail.trail_id.hex()}:"]
    if trail.disordered:
        have = "1 entry has" if trail.disordered == 1 else f"{trail.disordered} entries have"
        indexes = ", ".join(map(str, trail.first_disordered))
        lines.append(f"{have} an earlier received_at than the entry before; first: {indexes}.")
    else:
        lines.append("Its entries are in the order of their received_at, by the operator's clock.")
    if trail.withheld:
        lines.append(f"{len(trail.withheld)} of {trail.attachments} attachments are withheld:")
        lines += [f"    {sha256.hex()}" for sha256 in trail.withheld]
    elif trail.attachments:
        lines.append(f"The bundle holds all {trail.attachments} attachments that its entries name.")
    else:
        lines.append("Its entries name no attachments.")
    return "\n    ".join(lines)


def _period_text(period: tuple[int, int], anchor: AnchorFacts) -> str:
    begin, end = period
    text = f"The bundle says that it was made for the period from {time(begin)} to {time(end)}."
    if end > anchor.proved_to_ms:
        text += (
            f"\n    The anchor reaches only to {time(anchor.proved_to_ms)}. "
            "The period is not proved after that."
        )
    else:
        text += "\n    The anchor reaches to the end of that period."
    return text


def _verdict_text(report: Report) -> str:
    if report.failure:
        return f"FAILED: {report.failure.text}"
    if report.proved:
        return "PROVED: every statement that you asked for."
    return (
        "NOT PROVED: see the reasons above. The checks found no contradiction. Nothing more is "
        "stated."
    )


def _colluders(count: int) -> str:
    if count == 0:
        return (
            "Two histories can both meet this quorum without any witness lying. Require more of "
            "your witnesses."
        )
    if count == 1:
        return "Your witnesses are honest. One that lies can let two histories meet this quorum."
    return f"Fewer than {count} of your witnesses lie together."


def _log_range(anchor: AnchorFacts) -> str:
    return f"records 0 … {anchor.epoch} of the log {anchor.origin}"


def _entry_range(trail: TrailFacts) -> str:
    return f"entries 0 … {trail.head.size - 1}"
