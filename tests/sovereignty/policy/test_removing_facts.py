"""Removing evidence proves nothing: drop any one fact of a numbered stream and no card-time becomes
compliant that was not."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import pytest

from sovereignty.hostlist import expand, expand_nodes
from sovereignty.plane.world import (
    OPEN,
    Access,
    Grade,
    Heard,
    KPart,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
    World,
)
from sovereignty.policy.evaluate import evaluate
from tests.sovereignty.policy.small_worlds import COUNTRIES, STAGES, policy, runs_of, touches_of

TICK = 500
START, END = 20 * TICK, 36 * TICK
RULES = ("PL-01", "PL-02", "PL-03", "TE-01")
TENANTS = ("t0", "t1", "t2")
CARD_NODE = (0, 0, 0, 1, 1)
REACH = 6 * TICK


@dataclass(frozen=True)
class Fact:
    """One numbered fact: `trail` is a tenant index or None for the fleet, `time` when it was told,
    `said` a struct of the world."""

    source: str
    trail: int | None
    time: int
    said: Any
    number: int = 0


@dataclass(frozen=True)
class Touch:
    """A touch as told: explicit card ranges, or k of nodes."""

    id: str
    tenant: int
    start: int
    end: int
    cards: tuple[tuple[int, int], ...]
    k: int | None = None
    nodes: tuple[int, ...] | None = None


class Streams:
    """Random numbered streams of up to three sources; each fact speaks of nothing earlier than
    `REACH` before it was told."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.facts: list[Fact] = []
        self.order = 0
        self.started: set[tuple[str, int]] = set()
        self.tell(
            "site", None, self.declaration("site", frozenset({"inventory"})), START - 12 * TICK
        )
        self.inventory()
        names = ["a", "b"][: self.random.randint(1, 2)]
        for name in names:
            reports = self.random.choice([frozenset({"touch", "access"}), frozenset({"touch"})])
            self.tell(name, None, self.declaration(name, reports), START - 10 * TICK)
            if self.random.random() < 0.3:
                self.tell(
                    name, None, self.declaration(name, reports | {"access"}), START + 3 * TICK
                )
            self.heartbeats(name)
        for number in range(self.random.randint(1, 6)):
            self.touch(self.random.choice(names), f"j{number}")
        for name in ["gate", "door"][: self.random.randint(0, 2)]:
            cards: Any = self.random.choice([None, None, ((0, 2),), ((2, 4),), ((0, 4),)])
            self.tell(
                name, None, self.declaration(name, frozenset({"access"}), cards), START - 10 * TICK
            )
            self.heartbeats(name)
            names.append(name)
        for number in range(self.random.randint(0, 2)):
            self.access(self.random.choice(names), f"login{number}")
        self.number()

    def tell(self, source: str, trail: int | None, said: object, time: int) -> None:
        self.facts.append(Fact(source, trail, time, said))

    def number(self) -> None:
        """Number each stream 1, 2, 3 … in the order of telling, at times that rise."""
        streams = defaultdict(list)
        for fact in self.facts:
            streams[fact.source, fact.trail].append(fact)
        self.facts = []
        for stream in streams.values():
            last = -1
            for number, fact in enumerate(sorted(stream, key=lambda fact: fact.time), 1):
                last = max(last + 1, fact.time)
                self.facts.append(Fact(fact.source, fact.trail, last, fact.said, number))
        self.highest = {key: len(stream) for key, stream in streams.items()}

    def next_order(self) -> int:
        self.order += 1
        return self.order

    def declaration(self, name: str, reports: Any, cards: Any = None) -> SourceDeclaration:
        at = START - self.random.choice([12, 12, -4]) * TICK
        return SourceDeclaration(
            name, at, self.next_order(), reports, cards, 60_000, REACH, True, Grade.DECLARED
        )

    def inventory(self) -> None:
        random = self.random
        for key in ("r0", "r1"):
            self.state(("region", key), {"country": random.choice(COUNTRIES)})
        for node in (0, 1):
            for _ in range(random.choice([1, 1, 2])):
                self.state(("node", node), {"region": random.choice(["r0", "r1"])})
        for _ in range(random.choice([1, 2])):
            chips = {f"{stage}_country": random.choice(COUNTRIES * 3) for stage in STAGES}
            self.state(("cards", (0, random.choice([3, 4, 4]))), chips | {"present": "yes"})
        if random.random() < 0.5:
            chip = {f"{stage}_country": "CN" for stage in STAGES if random.random() < 0.8}
            self.state(("card", random.randrange(5)), chip, random.random() < 0.7)

    def state(self, subject: Any, values: dict[str, str], resets: bool = False) -> None:
        at = START + TICK * self.random.choice([-8, -8, -8, 2, 7])
        grade = self.random.choice([Grade.DECLARED, Grade.DECLARED, Grade.OBSERVED, Grade.PLANNED])
        told = at + self.random.randint(0, 6) * TICK
        source = self.random.choice(["site", "site", "scout"])
        self.tell(
            source,
            None,
            Statement(subject, at, grade, source, self.next_order(), values, resets),
            told,
        )

    def heartbeats(self, name: str) -> None:
        at = START - 2 * TICK
        while at < END:
            to = at + self.random.randint(3, 12) * TICK
            self.tell(
                name,
                None,
                Heard(name, at, to, self.random.choice([None, None, ((0, 2),), ((3, 4),)])),
                to,
            )
            if self.random.random() < 0.5:
                self.tell(name, None, Heard(name, at - TICK, to + TICK, None), to + TICK)
            at = to if self.random.random() < 0.8 else to + TICK

    def touch(self, name: str, key: str) -> None:
        tenant = self.random.randrange(3)
        start = START + TICK * self.random.randint(-3, 13)
        end = start + TICK * self.random.randint(1, 6)
        first = self.random.randrange(5)
        cards: tuple[tuple[int, int], ...] = ((first, self.random.randint(first, 4)),)
        touch = Touch(key, tenant, start, end, cards)
        if self.random.random() < 0.25:
            nodes = self.random.choice([(0,), (1,), (0, 1), None])
            touch = Touch(key, tenant, start, end, (), self.random.randint(1, 2), nodes)
        if self.random.random() < 0.2:
            # Told as it started, and never ended.
            self.started.add((name, tenant))
            self.tell(
                name,
                tenant,
                Touch(key, tenant, start, OPEN, touch.cards, touch.k, touch.nodes),
                start,
            )
        else:
            self.tell(name, tenant, touch, end)

    def access(self, name: str, key: str) -> None:
        tenant, at = self.random.randrange(3), START + TICK * self.random.randint(0, 15)
        office, physical, employer = (self.random.choice(COUNTRIES) for _ in range(3))
        self.tell(
            name,
            tenant,
            Access(
                key,
                tenant,
                None,
                "enzo",
                at,
                None,
                office,
                physical,
                employer,
                None,
                Grade.OBSERVED,
            ),
            at,
        )

    def world(self, without: Fact | None = None) -> World:
        """The world of all facts but one, whose number is then missing."""
        facts = [fact for fact in self.facts if fact is not without]
        said = [fact.said for fact in facts]
        touches = [it for it in said if isinstance(it, Touch)]
        cards = [
            (n, first, last, it.start, it.end)
            for n, it in enumerate(touches)
            for first, last in it.cards
        ]
        return World(
            nodes=["n0", "n1"],
            card_node=np.array(CARD_NODE, dtype=np.int32),
            card_slot=["0", "1", "2", "0", "1"],
            tenants=list(TENANTS),
            workloads=["w"],
            statements=[it for it in said if isinstance(it, Statement)],
            touches=touches_of([(it.id, it.tenant, 0, it.start, it.end, 3) for it in touches]),
            runs=runs_of(cards),
            parts=[KPart(n, it.k, it.nodes) for n, it in enumerate(touches) if it.k is not None],
            accesses=[it for it in said if isinstance(it, Access)],
            sources=[it for it in said if isinstance(it, SourceDeclaration)],
            heard=[it for it in said if isinstance(it, Heard)],
            sequences=[self.sequence(key, facts) for key in self.highest],
        )

    def sequence(self, key: tuple[str, int | None], facts: list[Fact]) -> SequenceNumbers:
        source, trail = key
        known = sorted(
            (fact.number, fact.time) for fact in facts if (fact.source, fact.trail) == key
        )
        numbers, times = (np.array([pair[n] for pair in known], dtype=np.int64) for n in (0, 1))
        return SequenceNumbers(
            source, trail, numbers, times, self.highest[key], key in self.started
        )


def judged(world: Any) -> Any:
    """By rule: the cells of every touch, and those of them that are compliant. A cell is (touch,
    card or part, time)."""
    report = evaluate(world, policy(), period=(START, END), position=1)
    every = set(cells_of_world(world))
    compliant = {rule: set(every) for rule in RULES}
    operators = {}
    for part in report["tenants"]:
        for rule in part["rules"]:
            if rule["rule"] == "OP-01":
                operators[part["tenant"]] = rule["verdict"]
                continue
            for block in rule["blocks"]:
                compliant[rule["rule"]] -= cells_of_block(world, block)
    return every, compliant, operators


def cells_of_world(world: Any) -> Any:
    runs = zip(
        *(column.tolist() for column in (world.runs.touch, world.runs.first, world.runs.last)),
        strict=True,
    )
    wheres: Any = [(touch, card) for touch, first, last in runs for card in range(first, last + 1)]
    wheres += [(part.touch, (part.k, part.nodes)) for part in world.parts]
    for touch, where in wheres:
        start, end = int(world.touches.start[touch]), int(world.touches.end[touch])
        for t in range(max(start, START), min(end, END), TICK):
            yield world.touches.id[touch], where, t


def cells_of_block(world: Any, block: Any) -> Any:
    times = range(block["from"], block["to"], TICK)
    if "k" in block:
        of = (
            None
            if block["of"] is None
            else tuple(sorted(int(node[1:]) for text in block["of"] for node in expand_nodes(text)))
        )
        return {(block["touch"], (block["k"], of), t) for t in times}
    card_of = {
        (world.nodes[node], world.card_slot[card]): card for card, node in enumerate(CARD_NODE)
    }
    cards = [
        card_of[node, slot]
        for text in block["cards"]
        for node, slots in expand(text)
        for slot in slots
    ]
    return {(block["touch"], card, t) for card in cards for t in times}


@pytest.mark.parametrize("batch", range(10))
def test_no_card_time_becomes_compliant(batch: Any) -> None:
    gone = 0
    for seed in range(batch * 10, batch * 10 + 10):
        streams = Streams(seed)
        before, compliant_before, operators_before = judged(streams.world())
        for fact in streams.facts:
            _, compliant_after, operators_after = judged(streams.world(without=fact))
            for rule in RULES:
                risen = (compliant_after[rule] & before) - compliant_before[rule]
                assert not risen, (seed, rule, fact, sorted(risen, key=repr)[:3])
                gone += len(compliant_before[rule]) - len(compliant_after[rule])
            for tenant, verdict in operators_after.items():
                assert verdict != "compliant" or operators_before[tenant] == "compliant", (
                    seed,
                    fact,
                )
    assert gone > 0
