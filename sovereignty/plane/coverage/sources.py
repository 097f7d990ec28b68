"""The sources as a check sees them: what each owed when, when it was heard, and what may be lost of
it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.coverage.observed_scope import Telling, Tellings, declared_cards, tellings_of
from sovereignty.plane.coverage.sequences import (
    bound_sources,
    fleet_window_start,
    is_whole,
    numbering_sources,
    repeated_from,
    windows,
)
from sovereignty.plane.intervals import Intervals, union, union_arrays
from sovereignty.plane.steps import Steps, tidy
from sovereignty.plane.world import (
    BEGINNING,
    OPEN,
    CardRanges,
    Grade,
    Heard,
    SequenceNumbers,
    SourceDeclaration,
    World,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One source. `heard` holds, by the card set that heartbeats named (None: all it declared), the
    union of their intervals.

    `lost` are the windows of facts missing from tenants' trails, by numbers or as the starts of
    touches, by tenant index; `fleet_lost_from` is when an inventory statement missing from the
    fleet's trail may begin to hold. Both are as those trails alone show; `lost_anywhere` is, by all
    trails, when a touch of any tenant may be missing, which may have shared a card with every other
    tenant's, or such a statement. `repeated_from` is the earliest moment that a number given twice
    casts doubt on, `fleet_repeated_from` that of the fleet's trail. Unless it `is_bound` by a
    declaration (`plane.sequences.bound_sources`), it may have lost a fact about anything; else
    about what it declared or `told` of.
    """

    name: str
    declarations: tuple[SourceDeclaration, ...]
    heard: Mapping[CardRanges | None, Intervals]
    lost: Mapping[int, Intervals] = field(default_factory=dict)
    lost_anywhere: Intervals = ()
    fleet_lost_from: int | None = None
    repeated_from: int | None = None
    fleet_repeated_from: int | None = None
    is_bound: bool = True
    told: Tellings = field(default_factory=Tellings)

    def may_report(self, report: FactFamily, told: Telling) -> bool:
        """Whether it ever declared that it reports these, or `told` of them, or is bound by no
        declaration."""
        return (
            not self.is_bound
            or report in told.reports
            or any(report in each.reports for each in self.declarations)
        )

    def widest_cards(self, told: Telling) -> CardRanges | None:
        """All cards that it ever declared; None, the whole fleet, if once it named none, if what it
        `told` is about others, or if it is bound by no declaration."""
        return declared_cards(self.declarations) if self.is_bound and not told.strays else None


def sources_of(world: World, least: Grade, end: int) -> list[Source]:
    """The declared sources, those that only number facts, and those that told an end without its
    start, sorted by name. Heartbeats of others say nothing that is owed.

    Declarations below the `least` grade, or of a time from the period's `end` on, bind nobody."""
    declarations: dict[str, list[SourceDeclaration]] = {}
    for declaration in world.sources:
        declarations.setdefault(declaration.name, []).append(declaration)
    heard = _heard(world.heard)
    bound = bound_sources(world.sources, least, end)
    reaches = numbering_sources(world.sources, world.sequences, bound)
    losses = {name: _Losses(reach) for name, reach in reaches.items()}
    for sequence in world.sequences:
        if sequence.source in losses and not is_whole(sequence):
            losses[sequence.source].holed.append(sequence)
    for lone in world.lone_ends:
        losses.setdefault(lone.source, _Losses(None)).lone_ends.append(
            (lone.tenant, (BEGINNING, lone.end))
        )
    losing = {
        name: declarations[name]
        for name, each in losses.items()
        if name in bound and (each.holed or each.lone_ends)
    }
    told = tellings_of(world, losing)
    return [
        _source(
            Source(
                name,
                tuple(declarations.get(name, ())),
                heard.get(name, {}),
                is_bound=name in bound,
                told=told.get(name, Tellings()),
            ),
            losses.get(name),
        )
        for name in sorted(declarations.keys() | losses.keys())
    ]


@dataclass(slots=True)
class _Losses:
    """What is missing of one source: sequences that are not whole, and when the start of a touch is
    missing, by tenant."""

    reach_ms: int | None
    holed: list[SequenceNumbers] = field(default_factory=list)
    lone_ends: list[tuple[int, tuple[int, int]]] = field(default_factory=list)


def _source(source: Source, losses: _Losses | None) -> Source:
    """The source with what is missing of it."""
    if losses is None or not (losses.holed or losses.lone_ends):
        return source
    told = source.told
    lost: dict[int, Intervals] = {}
    anywhere: list[tuple[int, int]] = []
    fleet, again, fleet_again = None, list[int](), None
    for numbers in losses.holed:
        seen = told.fleet if numbers.trail is None else told.seen_by(numbers.trail)
        reach, widest = seen.holding(losses.reach_ms), told.anywhere.holding(losses.reach_ms)
        again += [] if (doubt := repeated_from(numbers, widest)) is None else [doubt]
        if numbers.trail is None:
            fleet, fleet_again = fleet_window_start(numbers, reach), repeated_from(numbers, reach)
            started = fleet_window_start(numbers, widest)
            anywhere += [] if started is None else [(started, OPEN)]
        else:
            lost[numbers.trail] = windows(numbers, reach)
            anywhere += (
                windows(numbers, widest) if source.may_report("touch", told.anywhere) else ()
            )
    for tenant, window in losses.lone_ends:
        lost[tenant] = union([*lost.get(tenant, ()), window])
        anywhere += [window] if source.may_report("touch", told.anywhere) else []
    return replace(
        source, lost={tenant: found for tenant, found in lost.items() if found}, lost_anywhere=union(anywhere), fleet_lost_from=fleet,
        repeated_from=min(again, default=None), fleet_repeated_from=fleet_again,
    )  # fmt: skip


def in_force(declarations: Sequence[SourceDeclaration]) -> Steps[int | None]:
    """The place of the declaration that held: a later one replaces one of its own grade, and the
    highest grade wins."""
    by_grade: dict[Grade, int] = {}
    steps: list[tuple[int, int | None]] = [(BEGINNING, None)]
    for place, each in sorted(
        enumerate(declarations), key=lambda item: (item[1].effective_at, item[1].order)
    ):
        by_grade[each.grade] = place
        steps.append((each.effective_at, by_grade[max(by_grade)]))
    return tidy(steps)


def _heard(heartbeats: Iterable[Heard]) -> dict[str, dict[CardRanges | None, Intervals]]:
    bounds: dict[str, dict[CardRanges | None, list[tuple[int, int]]]] = {}
    for beat in heartbeats:
        bounds.setdefault(beat.source, {}).setdefault(beat.cards, []).append(
            (beat.from_at, beat.to_at)
        )
    return {
        name: {cards: _merged(pairs) for cards, pairs in by_cards.items()}
        for name, by_cards in bounds.items()
    }


def _merged(pairs: list[tuple[int, int]]) -> Intervals:
    array = np.array(pairs, dtype=np.int64)
    return union_arrays(array[:, 0], array[:, 1])
