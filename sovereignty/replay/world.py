"""The facts of a fleet trail and of one tenant's trail → the world that the evaluator reads.

It is the world that the operator's database gives, as far as one tenant may see it: all inventory
and sources, but only the tenant's own touches and accesses. Card numbers are given anew; rules read
attributes and sets, never numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec import UNSET

from sovereignty import hostlist
from sovereignty.facts import kinds
from sovereignty.facts.scope import REPORTS, since
from sovereignty.facts.statements import FactStatement, statements_of
from sovereignty.plane.card_ranges import as_ranges
from sovereignty.plane.coverage.observed_scope import declared_cards
from sovereignty.plane.world import (
    OPEN,
    Access,
    CardRanges,
    Grade,
    Heard,
    KPart,
    LoneEnd,
    ReportedScope,
    Runs,
    SequenceNumbers,
    SourceDeclaration,
    Statement,
    Subject,
    Touches,
    World,
)
from sovereignty.replay.stream import LiveFact, NumberedFacts, TrailFacts

TENANT = 0  # the only tenant of a replayed world


@dataclass(slots=True)
class _Slots:
    """The card number of each slot, by node and slot label: in the order of nodes, without gaps."""

    numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, texts: Iterable[str]) -> None:
        """Add the slots that these hostlists name; `number` gives them numbers."""
        for text in texts:
            for node, slots in hostlist.expand(text):
                self.numbers.setdefault(node, {}).update(dict.fromkeys(slots, -1))

    def number(self) -> None:
        """Give each slot its number."""
        next_number = 0
        for node in sorted(self.numbers):
            for slot in sorted(self.numbers[node], key=lambda label: (len(label), label)):
                self.numbers[node][slot] = next_number
                next_number += 1

    def ranges(self, texts: Iterable[str]) -> CardRanges:
        """Return the cards that these hostlists name."""
        return as_ranges(
            sorted(
                self.numbers[node][slot]
                for text in texts
                for node, slots in hostlist.expand(text)
                for slot in slots
            )
        )


def build(fleet: TrailFacts, tenant: TrailFacts, key: str) -> World:
    """Return the world of tenant `key`, from the facts of the fleet's trail and of its own."""
    return _Builder(fleet, tenant, key).world()


class _Builder:
    def __init__(self, fleet: TrailFacts, tenant: TrailFacts, key: str) -> None:
        self.fleet, self.tenant, self.key = fleet, tenant, key
        self.slots = _Slots()
        for fact in (*fleet.facts(), *tenant.facts()):
            self.slots.add(_card_texts(fact))
            for node in _node_names(fact.data):
                self.slots.numbers.setdefault(node, {})
        self.slots.number()
        self.nodes = sorted(self.slots.numbers)
        self.node_index = {name: index for index, name in enumerate(self.nodes)}
        self.workloads: dict[str, int] = {}

    def world(self) -> World:
        slots_of_nodes = [self.slots.numbers[node] for node in self.nodes]
        card_node = np.repeat(
            np.arange(len(self.nodes), dtype=np.int32), [len(slots) for slots in slots_of_nodes]
        )
        touches, runs, parts = self._touches()
        return World(
            nodes=self.nodes,
            card_node=card_node,
            card_slot=[
                label for slots in slots_of_nodes for label in sorted(slots, key=slots.__getitem__)
            ],
            tenants=[self.key],
            statements=self._statements(),
            touches=touches,
            runs=runs,
            parts=parts,
            accesses=self._accesses(),
            sources=[
                self._source(fact)
                for fact in self.fleet.facts()
                if isinstance(fact.data, kinds.SourceDeclared)
            ],
            heard=[
                self._heard(fact)
                for fact in self.fleet.facts()
                if isinstance(fact.data, kinds.Heartbeat)
            ],
            sequences=[*_sequences(self.fleet, None), *_sequences(self.tenant, TENANT)],
            lone_ends=self._lone_ends(),
            workloads=list(self.workloads),
            reported_scope=self._reported_scope,
        )

    def _workload(self, key: str) -> int:
        return self.workloads.setdefault(key, len(self.workloads))

    def _statements(self) -> list[Statement]:
        return [
            statement
            for fact in (*self.fleet.facts(), *self.tenant.facts())
            for statement in self._statements_of(fact)
        ]

    def _statements_of(self, fact: LiveFact) -> Iterator[Statement]:
        for statement in statements_of(fact.data):
            values = {name: text for name, text in statement.values.items() if text is not None}
            if statement.kind == "cards":
                values["present"] = "yes" if statement.present else "no"
            for subject in self._subjects(statement):
                yield _statement(fact, subject, values, statement.resets)

    def _subjects(self, statement: FactStatement) -> Iterator[Subject]:
        """What the statement is about, as the world names it: cards as ranges of their numbers."""
        name = statement.name
        match statement.kind:
            case "region":
                yield "region", name
            case "node":
                yield "node", self.node_index[name]
            case "cards":
                numbers = sorted(self.slots.numbers[name][slot] for slot in statement.slots)
                yield from (("cards", card_range) for card_range in as_ranges(numbers))
            case "tenant":
                yield "tenant", TENANT
            case "workload":
                yield "workload", self._workload(name)

    def _touches(self) -> tuple[Touches, Runs, list[KPart]]:
        ends = {
            (fact.source, fact.data.touch): fact.data
            for fact in self.tenant.facts()
            if isinstance(fact.data, kinds.TouchEnded)
        }
        ids: list[str] = []
        rows: list[tuple[int, int, int, int, int]] = []
        runs: list[tuple[int, int, int, int, int]] = []
        parts: list[KPart] = []
        for fact in self.tenant.facts():
            data = fact.data
            if not isinstance(data, kinds.TouchStarted | kinds.TouchRecorded):
                continue
            touch = len(ids)
            ending = (
                data
                if isinstance(data, kinds.TouchRecorded)
                else ends.get((fact.source, data.touch))
            )
            end, grade = OPEN if ending is None else ending.ended_at, _grade(data)
            end_grade = grade if ending is None else _grade(ending)
            ids.append(data.touch)
            rows.append((self._workload(data.workload), data.started_at, end, grade, end_grade))
            runs += [
                (touch, first, last, data.started_at, end)
                for first, last in self.slots.ranges(_card_texts(fact))
            ]
            for part in data.parts:
                if part.k is not UNSET:
                    of = None if part.of is UNSET else part.of
                    parts.append(KPart(touch, part.k, self._nodes_of(of)))
        return _touches_of(ids, rows), _runs_of(runs), parts

    def _lone_ends(self) -> list[LoneEnd]:
        """The newest end of each source whose touch has no start."""
        starts = {
            (fact.source, fact.data.touch)
            for fact in self.tenant.facts()
            if isinstance(fact.data, kinds.TouchStarted | kinds.TouchRecorded)
        }
        newest: dict[str, int] = {}
        for fact in self.tenant.facts():
            if (
                isinstance(fact.data, kinds.TouchEnded)
                and (fact.source, fact.data.touch) not in starts
            ):
                newest[fact.source] = max(fact.data.ended_at, newest.get(fact.source, 0))
        return [LoneEnd(source, TENANT, end) for source, end in sorted(newest.items())]

    def _reported_scope(self, sources: Set[str]) -> list[ReportedScope]:
        """What the facts of each of the sources are about, in either trail."""
        declarations: dict[str, list[SourceDeclaration]] = {}
        for fact in self.fleet.facts() if sources else ():
            if isinstance(fact.data, kinds.SourceDeclared) and fact.data.name in sources:
                declarations.setdefault(fact.data.name, []).append(self._source(fact))
        cards = {name: declared_cards(declarations.get(name, ())) for name in sources}
        return [
            *self._scopes_in(self.fleet, None, cards),
            *self._scopes_in(self.tenant, TENANT, cards),
        ]

    def _scopes_in(
        self, trail_facts: TrailFacts, trail: int | None, declared: Mapping[str, CardRanges | None]
    ) -> Iterator[ReportedScope]:
        """What the facts of each source in the trail are about; `declared` are the cards that each
        ever declared."""
        facts_of: dict[str, list[LiveFact]] = {}
        for fact in trail_facts.facts() if declared else ():
            facts_of.setdefault(fact.source, []).append(fact)
        for source in declared.keys() & trail_facts.sent.keys():
            live, sent, cards = facts_of.get(source, ()), trail_facts.sent[source], declared[source]
            is_outside = sent.corrects_others or kinds.SOURCE_DECLARED in sent.kinds
            if not is_outside and cards is not None:
                is_outside = any(self._is_outside(fact, cards) for fact in live)
            yield ReportedScope(
                source,
                trail,
                max_lookback_ms=max(sent.max_lookback_ms, *map(_lookback_ms, live), 0),
                reports=frozenset(REPORTS[kind] for kind in sent.kinds if kind in REPORTS),
                outside_declared_cards=is_outside,
                nodes=frozenset(
                    node
                    for fact in live
                    for texts in _counted_nodes(fact)
                    for node in self._nodes_of(texts) or ()
                ),
            )

    def _is_outside(self, fact: LiveFact, cards: CardRanges) -> bool:
        """Whether the fact is a touch on other cards than these, or on cards of unknown nodes."""
        if not isinstance(fact.data, kinds.STARTS):
            return False
        named = self.slots.ranges(_card_texts(fact))
        return not all(_counted_nodes(fact)) or not all(
            any(first <= low and high <= last for first, last in cards) for low, high in named
        )

    def _nodes_of(self, texts: list[str] | None) -> tuple[int, ...] | None:
        """The nodes that these hostlists name; None where there are none."""
        if not texts:
            return None
        names = {name for text in texts for name in hostlist.expand_nodes(text)}
        return tuple(sorted(self.node_index[name] for name in names))

    def _accesses(self) -> list[Access]:
        return [
            Access(
                id=data.access,
                tenant=TENANT,
                workload=None if data.workload is None else self._workload(data.workload),
                person=data.person,
                start=data.started_at,
                end=data.ended_at,
                office_country=data.office_country,
                physical_country=data.physical_country,
                employer_jurisdiction=data.employer_jurisdiction,
                approval=data.approval,
                grade=_grade(data),
            )
            for data in (fact.data for fact in self.tenant.facts())
            if isinstance(data, kinds.AccessRecorded)
        ]

    def _source(self, fact: LiveFact) -> SourceDeclaration:
        data: Any = fact.data
        return SourceDeclaration(
            name=data.name,
            effective_at=data.effective_at,
            order=fact.order,
            reports=frozenset(data.reports),
            cards=None if data.cards is None else self.slots.ranges(data.cards),
            heartbeat_ms=data.heartbeat_ms,
            reach_ms=data.reach_ms,
            sequenced=data.sequenced,
            grade=_grade(data),
        )

    def _heard(self, fact: LiveFact) -> Heard:
        data: Any = fact.data
        return Heard(
            fact.source,
            data.from_at,
            data.to_at,
            None if data.cards is None else self.slots.ranges(data.cards),
        )


def _grade(data: Any) -> Grade:
    return Grade[data.evidence.upper()]


def _touches_of(ids: list[str], rows: list[tuple[int, int, int, int, int]]) -> Touches:
    """From rows of (workload, start, end, grade, end grade)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Touches(
        id=ids,
        tenant=np.zeros(len(ids), dtype=np.int32),
        workload=table[:, 0].astype(np.int32),
        start=table[:, 1].copy(),
        end=table[:, 2].copy(),
        grade=table[:, 3].astype(np.int8),
        end_grade=table[:, 4].astype(np.int8),
    )


def _runs_of(rows: list[tuple[int, int, int, int, int]]) -> Runs:
    """From rows of (touch, first, last, start, end)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    return Runs(table[:, 0].astype(np.int32), *(table[:, column].copy() for column in range(1, 5)))


def _card_texts(fact: LiveFact) -> list[str]:
    """The hostlists with slots that a fact names."""
    data: Any = fact.data
    if isinstance(data, kinds.TouchStarted | kinds.TouchRecorded):
        return [
            *fact.resolved,
            *(text for part in data.parts if part.cards is not UNSET for text in part.cards),
        ]
    if isinstance(data, kinds.NodeRegistered):
        return [f"{data.node}/{group.slots}" for group in data.cards]
    if isinstance(data, kinds.CardReplaced | kinds.CardRetired):
        return [f"{data.node}/{data.slot}"]
    if isinstance(data, kinds.SourceDeclared | kinds.Heartbeat):
        return list(data.cards or ())
    return []


def _counted_nodes(fact: LiveFact) -> Iterator[list[str] | None]:
    """The nodes of each *k of S* of a touch, as hostlists; None where they are unknown."""
    if isinstance(fact.data, kinds.STARTS):
        yield from (part.of or None for part in fact.data.parts if part.of is not UNSET)


def _lookback_ms(fact: LiveFact) -> int:
    """How far the fact reaches back from its own time."""
    earliest = since(fact.data)
    return 0 if earliest is None else fact.time - earliest


def _node_names(data: kinds.Data) -> list[str]:
    """The nodes that a fact names without slots."""
    if isinstance(data, kinds.NodeRegistered | kinds.NodeMoved):
        return [data.node]
    if isinstance(data, kinds.TouchStarted | kinds.TouchRecorded):
        return [
            name
            for part in data.parts
            if part.of is not UNSET
            for text in part.of or ()
            for name in hostlist.expand_nodes(text)
        ]
    return []


def _statement(fact: LiveFact, subject: Subject, values: dict[str, str], resets: bool) -> Statement:
    data: Any = fact.data
    return Statement(
        subject, data.effective_at, _grade(data), fact.source, fact.order, values, resets
    )


def _sequences(trail_facts: TrailFacts, trail: int | None) -> list[SequenceNumbers]:
    """The numbers of each source in the trail, by source."""
    highest: dict[str, int] = {}
    for fact in trail_facts.facts():
        if isinstance(fact.data, kinds.SequenceReported):
            highest[fact.source] = max(fact.data.highest, highest.get(fact.source, 0))
    sequences: list[SequenceNumbers] = []
    for source in sorted({*trail_facts.numbered, *highest}):
        numbered = trail_facts.numbered.get(source, NumberedFacts())
        known = sorted(numbered.times)
        sequences.append(
            SequenceNumbers(
                source,
                trail,
                np.array(known, dtype=np.int64),
                np.array([numbered.times[number] for number in known], dtype=np.int64),
                highest.get(source, 0),
                numbered.starts,
                np.array(numbered.repeated(), dtype=np.int64),
            )
        )
    return sequences
