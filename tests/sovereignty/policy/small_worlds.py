"""Small random worlds: a few nodes, cards, tenants and touches, and every way in which evidence can
be missing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from sovereignty.plane.world import (
    NO_NODE,
    OPEN,
    Access,
    Grade,
    Heard,
    KPart,
    ReadReportedScope,
    ReportedScope,
    Runs,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
    Touches,
    World,
)
from sovereignty.policy.document import Policy, parse

TICK = 500
BASE = 10  # ticks
LAST = 24  # ticks after it
COUNTRIES = ("CN", "CN", "CN", "SG")
STAGES = ("design", "fabrication", "packaging", "firmware")


def policy(
    least_grade: str = "declared",
    sectors: list[str] | None = None,
    rules: tuple[str, ...] | None = None,
) -> Policy:
    """The five rules, or some of them, allowing CN."""
    countries = {"allowed_countries": ["CN"]}
    parameters = {
        "PL-01": countries,
        "PL-02": countries | {"stages": list(STAGES)},
        "PL-03": {},
        "OP-01": countries,
        "TE-01": {},
    }
    return parse(
        {
            "format": "domicile/policy/v1",
            "name": "small",
            "version": "1",
            "title": {"en": "small"},
            "least_grade": least_grade,
            "applies_to": None if sectors is None else {"sectors": sectors},
            "rules": [{"id": rule, "parameters": parameters[rule]} for rule in rules or parameters],
        }
    )


def touches_of(
    rows: Iterable[tuple[str, int, int, int, int, int] | tuple[str, int, int, int, int, int, int]],
) -> Touches:
    """From (id, tenant, workload, start, end, grade), and the grade of the end if it is another."""
    columns = list(zip(*((*row[:6], row[-1]) for row in rows), strict=True)) or [()] * 7
    return Touches(
        list(columns[0]),
        np.array(columns[1], dtype=np.int32),
        np.array(columns[2], dtype=np.int32),
        np.array(columns[3], dtype=np.int64),
        np.array(columns[4], dtype=np.int64),
        np.array(columns[5], dtype=np.int8),
        np.array(columns[6], dtype=np.int8),
    )


def runs_of(rows: list[tuple[int, int, int, int, int]]) -> Runs:
    """From (touch, first, last, start, end)."""
    array = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Runs(array[:, 0].astype(np.int32), array[:, 1], array[:, 2], array[:, 3], array[:, 4])


def reporting(scopes: Sequence[ReportedScope]) -> ReadReportedScope:
    """What a world reads of its sources' scope, of these."""
    return lambda sources: [scope for scope in scopes if scope.source in sources]


class Maker:
    """Makes one random world; `orderly` ones have everything known and covered but what they are
    asked to break."""

    def __init__(self, seed: int, orderly: bool = False) -> None:
        self.random, self.orderly = Random(seed), orderly
        random = self.random
        self.nodes = [f"n{n}" for n in range(random.randint(1, 3))]
        self.card_node: list[int] = []
        for _ in range(random.randint(1, 7)):
            self.card_node.append(
                NO_NODE if random.random() < 0.1 else random.randrange(len(self.nodes))
            )
        if random.random() < 0.7:
            self.card_node.sort()
        self.given = [c for c, n in enumerate(self.card_node) if n != NO_NODE]
        self.tenants = [f"t{n}" for n in range(random.randint(1, 3))]
        self.names = [f"source{n}" for n in range(random.randint(0, 3))]
        self.order = 0

    def time(self, low: int = -2, high: int = LAST) -> int:
        return TICK * (BASE + self.random.randint(low, high))

    def interval(self) -> tuple[int, int]:
        start = self.time(-3, LAST - 1)
        return start, start + TICK * self.random.randint(1, 12)

    def grade(self) -> Grade:
        return self.random.choice(
            [Grade.OBSERVED, Grade.DECLARED, Grade.DECLARED, Grade.ATTESTED, Grade.PLANNED]
        )

    def next_order(self) -> int:
        self.order += 1
        return self.order

    def ranges(self, chance_of_all: float = 0.5) -> tuple[tuple[int, int], ...] | None:
        """Card ranges of given cards, or None for all."""
        if self.random.random() < chance_of_all or not self.given:
            return None
        chosen = sorted(self.random.sample(self.given, self.random.randint(1, len(self.given))))
        ranges: list[tuple[int, int]] = []
        for card in chosen:
            if ranges and ranges[-1][1] == card - 1:
                ranges[-1] = ranges[-1][0], card
            else:
                ranges.append((card, card))
        return tuple(ranges)

    def world(self) -> World:
        touches, runs, parts = self.touches()
        return World(
            nodes=self.nodes,
            card_node=np.array(self.card_node, dtype=np.int32),
            card_slot=[
                None if node == NO_NODE else str(card) for card, node in enumerate(self.card_node)
            ],
            tenants=self.tenants,
            workloads=["w0", "w1"],
            statements=self.statements(),
            touches=touches,
            runs=runs,
            parts=parts,
            accesses=self.accesses(),
            sources=self.sources(),
            heard=self.heard(),
            sequences=self.sequences(),
            earlier=frozenset(
                tenant for tenant in range(len(self.tenants)) if self.random.random() < 0.05
            ),
            reported_scope=reporting(self.reported()),
        )

    def touches(self) -> tuple[Touches, Runs, list[KPart]]:
        rows, runs, parts = [], [], []
        for number in range(self.random.randint(0, 8)):
            start, end = self.interval()
            if self.random.random() < 0.15:
                end = OPEN
            grade = Grade.PLANNED if self.random.random() < 0.1 else Grade.OBSERVED
            end_grade = Grade.PLANNED if end != OPEN and self.random.random() < 0.1 else grade
            about = self.random.randrange(len(self.tenants)), self.random.randrange(2)
            rows.append((f"j{number}", *about, start, end, grade, end_grade))
            has_part = self.random.random() < 0.25 or not self.given
            if has_part:
                nodes = tuple(
                    self.random.sample(
                        range(len(self.nodes)), self.random.randint(1, len(self.nodes))
                    )
                )
                parts.append(
                    KPart(
                        number,
                        self.random.randint(1, 3),
                        None if self.random.random() < 0.1 else nodes,
                    )
                )
                if self.random.random() < 0.3:
                    parts.append(
                        KPart(number, 1, tuple(self.random.sample(range(len(self.nodes)), 1)))
                    )
            if self.given and (not has_part or self.random.random() < 0.3):
                runs += self.runs_of_touch(number, start, end)
        return touches_of(rows), runs_of(runs), parts

    def runs_of_touch(
        self, number: int, start: int, end: int
    ) -> list[tuple[int, int, int, int, int]]:
        """Some cards, cut in time as at a month's border now and then."""
        cut = self.time(0)
        pieces = (
            [(start, cut), (cut, end)]
            if start < cut < end and self.random.random() < 0.5
            else [(start, end)]
        )
        chosen = self.ranges(0.0) or ()
        return [(number, first, last, at, to) for first, last in chosen for at, to in pieces]

    def statements(self) -> list[Statement]:
        found = []
        for key in ("r0", "r1"):
            found += self.said(("region", key), {"country": lambda: self.random.choice(COUNTRIES)})
        for node in range(len(self.nodes)):
            found += self.said(
                ("node", node), {"region": lambda: self.random.choice(["r0", "r0", "r1", "r2"])}
            )
        stages = {f"{stage}_country": lambda: self.random.choice(COUNTRIES * 3) for stage in STAGES}
        stages |= {"present": lambda: self.random.choice(["yes"] * 9 + ["no"])}
        if self.given:
            for card_range in self.ranges(0.0) or ():
                found += self.said(("cards", card_range), stages)
            unnamed = self.random.choice([0, 0, 1, 2])  # cards that nobody states
            found += self.said(("cards", (0, max(len(self.card_node) - 1 - unnamed, 0))), stages)
            for _ in range(self.random.randint(0, 2)):
                found += self.said(
                    ("card", self.random.choice(self.given)), stages, self.random.random() < 0.7
                )
        for tenant in range(len(self.tenants)):
            if self.random.random() < 0.7:
                found += self.said(
                    ("tenant", tenant),
                    {"sector": lambda: self.random.choice(["ministry", "games"])},
                )
        self.random.shuffle(found)
        return found

    def said(self, subject: Any, values: Any, resets: Any = False) -> list[Statement]:
        found = []
        for _ in range(self.random.choice([1, 1, 1, 2, 3]) if not self.orderly else 1):
            chosen = {
                name: make()
                for name, make in values.items()
                if self.orderly or self.random.random() < 0.9
            }
            at = self.time(-3, -3) if self.random.random() < 0.6 else self.time()
            source = self.random.choice(["a", "b", "a", "b", "source0"])
            grade = Grade.DECLARED if self.random.random() < 0.7 else self.grade()
            found.append(Statement(subject, at, grade, source, self.next_order(), chosen, resets))
        return found

    def sources(self) -> list[SourceDeclaration]:
        found = []
        for name in self.names:
            for _ in range(self.random.choice([0, 1, 1, 1, 2]) if not self.orderly else 1):
                reports: Any = frozenset(
                    what for what in ("touch", "access", "inventory") if self.random.random() < 0.8
                )
                reach = self.random.choice([None, 0, TICK, 4 * TICK])
                sequenced = self.random.random() < 0.6
                grade = Grade.DECLARED if self.random.random() < 0.8 else self.grade()
                at = self.time(-3, -3) if self.random.random() < 0.7 else self.time()
                declared = (
                    name,
                    at,
                    self.next_order(),
                    reports,
                    self.ranges(0.6),
                    60_000,
                    reach,
                    sequenced,
                    grade,
                )
                found.append(SourceDeclaration(*declared))
        return found

    def heard(self) -> list[Heard]:
        found = []
        for name in [*self.names, "stranger"]:
            if self.random.random() < 0.8:
                found.append(
                    Heard(name, self.time(-4, 3), self.time(LAST - 8, LAST + 4), self.ranges(0.8))
                )
            found += [
                Heard(name, *self.interval(), self.ranges(0.6))
                for _ in range(self.random.randint(0, 3))
            ]
        return found

    def sequences(self) -> list[SequenceNumbers]:
        found = []
        for name in self.names:
            for trail in [None, *range(len(self.tenants))]:
                if self.random.random() < 0.3:
                    numbers = sorted(self.random.sample(range(1, 8), self.random.randint(0, 6)))
                    if self.random.random() < 0.6:
                        numbers = list(range(1, len(numbers) + 1))
                    times = [self.time() for _ in numbers]
                    if self.random.random() < 0.8:
                        times.sort()
                    highest = self.random.choice([0, 0, 0, len(numbers), 8])
                    starts = self.random.random() < 0.2
                    arrays = np.array(numbers, dtype=np.int64), np.array(times, dtype=np.int64)
                    repeated = [number for number in numbers if self.random.random() < 0.1]
                    found.append(
                        SequenceNumbers(
                            name,
                            trail,
                            *arrays,
                            highest,
                            starts,
                            np.array(repeated, dtype=np.int64),
                        )
                    )
        return found

    def reported(self) -> list[ReportedScope]:
        """What some sources' facts speak of; in half of the worlds nothing that they did not
        declare."""
        found = []
        if self.random.random() < 0.5:
            return []
        for name in self.names:
            for trail in [None, *range(len(self.tenants))]:
                if self.random.random() < 0.5:
                    back = self.random.choice([0, 0, TICK, 4 * TICK, 5 * TICK])
                    reports: Any = frozenset(
                        what for what in ("touch", "access") if self.random.random() < 0.2
                    )
                    nodes = frozenset(
                        node for node in range(len(self.nodes)) if self.random.random() < 0.1
                    )
                    found.append(
                        ReportedScope(name, trail, back, reports, self.random.random() < 0.5, nodes)
                    )
        return found

    def accesses(self) -> list[Access]:
        found = []
        for number in range(self.random.randint(0, 4)):
            start, end = self.interval()
            countries: Any = [
                None if self.random.random() < 0.15 else self.random.choice(COUNTRIES)
                for _ in range(3)
            ]
            tenant, grade = self.random.randrange(len(self.tenants)), self.grade()
            ends = self.random.choice([None, end, start])
            office, physical, employer = countries
            found.append(
                Access(
                    f"a{number}",
                    tenant,
                    None,
                    "enzo",
                    start,
                    ends,
                    office,
                    physical,
                    employer,
                    None,
                    grade,
                )
            )
        return found


def shuffled(world: World, seed: int) -> World:
    """The same facts in another order: lists shuffled, nodes, cards, tenants and touches numbered
    anew, runs cut differently."""
    random = Random(seed)
    touch_order = random.sample(range(len(world.touches.id)), len(world.touches.id))
    new_touch = {old: new for new, old in enumerate(touch_order)}
    touches = world.touches
    rows = list(
        zip(
            touches.id,
            touches.tenant.tolist(),
            touches.workload.tolist(),
            touches.start.tolist(),
            touches.end.tolist(),
            touches.grade.tolist(),
            touches.end_grade.tolist(),
            strict=True,
        )
    )
    runs = []
    columns = (
        world.runs.touch,
        world.runs.first,
        world.runs.last,
        world.runs.start,
        world.runs.end,
    )
    for touch, first, last, start, end in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        middle = TICK * (BASE + random.randint(0, LAST))
        pieces = [(start, middle), (middle, end)] if start < middle < end else [(start, end)]
        split = random.randint(first, last)
        halves = [(first, split), (split + 1, last)] if split < last else [(first, last)]
        runs += [(new_touch[touch], low, high, at, to) for low, high in halves for at, to in pieces]
    random.shuffle(runs)
    names = {source.name for source in world.sources}
    names |= {sequence.source for sequence in world.sequences}
    scopes = world.reported_scope(names | {lone.source for lone in world.lone_ends})
    return replace(
        world,
        touches=touches_of([rows[old] for old in touch_order]),
        runs=runs_of(runs),
        parts=random.sample(
            [replace(part, touch=new_touch[part.touch]) for part in world.parts], len(world.parts)
        ),
        statements=random.sample(world.statements, len(world.statements)),
        accesses=random.sample(world.accesses, len(world.accesses)),
        sources=random.sample(world.sources, len(world.sources)),
        heard=random.sample(world.heard, len(world.heard)),
        sequences=random.sample(world.sequences, len(world.sequences)),
        reported_scope=reporting(random.sample(scopes, len(scopes))),
    )
