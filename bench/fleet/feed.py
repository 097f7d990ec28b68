"""The facts in order: who tells what when, with the numbers that each source gives in each trail.

A source numbers its facts 1, 2, 3 … in the order of their time, apart for each trail: a tenant's,
or the fleet's. They arrive nearly in that order: some touches arrive hours late, and some ends
before their beginnings.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from random import Random
from typing import Any, Final

from bench.fleet.accesses import Access
from bench.fleet.cast import ABROAD, DOMESTIC, Tenant
from bench.fleet.estate import Estate
from bench.fleet.faults import Gap, Move, Swap
from bench.fleet.plan import DAY_S, HOUR_S, START_S, Plan
from bench.fleet.schedule import Touch

FLEET: Final = -1  # the trail of what belongs to no tenant
_TOLD_S: Final = START_S - DAY_S  # when the inventory was told


@dataclass(frozen=True, slots=True)
class Beat:
    """A source was heard over `[from_s, to_s)` about its nodes without `missing`."""

    source: int
    from_s: int
    to_s: int
    missing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Hole:
    """Lost numbers of a source in a tenant's trail: what they would have said lies in `[from_s,
    to_s)`."""

    source: int
    from_s: int
    to_s: int


@dataclass(slots=True)
class Fact:
    """One line to come: `about` is the record that its body is made of, `trail` a tenant's place or
    FLEET."""

    time_s: int
    source: int
    trail: int
    kind: str
    id: str
    about: Any
    arrives_s: int
    number: int = 0
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    inventory: list[Fact]  # first: regions, sources, nodes, tenants, workloads
    stream: list[Fact]  # in the order of arrival
    beats: list[Beat]
    holes: list[Hole]


def feed(
    plan: Plan,
    estate: Estate,
    tenants: list[Tenant],
    touches: list[Touch],
    accesses: list[Access],
    changes: list[Move | Swap],
    gap: Gap,
    random: Random,
) -> Feed:
    """All facts of a fleet, numbered, without those that are lost."""
    inventory = list(_inventory(estate, tenants))
    beats = [
        beat for place in range(len(estate.sources)) for beat in _beats(plan, estate, place, gap)
    ]
    stream = [*_changes(estate, changes), *_heard(beats), *_accessed(estate, accesses)]
    for touch in touches:
        stream += _touched(plan, touch, random)
    stream += _number(plan, [*inventory, *stream])
    holes = list(_holes(estate, [*inventory, *stream]))
    known = sorted((fact for fact in stream if not fact.lost), key=attrgetter("arrives_s"))
    return Feed(inventory, known, beats, holes)


def _inventory(estate: Estate, tenants: list[Tenant]) -> Iterator[Fact]:
    """All told by the first source, the inventory."""
    for region in (*DOMESTIC, ABROAD):
        yield Fact(_TOLD_S, 0, FLEET, "region.declared", f"region-{region.key}", region, _TOLD_S)
    for node, record in enumerate(estate.nodes):
        yield Fact(_TOLD_S, 0, FLEET, "node.registered", f"node-{record.name}", node, _TOLD_S)
    for source in estate.sources:
        yield Fact(_TOLD_S, 0, FLEET, "source.declared", f"source-{source.name}", source, _TOLD_S)
    for place, tenant in enumerate(tenants):
        yield Fact(_TOLD_S, 0, place, "tenant.declared", f"tenant-{tenant.key}", tenant, _TOLD_S)
        for workload in tenant.workloads:
            name = f"workload-{tenant.key}-{workload}"
            yield Fact(_TOLD_S, 0, place, "workload.declared", name, (tenant, workload), _TOLD_S)


def _changes(estate: Estate, changes: list[Move | Swap]) -> Iterator[Fact]:
    for place, change in enumerate(changes, 1):
        if isinstance(change, Move):
            kind = "node.moved"
        else:
            kind = "card.replaced" if change.replaced else "card.restated"
        name = f"change-{place:03d}-{estate.nodes[change.node].name}"
        yield Fact(change.at_s, 0, FLEET, kind, name, change, change.at_s)


def _beats(plan: Plan, estate: Estate, source: int, gap: Gap) -> Iterator[Beat]:
    """Heartbeats that abut from the period's start to its end; the gap has one of its own, whether
    planted or not."""
    every = estate.sources[source].heartbeat_s
    if every is None:
        return
    borders = {*range(START_S, plan.end_s, every), plan.end_s}
    if source == gap.source:
        borders = {at for at in borders if not gap.from_s < at < gap.to_s} | {gap.from_s, gap.to_s}
    for from_s, to_s in pairwise(sorted(borders)):
        missing = gap.rack if source == gap.source and from_s == gap.from_s else frozenset()
        yield Beat(source, from_s, to_s, missing)


def _heard(beats: list[Beat]) -> Iterator[Fact]:
    for beat in beats:
        yield Fact(
            beat.to_s, beat.source, FLEET, "heartbeat", f"beat-{beat.from_s}", beat, beat.to_s
        )


def _accessed(estate: Estate, accesses: list[Access]) -> Iterator[Fact]:
    bastion = estate.source("bastion")
    for access in accesses:
        time = access.end_s or access.start_s
        yield Fact(time, bastion, access.tenant, "access.recorded", access.id, access, time)


def _touched(plan: Plan, touch: Touch, random: Random) -> Iterator[Fact]:
    """One fact or two for a finished touch; one for a touch that runs on when the period ends."""
    chance, late = random.random(), random.randrange(60, 6 * HOUR_S)
    told = touch.end_s + random.randrange(1, 30)
    if touch.end_s >= plan.end_s:
        yield _told("started", touch, touch.start_s, touch.start_s)
    elif touch.at_once or chance < 0.6:
        yield _told("recorded", touch, told, told + late if chance < 0.01 else told)
    else:
        yield _told(
            "started", touch, touch.start_s, touch.end_s + late if chance > 0.99 else touch.start_s
        )
        yield _told("ended", touch, told, told)


def _told(word: str, touch: Touch, time_s: int, arrives_s: int) -> Fact:
    return Fact(
        time_s,
        touch.source,
        touch.tenant,
        f"touch.{word}",
        f"{touch.id}-{word}",
        touch,
        arrives_s,
        0,
        touch.lost,
    )


def _number(plan: Plan, facts: list[Fact]) -> list[Fact]:
    """Number the facts, and give the last fact of each source in each trail: its highest number,
    its own included."""
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for fact in sorted(facts, key=attrgetter("time_s")):
        counts[fact.source, fact.trail] += 1
        fact.number = counts[fact.source, fact.trail]
    closing = plan.end_s + 60
    return [
        Fact(
            closing,
            source,
            trail,
            "sequence.reported",
            f"highest-{trail + 1}",
            highest + 1,
            closing,
            highest + 1,
        )
        for (source, trail), highest in sorted(counts.items())
    ]


def _holes(estate: Estate, facts: list[Fact]) -> Iterator[Hole]:
    """Missing numbers, read off the known ones; the report of the highest is the last of these."""
    known: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for fact in facts:
        if not fact.lost:
            known[fact.source, fact.trail][fact.number] = fact.time_s
    for (source, trail), times in known.items():
        teller = estate.sources[source]
        for lower, higher in pairwise([0, *sorted(times)]):
            if higher == lower + 1:
                continue
            if trail == FLEET or lower == 0 or teller.reach_s is None or teller.reports != "touch":
                raise ValueError(
                    f"{teller.name} lost number {lower + 1} in trail {trail}: "
                    "the truth has no word for that"
                )
            yield Hole(source, times[lower] - teller.reach_s, times[higher])
