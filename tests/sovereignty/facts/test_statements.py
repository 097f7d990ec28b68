"""What a fact states: the projection stores it, a replay judges by it."""

import json
from typing import Any

import pytest

from sovereignty.facts.checks import decode
from sovereignty.facts.kinds import KINDS
from sovereignty.facts.statements import ATTRIBUTES, FactStatement, statements_of
from tests import builders as b


def stated(said: b.Event) -> list[FactStatement]:
    kind = str(said["type"]).removeprefix("domicile.").replace(".v1", "/v1")
    return statements_of(decode(kind, json.dumps(said["data"]).encode()))


def known(statement: FactStatement) -> dict[str, Any]:
    return {name: value for name, value in statement.values.items() if value is not None}


@pytest.mark.parametrize(
    ("said", "subject", "values"),
    [
        (b.region(provider="acme"), ("region", "cn-1"), {"country": "CN", "provider": "acme"}),
        (b.node(cards=[], owner="acme"), ("node", "hz-1"), {"region": "cn-1", "owner": "acme"}),
        (b.stated("node.moved", node="n1", region="sh"), ("node", "n1"), {"region": "sh"}),
        (b.tenant(sector="hospital"), ("tenant", b.HOSPITAL), {"sector": "hospital"}),
        (
            b.workload(data_class="patient"),
            ("workload", "triage-7b"),
            {"kind": "inference", "data_class": "patient"},
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_states_of_one_subject(
    said: b.Event, subject: tuple[str, str], values: dict[str, str]
) -> None:
    (statement,) = stated(said)
    assert ((statement.kind, statement.name), known(statement)) == (subject, values)
    assert (statement.resets, statement.slots) == (False, ())


def test_a_node_states_its_region_and_each_group_of_its_cards() -> None:
    groups = [{"slots": "0-1", "vendor": "acme", "serials": ["S0", "S1"]}, {"slots": "2"}]
    node, first, second = stated(b.node(cards=groups))
    assert known(node) == {"region": "cn-1"}
    assert (known(first), list(first.slots), list(first.serials)) == (
        {"vendor": "acme"}, ["0", "1"], ["S0", "S1"],
    )  # fmt: skip
    assert (known(second), list(second.slots), list(second.serials)) == ({}, ["2"], [])
    assert first.present and not first.resets


def test_a_replaced_card_and_a_retired_one_end_what_was_stated() -> None:
    (replaced,) = stated(b.stated("card.replaced", node="n1", slot="0", model="x2", serial="S9"))
    (retired,) = stated(b.stated("card.retired", node="n1", slot="0"))
    assert (known(replaced), list(replaced.serials)) == ({"model": "x2"}, ["S9"])
    assert (replaced.resets, replaced.present) == (True, True)
    assert (known(retired), retired.resets, retired.present) == ({}, True, False)
    assert list(replaced.slots) == list(retired.slots) == ["0"]


@pytest.mark.parametrize(
    "said",
    [b.touch(), b.started(), b.ended(), b.access(), b.heartbeat(), b.sequence_reported(),
     b.source_declared(), b.correction(b.touch())],
    ids=lambda said: str(said["type"]),
)  # fmt: skip
def test_what_tells_what_happened_states_nothing(said: b.Event) -> None:
    assert stated(said) == []


def test_every_attribute_is_in_order_and_is_a_field_of_some_kind() -> None:
    fields = {name for struct in KINDS.values() for name in struct.__struct_fields__}
    assert {name for names in ATTRIBUTES.values() for name in names} <= fields
    for said in (b.region(), b.node(), b.tenant(), b.workload()):
        for statement in stated(said):
            assert tuple(statement.values) == ATTRIBUTES[statement.kind]
