"""How long judging takes: the five rules over a month of a large fleet.

    python -m bench.planes [--touches 1000000] [--rounds 3]    prints seconds, growth, peak memory
    python -m bench.planes --worst                             the worst shapes, such as late ends

The month: some 100,000 cards in nodes of eight, 400 tenants, 85 % of touches on one card, 13 % on
whole nodes, 2 % larger, thirty of 10,000 cards; nearly all of them alone on their cards; two
regions, a few foreign chips, replaced cards, gaps and missing numbers. Only the evaluation is
timed: the world is in memory, as the loader leaves it. Each measurement runs in a process of its
own, so that peak memory is its own.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from audit.tlog import canonical
from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.world import (
    Access,
    Grade,
    Heard,
    Runs,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
    Touches,
    World,
)
from sovereignty.policy import packs
from sovereignty.policy.evaluate import evaluate

NODES, SLOTS, TENANTS, SOURCES = 12_500, 8, 400, 10
CARDS = NODES * SLOTS
START = 1_763_884_800_000
HOUR, DAY = 3_600_000, 86_400_000
END = START + 30 * DAY
LARGE_JOBS, WORKING_DAYS, TENTH_NODES = 30, 27, NODES // 10
MIB = 1 << 20

Ints = NDArray[np.int64]


class Month:
    """Makes a month of touches, nearly all of them alone on their cards.

    A *lane* is a card, a node or a block of nodes on which touches follow each other. The cards
    fall into ten tenths, and each tenth stands empty on three days of the month, for the jobs of
    10,000 cards.
    """

    def __init__(self, touches: int, seed: int = 7) -> None:
        self.random = np.random.default_rng(seed)
        self.small, self.node = int(touches * 0.85), int(touches * 0.13)
        self.larger = touches - self.small - self.node - LARGE_JOBS

    def world(self) -> World:
        nodes = np.arange(NODES)
        position = (
            nodes % TENTH_NODES
            # of each tenth: three fifths are shared card by card, a fifth given out whole, a fifth
            # in blocks
        )
        shared, whole = (
            nodes[position < TENTH_NODES * 3 // 5],
            nodes[(position >= TENTH_NODES * 3 // 5) & (position < TENTH_NODES * 4 // 5)],
        )
        cards = (shared[:, None] * SLOTS + np.arange(SLOTS)).ravel()
        kinds = [
            self.lanes(self.small, cards, cards),
            self.lanes(self.node, whole * SLOTS, whole * SLOTS + SLOTS - 1),
            self.lanes(self.larger, *self.blocks()),
            self.large_jobs(),
        ]
        first, last, start, end = (np.concatenate(columns) for columns in zip(*kinds, strict=True))
        order = np.argsort(start, kind="stable")
        return self.assemble(first[order], last[order], start[order], end[order])

    def blocks(self) -> tuple[Ints, Ints]:
        """Blocks of 2 to 125 nodes in the last fifth of each tenth, as first and last cards."""
        room = TENTH_NODES // 5
        ends = np.cumsum(self.random.choice([2, 4, 8, 16, 32, 64, 125], size=room))
        ends = np.append(ends[ends < room], room)
        starts = np.concatenate(([0], ends[:-1]))
        at = (np.arange(10)[:, None] + 1) * TENTH_NODES - room
        return ((at + starts) * SLOTS).ravel(), ((at + ends) * SLOTS - 1).ravel()

    def lanes(self, count: int, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """`count` touches over these lanes, one after the other on each; one in ten thousand
        overruns into the next."""
        lane = np.sort(self.random.integers(0, len(first), count))
        per_lane = np.bincount(lane, minlength=len(first))
        slot = np.arange(count) - (np.cumsum(per_lane) - per_lane)[lane]
        length = (WORKING_DAYS * DAY) // per_lane[lane]
        begins = slot * length + self.random.integers(0, np.maximum(length // 8, 1))
        ends = (slot + 1) * length - self.random.integers(0, np.maximum(length // 8, 1))
        tenth = first[lane] // (TENTH_NODES * SLOTS)
        start, free_until = self.clock(tenth, begins)
        end = np.maximum(np.minimum(start + (ends - begins), free_until), start + 1)
        overrun = self.random.random(count) < 1e-4
        end = np.where(overrun, np.minimum(end + length // 2, END), end)
        return first[lane], last[lane], start, end

    @staticmethod
    def clock(tenth: Ints, worked: Ints) -> tuple[Ints, Ints]:
        """The time at which a tenth has stood open for `worked` ms, and when it is next emptied: on
        days t, t + 10, t + 20."""
        emptied = np.searchsorted(np.arange(3) * 9 * DAY, worked - tenth * DAY, side="right")
        next_day = np.where(emptied < 3, tenth + 10 * emptied, 30)
        return START + worked + emptied * DAY, START + next_day * DAY

    @staticmethod
    def large_jobs() -> tuple[Ints, Ints, Ints, Ints]:
        day = np.arange(LARGE_JOBS)
        first = day % 10 * TENTH_NODES * SLOTS
        return first, first + TENTH_NODES * SLOTS - 1, START + day * DAY, START + (day + 1) * DAY

    def assemble(self, first: Ints, last: Ints, start: Ints, end: Ints) -> World:
        count = len(first)
        tenant = self.random.integers(0, TENANTS, count).astype(np.int32)
        number = np.arange(count, dtype=np.int32)
        observed = np.full(count, 3, dtype=np.int8)
        touches = Touches(
            [f"job-{n}" for n in range(count)], tenant, tenant, start, end, observed, observed
        )
        return World(
            nodes=[f"hz-a-{n:05d}" for n in range(NODES)],
            card_node=np.repeat(np.arange(NODES, dtype=np.int32), SLOTS),
            card_slot=[str(n % SLOTS) for n in range(CARDS)],
            tenants=[f"tenant-{n:03d}" for n in range(TENANTS)],
            workloads=[f"work-{n:03d}" for n in range(TENANTS)],
            statements=statements(),
            touches=touches,
            runs=Runs(number, first, last, start, end),
            parts=[],
            accesses=accesses(),
            sources=sources(),
            heard=heartbeats(),
            sequences=sequences(),
        )


def statements() -> list[Statement]:
    """Nodes registered at different times; a hundred cards of unknown firmware, ten foreign, five
    replaced."""
    statements = [
        Statement(
            ("region", f"region-{n}"), START - 10**9, Grade.DECLARED, "site", n, {"country": "CN"}
        )
        for n in range(2)
    ]
    chips = {
        f"{stage}_country": "CN" for stage in ("design", "fabrication", "packaging", "firmware")
    } | {"model": "910B"}
    for node in range(NODES):
        at, order, cards = (
            START - 10**9 + node,
            10 + 2 * node,
            (node * SLOTS, node * SLOTS + SLOTS - 1),
        )
        statements.append(
            Statement(
                ("node", node), at, Grade.DECLARED, "site", order, {"region": f"region-{node % 2}"}
            )
        )
        statements.append(
            Statement(
                ("cards", cards), at, Grade.DECLARED, "site", order + 1, chips | {"present": "yes"}
            )
        )
    order = 10 + 2 * NODES
    for card in range(0, 115 * 700, 700):
        values = {"firmware_country": "US"} if card % 11 == 0 else {"design_country": "CN"}
        at = START if card % 2 else START + HOUR * (card // 700)
        statements.append(
            Statement(
                ("card", card),
                at,
                Grade.OBSERVED,
                "site",
                order + card,
                values | {"present": "yes"},
                card % 3 == 0,
            )
        )
    return statements


def sources() -> list[SourceDeclaration]:
    """Ten sources, each of a tenth of the cards."""
    reports: frozenset[FactFamily] = frozenset({"touch", "access"})
    tenth = CARDS // SOURCES
    return [
        SourceDeclaration(
            f"slurm/{n}",
            START - HOUR,
            n,
            reports,
            ((n * tenth, n * tenth + tenth - 1),),
            HOUR,
            6 * HOUR,
            True,
            Grade.DECLARED,
        )
        for n in range(SOURCES)
    ]


def heartbeats() -> list[Heard]:
    """One an hour and source; three are missing."""
    beats = [
        (n, hour)
        for hour in range(-1, 30 * 24)
        for n in range(SOURCES)
        if (n, hour) not in {(3, 100), (3, 101), (7, 400)}
    ]
    return [
        Heard(f"slurm/{n}", START + hour * HOUR, START + (hour + 1) * HOUR, None)
        for n, hour in beats
    ]


def sequences() -> list[SequenceNumbers]:
    """A hundred numbers per source and tenant; one is missing."""
    times = np.linspace(START, END, 100).astype(np.int64)
    numbers = np.arange(1, 101, dtype=np.int64)
    kept = numbers != 50
    return [
        SequenceNumbers(f"slurm/{n}", tenant, numbers[kept], times[kept], 100)
        if (n, tenant) == (5, 8)
        else SequenceNumbers(f"slurm/{n}", tenant, numbers, times)
        for n in range(SOURCES)
        for tenant in range(TENANTS)
    ]


def accesses() -> list[Access]:
    return [
        Access(
            f"login-{n}",
            n % TENANTS,
            None,
            "enzo",
            START + n * 10_000,
            None,
            "CN",
            "CN" if n % 997 else "SG",
            "CN",
            None,
            Grade.OBSERVED,
        )
        for n in range(20_000)
    ]


def never_ended(world: World) -> World:
    """The first large job is never reported ended, on cards that others go on using."""
    large = int(np.argmax(world.runs.last - world.runs.first))
    end = world.touches.end.copy()
    end[large] = 2**62
    return replace(
        world, touches=replace(world.touches, end=end), runs=replace(world.runs, end=end)
    )


def late(world: World) -> World:
    """One touch in twenty is reported ended twelve hours late."""
    chosen = np.random.default_rng(11).random(len(world.touches.id)) < 0.05
    end = np.where(chosen, world.touches.end + 12 * HOUR, world.touches.end)
    return replace(
        world, touches=replace(world.touches, end=end), runs=replace(world.runs, end=end)
    )


SHAPES = {"month": lambda world: world, "never ended": never_ended, "ends 12 h late": late}


def measure(touches: int, shape: str, rounds: int) -> dict[str, float]:
    """Judge one world some times over, in this process: median seconds by the clock and of the
    processor, peak memory in MiB."""
    world = SHAPES[shape](Month(touches).world())
    policy = packs.read("cn-domestic")
    gc.collect()
    seconds, processor = [], []
    for _ in range(rounds):
        begun, used = time.perf_counter(), time.process_time()
        report = evaluate(world, policy, period=(START, END), position=1)
        seconds.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    card_touches = sum(part["card_touches"] for part in report["tenants"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = len(canonical.encode(report)) / MIB
    return {
        "s": sorted(seconds)[rounds // 2],
        "best_s": min(seconds),
        "cpu_s": sorted(processor)[rounds // 2],
        "peak_mib": peak,
        "card_touches": card_touches,
        "report_mib": size,
    }


def measured(touches: int, shape: str, rounds: int) -> dict[str, float]:
    """`measure` in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "bench.planes",
        "--one",
        shape,
        "--touches",
        str(touches),
        "--rounds",
        str(rounds),
    ]
    figures: dict[str, float] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    print(
        f"{shape:>15}  {touches:>10,} touches  {int(figures['card_touches']):>12,} card touches",
        f"{figures['s']:6.2f} s (best {figures['best_s']:.2f}, processor {figures['cpu_s']:.2f})",
        f"peak {figures['peak_mib']:5.0f} MiB  report {figures['report_mib']:.1f} MiB",
        sep="  ",
        flush=True,
    )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="Times the evaluation of the five rules.")
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--one", choices=sorted(SHAPES), help="measure one shape in this process and print JSON"
    )
    parser.add_argument("--worst", action="store_true", help="measure the worst shapes instead")
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.touches, asked.one, asked.rounds)))
        return
    if asked.worst:
        for shape in ("never ended", "ends 12 h late"):
            measured(asked.touches, shape, asked.rounds)
        return
    half, whole, ten = (
        measured(count, "month", asked.rounds)
        for count in (asked.touches // 2, asked.touches, asked.touches * 10)
    )
    print(
        f"doubling the touches takes {whole['s'] / half['s']:.2f} times as long; "
        f"ten times the touches, {ten['s'] / whole['s']:.2f} times"
    )


if __name__ == "__main__":
    main()
