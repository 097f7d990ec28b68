"""The estate: nodes of eight cards, the regions that hold them, and the sources that report on
them.

The first nodes of the first domestic region are the small partition `hz-x`, with a source of its
own and a wall-time limit of two hours; one node in each other domestic region is kept from the
scheduler for the planted faults.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.fleet.cast import ABROAD, DOMESTIC, HANXING, LINGTAI, PACIFIC, Make, Region
from bench.fleet.hosts import fold
from bench.fleet.plan import (
    CARDS_PER_NODE,
    DAY_S,
    FOREIGN_CARD,
    FOREIGN_REGION,
    HOUR_S,
    UNKNOWN_CARD,
    Plan,
)

SLOTS: Final = tuple(range(CARDS_PER_NODE))
WALL_LIMIT_S: Final = 7 * DAY_S
SHORT_WALL_LIMIT_S: Final = 2 * HOUR_S
RACK: Final = 16  # nodes
# one node each, in the second to fourth region
_KEPT: Final = (FOREIGN_REGION, FOREIGN_CARD, UNKNOWN_CARD)


@dataclass(frozen=True, slots=True)
class Node:
    name: str
    region: str
    make: Make  # of all its cards when it was registered


@dataclass(frozen=True, slots=True)
class Source:
    """Who reports: `nodes` None means the whole fleet, `heartbeat_s` None that it owes no
    heartbeats."""

    name: str
    reports: str
    nodes: tuple[int, ...] | None = None
    heartbeat_s: int | None = None
    reach_s: int | None = None


@dataclass(frozen=True, slots=True)
class Estate:
    """Nodes and sources are named by their place in these lists, a card by node × 8 + slot."""

    nodes: list[Node]
    sources: list[Source]
    general: dict[str, list[int]]  # region → nodes that the scheduler may use
    partition: list[int]  # the small partition's nodes
    kept: dict[str, int]  # fault → the node kept for it

    def source(self, name: str) -> int:
        return next(place for place, source in enumerate(self.sources) if source.name == name)

    def domestic(self) -> list[int]:
        return [place for place, node in enumerate(self.nodes) if node.region != ABROAD.key]

    def hostlists(self, nodes: tuple[int, ...], slots: tuple[int, ...] = SLOTS) -> list[str]:
        return fold((self.nodes[node].name for node in nodes), slots)


def card_name(estate: Estate, card: int) -> str:
    node, slot = divmod(card, CARDS_PER_NODE)
    return f"{estate.nodes[node].name}/{slot}"


def build(plan: Plan, random: Random) -> Estate:
    """The estate of a plan: its domestic cards in four regions, and a hundredth more abroad."""
    nodes: list[Node] = []
    general: dict[str, list[int]] = {}
    partition: list[int] = []
    kept: dict[str, int] = {}
    counts = _node_counts(plan.cards // CARDS_PER_NODE)
    for place, (region, count) in enumerate(zip((*DOMESTIC, ABROAD), counts, strict=True)):
        small = max(1, plan.cards // CARDS_PER_NODE // 400) if place == 0 else 0
        first = len(nodes)
        nodes += (Node(name, region.key, make) for name, make in _named(region, small, count))
        partition += range(first, first + small)
        free = list(range(first + small, len(nodes)))
        if 1 <= place <= len(_KEPT):
            kept[_KEPT[place - 1]] = free.pop(random.randrange(len(free)))
        general[region.key] = free
    return Estate(nodes, _sources(plan, nodes, partition), general, partition, kept)


def _node_counts(domestic: int) -> list[int]:
    """Nodes of each region, at least two; the first takes what is left over."""
    shares = [max(2, int(domestic * region.share)) for region in DOMESTIC[1:]]
    return [domestic - sum(shares), *shares, max(1, domestic // 80)]


def _named(region: Region, small: int, count: int) -> Iterator[tuple[str, Make]]:
    """Names and makes of a region's nodes: the small partition first; three nodes in five are of
    the first vendor."""
    for number in range(count):
        home = LINGTAI if number < (count * 3 + 4) // 5 else HANXING
        make = PACIFIC if region is ABROAD else home
        if number < small:
            yield f"{region.prefix}-x-{number + 1:02d}", make
        elif region.prefix == "sz":  # a region that counts by racks
            rack, unit = divmod(number, RACK)
            yield f"sz-r{rack + 1:02d}n{unit + 1:02d}", make
        else:
            yield f"{region.prefix}-a-{number - small + 1:04d}", make


def _sources(plan: Plan, nodes: list[Node], partition: list[int]) -> list[Source]:
    """Inventory, access gateway, one scheduler a region, the small partition's, and the
    federation's over all domestic cards."""
    beat = plan.heartbeat_s
    reach = WALL_LIMIT_S + HOUR_S  # a scheduler may report a job's end up to an hour late
    small = set(partition)
    sources = [
        Source("cmdb", "inventory"),
        Source("bastion", "access", None, beat, DAY_S),
        Source("slurm/hz-x", "touch", tuple(partition), beat, SHORT_WALL_LIMIT_S + HOUR_S),
        Source("slurm/federation", "touch", _of(nodes, {r.key for r in DOMESTIC}), beat, reach),
    ]
    for region in (*DOMESTIC, ABROAD):
        own = tuple(node for node in _of(nodes, {region.key}) if node not in small)
        sources.append(Source(f"slurm/{region.prefix}", "touch", own, beat, reach))
    return sources


def _of(nodes: list[Node], regions: set[str]) -> tuple[int, ...]:
    return tuple(place for place, node in enumerate(nodes) if node.region in regions)
