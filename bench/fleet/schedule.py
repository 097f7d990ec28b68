"""A small scheduler: jobs in the order of submission onto the nodes and slots that are free first,
never two on one card.

Half way through the period every domestic node is drained for one job on all of them: what runs
then gives way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bench.fleet.cast import ABROAD
from bench.fleet.estate import SLOTS
from bench.fleet.jobs import CARD, Job, Pools, shortened
from bench.fleet.plan import CARDS_PER_NODE, HOUR_S, WHOLE_FLEET_S, Plan

_TRIES: Final = 16
_LATEST_S: Final = HOUR_S // 2  # before the period's end: no job starts later


@dataclass(slots=True)
class Touch:
    """Cards of `nodes` × `slots` in use; still running at the period's end when `end_s` lies there
    or beyond."""

    tenant: int
    workload: str
    source: int
    nodes: tuple[int, ...]
    slots: tuple[int, ...]
    start_s: int
    end_s: int
    id: str = ""
    at_once: bool = False  # told by one fact at its end, never by two
    lost: bool = False  # it happened, and no fact tells of it

    def cards(self) -> Iterable[int]:
        """Card numbers, node × 8 + slot."""
        return (node * CARDS_PER_NODE + slot for node in self.nodes for slot in self.slots)


class Room:
    """When each card and each node of a pool is free again."""

    def __init__(self, nodes: tuple[int, ...]) -> None:
        self.nodes = nodes
        self.card_free = [0] * (len(nodes) * CARDS_PER_NODE)
        self.node_free = [0] * len(nodes)

    def free_card(self, at_s: int) -> int:
        """The first card that is free at that time, else the one that is free soonest."""
        for card, free in enumerate(self.card_free):
            if free <= at_s:
                return card
        return min(range(len(self.card_free)), key=self.card_free.__getitem__)

    def free_nodes(self, count: int, at_s: int) -> list[int]:
        """That many nodes, in order: those free at that time first, then those free soonest."""
        soonest = sorted(
            range(len(self.nodes)), key=lambda node: (max(at_s, self.node_free[node]), node)
        )
        return sorted(soonest[:count])

    def hold_card(self, card: int, end_s: int) -> None:
        node = card // CARDS_PER_NODE
        self.card_free[card] = end_s
        self.node_free[node] = max(self.node_free[node], end_s)

    def hold_nodes(self, nodes: list[int], end_s: int) -> None:
        for node in nodes:
            self.node_free[node] = end_s
            self.card_free[node * CARDS_PER_NODE : (node + 1) * CARDS_PER_NODE] = [
                end_s
            ] * CARDS_PER_NODE


def schedule(plan: Plan, jobs: list[Job], pools: Pools, sources: dict[str, int]) -> list[Touch]:
    """One touch for each job; `sources` names the scheduler of each region. Jobs that do not fit
    are all made shorter.

    Raises ValueError when even short jobs find no room in the period.
    """
    for tries in range(_TRIES):
        rooms = {nodes: Room(nodes) for nodes in pools.values()}
        asked = [shortened(job, 0.7**tries) for job in jobs] if tries else jobs
        touches = [
            _placed(plan, job, rooms[pools[job.region, job.kind]], sources[job.region])
            for job in asked
        ]
        if all(touch.start_s < plan.end_s - _LATEST_S for touch in touches):
            return touches
    raise ValueError(
        f"{len(jobs)} jobs find no room on {plan.cards} cards in {plan.days} days, want fewer"
    )


def _placed(plan: Plan, job: Job, room: Room, source: int) -> Touch:
    if job.kind == CARD:
        card = room.free_card(job.submit_s)
        start, end = _window(plan, job, max(job.submit_s, room.card_free[card]))
        room.hold_card(card, end)
        local, slot = divmod(card, CARDS_PER_NODE)
        return Touch(job.tenant, job.workload, source, (room.nodes[local],), (slot,), start, end)
    locals_ = room.free_nodes(job.nodes, job.submit_s)
    start, end = _window(plan, job, max(job.submit_s, *(room.node_free[node] for node in locals_)))
    room.hold_nodes(locals_, end)
    return Touch(
        job.tenant,
        job.workload,
        source,
        tuple(room.nodes[node] for node in locals_),
        SLOTS,
        start,
        end,
    )


def _window(plan: Plan, job: Job, start_s: int) -> tuple[int, int]:
    """Start and end of a job that could start then: it makes way for the job on the whole fleet, or
    waits for its end."""
    pause = plan.whole_fleet_at_s
    if job.region == ABROAD.key or start_s >= pause + WHOLE_FLEET_S:
        return start_s, start_s + job.duration_s
    if start_s >= pause - HOUR_S // 2:
        return pause + WHOLE_FLEET_S, pause + WHOLE_FLEET_S + job.duration_s
    return start_s, min(start_s + job.duration_s, pause - job.drain_s)
