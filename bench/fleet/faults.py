"""The planted faults, each on cards and hours of its own, so that each has findings of its own.

Left out (`--without`), a fault leaves its harmless twin behind: the same facts with the same ids,
but for the one value that made it a fault. A sequence hole left out is the one fact that is
otherwise missing.

| fault | what happens | found by |
| --- | --- | --- |
| foreign-region | a node of domestic cards stands in sg-1 for four hours of a job | PL-01 |
| foreign-card | a slot holds a foreign card for six hours | PL-02 |
| unknown-card | a slot holds a card for six hours before anybody states its origin | PL-02 |
| shared-card | two tenants on the same two cards for an hour | PL-03 |
| telemetry-gap | a scheduler is heard about all nodes but a rack's for three hours | PL-03, TE-01 |
| sequence-hole | a scheduler skips a number in a tenant's trail | PL-03, TE-01 |
| foreign-operator | an administrator reaches in from an office abroad | OP-01 |
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from bench.fleet.cast import ABROAD, DOMESTIC, PACIFIC, UNKNOWN, Make, Tenant, judged
from bench.fleet.estate import RACK, SLOTS, Estate
from bench.fleet.plan import (
    FOREIGN_CARD,
    FOREIGN_REGION,
    HOUR_S,
    SEQUENCE_HOLE,
    SHARED_CARD,
    START_S,
    TELEMETRY_GAP,
    UNKNOWN_CARD,
    WHOLE_FLEET_S,
    Plan,
)
from bench.fleet.schedule import Touch

MINISTRY: Final = 0  # places in the list of tenants
HOSPITAL: Final = 1
_SESSIONS: Final = 12  # on the small partition, by three tenants in turn
_LOST: Final = 6  # the session that no fact tells of
_EVERY_S: Final = 40 * 60
_GAP_S: Final = 3 * HOUR_S


@dataclass(frozen=True, slots=True)
class Move:
    node: int
    at_s: int
    region: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Another card in a slot; or, not `replaced`, news about the one that is there."""

    node: int
    slot: int
    at_s: int
    make: Make
    replaced: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """The source was not heard about the rack's nodes over `[from_s, to_s)`."""

    source: int
    rack: frozenset[int]
    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class Script:
    """What does not come from the scheduler."""

    touches: list[Touch]
    moves: list[Move]
    swaps: list[Swap]


def script(plan: Plan, estate: Estate, tenants: list[Tenant], random: Random) -> Script:
    """The job on the whole fleet, the small partition's sessions, and the faults of region, card
    and exclusivity."""
    touches, moves, swaps = [_whole_fleet(plan, estate, tenants)], [], []
    for planted in (
        _abroad(plan, estate, random),
        _foreign(plan, estate, random),
        _unstated(plan, estate, random),
    ):
        touches += planted.touches
        moves += planted.moves
        swaps += planted.swaps
    touches += _shared(plan, estate, random)
    touches += _sessions(plan, estate, random)
    for touch in touches:
        touch.workload = tenants[touch.tenant].workloads[0]
    return Script(touches, moves, swaps)


def _whole_fleet(plan: Plan, estate: Estate, tenants: list[Tenant]) -> Touch:
    owner = max(place for place in range(min(4, len(tenants))) if judged(tenants[place]))
    start = plan.whole_fleet_at_s
    nodes = tuple(estate.domestic())
    return Touch(
        owner, "", estate.source("slurm/federation"), nodes, SLOTS, start, start + WHOLE_FLEET_S
    )


def _abroad(plan: Plan, estate: Estate, random: Random) -> Script:
    """The node is abroad for four hours; a job before, and one that outlasts its return by an hour.

    The same node has a touch that began before the period and one that the period's end finds
    running.
    """
    node, at = estate.kept[FOREIGN_REGION], plan.moment(0.1) + random.randrange(1800)
    home = estate.nodes[node].region
    elsewhere = (
        ABROAD.key
        if plan.plants(FOREIGN_REGION)
        else next(r.key for r in DOMESTIC if r.key != home)
    )
    return Script(
        [
            _on(estate, node, HOSPITAL, SLOTS, START_S - 2 * HOUR_S, START_S + HOUR_S),
            _on(estate, node, MINISTRY, SLOTS, plan.end_s - 5 * HOUR_S, plan.end_s + HOUR_S),
            _on(estate, node, MINISTRY, SLOTS, at - 3 * HOUR_S, at - HOUR_S),
            _on(estate, node, HOSPITAL, SLOTS, at + HOUR_S, at + 5 * HOUR_S),
        ],
        [Move(node, at, elsewhere), Move(node, at + 4 * HOUR_S, home)],
        [],
    )


def _foreign(plan: Plan, estate: Estate, random: Random) -> Script:
    """One of four cards in use is replaced by a foreign one, and six hours later by one of the old
    make."""
    node, at, slot = (
        estate.kept[FOREIGN_CARD],
        plan.moment(0.2) + random.randrange(1800),
        random.randrange(2, 6),
    )
    own = estate.nodes[node].make
    make = PACIFIC if plan.plants(FOREIGN_CARD) else own
    touch = _on(estate, node, MINISTRY, (2, 3, 4, 5), at - HOUR_S, at + 7 * HOUR_S)
    swaps = [Swap(node, slot, at, make, True), Swap(node, slot, at + 6 * HOUR_S, own, True)]
    return Script([touch], [], swaps)


def _unstated(plan: Plan, estate: Estate, random: Random) -> Script:
    """One of three cards in use is replaced; its origin is stated six hours later."""
    node, at, slot = (
        estate.kept[UNKNOWN_CARD],
        plan.moment(0.3) + random.randrange(1800),
        random.randrange(5, 8),
    )
    own = estate.nodes[node].make
    make = UNKNOWN if plan.plants(UNKNOWN_CARD) else own
    touch = _on(estate, node, HOSPITAL, (5, 6, 7), at + HOUR_S, at + 8 * HOUR_S)
    swaps = [Swap(node, slot, at, make, True), Swap(node, slot, at + 6 * HOUR_S, own, False)]
    return Script([touch], [], swaps)


def _shared(plan: Plan, estate: Estate, random: Random) -> list[Touch]:
    """Two jobs of two hours, an hour apart, on half of a node each, or with two cards in common."""
    node, at = estate.kept[FOREIGN_CARD], plan.moment(0.65) + random.randrange(1800)
    second = (2, 3, 4, 5) if plan.plants(SHARED_CARD) else (4, 5, 6, 7)
    return [
        _on(estate, node, HOSPITAL, (0, 1, 2, 3), at, at + 2 * HOUR_S),
        _on(estate, node, MINISTRY, second, at + HOUR_S, at + 3 * HOUR_S),
    ]


def _sessions(plan: Plan, estate: Estate, random: Random) -> list[Touch]:
    """Short sessions on pairs of cards of the small partition; one of them is told by no fact."""
    begin, found = plan.moment(0.75), []
    for turn in range(_SESSIONS):
        node = estate.partition[turn % len(estate.partition)]
        start = begin + turn * _EVERY_S + random.randrange(600)
        pair = 2 * (turn % 4)
        touch = _on(
            estate, node, turn % 3, (pair, pair + 1), start, start + random.randrange(1500, 6600)
        )
        touch.at_once = True
        touch.lost = turn == _LOST and plan.plants(SEQUENCE_HOLE)
        found.append(touch)
    return found


def _on(
    estate: Estate, node: int, tenant: int, slots: tuple[int, ...], start_s: int, end_s: int
) -> Touch:
    """A touch on one node, told by the scheduler that is the node's own."""
    own = next(
        place
        for place, source in enumerate(estate.sources)
        if source.nodes is not None and node in source.nodes and source.name != "slurm/federation"
    )
    return Touch(tenant, "", own, (node,), slots, start_s, end_s)


def gap(
    plan: Plan, estate: Estate, tenants: list[Tenant], touches: list[Touch], random: Random
) -> Gap:
    """Three hours and a rack of which the policy judges at least one touch, away from the job on
    the whole fleet."""
    racks = {
        node: nodes[place // RACK * RACK : place // RACK * RACK + RACK]
        for nodes in estate.general.values()
        for place, node in enumerate(nodes)
    }

    def fits(touch: Touch) -> bool:
        start, nodes = touch.start_s, estate.sources[touch.source].nodes
        return (
            judged(tenants[touch.tenant])
            and touch.end_s - start >= 600
            and START_S <= start <= plan.end_s - 2 * _GAP_S
            and not plan.whole_fleet_at_s - 2 * _GAP_S
            < start
            < plan.whole_fleet_at_s + WHOLE_FLEET_S
            and len(nodes or ()) > len(racks[touch.nodes[0]])
        )

    fitting = [touch for touch in touches if fits(touch)]
    if not fitting:
        raise ValueError("no touch is fit for a telemetry gap, want more touches")
    touch = random.choice(fitting)
    begin = touch.start_s + min(touch.end_s - touch.start_s, _GAP_S) // 3
    rack = racks[touch.nodes[0]] if plan.plants(TELEMETRY_GAP) else []
    return Gap(touch.source, frozenset(rack), begin, begin + _GAP_S)
