"""Failures as findings: maximal blocks, what each names, and one summary for too many."""

from typing import Any

import numpy as np
import pytest

from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.world import KPart
from sovereignty.policy.judging.findings import (
    MOST_BLOCKS,
    NOBODY,
    Block,
    Failures,
    Findings,
    merge,
    order_of,
    seconds_up,
)
from sovereignty.policy.rule import Outcome, non_compliant, unverifiable
from tests.sovereignty.policy.test_evaluate import world

ABROAD, UNKNOWN = non_compliant("region_foreign", country="SG"), unverifiable("region_unknown")
TOUCHES = [("j1", 0, 0, 9_000), ("j2", 1, 0, 9_000)]


def failures(
    *rows: tuple[int, int, int, int, int],
    code: int = 0,
    part: int = EXPLICIT,
    other: int = NOBODY,
    outcomes: tuple[Outcome, ...] = (ABROAD, UNKNOWN),
) -> Failures:
    """From (touch, first card, last card, start, end)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    touch, first, last = (table[:, column].astype(np.int32) for column in range(3))
    count = len(table)
    return Failures(
        Rows(touch, np.full(count, part, np.int32), first, last, table[:, 3], table[:, 4]),
        np.full(count, code, dtype=np.int32),
        np.full(count, other, dtype=np.int32),
        outcomes,
    )


def findings(*pieces: Failures, parts: Any = ()) -> list[tuple[int, Block]]:
    fleet = world(TOUCHES, [], parts=list(parts))
    return list(Findings(fleet).of_rule("XX-01", merge(pieces)))


def test_rows_that_fail_alike_are_one_maximal_block() -> None:
    ((tenant, block),) = findings(
        failures((0, 0, 3, 0, 1_000), (0, 4, 5, 0, 1_000), (0, 0, 5, 1_000, 1_500))
    )
    assert tenant == 0
    assert block == {
        "rule": "XX-01",
        "verdict": "non_compliant",
        "reason": "region_foreign",
        "touch": "j1",
        "workload": "triage",
        "cards": ["hz-a-0/0-3", "hz-a-1/0-1"],
        "from": 0,
        "to": 1_500,
        "card_seconds": 9,
        "detail": {"country": "SG"},
    }


def test_other_reasons_other_touches_and_other_tenants_stay_apart() -> None:
    blocks = findings(
        failures((0, 0, 0, 0, 1_000)),
        failures((0, 1, 1, 0, 1_000), code=1),
        failures((1, 0, 0, 0, 1_000)),
    )
    assert sorted((tenant, block["reason"], block["touch"]) for tenant, block in blocks) == [
        (0, "region_foreign", "j1"),
        (0, "region_unknown", "j1"),
        (1, "region_foreign", "j2"),
    ]


def test_a_shared_card_names_the_other_touch() -> None:
    ((_, block),) = findings(failures((0, 0, 0, 0, 1_000), other=1))
    assert block["other"] == {"tenant": "ministry", "touch": "j2"}


@pytest.mark.parametrize(("nodes", "named"), [((0, 1), ["hz-a-[0-1]"]), (None, None)])
def test_a_count_without_cards_names_its_number_and_its_nodes(nodes: Any, named: Any) -> None:
    ((_, block),) = findings(
        failures((0, 0, 2, 0, 1_000), part=0), parts=[KPart(touch=0, k=3, nodes=nodes)]
    )
    assert (block["k"], block["of"], block["cards"], block["card_seconds"]) == (3, named, [], 3)


def test_more_blocks_of_one_reason_than_are_listed_are_one_summary() -> None:
    apart = [(0, card % 4, card % 4, 2 * card, 2 * card + 1) for card in range(MOST_BLOCKS + 1)]
    found = findings(failures(*apart), failures((1, 0, 0, 0, 1)))
    (summary,) = [block for tenant, block in found if tenant == 0]
    assert summary == {
        "rule": "XX-01",
        "verdict": "non_compliant",
        "reason": "region_foreign",
        "summary": True,
        "blocks": MOST_BLOCKS + 1,
        "touches": 1,
        "cards": 4,
        "from": 0,
        "to": 2 * MOST_BLOCKS + 1,
        "card_seconds": 2,  # 1,001 ms, rounded up
    }
    assert [block["touch"] for tenant, block in found if tenant == 1] == ["j2"]


def test_as_many_as_are_listed_stay_single() -> None:
    apart = [(0, 0, 0, 2 * number, 2 * number + 1) for number in range(MOST_BLOCKS)]
    assert len(findings(failures(*apart))) == MOST_BLOCKS


def test_nothing_failed_is_nothing_found() -> None:
    assert findings() == []
    assert findings(failures()) == []


def test_merging_keeps_each_rows_outcome() -> None:
    both = merge(
        [
            failures((0, 0, 0, 0, 1), code=1),
            failures((1, 0, 0, 0, 1), outcomes=(UNKNOWN,)),
        ]
    )
    assert [both.outcomes[code] for code in both.code] == [UNKNOWN, UNKNOWN]


def test_the_worst_is_listed_first_and_summaries_last() -> None:
    base = {"from": 5, "to": 9, "reason": "a"}
    blocks: list[Block] = [
        base | {"verdict": "unverifiable"},
        base | {"verdict": "non_compliant", "summary": True},
        base | {"verdict": "non_compliant", "touch": "j2"},
        base | {"verdict": "non_compliant", "touch": "j1"},
        base | {"verdict": "non_compliant", "from": 1, "touch": "j9"},
    ]
    assert sorted(blocks, key=order_of) == [blocks[index] for index in (4, 3, 2, 1, 0)]


def test_seconds_are_rounded_up() -> None:
    assert [seconds_up(ms) for ms in (0, 1, 1_000, 1_001)] == [0, 1, 1, 2]
