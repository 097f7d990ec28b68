"""CloudEvents → facts: the envelope, the digest, and every line that is no event."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.tlog import canonical
from sovereignty.collect import cloudevents
from sovereignty.collect.cloudevents import MOST_LINE_BYTES, Fact, identity, parse
from sovereignty.facts.errors import FactError
from tests import builders as b


def fault(line: bytes | b.Event) -> FactError:
    with pytest.raises(FactError) as caught:
        parse(line if isinstance(line, bytes) else b.line(line))
    return caught.value


def parsed(said: b.Event) -> Fact:
    return parse(b.line(said))


def test_an_event_becomes_a_fact() -> None:
    fact = parsed(
        b.touch("8812", id="job-1", source="slurm", sequence=17, time="2026-01-02T12:00:00.25Z")
    )
    assert (fact.source, fact.id, fact.kind, fact.sequence) == (
        "slurm",
        "job-1",
        "touch.recorded/v1",
        17,
    )
    assert (fact.occurred_at, fact.tenant, fact.subject) == (
        1_767_355_200_250,
        b.HOSPITAL,
        "touch/8812",
    )


def test_the_body_is_canonical_and_leaves_defaults_out() -> None:
    fact = parsed(b.access(approval=None, ended_at=None, person="Größe \U0001f40e"))
    assert canonical.encode(canonical.decode(fact.body)) == fact.body
    assert b"approval" not in fact.body


@given(st.text(min_size=1, max_size=60))
def test_any_text_is_refused_or_becomes_canonical_json(text: str) -> None:
    try:
        fact = parse(b.line(b.access(text, person=text)))
    except FactError as error:
        assert error.field in ("data.access", "data.person", "data")
    else:
        assert canonical.encode(canonical.decode(fact.body)) == fact.body


def test_a_correction_s_replacement_is_spelled_canonically() -> None:
    said = b.correction(b.region(), replacement=b.region(territory=None, country="SG"))
    said["data"]["replacement"]["data"]["territory"] = None
    spelled = b.correction(b.region(), replacement=b.region(country="SG"))
    for one in (said, spelled):
        one["id"], one["data"]["id"] = "c-1", "r-1"
    assert parsed(said).digest == parsed(spelled).digest
    assert b"territory" not in parsed(said).body


@pytest.mark.parametrize("value", [1.5, 1.0, 1e300, 2**60, "x"])
def test_a_replacement_brings_no_number_past_its_own_kind(value: object) -> None:
    said = b.correction(b.region(), replacement=b.region(effective_at=value))
    assert fault(said).field == "data.replacement.data.effective_at"


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"source": "other"},
        {"time": "2026-01-02T12:00:00.001Z"},
        {"sequence": 2},
        {"sequence": None},
        {"type": "domicile.touch.started.v1"},
        {"data": {"end": 1}},
    ],
)
def test_the_digest_covers_everything_that_was_said(change: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"id": "i", "source": "s", "sequence": 1}
    said = b.started(**usual)
    if "data" in change:
        said["data"]["started_at"] += 1
    else:
        said |= change
        said = {name: value for name, value in said.items() if value is not None}
        if change.get("type"):
            said = b.touch(**usual)
    assert parsed(said).digest != parsed(b.started(**usual)).digest


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-01-02T13:00:00+01:00"},
        {"time": "2026-01-02T12:00:00.000Z"},
        {"sequence": "1"},
        {"sequence": "001"},
        {"datacontenttype": "application/json"},
        {"dataschema": "https://example.org", "subject": "x", "traceparent": "y"},
    ],
)
def test_the_digest_leaves_out_how_it_was_spelled(change: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"id": "i", "source": "s", "sequence": 1}
    assert parsed(b.touch(**usual) | change).digest == parsed(b.touch(**usual)).digest


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"specversion": "0.3"}, "specversion", "'1.0'"),
        ({"specversion": None}, "specversion", "a value"),
        ({"id": None}, "id", "a value"),
        ({"id": ""}, "id", "length >= 1"),
        ({"id": "x" * 201}, "id", "length <= 200"),
        ({"id": "a\x00"}, "id", "control characters"),
        ({"id": "a\n"}, "id", "control characters"),
        ({"id": 5}, "id", "str"),
        ({"source": None}, "source", "a value"),
        ({"source": "\x00"}, "source", "control characters"),
        ({"source": ["x"]}, "source", "str"),
        ({"type": None}, "type", "a value"),
        ({"type": "touch.recorded/v1"}, "type", "domicile.touch.recorded.v1"),
        ({"type": "domicile.touch.recorded.v2"}, "type", "one of"),
        ({"type": "domicile.touch.recorded.v1\n"}, "type", "one of"),
        ({"time": None}, "time", "a value"),
        ({"time": "yesterday"}, "time", "another spelling"),
        ({"time": 5}, "time", "a time"),
        ({"time": "2026-01-02T12:00:00"}, "time", "an offset"),
        ({"time": "1969-12-31T23:59:59.999Z"}, "time", "from 1970"),
        ({"time": "0001-01-01T00:00:00+23:59"}, "time", "from 1970"),
        ({"time": "2026-02-30T00:00:00Z"}, "time", "another spelling"),
        ({"sequence": -1}, "sequence", ">= 0"),
        ({"sequence": 1.5}, "sequence", "int"),
        ({"sequence": 2**53}, "sequence", "int"),
        ({"sequence": 10**30}, "sequence", "int"),
        ({"sequence": "+1"}, "sequence", "digits"),
        ({"sequence": "1\n"}, "sequence", "digits"),
        ({"sequence": "9" * 16}, "sequence", "digits"),
        ({"sequence": True}, "sequence", "int"),
        ({"data": None}, "data", "a JSON object"),
        ({"data": []}, "data", "object"),
        ({"data": "{}"}, "data", "object"),
    ],
)
def test_refuses_a_wrong_envelope(change: dict[str, Any], field: str, expected: str) -> None:
    error = fault(
        {name: value for name, value in {**b.touch(), **change}.items() if value is not None}
    )
    assert (error.field, error.retry) == (field, False)
    assert expected in error.expected and error.received


usual = b.line(b.touch())
NO_EVENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "event"),
    "a word": (b"nope", "event"),
    "half an object": (usual[:-1], "event"),
    "two objects": (usual + usual, "event"),
    "an array": (b"[" + usual + b"]", "event"),
    "a number": (b"17", "event"),
    "UTF-8 that is none in the envelope": (usual.replace(b"fact-", b"fact\xff"), "line"),
    "UTF-8 that is none in data": (usual.replace(b"triage-7b", b"tri\xffge"), "data"),
    "a lone surrogate in data": (usual.replace(b"triage-7b", b"tri\\ud800ge"), "event"),
    "a lone surrogate in the envelope": (usual.replace(b"fact-", b"fact\\udc00"), "event"),
    "a NUL character": (usual.replace(b"triage-7b", b"tri\\u0000ge"), "data.workload"),
    "a huge number": (usual.replace(b'"started_at": ', b'"started_at": 1e400'), "data.started_at"),
    "nesting in data": (usual.replace(b'"parts": ', b'"parts": ' + b"[" * 100_000), "event"),
    "nesting in an extension": (
        usual[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "event",
    ),
    "a line beyond the bound": (usual[:-1] + b" " * MOST_LINE_BYTES + b"}", "line"),
}


@pytest.mark.parametrize("what", NO_EVENTS)
def test_refuses_what_is_no_event(what: str) -> None:
    line, field = NO_EVENTS[what]
    error = fault(line)
    assert error.field == field
    assert error.expected and error.received


@pytest.mark.parametrize("what", NO_EVENTS)
def test_finding_the_id_of_a_malformed_line_never_fails(what: str) -> None:
    assert identity(NO_EVENTS[what][0]) in (None, json.loads(usual)["id"], "fact\x00")


def test_finds_the_id_of_a_refused_line() -> None:
    assert identity(b'{"id":"x-1","specversion":"9"}') == "x-1"
    assert identity(b'{"id":5}') is None
    assert identity(b"[1]") is None


@given(st.binary(max_size=60))
def test_no_bytes_at_all_bring_another_error(noise: bytes) -> None:
    place = noise[0] * 2 if noise else 0
    for line in (noise, usual[:place] + noise + usual[place:]):
        try:
            parse(line)
        except FactError as error:
            assert error.field and error.expected and error.received


def test_public_events_are_refused_by_their_type_and_not_otherwise(shared: Path) -> None:
    found = sorted((shared / "data/fixtures/cloudevents").glob("event-*.json"))
    assert found
    for path in found:
        assert fault(path.read_bytes()).field in ("type", "time")


def test_refuses_a_time_that_no_page_could_write() -> None:
    line = json.dumps(
        {
            "specversion": "1.0",
            "type": "domicile.heartbeat.v1",
            "source": "s",
            "id": "1",
            "time": "9999-12-31T23:59:59-23:59",
            "data": {"from_at": 0, "to_at": 1},
        }
    ).encode()
    with pytest.raises(FactError, match="time: want a time from 1970 to the end of 9998"):
        parse(line)


EVERY_KIND = [
    b.region(),
    b.node("n1"),
    b.event("node.moved", node="n1", region="cn-1", effective_at=0, evidence="declared"),
    b.event(
        "card.replaced", node="n1", slot="0", effective_at=0, evidence="declared", serial="S 1"
    ),
    b.event("card.retired", node="n1", slot="0", effective_at=0, evidence="declared"),
    b.source_declared(),
    b.tenant(),
    b.workload(),
    b.started(),
    b.ended(),
    b.touch(),
    b.access(),
    b.heartbeat(),
    b.sequence_reported(),
    b.correction(b.region(), replacement=b.region()),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**54),
    st.floats(allow_nan=False),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.sampled_from(
        [
            "",
            " a",
            "a ",
            "a\u200b",
            "a\x7f",
            "a\\b",
            "e\u0301",
            "\u00e9",
            "17",
            "x" * 201,
            "observed",
            "2026-01-02T12:00:00",
        ]
    ),
)


@given(st.sampled_from(EVERY_KIND), st.data())
def test_an_event_read_in_one_go_is_the_one_read_step_by_step(
    said: b.Event, draw: st.DataObject
) -> None:
    changed = json.loads(json.dumps(said))
    inside = changed["data"] if draw.draw(st.booleans()) else changed
    inside[draw.draw(st.sampled_from([*inside, "unknown"]))] = draw.draw(ODD)
    line = json.dumps(changed, ensure_ascii=draw.draw(st.booleans())).encode()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cloudevents, "_decode_event", _refuse)
        expected = outcome(line)
    assert outcome(line) == expected


def _refuse(line: bytes) -> None:
    raise msgspec.DecodeError("not in one go")


def outcome(line: bytes) -> object:
    try:
        return parse(line)
    except FactError as error:
        return error.field, error.expected, error.received, error.retry
