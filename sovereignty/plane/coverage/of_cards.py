"""Coverage of cards: whether every source that must report on a card was heard at each time.

A source *must report* on a card while its declaration in force reports touches (or accesses) and
names the card. Coverage has no gap where all of this holds:

- some source of accepted evidence grade must report;
- each source that must report was heard by heartbeat;
- none of them lost a numbered fact that could be about the card then.

Cards of the same coverage over the whole period are one class. DESIGN section 2, *coverage*.

A touch lost from any tenant's trail may have shared the card. A lost access concerns its own tenant
alone (`of_accesses`). What may be lost of the inventory is kept apart, as the fleet's trail alone
shows it: every bundle holds that trail.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Literal, TypeAlias

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.coverage.sources import Source, in_force
from sovereignty.plane.intervals import Intervals, as_steps, union
from sovereignty.plane.layers import classify
from sovereignty.plane.steps import Steps, clip, combine, map_steps
from sovereignty.plane.world import OPEN, CardRange, CardRanges, Grade, Int32s


class Gap(IntEnum):
    """Why coverage has a gap, the first reason that applies; NONE where it has none.

    Lower is worse."""

    NO_SOURCE = 0
    BELOW_GRADE = 1
    NOT_HEARD = 2
    SEQUENCE_GAP = 3
    NONE = 4


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one card at one time. All names of sources are sorted.

    - `sources`: those at fault for the `gap`.
    - `inventory`: those that may have lost a statement about the card, whatever `gap` says.
    - `repeated`: those that by then have given a number twice, so no missing number shows the loss.
    - `inventory_repeated`: those that by then have given a number of the fleet's trail twice.
    """

    gap: Gap
    sources: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    inventory_repeated: tuple[str, ...] = ()

    def detail(self) -> dict[str, str]:
        """Return the detail of a finding: the sources at fault, and those that repeated numbers."""
        return _detail(self.sources, self.repeated if self.gap is Gap.SEQUENCE_GAP else ())

    def inventory_detail(self) -> dict[str, str]:
        """As `detail`, for an inventory statement that may be lost."""
        return _detail(self.inventory, self.inventory_repeated)


def _detail(sources: tuple[str, ...], repeated: tuple[str, ...]) -> dict[str, str]:
    repeating = [name for name in sources if name in repeated]
    return {
        key: ", ".join(names)
        for key, names in (("sources", sources), ("repeated", repeating))
        if names
    }


def worst(coverages: Iterable[Coverage]) -> Coverage:
    """Return the coverage of several cards taken together: without gap only where all are. Needs at
    least one."""
    all_coverages = list(coverages)
    gap = min(coverage.gap for coverage in all_coverages)

    def names(sources_in: Callable[[Coverage], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(sorted({name for coverage in all_coverages for name in sources_in(coverage)}))

    return Coverage(
        gap,
        names(lambda coverage: coverage.sources if coverage.gap == gap else ()),
        names(lambda coverage: coverage.inventory),
        names(lambda coverage: coverage.repeated),
        names(lambda coverage: coverage.inventory_repeated),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """One source and one card at one time."""

    must_report: bool
    accepted: bool
    heard: bool
    lost: bool
    inventory_lost: bool
    repeated: bool
    inventory_repeated: bool


# How a source concerns some cards: its declaration of this index names them, heartbeats about this
# set name them, or it may have lost a touch or an inventory statement about them.
_Relation: TypeAlias = (
    tuple[Literal["declared"], int]
    | tuple[Literal["heard"], CardRanges | None]
    | tuple[Literal["lost", "inventory"], None]
)
# The source's index, and its relation to some cards.
_Item: TypeAlias = tuple[int, _Relation]


def coverage_classes(
    sources: Sequence[Source],
    cards: int,
    least: Grade,
    start: int,
    end: int,
    report: FactFamily = "touch",
) -> tuple[Int32s, list[Steps[Coverage]]]:
    """Classify the card numbers 0 to `cards` - 1 by their coverage over `[start, end)`.

    `report` says what the sources must report, as a declaration names it. Returns the class of each
    card, and each class's coverage."""
    items, ranges = _items(sources, cards, report)
    class_of_card, members = classify(cards, ranges)
    states = cache(
        lambda number, relations: _states(sources[number], relations, least, start, end, report)
    )
    classes = []
    for member in members:
        by_source = _by_source(items[position] for position in member)
        names = [sources[number].name for number in by_source]
        states_of_sources = [states(number, relations) for number, relations in by_source.items()]
        classes.append(_combined(names, states_of_sources, start))
    return class_of_card, classes


def _by_source(items: Iterable[_Item]) -> dict[int, frozenset[_Relation]]:
    """The relations of each source, sources in order. A source that was only heard, about cards
    that it never declared, is left out."""
    by_source: dict[int, set[_Relation]] = {}
    for number, relation in items:
        by_source.setdefault(number, set()).add(relation)
    return {
        number: frozenset(relations)
        for number, relations in sorted(by_source.items())
        if any(kind != "heard" for kind, _ in relations)
    }


def _items(
    sources: Sequence[Source], cards: int, report: FactFamily
) -> tuple[list[_Item], list[CardRange]]:
    """How all sources concern cards, an element per card range."""
    items: list[_Item] = []
    ranges: list[CardRange] = []
    all_cards: CardRanges = ((0, cards - 1),) if cards else ()
    for number, source in enumerate(sources):
        relations: list[tuple[_Relation, CardRanges | None]] = []
        if any(report in declaration.reports for declaration in source.declarations):
            relations += [
                (("declared", index), declaration.cards)
                for index, declaration in enumerate(source.declarations)
            ]
            relations += [(("heard", named), named) for named in source.heard if named is not None]
        if source.lost_anywhere and report == "touch":
            relations.append((("lost", None), source.widest_cards(source.scopes.anywhere)))
        if source.fleet_lost_from is not None:
            relations.append((("inventory", None), source.widest_cards(source.scopes.fleet)))
        for relation, named in relations:
            for card_range in all_cards if named is None else named:
                items.append((number, relation))
                ranges.append(card_range)
    return items, ranges


def _states(
    source: Source,
    relations: frozenset[_Relation],
    least: Grade,
    start: int,
    end: int,
    report: FactFamily,
) -> Steps[_State]:
    """The source's state about cards that it concerns by these relations."""
    declared = {key for kind, key in relations if kind == "declared"}

    def grade_if_must_report(index: int | None) -> Grade | None:
        if (
            index is None
            or index not in declared
            or report not in source.declarations[index].reports
        ):
            return None
        return source.declarations[index].grade

    named = [key for kind, key in relations if kind == "heard" and not isinstance(key, int)]
    # A heartbeat that names no cards is about all that the source declared: it matters wherever the
    # source must report.
    heard = union(interval for cards in (None, *named) for interval in source.heard.get(cards, ()))
    may_lose, may_lose_inventory = ("lost", None) in relations, ("inventory", None) in relations
    lost = source.lost_anywhere if may_lose else ()
    repeated = _from(source.repeated_from) if may_lose else ()
    inventory = _from(source.fleet_lost_from) if may_lose_inventory else ()
    inventory_repeated = _from(source.fleet_repeated_from) if may_lose_inventory else ()
    grades = clip(map_steps(in_force(source.declarations), grade_if_must_report), start, end)
    others = [
        as_steps(intervals, start, end)
        for intervals in (heard, lost, inventory, repeated, inventory_repeated)
    ]
    return combine([grades, *others], lambda values: _state(values, least))


def _from(moment: int | None) -> Intervals:
    return () if moment is None else ((moment, OPEN),)


def _state(values: tuple[Grade | bool | None, ...], least: Grade) -> _State:
    grade, *others = values
    return _State(grade is not None, grade is not None and grade >= least, *map(bool, others))


def _combined(names: Sequence[str], states: Sequence[Steps[_State]], start: int) -> Steps[Coverage]:
    """The coverage of cards that exactly these sources concern."""
    if not states:
        return ((start, Coverage(Gap.NO_SOURCE)),)
    return combine(states, lambda values: _coverage(names, values))


def _coverage(names: Sequence[str], states: tuple[_State, ...]) -> Coverage:
    reporting = [state for state in states if state.must_report]
    lost = (
        _named(names, states, lambda state: state.inventory_lost),
        _named(
            names, states, lambda state: state.repeated and (state.lost or state.inventory_lost)
        ),
        _named(names, states, lambda state: state.inventory_repeated and state.inventory_lost),
    )
    if not reporting:
        return Coverage(Gap.NO_SOURCE, (), *lost)
    if not any(state.accepted for state in reporting):
        unaccepted = _named(names, states, lambda state: state.must_report)
        return Coverage(Gap.BELOW_GRADE, unaccepted, *lost)
    if not all(state.heard for state in reporting):
        silent = _named(names, states, lambda state: state.must_report and not state.heard)
        return Coverage(Gap.NOT_HEARD, silent, *lost)
    losing = _named(names, states, lambda state: state.lost or state.inventory_lost)
    return Coverage(Gap.SEQUENCE_GAP if losing else Gap.NONE, losing, *lost)


def _named(
    names: Sequence[str], states: tuple[_State, ...], at_fault: Callable[[_State], bool]
) -> tuple[str, ...]:
    return tuple(name for name, state in zip(names, states, strict=True) if at_fault(state))
