"""Facts as collectors send them, built with what every test leaves at its usual value.

    b.accept_all(b.tenant(), b.node(), b.touch("8812", ["hz-1/0-3"], start=b.hour(1)))

Each verb returns one CloudEvent as a dictionary; `line` spells it. A keyword that names a member of
the envelope (`ENVELOPE`) gives that member; any other gives a member of the data. A member that is
None is left out. The usual values fit `tests/sovereignty/small_site.py`: cmdb states what things
are, slurm reports touches, bastion reports accesses.

Times are milliseconds in UTC. `START` begins a day, and `hour(3)` is three hours later.
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

from sovereignty.recording.answers import Accepted, Answers, Refusal
from sovereignty.recording.record import record

Event = dict[str, Any]

START = 1_767_312_000_000  # 2026-01-02T00:00:00Z
HOUR = 3_600_000
DAY = 24 * HOUR
YEAR = 365 * DAY
HOSPITAL, NEIGHBOUR = "st-mary", "qinghe"
ENVELOPE = frozenset({"specversion", "type", "source", "id", "time", "sequence", "data"})

_numbers = itertools.count(1)


def hour(number: float) -> int:
    """The time that lies `number` hours after START."""
    return START + int(number * HOUR)


def event(kind: str, /, **members: Any) -> Event:
    """One event of `kind`, such as `touch.recorded`."""
    envelope = {
        "specversion": "1.0",
        "type": f"domicile.{kind}.v1",
        "source": _usual_source(kind),
        "id": f"fact-{next(_numbers)}",
        "time": "2026-01-02T12:00:00Z",
        "data": _given({name: value for name, value in members.items() if name not in ENVELOPE}),
    }
    return _given(envelope | {name: value for name, value in members.items() if name in ENVELOPE})


def stated(kind: str, /, **members: Any) -> Event:
    """A declared statement that always held."""
    return event(kind, **{"effective_at": 0, "evidence": "declared"} | members)


def tenant(key: str = HOSPITAL, **members: Any) -> Event:
    return stated("tenant.declared", **{"tenant": key} | members)


def workload(key: str = "triage-7b", *, tenant: str = HOSPITAL, **members: Any) -> Event:
    usual = {"tenant": tenant, "workload": key, "kind": "inference"}
    return stated("workload.declared", **usual | members)


def region(key: str = "cn-1", country: str = "CN", **members: Any) -> Event:
    return stated("region.declared", **{"region": key, "country": country} | members)


def node(
    name: str = "hz-1", slots: str = "0-7", *, serials: list[str] | None = None, **members: Any
) -> Event:
    cards = [_given({"slots": slots, "serials": serials})]
    return stated("node.registered", **{"node": name, "region": "cn-1", "cards": cards} | members)


def source_declared(name: str = "slurm", **members: Any) -> Event:
    usual = {"name": name, "reports": ["touch"], "sequenced": True}
    return stated("source.declared", **usual | members)


def touch(
    key: str = "8812",
    cards: Sequence[str] = ("hz-1/0-3",),
    *,
    tenant: str = HOSPITAL,
    start: int = START + HOUR,
    end: int | None = None,
    **members: Any,
) -> Event:
    """A closed touch, an hour long when no `end` is given."""
    usual = _begun(key, cards, tenant, start) | {"ended_at": start + HOUR if end is None else end}
    return event("touch.recorded", **usual | members)


def started(
    key: str = "8812",
    cards: Sequence[str] = ("hz-1/0-3",),
    *,
    tenant: str = HOSPITAL,
    start: int = START + HOUR,
    **members: Any,
) -> Event:
    return event("touch.started", **_begun(key, cards, tenant, start) | members)


def ended(
    key: str = "8812", *, tenant: str = HOSPITAL, end: int = START + 2 * HOUR, **members: Any
) -> Event:
    usual = {"tenant": tenant, "touch": key, "ended_at": end, "evidence": "observed"}
    return event("touch.ended", **usual | members)


def access(
    key: str = "a-1", *, tenant: str = HOSPITAL, start: int = START + HOUR, **members: Any
) -> Event:
    """Somebody at home reached into the workload."""
    usual = {
        "tenant": tenant,
        "access": key,
        "workload": "triage-7b",
        "person": "li",
        "started_at": start,
        "evidence": "observed",
        "office_country": "CN",
        "physical_country": "CN",
        "employer_jurisdiction": "CN",
    }
    return event("access.recorded", **usual | members)


def heartbeat(**members: Any) -> Event:
    return event("heartbeat", **{"from_at": START, "to_at": START + HOUR} | members)


def sequence_reported(highest: int = 9, *, tenant: str | None = HOSPITAL, **members: Any) -> Event:
    return event("sequence.reported", **{"highest": highest, "tenant": tenant} | members)


def correction(original: Event, *, replacement: Event | None = None, **members: Any) -> Event:
    """A correction of `original`: retracted, or replaced with the type and data of another event.
    Its source is that of the original, if no other is given."""
    data = {
        "source": original["source"],
        "id": original["id"],
        "tenant": original["data"].get("tenant"),
        "reason": "the scheduler was wrong",
        "replacement": replacement and {"type": _kind(replacement), "data": replacement["data"]},
    }
    built = event("correction", **{"source": original["source"]} | members)
    given = {name: value for name, value in members.items() if name not in ENVELOPE}
    return built | {"data": _given(data | given)}


def line(event: Event) -> bytes:
    return json.dumps(event).encode()


def lines(events: Iterable[Event | bytes]) -> list[bytes]:
    return [event if isinstance(event, bytes) else line(event) for event in events]


def record_all(*events: Event | bytes, channel: str = "test") -> Answers:
    """Record events, or lines as they are, as one batch."""
    return record(lines(events), actor="enzo", channel=channel)


def accept_all(*events: Event | bytes) -> Answers:
    """Record events as one batch; none may be refused."""
    answers = record_all(*events)
    assert not answers.refusals, answers.refusals[:3]
    return answers


def accepted(*events: Event) -> list[Accepted]:
    """Record events of which none may be refused; returns the answer to each."""
    return [answer for answer in accept_all(*events).lines if isinstance(answer, Accepted)]


def refused(*events: Event | bytes) -> Refusal:
    """Record events of which just one is refused; returns its refusal."""
    (refusal,) = record_all(*events).refusals
    return refusal


def _begun(key: str, cards: Sequence[str], tenant: str, start: int) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "touch": key,
        "workload": "triage-7b",
        "evidence": "observed",
        "parts": [{"cards": list(cards)}],
        "started_at": start,
    }


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _usual_source(kind: str) -> str:
    if kind.startswith("access."):
        return "bastion"
    return "slurm" if kind.startswith(("touch.", "heartbeat", "sequence.")) else "cmdb"


def _kind(event: Event) -> str:
    return str(event["type"]).removeprefix("domicile.").replace(".v1", "/v1")
