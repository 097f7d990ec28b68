"""Touches: what rows say of cards, how rows make one touch, and when a touch is refused whole."""

from pathlib import Path
from typing import Any

import pytest

from tests.sovereignty.collect.tracing import Imported, imported

MAPPING = '''
format = "domicile/trace/v1"
source = "test"

[tables.cards]
columns = [
  "touch", "tenant", "node", "nodes", "slots", "serial", "count", "start", "end", "evidence",
]

[touch]
select = """
  SELECT row_id, tenant, touch, touch AS workload, start AS started_at, "end" AS ended_at,
         evidence, 'log-' || touch AS evidence_ref, node, nodes, slots, serial, count
  FROM cards
"""
'''
HEADER = "touch,tenant,node,nodes,slots,serial,count,start,end,evidence\n"


def touched(folder: Path, *cards: str, mapping: str = MAPPING) -> Imported:
    """Import rows `node,nodes,slots,serial,count` of one touch of ada's, from 10 to 20 ms."""
    rows = "".join(f"t1,ada,{card},10,20,observed\n" for card in cards)
    return imported(folder, mapping, {"cards.csv": HEADER + rows})


def parts(found: Imported) -> list[dict[str, Any]]:
    (touch,) = found.of("touch.recorded")
    made: list[dict[str, Any]] = touch["parts"]
    return made


@pytest.mark.parametrize(
    ("cards", "expected"),
    [
        (["n1,,0-7,,"], [{"cards": ["n1/0-7"]}]),
        (["n1,,0,,", "n1,,1,,", "n2,,0,,", "n2,,1,,"], [{"cards": ["n[1-2]/0-1"]}]),
        (["n1,,pci:0000:3b:00.0,,", "n1,,2,,"], [{"cards": ["n1/2,pci:0000:3b:00.0"]}]),
        ([',"r[1-2,7]n08",0-3,,'], [{"cards": ["r[1-2,7]n08/0-3"]}]),
        (["n1,,,,"], [{"k": 1, "of": ["n1"]}]),
        (["n1,,,,", "n1,,,,", "n2,,,,3"], [{"k": 2, "of": ["n1"]}, {"k": 3, "of": ["n2"]}]),
        (["n1,,0,,", "n1,,,,"], [{"cards": ["n1/0"]}, {"k": 1, "of": ["n1"]}]),
        ([',"n2,n[1,3]",,,12'], [{"k": 12, "of": ["n[1-3]"]}]),
        ([",,,,9216"], [{"k": 9216, "of": None}]),
        ([",,,GPU-b,", ",,,GPU-a,"], [{"serials": ["GPU-a", "GPU-b"]}]),
    ],
)
def test_rows_of_one_touch_become_its_parts(
    tmp_path: Path, cards: list[str], expected: list[dict[str, Any]]
) -> None:
    found = touched(tmp_path, *cards)
    assert parts(found) == expected
    assert found.account.tables["cards"].used == len(cards)


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    cards = ["n2,,0,,", "n1,,0,,", "n1,,1,,", "n3,,,,", "n1,,,,"]
    assert touched(tmp_path, *cards).events == touched(tmp_path, *reversed(cards)).events


def test_a_touch_is_whole_with_its_times_and_evidence(tmp_path: Path) -> None:
    (event,) = touched(tmp_path, "n1,,0,,").events
    assert event == {
        "specversion": "1.0",
        "type": "domicile.touch.recorded.v1",
        "source": "test",
        "id": "touch.recorded/ada/t1",
        "time": "1970-01-01T00:00:00.020Z",
        "data": {
            "ended_at": 20,
            "evidence": "observed",
            "evidence_ref": "log-t1",
            "parts": [{"cards": ["n1/0"]}],
            "started_at": 10,
            "tenant": "ada",
            "touch": "t1",
            "workload": "t1",
        },
    }


@pytest.mark.parametrize("end", ["", "Unknown", "None"])
def test_an_empty_or_unknown_end_leaves_the_touch_open(tmp_path: Path, end: str) -> None:
    found = imported(
        tmp_path, MAPPING, {"cards.csv": f"{HEADER}t1,ada,n1,,0,,,10,{end},observed\n"}
    )
    (touch,) = found.of("touch.started")
    assert (touch["started_at"], "ended_at" in touch) == (10, False)
    assert found.of("touch.recorded") == []


def test_a_trace_that_grows_tells_start_and_end_apart(tmp_path: Path) -> None:
    mapping = MAPPING.replace("[tables", 'form = "started_ended"\n\n[tables')
    first = imported(tmp_path, mapping, {"cards.csv": f"{HEADER}t1,ada,n1,,0,,,10,,observed\n"})
    later = imported(tmp_path, mapping, {"cards.csv": f"{HEADER}t1,ada,n1,,0,,,10,20,observed\n"})
    assert later.events[0] == first.events[0]
    assert later.of("touch.ended") == [
        {
            "tenant": "ada",
            "touch": "t1",
            "ended_at": 20,
            "evidence": "observed",
            "evidence_ref": "log-t1",
        }
    ]


def test_one_touch_key_of_two_tenants_is_two_touches(tmp_path: Path) -> None:
    rows = "t1,ada,n1,,0,,,10,20,observed\nt1,ruth,n2,,0,,,10,20,observed\n"
    found = imported(tmp_path, MAPPING, {"cards.csv": HEADER + rows})
    assert [touch["tenant"] for touch in found.of("touch.recorded")] == ["ada", "ruth"]


def test_a_card_that_a_touch_names_twice_refuses_the_row_that_repeats_it(tmp_path: Path) -> None:
    found = touched(tmp_path, "n1,,0-3,,", "n1,,3-5,,", "n1,,4,,", ",,,GPU-a,", ",,,GPU-a,")
    assert parts(found) == [{"cards": ["n1/0-4"]}, {"serials": ["GPU-a"]}]
    assert found.refused() == [
        (3, "want each card of a touch once, got n1/3 again"),
        (6, "want each card of a touch once, got serial 'GPU-a' again"),
    ]


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        (",,,,", "want slots, a serial or a count above 0, got count None"),
        (",,,,0", "want slots, a serial or a count above 0, got count '0'"),
        (",,,,many", "want slots, a serial or a count above 0, got count 'many'"),
        ("n1,,,,-1", "want slots, a serial or a count above 0, got count '-1'"),
        (",n[1-2],,,", "want slots, a serial or a count above 0, got count None"),
        (
            ",,0-7,,",
            "want slots of a node, without a count, got slots '0-7', node None, count None",
        ),
        (
            "n1,,0-7,,8",
            "want slots of a node, without a count, got slots '0-7', node 'n1', count '8'",
        ),
        ("n1,n2,0-7,,", "want node or nodes, got both: 'n1' and 'n2'"),
        ("n 1,,0-7,,", "hostlist 'n 1/0-7', position 1: want a letter"),
        ("n1,,7-0,,", "hostlist 'n1/7-0', position 3: want a range that rises, got 7-0"),
        ("n1,,,,99999999", "data.parts"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_its_touch_whole(
    tmp_path: Path, card: str, reason: str
) -> None:
    found = touched(tmp_path, "n9,,0,,", card)
    assert found.events == []
    assert [line for line, _ in found.refused()] == [2, 3]
    assert {text.startswith(f"touch t1: {reason}") for _, text in found.refused()} == {True}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("t1,ada,n2,,0,,,11,20,observed", "want rows that agree on started_at, got '10' and '11'"),
        ("t1,ada,n2,,0,,,10,,observed", "want rows that agree on ended_at, got '20' and ''"),
        (
            "t1,ada,n2,,0,,,10,20,declared",
            "want rows that agree on evidence, got 'observed' and 'declared'",
        ),
    ],
)
def test_rows_that_disagree_refuse_their_touch(tmp_path: Path, row: str, reason: str) -> None:
    found = imported(
        tmp_path,
        MAPPING,
        {
            "cards.csv": f"{HEADER}t1,ada,n1,,0,,,10,20,observed\n{row}\n"
            "t2,ada,n1,,0,,,10,20,observed\n"
        },
    )
    assert found.refused() == [(2, f"touch t1: {reason}"), (3, f"touch t1: {reason}")]
    assert [touch["touch"] for touch in found.of("touch.recorded")] == ["t2"]


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ("20,10", "want ended_at after started_at (20), got 10"),
        ("20,20", "want ended_at after started_at (20), got 20"),
        ("soon,20", "started_at: want milliseconds since 1970, got 'soon'"),
        ("-1,20", "started_at: want milliseconds since 1970, got '-1'"),
        ("1e3,20", "started_at: want milliseconds since 1970, got '1e3'"),
        ("Unknown,20", "data.started_at: want a value, got nothing"),
        ("999999999999999,", "data.started_at: want an integer <= 253370764799999"),
    ],
)
def test_refuses_times_that_are_none(tmp_path: Path, times: str, reason: str) -> None:
    found = imported(tmp_path, MAPPING, {"cards.csv": f"{HEADER}t1,ada,n1,,0,,,{times},observed\n"})
    assert [text.startswith(f"touch t1: {reason}") for _, text in found.refused()] == [True], (
        found.refused()
    )


def test_a_poison_in_a_select_refuses_the_touch_and_names_the_fault(tmp_path: Path) -> None:
    found = touched(
        tmp_path,
        "n1,,0,,",
        "n1,,3b,,",
        mapping=MAPPING.replace("node, nodes, slots", "node, nodes, pci_slot(slots) AS slots"),
    )
    assert found.refused()[1] == (3, "touch t1: want a PCI address, as in 0000:3b:00.0, got '0'")


def test_counts_touches_and_cards(tmp_path: Path) -> None:
    rows = [
        "t1,ada,n1,,0-7,,,10,20,observed",
        "t2,ada,n1,,0-3,,,30,40,observed",
        "t2,ada,,n[2-3],,,6,30,40,observed",
        "t3,ada,,,,,512,30,40,observed",
        "t4,ada,n1,,9-8,,,30,40,observed",
    ]
    figures = imported(
        tmp_path, MAPPING, {"cards.csv": HEADER + "\n".join(rows) + "\n"}
    ).account.figures
    assert (figures.touches, figures.card_touches, figures.counted, figures.counted_nowhere) == (
        3,
        12,
        6,
        512,
    )
    assert (len(figures.slots), figures.cards) == (1, 8)
