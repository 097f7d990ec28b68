"""Which strips each tenant's cards were of, and when."""

from dataclasses import replace
from typing import Any

import numpy as np

from sovereignty.plane.coverage.footprints import Footprints
from sovereignty.plane.runs import rows_in
from sovereignty.plane.world import Grade, KPart, Statement
from tests.sovereignty.policy.small_worlds import Maker, runs_of, touches_of

# Of six cards, two a node, and of a card that nobody named.
STRIPS = np.array([0, 0, 1, 1, 2, 2, 3], dtype=np.int32)


def footprints(
    touches: Any, runs: Any, parts: Any = (), named: Any = (0, 5), when: Any = ((0, 100),)
) -> Footprints:
    world = replace(
        Maker(0).world(),
        nodes=["n0", "n1", "n2"],
        card_node=np.array([0, 0, 1, 1, 2, 2], dtype=np.int32),
        card_slot=["0", "1"] * 3,
        tenants=["t0", "t1"],
        statements=[Statement(("cards", named), 0, Grade.DECLARED, "site", 1, {"present": "yes"})],
        touches=touches_of(
            [
                (f"j{n}", tenant, 0, at, to, grade)
                for n, (tenant, at, to, grade) in enumerate(touches)
            ]
        ),
        runs=runs_of(runs),
        parts=list(parts),
        sources=[],
    )
    return Footprints(world, rows_in(world, 0, 100), STRIPS, Grade.DECLARED, when, (0, 100))


def test_a_run_is_of_every_strip_that_it_crosses() -> None:
    prints = footprints(
        [(0, 10, 30, 3), (1, 0, 100, 3), (0, 20, 40, 3)],
        [(0, 1, 2, 10, 30), (1, 4, 4, 0, 100), (2, 2, 2, 20, 40)],
    )
    assert (prints.strips(0), prints.strips(1)) == ({0, 1}, {2})
    assert [prints.used(0, strip) for strip in range(4)] == [((10, 30),), ((10, 40),), (), ()]


def test_time_is_kept_of_touches_that_meet_the_times_that_matter() -> None:
    touches, runs = (
        [(0, 10 * n, 10 * n + 10, 3) for n in range(5)],
        [(n, n, n, 10 * n, 10 * n + 10) for n in range(5)],
    )
    prints = footprints(touches, runs, when=((0, 5), (10, 11), (29, 30)))
    assert prints.strips(0) == {0, 1, 2}
    assert prints.seen(0) == ((0, 30),)
    assert [prints.used(0, strip) for strip in range(3)] == [((0, 20),), ((20, 30),), ()]
    assert footprints(touches, runs, when=()).seen(0) == ()


def test_only_accepted_evidence_says_when_a_tenant_was_seen() -> None:
    prints = footprints([(0, 10, 30, 3), (0, 20, 90, 0)], [(0, 0, 0, 10, 30), (1, 2, 2, 20, 90)])
    assert prints.seen(0) == ((10, 30),)
    assert prints.used(0, 1) == ((20, 90),)
    assert prints.seen(1) == ()


def test_a_part_stands_on_all_cards_that_may_be_meant() -> None:
    def strips(k: int, nodes: Any, **more: Any) -> set[int]:
        return footprints([(0, 0, 9, 3)], [], [KPart(0, k, nodes)], **more).strips(0)

    assert strips(2, (0, 1)) == {0, 1}
    assert strips(3, (0,)) == {0, 3}
    assert strips(1, None) == {0, 1, 2, 3}
    assert strips(2, (0,), named=(0, 0)) == {0, 3}
    assert strips(1, None, named=(2, 3)) == {1, 3}


def test_knows_the_strips_of_a_card_set() -> None:
    prints = footprints([], [])
    assert prints.strips_of(((1, 2),)) == {0, 1}
    assert prints.strips_of(()) == set()
    assert prints.strips_of(None) == {0, 1, 2, 3}
