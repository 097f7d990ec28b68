"""Coverage: whether everyone who owes word of a card's touches, or of accesses to it, was heard at
each time.

A source *owes* word of a card while its declaration in force reports touches (or accesses) and
names the card. Coverage is whole where some source of accepted evidence grade owes word, each that
owes was heard by heartbeat, and none lost a numbered fact that could speak of the card then. Cards
of the same coverage over the whole period are one class. DESIGN section 2, *coverage*.

A touch lost from any tenant's trail may have shared the card; a lost access concerns its own tenant
alone (`plane.access_coverage`). What may be lost of the inventory is told apart, as the fleet's
trail alone shows it: every bundle holds that.
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
    """Why coverage is not whole, the first that applies; NONE where it is."""

    NO_SOURCE = 0
    BELOW_GRADE = 1
    NOT_HEARD = 2
    SEQUENCE_GAP = 3
    NONE = 4


@dataclass(frozen=True, slots=True)
class Coverage:
    """`sources` are those at fault, sorted; `inventory` those that may have lost a statement about
    the card, whatever `gap` says; `repeated` those that by then have given a number twice, so
    that their loss is one that no missing number shows, and `inventory_repeated` those that have
    given one of the fleet's trail twice."""

    gap: Gap
    sources: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    inventory_repeated: tuple[str, ...] = ()

    def detail(self) -> dict[str, str]:
        return _naming(self.sources, self.repeated if self.gap is Gap.SEQUENCE_GAP else ())

    def inventory_detail(self) -> dict[str, str]:
        """As `detail`, of a statement that may be lost."""
        return _naming(self.inventory, self.inventory_repeated)


def _naming(sources: tuple[str, ...], repeated: tuple[str, ...]) -> dict[str, str]:
    again = [name for name in sources if name in repeated]
    return {
        key: ", ".join(names) for key, names in (("sources", sources), ("repeated", again)) if names
    }


def worst(coverages: Iterable[Coverage]) -> Coverage:
    """The coverage of several cards taken together: whole only where all are."""
    found = list(coverages)
    gap = min(each.gap for each in found)

    def names(of: Callable[[Coverage], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(sorted({name for each in found for name in of(each)}))

    return Coverage(
        gap,
        names(lambda each: each.sources if each.gap == gap else ()),
        names(lambda each: each.inventory),
        names(lambda each: each.repeated),
        names(lambda each: each.inventory_repeated),
    )


@dataclass(frozen=True, slots=True)
class _State:
    """One source and one card at one time."""

    owes: bool
    accepted: bool
    heard: bool
    lost: bool
    inventory_lost: bool
    repeated: bool
    inventory_repeated: bool


_Said: TypeAlias = (
    tuple[Literal["declared"], int]
    | tuple[Literal["heard"], CardRanges | None]
    | tuple[Literal["lost", "inventory"], None]
)
# the source's place in the list, and what it said of some cards
_Item: TypeAlias = tuple[int, _Said]


def coverage_classes(
    sources: Sequence[Source],
    cards: int,
    least: Grade,
    start: int,
    end: int,
    report: FactFamily = "touch",
) -> tuple[Int32s, list[Steps[Coverage]]]:
    """The coverage class of each of `cards` card numbers, and each class's coverage over `[start,
    end)` as to what `report` names."""
    items, ranges = _items(sources, cards, report)
    class_of_card, members = classify(cards, ranges)
    states = cache(lambda number, said: _states(sources[number], said, least, start, end, report))
    classes = []
    for member in members:
        said_by = _by_source(items[position] for position in member)
        names = [sources[number].name for number in said_by]
        classes.append(
            _together(names, [states(number, said) for number, said in said_by.items()], start)
        )
    return class_of_card, classes


def _by_source(items: Iterable[_Item]) -> dict[int, frozenset[_Said]]:
    """What each source said of cards, sources in order; one that was heard about cards that it
    never declared is left out."""
    said_by: dict[int, set[_Said]] = {}
    for number, said in items:
        said_by.setdefault(number, set()).add(said)
    return {
        number: frozenset(said)
        for number, said in sorted(said_by.items())
        if any(what != "heard" for what, _ in said)
    }


def _items(
    sources: Sequence[Source], cards: int, report: FactFamily
) -> tuple[list[_Item], list[CardRange]]:
    """All that sources said of cards, an element per card range."""
    items: list[_Item] = []
    ranges: list[CardRange] = []
    for number, source in enumerate(sources):
        said: list[tuple[_Said, CardRanges | None]] = []
        if any(report in each.reports for each in source.declarations):
            said += [
                (("declared", place), each.cards) for place, each in enumerate(source.declarations)
            ]
            said += [(("heard", named), named) for named in source.heard if named is not None]
        if source.lost_anywhere and report == "touch":
            said.append((("lost", None), source.widest_cards(source.told.anywhere)))
        if source.fleet_lost_from is not None:
            said.append((("inventory", None), source.widest_cards(source.told.fleet)))
        for what, named in said:
            whole: CardRanges = ((0, cards - 1),) if cards else ()
            for card_range in whole if named is None else named:
                items.append((number, what))
                ranges.append(card_range)
    return items, ranges


def _states(
    source: Source, said: frozenset[_Said], least: Grade, start: int, end: int, report: FactFamily
) -> Steps[_State]:
    """The source's state about cards of which it said this."""
    declared = {key for what, key in said if what == "declared"}

    def owes(place: int | None) -> Grade | None:
        if (
            place is None
            or place not in declared
            or report not in source.declarations[place].reports
        ):
            return None
        return source.declarations[place].grade

    named = [key for what, key in said if what == "heard" and not isinstance(key, int)]
    # A heartbeat that names no cards is about all that the source declared: it matters wherever the
    # source owes anything.
    heard = union(interval for cards in (None, *named) for interval in source.heard.get(cards, ()))
    lost = source.lost_anywhere if ("lost", None) in said else ()
    repeated = _from(source.repeated_from) if ("lost", None) in said else ()
    inventory = _from(source.fleet_lost_from) if ("inventory", None) in said else ()
    inventory_repeated = _from(source.fleet_repeated_from) if ("inventory", None) in said else ()
    owing = clip(map_steps(in_force(source.declarations), owes), start, end)
    others = [
        as_steps(intervals, start, end)
        for intervals in (heard, lost, inventory, repeated, inventory_repeated)
    ]
    return combine([owing, *others], lambda values: _state(values, least))


def _from(moment: int | None) -> Intervals:
    return () if moment is None else ((moment, OPEN),)


def _state(values: tuple[Grade | bool | None, ...], least: Grade) -> _State:
    grade, *others = values
    return _State(grade is not None, grade is not None and grade >= least, *map(bool, others))


def _together(names: Sequence[str], states: Sequence[Steps[_State]], start: int) -> Steps[Coverage]:
    """The coverage of cards of which exactly these sources spoke."""
    if not states:
        return ((start, Coverage(Gap.NO_SOURCE)),)
    return combine(states, lambda values: _coverage(names, values))


def _coverage(names: Sequence[str], states: tuple[_State, ...]) -> Coverage:
    owing = [state for state in states if state.owes]
    lost = (
        _named(names, states, lambda state: state.inventory_lost),
        _named(
            names, states, lambda state: state.repeated and (state.lost or state.inventory_lost)
        ),
        _named(names, states, lambda state: state.inventory_repeated and state.inventory_lost),
    )
    if not owing:
        return Coverage(Gap.NO_SOURCE, (), *lost)
    if not any(state.accepted for state in owing):
        return Coverage(Gap.BELOW_GRADE, _named(names, states, lambda state: state.owes), *lost)
    if not all(state.heard for state in owing):
        return Coverage(
            Gap.NOT_HEARD,
            _named(names, states, lambda state: state.owes and not state.heard),
            *lost,
        )
    holed = _named(names, states, lambda state: state.lost or state.inventory_lost)
    return Coverage(Gap.SEQUENCE_GAP if holed else Gap.NONE, holed, *lost)


def _named(
    names: Sequence[str], states: tuple[_State, ...], at_fault: Callable[[_State], bool]
) -> tuple[str, ...]:
    return tuple(name for name, state in zip(names, states, strict=True) if at_fault(state))
