"""The sources as a check sees them: what each must report when, when it was heard, and what may be
lost of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sovereignty.facts.kinds import FactFamily
from sovereignty.plane.coverage.observed_scope import (
    ObservedScope,
    SourceScopes,
    declared_cards,
    scopes_of,
)
from sovereignty.plane.coverage.sequences import (
    declared_sources,
    fleet_window_start,
    is_complete,
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
    LoneEnd,
    SequenceNumbers,
    SourceDeclaration,
    World,
)


@dataclass(frozen=True, slots=True)
class Source:
    """One source, as a check sees it.

    - `declarations`: all that it ever made, in the world's order.
    - `heard`: the union of its heartbeats' intervals, by the card set that they name; None is all
      cards that it declared.
    - `lost`: by tenant index, the windows of facts missing from the tenant's trail, by numbers or
      as starts of touches. As that trail and the fleet's alone show it.
    - `lost_anywhere`: as all trails show it, when a touch of any tenant may be missing, which may
      have shared a card with every other tenant's, or an inventory statement.
    - `fleet_lost_from`: when an inventory statement missing from the fleet's trail may begin to
      hold, as that trail alone shows it; None where none is missing.
    - `repeated_from`: the earliest time on which a number given twice casts doubt, and
      `fleet_repeated_from` that of the fleet's trail.
    - `is_declared`: whether a declaration counts in the period (`sequences.declared_sources`). If
      none does, the source may have lost a fact about anything; else about what it declared or
      what its `scopes` show.
    """

    name: str
    declarations: tuple[SourceDeclaration, ...]
    heard: Mapping[CardRanges | None, Intervals]
    lost: Mapping[int, Intervals] = field(default_factory=dict)
    lost_anywhere: Intervals = ()
    fleet_lost_from: int | None = None
    repeated_from: int | None = None
    fleet_repeated_from: int | None = None
    is_declared: bool = True
    scopes: SourceScopes = field(default_factory=SourceScopes)

    def may_report(self, report: FactFamily, scope: ObservedScope) -> bool:
        """Whether a fact of this source may be of the family `report`: it declared that it reports
        these, or `scope` shows it, or no declaration counts."""
        return (
            not self.is_declared
            or report in scope.reports
            or any(report in declaration.reports for declaration in self.declarations)
        )

    def widest_cards(self, scope: ObservedScope) -> CardRanges | None:
        """Return all cards that a fact of this source may be about: those that it ever declared.

        None is the whole fleet: once it named no cards, or `scope` shows others, or no declaration
        counts."""
        if not self.is_declared or scope.outside_declared_cards:
            return None
        return declared_cards(self.declarations)


def sources_of(world: World, least: Grade, end: int) -> list[Source]:
    """Return the declared sources, those that only number facts, and those that reported an end
    without its start, sorted by name.

    Declarations below the `least` grade, or of a time from the period's `end` on, do not count.
    Heartbeats of sources that were never declared are ignored."""
    declarations: dict[str, list[SourceDeclaration]] = {}
    for declaration in world.sources:
        declarations.setdefault(declaration.name, []).append(declaration)
    heard = _heard(world.heard)
    declared = declared_sources(world.sources, least, end)
    reaches = numbering_sources(world.sources, world.sequences, declared)
    losses = {name: _Losses(reach) for name, reach in reaches.items()}
    for sequence in world.sequences:
        if sequence.source in losses and not is_complete(sequence):
            losses[sequence.source].sequences.append(sequence)
    for lone_end in world.lone_ends:
        losses.setdefault(lone_end.source, _Losses(None)).lone_ends.append(lone_end)
    losing = {
        name: declarations[name]
        for name, of_source in losses.items()
        if name in declared and (of_source.sequences or of_source.lone_ends)
    }
    scopes = scopes_of(world, losing)
    return [
        _with_losses(
            Source(
                name,
                tuple(declarations.get(name, ())),
                heard.get(name, {}),
                is_declared=name in declared,
                scopes=scopes.get(name, SourceScopes()),
            ),
            losses.get(name),
        )
        for name in sorted(declarations.keys() | losses.keys())
    ]


@dataclass(slots=True)
class _Losses:
    """What is missing of one source: sequences with gaps or repeated numbers, and ends of touches
    without their starts. `reach_ms` is the reach that it declared."""

    reach_ms: int | None
    sequences: list[SequenceNumbers] = field(default_factory=list)
    lone_ends: list[LoneEnd] = field(default_factory=list)


def _with_losses(source: Source, losses: _Losses | None) -> Source:
    """The source with what is missing of it."""
    if losses is None or not (losses.sequences or losses.lone_ends):
        return source
    scopes = source.scopes
    widest_reach = scopes.anywhere.reach_if_kept(losses.reach_ms)
    may_lose_touches = source.may_report("touch", scopes.anywhere)
    lost: dict[int, Intervals] = {}
    anywhere: list[tuple[int, int]] = []
    in_doubt_from: list[int] = []
    fleet_lost_from, fleet_repeated_from = None, None
    for sequence in losses.sequences:
        if (moment := repeated_from(sequence, widest_reach)) is not None:
            in_doubt_from.append(moment)
        if sequence.trail is None:
            reach = scopes.fleet.reach_if_kept(losses.reach_ms)
            fleet_lost_from = fleet_window_start(sequence, reach)
            fleet_repeated_from = repeated_from(sequence, reach)
            if (moment := fleet_window_start(sequence, widest_reach)) is not None:
                anywhere.append((moment, OPEN))
        else:
            reach = scopes.seen_by(sequence.trail).reach_if_kept(losses.reach_ms)
            lost[sequence.trail] = windows(sequence, reach)
            anywhere += windows(sequence, widest_reach) if may_lose_touches else ()
    for lone_end in losses.lone_ends:
        window = BEGINNING, lone_end.end
        lost[lone_end.tenant] = union([*lost.get(lone_end.tenant, ()), window])
        anywhere += [window] if may_lose_touches else []
    return replace(
        source,
        lost={tenant: intervals for tenant, intervals in lost.items() if intervals},
        lost_anywhere=union(anywhere),
        fleet_lost_from=fleet_lost_from,
        repeated_from=min(in_doubt_from, default=None),
        fleet_repeated_from=fleet_repeated_from,
    )


def in_force(declarations: Sequence[SourceDeclaration]) -> Steps[int | None]:
    """Return the index of the declaration in force over time; None before the first.

    A later declaration replaces one of its own grade, and the highest grade wins."""
    by_grade: dict[Grade, int] = {}
    steps: list[tuple[int, int | None]] = [(BEGINNING, None)]
    for index, declaration in sorted(
        enumerate(declarations), key=lambda pair: (pair[1].effective_at, pair[1].order)
    ):
        by_grade[declaration.grade] = index
        steps.append((declaration.effective_at, by_grade[max(by_grade)]))
    return tidy(steps)


def _heard(heartbeats: Iterable[Heard]) -> dict[str, dict[CardRanges | None, Intervals]]:
    """The heartbeats' intervals, by source and by the cards that they name."""
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
