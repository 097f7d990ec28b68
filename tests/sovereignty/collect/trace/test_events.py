"""Events: ids that a second import gives again, and numbers in the order of time."""

import json

import pytest

from sovereignty.collect.cloudevents import parse
from sovereignty.collect.trace.events import Event, convert, encode, make_event, numbered, rfc3339
from sovereignty.facts import kinds
from sovereignty.facts.errors import FactError


def touch(tenant: str, key: str, end: int) -> Event:
    part = kinds.Part(k=1, of=None)
    data = kinds.TouchRecorded(
        ended_at=end,
        evidence="observed",
        parts=[part],
        started_at=end - 1,
        tenant=tenant,
        touch=key,
        workload="w",
    )
    return make_event("test", data)


def node(at: int) -> Event:
    return make_event("test", kinds.NodeRegistered(effective_at=at, evidence="declared", node="n1"))


def test_a_touch_is_named_by_its_key_alone() -> None:
    assert touch("ada", "t1", 10).id == touch("ada", "t1", 20).id == "touch.recorded/ada/t1"


def test_a_statement_is_named_by_its_subject_and_what_it_states() -> None:
    assert node(10).id == node(10).id
    assert node(10).id.startswith("node.registered/n1/")
    assert node(10).id != node(20).id


@pytest.mark.parametrize("length", [170, 200])
def test_an_id_is_never_too_long_for_a_fact(length: int) -> None:
    one, other = touch("ada", "t" * length, 10), touch("ada", "t" * (length - 1) + "u", 10)
    assert len(one.id) <= 200
    assert one.id != other.id
    stated = make_event(
        "test", kinds.TenantDeclared(effective_at=1, evidence="declared", tenant="t" * length)
    )
    assert len(stated.id) <= 200


def test_a_line_is_read_back_as_the_fact_that_it_says() -> None:
    event = touch("ada", "t1", 1_700_000_000_123)
    fact = parse(encode(event))
    assert (fact.data, fact.source, fact.id, fact.occurred_at, fact.sequence) == (
        event.data,
        "test",
        event.id,
        1_700_000_000_123,
        None,
    )


def test_times_are_rfc_3339_with_milliseconds() -> None:
    assert rfc3339(0) == "1970-01-01T00:00:00.000Z"
    assert rfc3339(1_700_000_000_007) == "2023-11-14T22:13:20.007Z"
    assert rfc3339(kinds.LATEST_MS) == "9998-12-31T23:59:59.999Z"


def test_numbers_run_per_trail_in_the_order_of_times_and_end_with_the_highest() -> None:
    other = Event("plan", node(5).data, "x", 5)
    events = [
        node(30),
        node(10),
        other,
        touch("ada", "t2", 40),
        touch("ruth", "t1", 20),
        touch("ada", "t1", 25),
    ]
    found = list(numbered(events, "test"))
    assert [event.sequence for event in found[:6]] == [2, 1, None, 2, 1, 1]
    assert [event.id for event in found[:6]] == [event.id for event in events]
    reports = {
        event.data.tenant: event.data.highest
        for event in found[6:]
        if isinstance(event.data, kinds.SequenceReported)
    }
    assert reports == {None: 2, "ada": 2, "ruth": 1}
    assert json.loads(encode(found[0]))["sequence"] == 2
    assert [event.sequence for event in found[6:]] == [None, None, None]


def test_numbers_are_the_same_whatever_the_order_of_the_facts() -> None:
    events = [node(30), node(10), touch("ada", "t1", 20)]
    numbers = {event.id: event.sequence for event in numbered(events, "test")}
    assert numbers == {event.id: event.sequence for event in numbered(reversed(events), "test")}


def test_values_that_are_empty_are_left_out_of_a_fact() -> None:
    data = convert(
        kinds.TenantDeclared,
        {"tenant": "ada", "name": "", "sector": None, "effective_at": 1, "evidence": "declared"},
    )
    assert data == kinds.TenantDeclared(effective_at=1, evidence="declared", tenant="ada")


def test_a_value_that_is_none_of_its_kind_is_refused_by_field() -> None:
    with pytest.raises(FactError, match=r"data\.home_jurisdiction: want"):
        convert(
            kinds.TenantDeclared,
            {
                "tenant": "ada",
                "home_jurisdiction": "China",
                "effective_at": 1,
                "evidence": "declared",
            },
        )


@pytest.mark.parametrize("name", ["tenant", "touch", "workload"])
def test_a_key_with_a_character_that_cannot_be_seen_is_refused_before_a_fact_is_made(
    name: str,
) -> None:
    values = {
        "tenant": "ada",
        "touch": "1",
        "workload": "w",
        "evidence": "observed",
        "started_at": 1,
        "ended_at": 2,
    }
    parts = [{"cards": ["n1/0"]}]
    with pytest.raises(FactError, match=rf"data\.{name}: want text without .+, got '8813\\u200b'"):
        convert(kinds.TouchRecorded, {**values, "parts": parts, name: "8813\u200b"})
