"""Facts as collectors send them, built with what every test leaves at its usual value.

    record_all(tenant(), node(), touch("8812", cards=["hz-a-1/0-3"]))

Each function returns one CloudEvent as a dictionary; `line` spells it. The cast's tenants are
st-mary (Ada's hospital) and ministry (where Ruth works). The plane begins at START, in milliseconds
UTC.
"""

import itertools
import json
from collections.abc import Iterable
from typing import Any

from sovereignty.recording.answers import Accepted, Answers, Refusal
from sovereignty.recording.record import record

Event = dict[str, Any]

START = 1_761_955_200_000  # 2025-11-01T00:00:00Z
HOUR = 3_600_000
DAY = 24 * HOUR
YEAR = 365 * DAY
SOURCE = "slurm/hz-a"
ADA, RUTH = "st-mary", "ministry"

_ids = itertools.count(1)


def event(kind: str, data: dict[str, Any], **envelope: Any) -> Event:
    """One event; `envelope` gives or overrides its own members. Members that are None are left out."""
    usual = {
        "specversion": "1.0", "type": f"domicile.{kind}.v1", "source": SOURCE, "id": f"fact-{next(_ids)}",
        "time": "2025-11-23T08:00:00Z",
    }  # fmt: skip
    said = {name: value for name, value in {**usual, **envelope}.items() if value is not None}
    return {**said, "data": {name: value for name, value in data.items() if value is not None}}


def tenant(key: str = ADA, *, data: dict[str, Any] | None = None, **envelope: Any) -> Event:
    return event(
        "tenant.declared",
        {"tenant": key, "effective_at": START, "evidence": "declared", **(data or {})},
        **envelope,
    )


def workload(
    key: str = "triage", *, of: str = ADA, data: dict[str, Any] | None = None, **envelope: Any
) -> Event:
    said = {
        "tenant": of,
        "workload": key,
        "effective_at": START,
        "evidence": "declared",
        "kind": "inference",
        **(data or {}),
    }
    return event("workload.declared", said, **envelope)


def region(key: str = "hz", *, data: dict[str, Any] | None = None, **envelope: Any) -> Event:
    said = {
        "region": key,
        "country": "CN",
        "effective_at": START,
        "evidence": "declared",
        **(data or {}),
    }
    return event("region.declared", said, **envelope)


def node(
    name: str = "hz-a-1",
    slots: str = "0-7",
    *,
    serials: list[str] | None = None,
    data: dict[str, Any] | None = None,
    **envelope: Any,
) -> Event:
    cards = [{"slots": slots, **({"serials": serials} if serials else {})}]
    said = {
        "node": name,
        "region": "hz",
        "effective_at": START,
        "evidence": "declared",
        "cards": cards,
        **(data or {}),
    }
    return event("node.registered", said, **envelope)


def touch(
    key: str = "8812", *, of: str = ADA, cards: list[str] | None = None, start: int = START, end: int = START + HOUR,
    data: dict[str, Any] | None = None, **envelope: Any,
) -> Event:  # fmt: skip
    """A closed touch."""
    return event(
        "touch.recorded",
        {**_touched(key, of, cards, start), "ended_at": end, **(data or {})},
        **envelope,
    )


def started(
    key: str = "8812", *, of: str = ADA, cards: list[str] | None = None, start: int = START, data: dict[str, Any] | None = None,
    **envelope: Any,
) -> Event:  # fmt: skip
    return event("touch.started", {**_touched(key, of, cards, start), **(data or {})}, **envelope)


def ended(key: str = "8812", *, of: str = ADA, end: int = START + HOUR, **envelope: Any) -> Event:
    return event(
        "touch.ended",
        {"tenant": of, "touch": key, "ended_at": end, "evidence": "observed"},
        **envelope,
    )


def access(
    key: str = "a-1", *, of: str = ADA, data: dict[str, Any] | None = None, **envelope: Any
) -> Event:
    said = {
        "tenant": of, "access": key, "person": "enzo", "started_at": START, "evidence": "observed", "office_country": "CN",
        **(data or {}),
    }  # fmt: skip
    return event("access.recorded", said, **envelope)


def source_declared(
    name: str = SOURCE, *, data: dict[str, Any] | None = None, **envelope: Any
) -> Event:
    said = {
        "name": name,
        "effective_at": START,
        "evidence": "declared",
        "reports": ["touch"],
        "sequenced": True,
        **(data or {}),
    }
    return event("source.declared", said, **envelope)


def heartbeat(*, data: dict[str, Any] | None = None, **envelope: Any) -> Event:
    return event("heartbeat", {"from_at": START, "to_at": START + HOUR, **(data or {})}, **envelope)


def sequence_reported(highest: int = 9, *, of: str | None = ADA, **envelope: Any) -> Event:
    return event("sequence.reported", {"highest": highest, "tenant": of}, **envelope)


def correction(
    original: Event, *, by: Event | None = None, of: str | None = "same", **envelope: Any
) -> Event:
    """A correction of `original`: retracted, or replaced with the type and data of `by`."""
    said = {
        "source": original["source"], "id": original["id"], "reason": "the scheduler was wrong",
        "tenant": original["data"].get("tenant") if of == "same" else of,
        "replacement": {"type": _kind(by), "data": by["data"]} if by else None,
    }  # fmt: skip
    return event("correction", said, **envelope)


def line(said: Event) -> bytes:
    return json.dumps(said).encode()


def record_all(*events: Event | bytes, door: str = "test") -> Answers:
    """Record events, or lines as they are, as one batch."""
    return record(lines(events), actor="enzo", door=door)


def accept_all(*events: Event) -> list[Accepted]:
    """Record events of which none may be refused; returns their answers."""
    answers = record_all(*events)
    assert not answers.refusals, answers.refusals[:3]
    return [answer for answer in answers.lines if isinstance(answer, Accepted)]


def refused(*events: Event | bytes) -> Refusal:
    """Record events of which just one is refused; returns its refusal."""
    (refusal,) = record_all(*events).refusals
    return refusal


def lines(events: Iterable[Event | bytes]) -> list[bytes]:
    return [said if isinstance(said, bytes) else line(said) for said in events]


def _touched(key: str, of: str, cards: list[str] | None, start: int) -> dict[str, Any]:
    parts = [{"cards": cards or ["hz-a-1/0-3"]}]
    return {
        "tenant": of,
        "touch": key,
        "workload": "triage",
        "evidence": "observed",
        "parts": parts,
        "started_at": start,
    }


def _kind(said: Event) -> str:
    return str(said["type"]).removeprefix("domicile.").replace(".v1", "/v1")
