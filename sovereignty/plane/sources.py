"""The sources as a check sees them: what each owed when, when it was heard, and what may be lost of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sovereignty.plane.intervals import Intervals, union, union_arrays
from sovereignty.plane.sequences import bound_sources, fleet_window_start, numbering_sources, repeated_from, windows
from sovereignty.plane.steps import Steps, tidy
from sovereignty.plane.world import BEGINNING, CardRanges, Grade, Heard, Report, SourceDeclaration, World


@dataclass(frozen=True, slots=True)
class Source:
    """One source. `heard` holds, by the card set that heartbeats named (None: all it declared), the union of their intervals.

    `lost` are the windows of facts missing from tenants' trails, by numbers or as the starts of touches, by tenant index;
    `fleet_lost_from` is when an inventory statement missing from the fleet's trail may begin to hold; `repeated_from` is the earliest
    moment that a number given twice casts doubt on. Unless it `is_bound` by a declaration (`plane.sequences.bound_sources`), it may have
    lost a fact about anything.
    """

    name: str
    declarations: tuple[SourceDeclaration, ...]
    heard: Mapping[CardRanges | None, Intervals]
    lost: Mapping[int, Intervals]
    fleet_lost_from: int | None
    repeated_from: int | None = None
    is_bound: bool = True

    def may_report(self, report: Report) -> bool:
        """Whether it ever declared that it reports these, or is bound by no declaration."""
        return not self.is_bound or any(report in declaration.reports for declaration in self.declarations)

    def widest_cards(self) -> CardRanges | None:
        """All cards that it ever declared; None, the whole fleet, if once it named none or is bound by no declaration."""
        if not self.is_bound:
            return None
        ranges: list[tuple[int, int]] = []
        for declaration in self.declarations:
            if declaration.cards is None:
                return None
            ranges += declaration.cards
        return tuple(ranges)


def sources_of(world: World, least: Grade, end: int) -> list[Source]:
    """The declared sources, those that only number facts, and those that told an end without its start, sorted by name. Heartbeats of
    others say nothing that is owed.

    Declarations below the `least` grade, or of a time from the period's `end` on, bind nobody."""
    declarations: dict[str, list[SourceDeclaration]] = {}
    for declaration in world.sources:
        declarations.setdefault(declaration.name, []).append(declaration)
    heard = _heard(world.heard)
    bound = bound_sources(world.sources, least, end)
    reaches = numbering_sources(world.sources, world.sequences, bound)
    lost: dict[str, dict[int, Intervals]] = {}
    fleet: dict[str, int | None] = {}
    again: dict[str, int] = {}
    for sequence in world.sequences:
        if sequence.source not in reaches:
            continue
        if (doubt := repeated_from(sequence, reaches[sequence.source])) is not None:
            again[sequence.source] = min(doubt, again.get(sequence.source, doubt))
        if sequence.trail is None:
            fleet[sequence.source] = fleet_window_start(sequence, reaches[sequence.source])
        elif found := windows(sequence, reaches[sequence.source]):
            lost.setdefault(sequence.source, {})[sequence.trail] = found
    for each in world.lone_ends:
        of_source = lost.setdefault(each.source, {})
        of_source[each.tenant] = union([*of_source.get(each.tenant, ()), (BEGINNING, each.end)])
    return [
        Source(
            name, tuple(declarations.get(name, ())), heard.get(name, {}), lost.get(name, {}), fleet.get(name), again.get(name),
            name in bound,
        )
        for name in sorted(declarations.keys() | reaches.keys() | lost.keys())
    ]  # fmt: skip


def in_force(declarations: Sequence[SourceDeclaration]) -> Steps[int | None]:
    """The place of the declaration that held: a later one replaces one of its own grade, and the highest grade wins."""
    by_grade: dict[Grade, int] = {}
    steps: list[tuple[int, int | None]] = [(BEGINNING, None)]
    for place, each in sorted(enumerate(declarations), key=lambda item: (item[1].effective_at, item[1].order)):
        by_grade[each.grade] = place
        steps.append((each.effective_at, by_grade[max(by_grade)]))
    return tidy(steps)


def lost_of_any_tenant(source: Source) -> Intervals:
    """When a fact of any tenant may be missing: it may have shared a card with every other tenant's."""
    return union(window for found in source.lost.values() for window in found)


def _heard(heartbeats: Iterable[Heard]) -> dict[str, dict[CardRanges | None, Intervals]]:
    bounds: dict[str, dict[CardRanges | None, list[tuple[int, int]]]] = {}
    for beat in heartbeats:
        bounds.setdefault(beat.source, {}).setdefault(beat.cards, []).append((beat.from_at, beat.to_at))
    return {name: {cards: _merged(pairs) for cards, pairs in by_cards.items()} for name, by_cards in bounds.items()}


def _merged(pairs: list[tuple[int, int]]) -> Intervals:
    array = np.array(pairs, dtype=np.int64)
    return union_arrays(array[:, 0], array[:, 1])
