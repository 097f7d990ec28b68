"""Inventory: only what a sighting changes becomes a fact, dated at the first run that shows it."""

from pathlib import Path
from typing import Any

import pytest

from tests.sovereignty.collect.tracing import Imported, imported

MAPPING = '''
format = "domicile/trace/v1"
source = "test"

[tables.seen]
columns = ["node", "slots", "model", "vendor", "region", "at"]
derive = { at_ms = "CAST(at AS INTEGER)" }

[inventory]
select = """
  SELECT row_id, node, slots, nullif(model, '') AS model, vendor, region, at_ms AS "at",
         'declared' AS evidence
  FROM seen
"""

[touch]
select = """
  SELECT row_id, 'ada' AS tenant, 't' || row_id AS touch, 'w' AS workload, at_ms AS started_at,
         NULL AS ended_at, 'observed' AS evidence, NULL AS node, 1 AS count
  FROM seen
"""
'''


def seen(folder: Path, *rows: str) -> Imported:
    return imported(
        folder,
        MAPPING,
        {"seen.csv": "node,slots,model,vendor,region,at\n" + "\n".join(rows) + "\n"},
    )


def told(found: Imported) -> list[tuple[str, dict[str, Any]]]:
    """The inventory facts, without the fields that are the same in all."""
    kinds = ("node.registered", "card.replaced")
    facts = [
        (event["type"].split(".", 1)[1].removesuffix(".v1"), dict(event["data"]))
        for event in found.events
    ]
    return [
        (kind, {name: value for name, value in data.items() if name != "evidence"})
        for kind, data in facts
        if kind in kinds
    ]


def test_registers_a_node_with_its_cards_at_the_first_sighting(tmp_path: Path) -> None:
    found = seen(tmp_path, "n1,0-7,A100,,,20", "n1,0-7,A100,,,10", "n1,0-3,A100,,,30")
    assert told(found) == [
        (
            "node.registered",
            {"node": "n1", "effective_at": 10, "cards": [{"model": "A100", "slots": "0-7"}]},
        )
    ]
    assert found.account.refused_rows == []


def test_another_model_replaces_the_card_of_each_slot(tmp_path: Path) -> None:
    found = seen(
        tmp_path, "n1,0-1,A100,,,10", "n1,0-1,H100,,,20", "n1,0-1,H100,,,30", "n1,0-1,A100,,,40"
    )
    assert told(found)[1:] == [
        ("card.replaced", {"node": "n1", "slot": slot, "model": model, "effective_at": at})
        for at, model in ((20, "H100"), (40, "A100"))
        for slot in ("0", "1")
    ]


def test_a_slot_not_seen_before_is_registered_when_it_is(tmp_path: Path) -> None:
    found = seen(tmp_path, "n1,0-3,A100,,,10", "n1,0-7,A100,,,20")
    assert told(found)[1:] == [
        (
            "node.registered",
            {"node": "n1", "effective_at": 20, "cards": [{"model": "A100", "slots": "4-7"}]},
        )
    ]


def test_new_slots_beside_replaced_ones(tmp_path: Path) -> None:
    found = seen(tmp_path, "n1,0,A100,,,10", "n1,0-1,H100,,,20")
    assert told(found)[1:] == [
        ("card.replaced", {"node": "n1", "slot": "0", "model": "H100", "effective_at": 20}),
        (
            "node.registered",
            {"node": "n1", "effective_at": 20, "cards": [{"model": "H100", "slots": "1"}]},
        ),
    ]


def test_fewer_slots_take_nothing_away(tmp_path: Path) -> None:
    assert len(told(seen(tmp_path, "n1,0-7,A100,,,10", "n1,0-3,A100,,,20"))) == 1


def test_what_a_sighting_leaves_out_stays_as_it_was(tmp_path: Path) -> None:
    assert (
        len(told(seen(tmp_path, "n1,0-7,A100,NVIDIA,r1,10", "n1,0-7,,,,20", "n1,0-7,A100,,r1,30")))
        == 1
    )


def test_another_attribute_than_the_model_is_stated_again(tmp_path: Path) -> None:
    found = seen(
        tmp_path, "n1,0,,,,10", "n1,0,A100,,,20", "n1,0,A100,NVIDIA,,30", "n1,0,A100,NVIDIA,r2,40"
    )
    assert told(found)[1:] == [
        (
            "node.registered",
            {"node": "n1", "effective_at": 20, "cards": [{"model": "A100", "slots": "0"}]},
        ),
        (
            "node.registered",
            {
                "node": "n1",
                "effective_at": 30,
                "cards": [{"model": "A100", "vendor": "NVIDIA", "slots": "0"}],
            },
        ),
        ("node.registered", {"node": "n1", "effective_at": 40, "region": "r2"}),
    ]


def test_cards_of_one_node_are_grouped_by_their_attributes(tmp_path: Path) -> None:
    found = seen(
        tmp_path,
        "n1,0,A100,,,10",
        "n1,2,H100,,,10",
        "n1,1,A100,,,10",
        "n1,pci:0000:3b:00.0,H100,,,10",
    )
    ((_, data),) = told(found)
    assert data["cards"] == [
        {"model": "A100", "slots": "0-1"},
        {"model": "H100", "slots": "2,pci:0000:3b:00.0"},
    ]


def test_a_sighting_without_slots_registers_the_node_alone(tmp_path: Path) -> None:
    assert told(seen(tmp_path, "n1,,,,r1,10", "n1,,,,r1,20")) == [
        ("node.registered", {"node": "n1", "effective_at": 10, "region": "r1"})
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "n1,7-0,A100,,,10",
            "inventory of n1: hostlist '7-0', position 0: want a range that rises",
        ),
        ("n 1,0,A100,,,10", "inventory of n 1: data.node: want"),
        (f"n1,0,{'x' * 101},,,10", "inventory of n1: data.cards"),
    ],
)
def test_refuses_a_sighting_that_cannot_be_read(tmp_path: Path, row: str, reason: str) -> None:
    found = seen(tmp_path, row, "n2,0,A100,,,10")
    assert [(line, text.startswith(reason)) for line, text in found.refused()] == [(2, True)], (
        found.refused()
    )
    assert [data["node"] for _, data in told(found)] == ["n2"]


def test_a_sighting_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    found = seen(
        tmp_path, "n1,0,A100,,,10", "n1,7-0,A100,,,10", "n1,1,A100,,,10", "n1,7-0,A100,,,20"
    )
    assert [line for line, _ in found.refused()] == [3, 5]
    assert told(found) == [
        (
            "node.registered",
            {"node": "n1", "effective_at": 10, "cards": [{"model": "A100", "slots": "0-1"}]},
        )
    ]


def test_refuses_another_description_of_a_slot_at_the_same_time(tmp_path: Path) -> None:
    found = seen(tmp_path, "n1,0-1,A100,,,10", "n1,1,H100,,,10")
    assert found.refused() == [
        (3, "inventory of n1: want one description of slot 1 at one time, got another")
    ]
