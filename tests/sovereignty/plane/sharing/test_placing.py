"""Rows on their nodes, whole nodes at a time."""

from collections import defaultdict
from typing import Any

import pytest

from sovereignty.plane.runs import EXPLICIT, rows_in
from sovereignty.plane.sharing.placing import A_PART, PartNodes, portions
from sovereignty.plane.strips import Stretches
from tests.sovereignty.policy.small_worlds import TICK, Maker


def placed_by_portion(world: Any, rows: Any, most: Any) -> Any:
    """Per portion the set of (row, node, cards or None)."""
    stretches, parts = Stretches.of(world.card_node), PartNodes.of(world)
    placed = []
    for portion in portions(world, rows, stretches, parts, most):
        in_portion = set()
        order = []
        for row, node, stretch in zip(
            *(
                c.tolist()
                for c in (portion.placed.row, portion.placed.node, portion.placed.stretch)
            ),
            strict=True,
        ):
            cards = None
            if stretch != A_PART:
                first = max(int(portion.rows.first[row]), int(stretches.first[stretch]))
                last = min(int(portion.rows.last[row]), int(stretches.first[stretch + 1]) - 1)
                cards = first, last
            in_portion.add((int(portion.number[row]), node, cards))
            order.append((node, int(portion.rows.start[row])))
        assert order == sorted(order)
        placed.append(in_portion)
    return placed


def expected_placing(world: Any, rows: Any) -> Any:
    """The same, straight from the rows."""
    everything: Any = set()
    for number, (part, first, last) in enumerate(
        zip(*(c.tolist() for c in (rows.part, rows.first, rows.last)), strict=True)
    ):
        if part != EXPLICIT:
            everything |= {(number, node, None) for node in world.parts[part].nodes or ()}
            continue
        cards: Any = defaultdict(list)
        for card in range(first, last + 1):
            node = int(world.card_node[card])
            if cards[node] and cards[node][-1][1] == card - 1:
                cards[node][-1] = cards[node][-1][0], card
            else:
                cards[node].append((card, card))
        everything |= {
            (number, node, card_range) for node, ranges in cards.items() for card_range in ranges
        }
    return everything


@pytest.mark.parametrize("most", [1, 2, 1000])
def test_every_row_stands_on_each_of_its_nodes_once(most: Any) -> None:
    several = 0
    for seed in range(300):
        world = Maker(seed).world()
        rows = rows_in(world, 0, 100 * TICK)
        placed = placed_by_portion(world, rows, most)
        assert set().union(*placed) == expected_placing(world, rows)
        assert sum(map(len, placed)) == len(expected_placing(world, rows))
        nodes = [{node for _, node, _ in in_portion} for in_portion in placed]
        assert sum(map(len, nodes)) == len(set().union(*nodes))
        several += len(placed) > 1
    assert several > 0 or most == 1000
