"""What tenants ask for: about 85 % single cards, 13 % whole nodes, 2 % large, with heavy-tailed
sizes and durations."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log
from random import Random
from typing import Final

from bench.fleet.cast import ABROAD, Tenant, judged, weights
from bench.fleet.estate import WALL_LIMIT_S, Estate
from bench.fleet.plan import CARDS_PER_NODE, HOUR_S, START_S, Plan

CARD: Final = "card"
NODES: Final = "nodes"
LARGE: Final = "large"
_SHARES: Final = (0.847, 0.13, 0.023)
# median and sigma of a log-normal
_MINUTES: Final = {CARD: (40, 1.9), NODES: (45, 1.1), LARGE: (25, 0.8)}
_ALPHA: Final = 0.6  # of the Pareto distribution of whole-node jobs
_MOST_NODES: Final = 64
# the load of a pool that durations are scaled to, where they are outside
_BUSY: Final = (0.3, 0.55)
_STRETCH: Final = 8.0  # and no further than this
_BEFORE_S: Final = 6 * HOUR_S  # some jobs began before the period
_LAST_S: Final = 6 * HOUR_S  # none is submitted so late

# (region, kind of job) → nodes; equal sets are one pool
Pools = dict[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Job:
    kind: str
    region: str
    tenant: int
    workload: str
    nodes: int
    duration_s: int
    submit_s: int
    drain_s: int  # how long before the whole-fleet job it gives way


def pools(estate: Estate) -> Pools:
    """Nodes by region and kind: single cards, whole nodes and large jobs apart, as far as a region
    has nodes enough."""
    pools: Pools = {}
    for region, listed in estate.general.items():
        nodes = tuple(listed)
        wide = len(nodes) >= 32 and region != ABROAD.key
        single = len(nodes) // 10 if wide else (len(nodes) + 2) // 4
        whole = len(nodes) * 36 // 100 if wide else single
        pools[region, CARD] = nodes[:single] or nodes
        pools[region, LARGE] = nodes[whole:]
        pools[region, NODES] = nodes[single:whole] or pools[region, LARGE]
    return pools


def ask(plan: Plan, count: int, tenants: list[Tenant], rooms: Pools, random: Random) -> list[Job]:
    """`count` jobs submitted in the period and a few before it, by time; every tenant asks at least
    once."""
    early = 2 + count // 200
    shares = weights(len(tenants), random)
    chosen = random.choices(range(len(tenants)), shares, k=count + early - len(tenants))
    times = [START_S - random.randrange(1, _BEFORE_S) for _ in range(early)]
    times += [random.randrange(START_S, plan.end_s - _LAST_S) for _ in range(count)]
    owners = [*chosen[:early], *range(len(tenants)), *chosen[early:]]
    homes = {kind: _homes(kind, rooms) for kind in (CARD, NODES, LARGE)}
    jobs = [
        _job(owner, tenants[owner], at, rooms, homes, random)
        for owner, at in zip(owners, times, strict=True)
    ]
    return sorted(_fitted(jobs, plan, rooms), key=lambda job: job.submit_s)


def _homes(kind: str, rooms: Pools) -> tuple[list[str], list[int]]:
    """Domestic regions and their sizes for one kind of job."""
    regions = [region for region, at_kind in rooms if at_kind == kind and region != ABROAD.key]
    return regions, [len(rooms[region, kind]) for region in regions]


def _job(
    owner: int,
    tenant: Tenant,
    at_s: int,
    rooms: Pools,
    homes: dict[str, tuple[list[str], list[int]]],
    random: Random,
) -> Job:
    kind = random.choices((CARD, NODES, LARGE), _SHARES)[0]
    abroad = not judged(tenant) and kind != LARGE and random.random() < 0.5
    region = ABROAD.key if abroad else random.choices(*homes[kind])[0]
    median, sigma = _MINUTES[kind]
    return Job(
        kind=kind,
        region=region,
        tenant=owner,
        workload=random.choice(tenant.workloads),
        nodes=_nodes(kind, len(rooms[region, kind]), random),
        duration_s=int(60 * median * random.lognormvariate(0, sigma)),
        submit_s=at_s,
        drain_s=random.randrange(1, 300),
    )


def _nodes(kind: str, most: int, random: Random) -> int:
    """Whole nodes: Pareto, cut at 64. Large: log-uniform, from two fifths of the pool to all of it.
    Single cards: 0."""
    if kind == CARD:
        return 0
    if kind == NODES:
        tail = 1 - random.random() * (1 - _MOST_NODES**-_ALPHA)
        return min(int(tail ** (-1 / _ALPHA)), most)
    low = max(1.0, 0.4 * most)
    return int(exp(random.uniform(log(low), log(most)))) if most > low else most


def _fitted(jobs: list[Job], plan: Plan, rooms: Pools) -> Iterator[Job]:
    """The jobs with durations scaled so that each pool is neither idle nor overrun, and none beyond
    the wall-time limit."""
    load: dict[tuple[int, ...], float] = defaultdict(float)
    for job in jobs:
        room = rooms[job.region, job.kind]
        load[room] += _area(job, len(room)) / (len(room) * (plan.end_s - START_S))
    low, high = _BUSY
    for job in jobs:
        busy = load[rooms[job.region, job.kind]]
        factor = min(low / busy, _STRETCH) if busy < low else min(1.0, high / busy)
        yield shortened(job, factor)


def shortened(job: Job, factor: float) -> Job:
    return replace(
        job, duration_s=max(30, min(int(job.duration_s * factor), WALL_LIMIT_S - HOUR_S))
    )


def _area(job: Job, room: int) -> float:
    """Node-seconds that a job takes from its pool: more than half of the nodes keep everything like
    it out."""
    if job.kind == CARD:
        return job.duration_s / (CARDS_PER_NODE if room > 1 else 1)
    return job.duration_s * (room if 2 * job.nodes > room else job.nodes)
