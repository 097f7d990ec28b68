"""When every access to a tenant would have been told.

A source is *wholly heard* while its declaration in force reports accesses on accepted evidence, its heartbeats reach all cards that it
declared, and none of its fleet facts is missing. One such source at a time is enough; but where a fact that any reporter of accesses
numbered in the tenant's trail is missing, it may be an access, and no other source makes up for it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from sovereignty.plane.areas import distinct_cards
from sovereignty.plane.intervals import Intervals, complement, intersect, union
from sovereignty.plane.sources import Source, in_force
from sovereignty.plane.world import BEGINNING, OPEN, CardRange, CardRanges, Grade


class AccessCoverage:
    """The times of a period in which an access may not have been told, per tenant."""

    def __init__(self, sources: Sequence[Source], given: Sequence[CardRange], least: Grade, start: int, end: int) -> None:
        """`given` are the card numbers that exist, as ranges."""
        self._period = start, end
        heard = union(interval for source in sources for interval in _wholly_heard(source, given, least, start, end))
        self._unheard = complement(heard, start, end)
        self._reporting = [source for source in sources if source.may_report("access")]

    def gaps(self, tenant: int) -> Intervals:
        """The maximal intervals of the period in which no source was wholly heard, or a fact of this tenant may be missing."""
        lost = [window for source in self._reporting for window in source.lost.get(tenant, ())]
        return intersect(union([*self._unheard, *lost]), *self._period) if lost else self._unheard


def _wholly_heard(source: Source, given: Sequence[CardRange], least: Grade, start: int, end: int) -> Intervals:
    """When the source was wholly heard, holes in tenants' trails apart."""
    steps = in_force(source.declarations)
    ends = [at for at, _ in steps[1:]] + [OPEN]
    heard: list[tuple[int, int]] = []
    for (at, place), to in zip(steps, ends, strict=True):
        if place is None:
            continue
        declaration = source.declarations[place]
        if "access" in declaration.reports and declaration.grade >= least:
            about_all = _heard_about(given if declaration.cards is None else declaration.cards, source.heard, start, end)
            heard += intersect(about_all, at, to)
    lost_from = OPEN if source.fleet_lost_from is None else source.fleet_lost_from
    return intersect(intersect(union(heard), start, end), BEGINNING, lost_from)


def _heard_about(cards: Sequence[CardRange], heard: Mapping[CardRanges | None, Intervals], start: int, end: int) -> Intervals:
    """When heartbeats reached all of `cards`, by naming none or by naming them all among them."""
    about_all = [(at, to) for named, intervals in heard.items() if named is None for at, to in intervals]
    about_some = [(at, to, named) for named, intervals in heard.items() if named for at, to in intersect(intervals, start, end)]
    times = sorted({time for at, to, _ in about_some for time in (at, to)})
    for at, to in pairwise(times):
        reached = [
            card_range for beat_from, beat_to, named in about_some if beat_from <= at and to <= beat_to for card_range in named
        ]
        if _holds(reached, cards):
            about_all.append((at, to))
    return union(about_all)


def _holds(reached: Sequence[CardRange], cards: Sequence[CardRange]) -> bool:
    """Whether every card of `cards` is in `reached`, of which there is at least one."""
    return bool(reached) and _count([*reached, *cards]) == _count(reached)


def _count(ranges: Sequence[CardRange]) -> int:
    bounds = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    return distinct_cards(bounds[:, 0], bounds[:, 1])
