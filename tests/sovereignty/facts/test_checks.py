"""What a fact must satisfy by itself: each refusal names the field, what was expected and what was
received."""

import json
from typing import Any

import msgspec
import pytest

from sovereignty.facts import kinds
from sovereignty.facts.checks import (
    MOST_CARDS,
    MOST_SLOTS,
    data_in_force,
    decode,
    slots_of,
    subject_of,
    tenant_of,
)
from sovereignty.facts.errors import FactError
from tests import builders as b


def decoded(kind: str, data: Any) -> kinds.Data:
    return decode(f"{kind}/v1", json.dumps(data).encode())


def fault(said: b.Event | tuple[str, Any], data: dict[str, Any] | None = None) -> FactError:
    """The error of an event's kind and data."""
    kind, body = (
        (said["type"][len("domicile.") : -len(".v1")], said["data"])
        if isinstance(said, dict)
        else said
    )
    with pytest.raises(FactError) as caught:
        decoded(kind, {**body, **(data or {})} if isinstance(body, dict) else body)
    return caught.value


SUNNY = [
    b.region(),
    b.node(serials=[f"S{place}" for place in range(8)]),
    b.tenant(),
    b.workload(),
    b.touch(),
    b.started(),
    b.ended(),
    b.access(),
    b.source_declared(),
    b.heartbeat(),
    b.sequence_reported(),
    b.correction(b.touch(), replacement=b.touch()),
    b.event(
        "card.retired", node="hz-1", slot="pci:0000:3b:00.0", effective_at=0, evidence="observed"
    ),
]


@pytest.mark.parametrize("said", SUNNY, ids=[said["type"] for said in SUNNY])
def test_decodes_each_kind(said: b.Event) -> None:
    kind = said["type"][len("domicile.") : -len(".v1")]
    assert type(decoded(kind, said["data"])) is kinds.KINDS[f"{kind}/v1"]


@pytest.mark.parametrize("said", SUNNY, ids=[said["type"] for said in SUNNY])
def test_refuses_an_unknown_field_by_name(said: b.Event) -> None:
    error = fault(said, {"colour": "red"})
    assert (error.field, error.expected, error.retry) == ("data.colour", "no such field", False)


@pytest.mark.parametrize("said", SUNNY, ids=[said["type"] for said in SUNNY])
def test_refuses_a_missing_field_by_name(said: b.Event) -> None:
    kind = said["type"][len("domicile.") : -len(".v1")]
    struct = kinds.KINDS[f"{kind}/v1"]
    for name in [name for name in said["data"] if name in _required(struct)]:
        with pytest.raises(FactError) as caught:
            decoded(kind, {field: value for field, value in said["data"].items() if field != name})
        assert (caught.value.field, caught.value.received) == (f"data.{name}", "nothing")


def _required(struct: type[kinds.Data]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct) if field.required]


WRONG: list[tuple[str, Any, str, str]] = [
    # name, value, field, a part of what was wanted
    ("tenant", 5, "data.tenant", "str"),
    ("tenant", None, "data.tenant", "str"),
    ("tenant", "", "data.tenant", "length >= 1"),
    ("tenant", "x" * 201, "data.tenant", "length <= 200"),
    ("tenant", "a\x00b", "data.tenant", "control characters"),
    ("tenant", "a\nb", "data.tenant", "control characters"),
    ("tenant", "a\n", "data.tenant", "control characters"),
    ("touch", "\x7f", "data.touch", "control characters"),
    ("workload", ["x"], "data.workload", "str"),
    ("evidence", "hearsay", "data.evidence", "one of planned, declared, attested, observed"),
    ("evidence_ref", "x" * 101, "data.evidence_ref", "length <= 100"),
    ("started_at", "2026-11-23", "data.started_at", "int"),
    ("started_at", 1.5, "data.started_at", "int"),
    ("started_at", 1e300, "data.started_at", "int"),
    ("started_at", 10**30, "data.started_at", "int"),
    ("started_at", -1, "data.started_at", "an integer >= 0"),
    ("started_at", kinds.LATEST_MS + 1, "data.started_at", "an integer <="),
    ("started_at", True, "data.started_at", "int"),
    ("started_at", b.hour(2), "data.ended_at", "a time after started_at"),
    ("ended_at", b.START, "data.ended_at", "a time after started_at"),
    ("ended_at", b.START - 1, "data.ended_at", "a time after started_at"),
    ("ended_at", b.START + 11 * 366 * b.DAY, "data.ended_at", "at most 316224000000 ms after"),
    ("parts", [], "data.parts", "length >= 1"),
    ("parts", {}, "data.parts", "array"),
    ("parts", [{}], "data.parts[0]", "exactly one of cards, serials or k"),
    ("parts", [{"cards": ["a/0"], "k": 1}], "data.parts[0]", "exactly one of"),
    ("parts", [{"cards": ["a/0"], "serials": ["S"]}], "data.parts[0]", "exactly one of"),
    ("parts", [{"cards": []}], "data.parts[0]", "at least one card"),
    ("parts", [{"serials": []}], "data.parts[0]", "at least one card"),
    ("parts", [{"k": 1}], "data.parts[0].of", "nodes (or null) beside k"),
    ("parts", [{"cards": ["a/0"], "of": ["a"]}], "data.parts[0].of", "nodes (or null) beside k"),
    ("parts", [{"k": 0, "of": None}], "data.parts[0].k", "an integer >= 1"),
    ("parts", [{"k": 10_000_001, "of": None}], "data.parts[0].k", "an integer <= 10000000"),
    ("parts", [{"k": 1, "of": ["a/0"]}], "data.parts[0].of[0]", "nodes without slots"),
    (
        "parts",
        [{"cards": ["a/0"]}, {"cards": ["b/0", "c"]}],
        "data.parts[1].cards[1]",
        "node/slots",
    ),
    ("parts", [{"cards": [""]}], "data.parts[0].cards[0]", "length >= 1"),
    ("parts", [{"cards": ["a/0,0"]}], "data.parts[0].cards[0]", "node/slots"),
    ("parts", [{"cards": ["a/"]}], "data.parts[0].cards[0]", "node/slots"),
    ("parts", [{"cards": ["a\x00/0"]}], "data.parts[0].cards[0]", "node/slots"),
    ("parts", [{"cards": ["größe/0"]}], "data.parts[0].cards[0]", "node/slots"),
    ("parts", [{"cards": ["a[1-2/0"]}], "data.parts[0].cards[0]", "node/slots"),
    ("parts", [{"cards": ["a/0", "a/0-3"]}], "data.parts", "cards that no other part"),
    ("parts", [{"cards": ["a/0"]}, {"cards": ["a/0"]}], "data.parts", "cards that no other part"),
    ("parts", [{"serials": ["S", "S"]}], "data.parts", "cards that no other part"),
    ("parts", [{"cards": ["a/0"], "colour": 1}], "data.parts[0].colour", "no such field"),
]


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    WRONG,
    ids=[f"{name}={value!r:.40}" for name, value, _, _ in WRONG],
)
def test_refuses_what_a_touch_cannot_be(name: str, value: Any, field: str, expected: str) -> None:
    error = fault(b.touch(), {name: value})
    assert error.field == field
    assert expected in error.expected
    assert error.received


@pytest.mark.parametrize(
    "said",
    [b.touch(), b.started(), b.ended(), b.access(), b.heartbeat()],
    ids=lambda said: said["type"],
)
def test_refuses_seconds_where_milliseconds_are_wanted(said: b.Event) -> None:
    for field in ("started_at", "ended_at", "from_at", "to_at"):
        if said["data"].get(field):
            error = fault(
                said,
                {
                    name: value // 1000 if name.endswith("_at") else value
                    for name, value in said["data"].items()
                },
            )
            assert (error.expected, "looks like seconds" in error.received) == (
                "milliseconds since 1970",
                True,
            )


# Each would spell more cards than there are; none may take the time or the memory to write them
# out.
BOMBS = [
    "n[1-1000000000000]/0",
    "n[1-1000]x[1-1001]/0",
    "n[1-1000000]/0-4095",
    "n[0-9][0-9][0-9][0-9][0-9][0-9][0-9]/0",
    "n[1-1000000]/0,1",
    "n1/0-99999999",
    "n[" + ",".join(["1-99"] * 2_000) + "]/0",
]


@pytest.mark.parametrize("text", BOMBS)
def test_refuses_a_hostlist_bomb(text: str) -> None:
    error = fault(b.touch(cards=[text]))
    assert error.field.startswith("data.parts[0].cards")
    assert error.expected and error.received


@pytest.mark.parametrize(
    "text",
    [text.partition("/")[0] for text in BOMBS if not text.startswith(("n1/", "n[1-1000000]/"))],
)
def test_refuses_a_bomb_of_nodes(text: str) -> None:
    assert fault(b.touch(parts=[{"k": 1, "of": [text]}])).field == "data.parts[0].of[0]"


def test_bounds_the_cards_of_all_texts_and_parts_together() -> None:
    many = [f"{letter}[1-{MOST_CARDS // 4}]/0" for letter in "abcde"]
    assert fault(b.touch(cards=many)).field == "data.parts[0].cards"
    assert fault(b.touch(parts=[{"cards": [text]} for text in many])).field == "data.parts"


def test_takes_the_largest_touch() -> None:
    decoded("touch.recorded", b.touch(cards=[f"a[1-{MOST_CARDS // 8}]/0-7"])["data"])


NODE_WRONG: list[tuple[dict[str, Any], str]] = [
    ({"node": "a b"}, "data.node"),
    ({"node": "a\n"}, "data.node"),
    ({"cards": [{"slots": "0-1", "design_country": "cn"}]}, "data.cards[0].design_country"),
    ({"cards": [{"slots": "0-1", "design_country": "CN\n"}]}, "data.cards[0].design_country"),
    ({"cards": [{"slots": "0-1"}, {"slots": "1-2"}]}, "data.cards[1].slots"),
    ({"cards": [{"slots": "0-1", "serials": ["S"]}]}, "data.cards[0].serials"),
    ({"cards": [{"slots": "1-0"}]}, "data.cards[0].slots"),
    ({"cards": [{"slots": f"0-{MOST_SLOTS}"}]}, "data.cards"),
    ({"cards": [{"slots": "0-99999999"}]}, "data.cards[0].slots"),
]


@pytest.mark.parametrize(("data", "field"), NODE_WRONG)
def test_refuses_what_a_node_cannot_be(data: dict[str, Any], field: str) -> None:
    assert fault(b.node(), data).field == field


@pytest.mark.parametrize("slot", ["0-7", "a b", "", "0,1"])
@pytest.mark.parametrize("kind", ["card.replaced", "card.retired"])
def test_a_card_fact_names_one_slot(kind: str, slot: str) -> None:
    assert (
        fault((kind, {"node": "a", "slot": slot, "effective_at": 0, "evidence": "observed"})).field
        == "data.slot"
    )


@pytest.mark.parametrize(
    ("said", "data", "field"),
    [
        (b.heartbeat(), {"to_at": b.START}, "data.to_at"),
        (b.heartbeat(), {"cards": ["a"]}, "data.cards[0]"),
        (b.source_declared(), {"reports": []}, "data.reports"),
        (b.source_declared(), {"reports": ["gossip"]}, "data.reports[0]"),
        (b.source_declared(), {"cards": ["a["]}, "data.cards[0]"),
        (b.source_declared(), {"heartbeat_ms": 0}, "data.heartbeat_ms"),
        (b.access(), {"ended_at": b.START}, "data.ended_at"),
        (b.access(), {"office_country": "China"}, "data.office_country"),
        (b.tenant(), {"tenant_nonce": "00" * 31}, "data.tenant_nonce"),
        (b.tenant(), {"tenant_nonce": "00" * 32 + "\n"}, "data.tenant_nonce"),
        (b.sequence_reported(), {"highest": 2**53}, "data.highest"),
        (
            b.correction(b.touch(), replacement=b.touch()),
            {"replacement": {"type": "correction/v1", "data": {}}},
            "data.replacement.type",
        ),
        (
            b.correction(b.touch(), replacement=b.touch()),
            {"replacement": {"type": "touch.recorded/v1"}},
            "data.replacement.data",
        ),
    ],
)
def test_refuses_what_other_kinds_cannot_be(
    said: b.Event, data: dict[str, Any], field: str
) -> None:
    assert fault(said, data).field == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"", "data"),
        (b"[]", "data"),
        (b"null", "data"),
        (b"{", "data"),
        (b'{"highest":1e400}', "data.highest"),
        (b'{"highest":1,"tenant":"\\ud800"}', "data"),
        (b'{"highest":1,"tenant":"\xff"}', "data"),
        (b'{"highest":NaN}', "data"),
        (b'{"highest":' + b"[" * 100_000, "data.highest"),
        (b'{"highest":1} x', "data"),
    ],
)
def test_refuses_what_is_no_json_object(text: bytes, field: str) -> None:
    with pytest.raises(FactError) as caught:
        decode("sequence.reported/v1", text)
    assert caught.value.field == field


def test_refuses_values_nested_without_end() -> None:
    text = (
        b'{"id":"x","reason":"r","source":"s","replacement":{"type":"region.declared/v1","data":{"a":'
        + b"[" * 100_000
    )
    with pytest.raises(FactError, match="nested without end"):
        decode("correction/v1", text)


@pytest.mark.parametrize("said", [b.source_declared(cards=[]), b.heartbeat(cards=[])])
def test_refuses_a_source_of_no_cards(said: b.Event) -> None:
    found = fault(said, {})
    assert str(found) == (
        "data.cards: want at least one card, or no such field for the whole fleet, "
        "got an empty list"
    )


def test_refuses_another_kind() -> None:
    with pytest.raises(FactError, match=r"type: want one of region\.declared/v1"):
        decode("region.declared/v2", b"{}")


def test_knows_what_a_fact_states() -> None:
    touch, retraction = (
        decoded("touch.recorded", b.touch()["data"]),
        decoded("correction", b.correction(b.touch())["data"]),
    )
    replaced = decoded("correction", b.correction(b.touch(), replacement=b.touch())["data"])
    assert (data_in_force(touch), data_in_force(retraction), data_in_force(replaced)) == (
        touch,
        None,
        touch,
    )


@pytest.mark.parametrize(
    ("said", "tenant", "subject"),
    [
        (b.touch("8812"), b.HOSPITAL, "touch/8812"),
        (b.access("a-1"), b.HOSPITAL, "access/a-1"),
        (b.workload("triage-7b"), b.HOSPITAL, "workload/triage-7b"),
        (b.tenant(), b.HOSPITAL, "tenant/st-mary"),
        (b.node("hz-1"), None, "node/hz-1"),
        (b.region("cn-1"), None, "region/cn-1"),
        (b.source_declared("slurm"), None, "name/slurm"),
        (b.heartbeat(), None, "heartbeat"),
        (b.sequence_reported(tenant=None), None, "sequence"),
        (b.sequence_reported(), b.HOSPITAL, "tenant/st-mary"),
        (b.correction(b.region(id="r-1")), None, "id/r-1"),
    ],
)
def test_knows_a_fact_s_trail_and_subject(said: b.Event, tenant: str | None, subject: str) -> None:
    data = decoded(said["type"][len("domicile.") : -len(".v1")], said["data"])
    assert (tenant_of(data), subject_of(data)) == (tenant, subject)


def test_slots_are_written_out() -> None:
    assert slots_of(kinds.CardGroup(slots="0,2-3,pci:0000:3b:00.0")) == [
        "0",
        "2",
        "3",
        "pci:0000:3b:00.0",
    ]
    with pytest.raises(FactError, match=r"data\.cards\.slots: want slots"):
        slots_of(kinds.CardGroup(slots="0//1"))
