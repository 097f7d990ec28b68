"""Whom a sender may speak for, and that nobody reports what has not happened yet."""

from typing import Any

import pytest

from audit.clock import now_ms
from sovereignty.models import Batch, Fact, SourceDeclaration
from sovereignty.recording.admission import AHEAD_MS, EVENT_KINDS, Sender
from sovereignty.recording.answers import Answers
from sovereignty.recording.record import record
from sovereignty.recording.stream import record_stream
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")
MINE = frozenset({"cmdb", "slurm", "dcgm/hz-a"})
SOON = 3_600_000


def sent(*events: b.Event, sources: frozenset[str] | None = MINE) -> Answers:
    return record(b.lines(events), actor="token:1", channel="api", sender=Sender(sources))


def test_a_token_speaks_as_each_of_its_sources() -> None:
    answers = sent(b.tenant(), b.region(source="dcgm/hz-a"))
    assert (answers.accepted, answers.refusals) == (2, [])


def test_a_token_does_not_speak_as_another_source() -> None:
    answers = sent(b.tenant(), b.region(source="operator"), b.node())
    (refusal,) = answers.refusals
    assert (refusal.line, refusal.field, refusal.received, refusal.retry) == (
        2,
        "source",
        "'operator'",
        False,
    )
    assert "cmdb, dcgm/hz-a, slurm" in refusal.expected
    assert Fact.objects.filter(source="operator").count() == 0


def test_every_batch_of_a_stream_is_held_to_its_sources() -> None:
    lines = b.lines([b.tenant(), b.region(), b.region("sg", source="operator")])
    refused = [
        len(answers.refusals)
        for answers in record_stream(
            lines, actor="token:1", channel="api", sender=Sender(MINE), batch=2
        )
    ]
    assert refused == [0, 1]


def test_a_collector_s_token_states_nothing_of_what_things_are() -> None:
    collector = Sender(MINE, frozenset(EVENT_KINDS))
    b.accept_all(b.tenant(), b.node())
    said = [
        b.region(),
        b.node("hz-2"),
        b.tenant(b.NEIGHBOUR),
        b.workload(),
        b.touch(),
        b.heartbeat(),
    ]
    answers = record(b.lines(said), actor="token:1", channel="api", sender=collector)
    assert [refusal.field for refusal in answers.refusals] == ["type"] * 4
    assert answers.accepted == 2
    assert "--inventory" in answers.refusals[0].expected
    # Nor by way of a correction of what the same source said under another token.
    (refusal,) = record(
        b.lines([b.correction(b.node(), replacement=b.node())]),
        actor="token:1",
        channel="api",
        sender=collector,
    ).refusals
    assert refusal.field == "data.replacement.type"


def test_a_source_does_not_declare_itself() -> None:
    said = b.event(
        "source.declared",
        source="slurm",
        name="slurm",
        effective_at=b.START,
        evidence="declared",
        reports=["touch"],
    )
    (refusal,) = sent(said).refusals
    assert refusal.field == "type"
    assert sent({**said, "source": "operator"}, sources=None).accepted == 1
    assert SourceDeclaration.objects.get().name == "slurm"


def test_a_source_does_not_correct_what_another_said() -> None:
    said = b.region(source="operator")
    b.accept_all(said)
    (refusal,) = sent(b.correction(said, source="cmdb")).refusals
    assert (refusal.field, refusal.received) == ("data.source", "'operator'")
    (refusal,) = sent(b.correction({**said, "source": "dcgm/hz-a"}, source="cmdb")).refusals
    assert refusal.field == "data.source"


def test_a_source_corrects_itself_and_an_administrator_anybody() -> None:
    mine, others = b.region(), b.region("sg", source="operator")
    b.accept_all(mine, others)
    assert sent(b.correction(mine)).accepted == 1
    assert sent(b.correction(others), sources=None).accepted == 1


AHEAD: list[tuple[str, dict[str, Any], str]] = [
    ("heartbeat", {"from_at": b.START, "to_at": SOON}, "data.to_at"),
    ("touch.started", {"started_at": SOON}, "data.started_at"),
    ("touch.recorded", {"started_at": b.START, "ended_at": SOON}, "data.ended_at"),
    ("touch.ended", {"ended_at": SOON}, "data.ended_at"),
    ("access.recorded", {"started_at": SOON}, "data.started_at"),
    ("access.recorded", {"started_at": b.START, "ended_at": SOON}, "data.ended_at"),
]
TOUCH = {"tenant": b.HOSPITAL, "touch": "t-1", "evidence": "observed"}
WHOLE: dict[str, dict[str, Any]] = {
    "heartbeat": {},
    "touch.started": {**TOUCH, "workload": "triage-7b", "parts": [{"cards": ["hz-1/0"]}]},
    "touch.recorded": {**TOUCH, "workload": "triage-7b", "parts": [{"cards": ["hz-1/0"]}]},
    "touch.ended": TOUCH,
    "access.recorded": {
        "tenant": b.HOSPITAL,
        "access": "a-1",
        "person": "p-1",
        "evidence": "observed",
    },
}


def told(kind: str, times: dict[str, int], ahead: int) -> b.Event:
    """An event of `kind` of which the times near the epoch are that far from now, and `ahead`
    milliseconds further."""
    now = now_ms()
    return b.event(
        kind,
        **WHOLE[kind],
        **{name: at if at == b.START else now + at + ahead for name, at in times.items()},
    )


@pytest.mark.parametrize(("kind", "times", "field"), AHEAD)
def test_nobody_reports_what_has_not_happened_yet(
    kind: str, times: dict[str, int], field: str
) -> None:
    b.accept_all(b.tenant())
    (refusal,) = sent(told(kind, times, 0), sources=None).refusals
    assert (refusal.field, refusal.retry) == (field, True)
    assert Batch.objects.count() == 1
    # a sender's clock may run a little ahead
    assert sent(told(kind, times, AHEAD_MS // 2 - SOON), sources=None).accepted == 1


def test_a_replacement_does_not_speak_of_the_future() -> None:
    said = b.event("heartbeat", from_at=b.START, to_at=b.START + 1)
    b.accept_all(said)
    ahead = b.event("heartbeat", from_at=b.START, to_at=now_ms() + SOON)
    (refusal,) = sent(b.correction(said, replacement=ahead)).refusals
    assert (refusal.field, refusal.retry) == ("data.replacement.data.to_at", True)


def test_an_event_is_not_dated_ahead() -> None:
    (refusal,) = sent(b.region(time="9000-01-01T00:00:00Z")).refusals
    assert (refusal.field, refusal.retry) == ("time", True)
    assert "9000-01-01T00:00:00Z" in refusal.received


@pytest.mark.parametrize(
    "key",
    [
        "st-mary ",
        " st-mary",
        "st\u200b-mary",
        "st-mary\u2060",
        "st\u00a0mary",
        "st-\u202emary",
        "st-mary\ufeff",
        "st-\u00admary",
        "\u3000",
    ],
)
def test_a_key_holds_nothing_that_a_reader_does_not_see(key: str) -> None:
    (refusal,) = b.record_all(b.tenant(key)).refusals
    assert refusal.field == "data.tenant"


def test_a_key_is_spelled_in_one_way() -> None:
    (refusal,) = b.record_all(b.tenant("cafe\u0301")).refusals
    assert (refusal.field, "composed" in refusal.expected) == ("data.tenant", True)
    b.accept_all(b.tenant("caf\u00e9"), b.tenant("协和医院"), b.tenant("Hôpital Saint-Louis 2"))
