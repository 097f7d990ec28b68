"""The facts of a fleet trail and of one tenant's trail → the world that the evaluator reads.

The same world that the operator's database gives, as far as one tenant may see it: all inventory
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
from sovereignty.facts.scope import DECLARES_SOURCES, REPORTS, since
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
from sovereignty.replay.stream import Said, Stream

TENANT = 0  # the only tenant of a replayed world


@dataclass(slots=True)
class _Slots:
    """Slots in the order of their nodes, numbered without gaps."""

    nodes: dict[str, dict[str, int]] = field(default_factory=dict)

    def name(self, texts: Iterable[str]) -> None:
        for text in texts:
            for node, slots in hostlist.expand(text):
                self.nodes.setdefault(node, {}).update(dict.fromkeys(slots, -1))

    def number(self) -> None:
        given = 0
        for node in sorted(self.nodes):
            for slot in sorted(self.nodes[node], key=lambda label: (len(label), label)):
                self.nodes[node][slot] = given
                given += 1

    def ranges(self, texts: Iterable[str]) -> CardRanges:
        numbers = sorted(
            self.nodes[node][slot]
            for text in texts
            for node, slots in hostlist.expand(text)
            for slot in slots
        )
        return as_ranges(numbers)


def build(fleet: Stream, tenant: Stream, key: str) -> World:
    """Return the world of tenant `key`."""
    return _Builder(fleet, tenant, key).world()


class _Builder:
    def __init__(self, fleet: Stream, tenant: Stream, key: str) -> None:
        self.fleet, self.tenant, self.key = fleet, tenant, key
        self.slots = _Slots()
        for said in (*fleet.said(), *tenant.said()):
            self.slots.name(_texts(said))
            for name in _node_names(said.data):
                self.slots.nodes.setdefault(name, {})
        self.slots.number()
        self.node_index = {name: place for place, name in enumerate(sorted(self.slots.nodes))}
        self.workloads: dict[str, int] = {}

    def world(self) -> World:
        card_node = [
            self.node_index[node]
            for node in sorted(self.slots.nodes)
            for _ in self.slots.nodes[node]
        ]
        slots = [
            sorted(labels.items(), key=lambda pair: pair[1])
            for _, labels in sorted(self.slots.nodes.items())
        ]
        touches, runs, parts = self._touches()
        accesses = self._accesses()
        sequences, lone_ends = (
            [*_sequences(self.fleet, None), *_sequences(self.tenant, TENANT)],
            self._lone_ends(),
        )
        return World(
            nodes=sorted(self.slots.nodes),
            card_node=np.array(card_node, dtype=np.int32),
            card_slot=[label for labels in slots for label, _ in labels],
            tenants=[self.key],
            statements=self._statements(),
            touches=touches,
            runs=runs,
            parts=parts,
            accesses=accesses,
            sources=[
                self._source(said)
                for said in self.fleet.said()
                if isinstance(said.data, kinds.SourceDeclared)
            ],
            heard=[
                self._heard(said)
                for said in self.fleet.said()
                if isinstance(said.data, kinds.Heartbeat)
            ],
            sequences=sequences,
            lone_ends=lone_ends,
            workloads=list(self.workloads),
            reported_scope=self._reported_scope,
        )

    def _workload(self, key: str) -> int:
        return self.workloads.setdefault(key, len(self.workloads))

    def _statements(self) -> list[Statement]:
        return [
            statement
            for said in (*self.fleet.said(), *self.tenant.said())
            for statement in self._stated(said)
        ]

    def _stated(self, said: Said) -> Iterator[Statement]:
        for statement in statements_of(said.data):
            values = {name: text for name, text in statement.values.items() if text is not None}
            if statement.kind == "cards":
                values["present"] = "yes" if statement.present else "no"
            for subject in self._subjects(statement):
                yield _statement(said, subject, values, statement.resets)

    def _subjects(self, statement: FactStatement) -> Iterator[Subject]:
        """What the statement is about, as the world names it: cards as ranges of their numbers."""
        name = statement.name
        match statement.kind:
            case "region":
                yield "region", name
            case "node":
                yield "node", self.node_index[name]
            case "cards":
                numbers = sorted(self.slots.nodes[name][slot] for slot in statement.slots)
                yield from (("cards", card_range) for card_range in as_ranges(numbers))
            case "tenant":
                yield "tenant", TENANT
            case "workload":
                yield "workload", self._workload(name)

    def _touches(self) -> tuple[Touches, Runs, list[KPart]]:
        ended = [said for said in self.tenant.said() if isinstance(said.data, kinds.TouchEnded)]
        ends = {
            (said.source, said.data.touch): said.data
            for said in ended
            if isinstance(said.data, kinds.TouchEnded)
        }
        started = [
            said
            for said in self.tenant.said()
            if isinstance(said.data, kinds.TouchStarted | kinds.TouchRecorded)
        ]
        rows: list[tuple[int, int, int, int, int]] = []
        runs: list[tuple[int, int, int, int, int]] = []
        parts: list[KPart] = []
        for place, said in enumerate(started):
            data: Any = said.data
            closing: Any = (
                data
                if isinstance(data, kinds.TouchRecorded)
                else ends.get((said.source, data.touch))
            )
            end, grade = (
                (OPEN if closing is None else closing.ended_at),
                Grade[data.evidence.upper()],
            )
            end_grade = grade if closing is None else Grade[closing.evidence.upper()]
            rows.append((self._workload(data.workload), data.started_at, end, grade, end_grade))
            texts = [
                *said.resolved,
                *(text for part in data.parts if part.cards is not UNSET for text in part.cards),
            ]
            runs += [
                (place, first, last, data.started_at, end)
                for first, last in self.slots.ranges(texts)
            ]
            parts += [
                KPart(place, part.k, self._nodes(part.of))
                for part in data.parts
                if part.k is not UNSET
            ]
        table = np.array(rows, dtype=np.int64).reshape(-1, 5)
        flat = np.array(runs, dtype=np.int64).reshape(-1, 5)
        touches = Touches(
            id=[
                said.data.touch
                for said in started
                if isinstance(said.data, kinds.TouchStarted | kinds.TouchRecorded)
            ],
            tenant=np.zeros(len(started), dtype=np.int32),
            workload=table[:, 0].astype(np.int32),
            start=table[:, 1].copy(),
            end=table[:, 2].copy(),
            grade=table[:, 3].astype(np.int8),
            end_grade=table[:, 4].astype(np.int8),
        )
        return (
            touches,
            Runs(flat[:, 0].astype(np.int32), *(flat[:, column].copy() for column in range(1, 5))),
            parts,
        )

    def _lone_ends(self) -> list[LoneEnd]:
        """The newest end of each source whose touch has no start."""
        said = list(self.tenant.said())
        starts = {
            (each.source, each.data.touch)
            for each in said
            if isinstance(each.data, kinds.TouchStarted | kinds.TouchRecorded)
        }
        newest: dict[str, int] = {}
        for each in said:
            if (
                isinstance(each.data, kinds.TouchEnded)
                and (each.source, each.data.touch) not in starts
            ):
                newest[each.source] = max(each.data.ended_at, newest.get(each.source, 0))
        return [LoneEnd(source, TENANT, end) for source, end in sorted(newest.items())]

    def _reported_scope(self, sources: Set[str]) -> list[ReportedScope]:
        """What the facts of each of the sources speak of, in either trail."""
        declared: dict[str, list[SourceDeclaration]] = {}
        for said in self.fleet.said() if sources else ():
            if isinstance(said.data, kinds.SourceDeclared) and said.data.name in sources:
                declared.setdefault(said.data.name, []).append(self._source(said))
        cards = {name: declared_cards(declared.get(name, ())) for name in sources}
        return [
            *self._scopes_in(self.fleet, None, cards),
            *self._scopes_in(self.tenant, TENANT, cards),
        ]

    def _scopes_in(
        self, stream: Stream, trail: int | None, declared: Mapping[str, CardRanges | None]
    ) -> Iterator[ReportedScope]:
        """What the facts of each source in the trail speak of; `declared` are the cards that each
        ever declared."""
        standing: dict[str, list[Said]] = {}
        for said in stream.said() if declared else ():
            standing.setdefault(said.source, []).append(said)
        for source in declared.keys() & stream.words.keys():
            facts, words, cards = standing.get(source, ()), stream.words[source], declared[source]
            back = (0 if (at := since(said.data)) is None else said.time - at for said in facts)
            outside = words.corrects_others or DECLARES_SOURCES in words.kinds
            if not outside and cards is not None:
                outside = any(self._strays(said, cards) for said in facts)
            yield ReportedScope(
                source,
                trail,
                max_lookback_ms=max(words.back_ms, *back, 0),
                reports=frozenset(REPORTS[kind] for kind in words.kinds if kind in REPORTS),
                outside_declared_cards=outside,
                nodes=frozenset(
                    node
                    for said in facts
                    for of in _counted(said)
                    for node in self._nodes(of) or ()
                ),
            )

    def _strays(self, said: Said, cards: CardRanges) -> bool:
        """Whether the fact is a touch on other cards than these, or on nobody knows which."""
        if not isinstance(said.data, kinds.STARTS):
            return False
        named = self.slots.ranges(_texts(said))
        return not all(_counted(said)) or not all(
            any(first <= low and high <= last for first, last in cards) for low, high in named
        )

    def _nodes(self, texts: list[str] | None) -> tuple[int, ...] | None:
        if not texts:
            return None
        return tuple(
            sorted(
                {self.node_index[name] for text in texts for name in hostlist.expand_nodes(text)}
            )
        )

    def _accesses(self) -> list[Access]:
        return [
            Access(
                id=data.access, tenant=TENANT, workload=None if data.workload is None else self._workload(data.workload),
                person=data.person, start=data.started_at, end=data.ended_at, office_country=data.office_country,
                physical_country=data.physical_country, employer_jurisdiction=data.employer_jurisdiction,
                approval=data.approval, grade=Grade[data.evidence.upper()],
            )
            for data in (said.data for said in self.tenant.said())
            if isinstance(data, kinds.AccessRecorded)
        ]  # fmt: skip

    def _source(self, said: Said) -> SourceDeclaration:
        data: Any = said.data
        return SourceDeclaration(
            name=data.name, effective_at=data.effective_at, order=said.order, reports=frozenset(data.reports),
            cards=None if data.cards is None else self.slots.ranges(data.cards), heartbeat_ms=data.heartbeat_ms,
            reach_ms=data.reach_ms, sequenced=data.sequenced, grade=Grade[data.evidence.upper()],
        )  # fmt: skip

    def _heard(self, said: Said) -> Heard:
        data: Any = said.data
        return Heard(
            said.source,
            data.from_at,
            data.to_at,
            None if data.cards is None else self.slots.ranges(data.cards),
        )


def _texts(said: Said) -> list[str]:
    """The hostlists with slots that a fact names."""
    data: Any = said.data
    if isinstance(data, kinds.TouchStarted | kinds.TouchRecorded):
        return [
            *said.resolved,
            *(text for part in data.parts if part.cards is not UNSET for text in part.cards),
        ]
    if isinstance(data, kinds.NodeRegistered):
        return [f"{data.node}/{group.slots}" for group in data.cards]
    if isinstance(data, kinds.CardReplaced | kinds.CardRetired):
        return [f"{data.node}/{data.slot}"]
    if isinstance(data, kinds.SourceDeclared | kinds.Heartbeat):
        return list(data.cards or ())
    return []


def _counted(said: Said) -> Iterator[list[str] | None]:
    """The nodes of each *k of S* of a touch, as hostlists."""
    if isinstance(said.data, kinds.STARTS):
        yield from (part.of or None for part in said.data.parts if part.of is not UNSET)


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


def _statement(said: Said, subject: Subject, values: dict[str, str], resets: bool) -> Statement:
    data: Any = said.data
    return Statement(
        subject,
        data.effective_at,
        Grade[data.evidence.upper()],
        said.source,
        said.order,
        values,
        resets,
    )


def _sequences(stream: Stream, trail: int | None) -> list[SequenceNumbers]:
    highest: dict[str, int] = {}
    for said in stream.said():
        if isinstance(said.data, kinds.SequenceReported):
            highest[said.source] = max(said.data.highest, highest.get(said.source, 0))
    found: list[SequenceNumbers] = []
    for source in sorted({*stream.numbers, *highest}):
        numbers = stream.numbers.get(source)
        known = sorted(numbers.times) if numbers else []
        times = [numbers.times[number] for number in known] if numbers else []
        starts = numbers.starts if numbers else False
        columns = [
            np.array(each, dtype=np.int64)
            for each in (known, times, numbers.repeated() if numbers else [])
        ]
        found.append(
            SequenceNumbers(
                source, trail, columns[0], columns[1], highest.get(source, 0), starts, columns[2]
            )
        )
    return found
