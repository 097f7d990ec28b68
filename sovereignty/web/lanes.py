"""Lanes: cards × time as a drawing. Pure geometry: what the page draws is computed here, in units
of the drawing.

One lane is the nodes of one region that were used alike; a bar in it is one stretch of one touch
there, in the verdict that the check found for it. The table below the drawing says the same in
words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sovereignty import hostlist
from sovereignty.queries.judgements import BOUNDED, LATER, PARTLY, UNBROKEN, UNJUDGED
from sovereignty.queries.passport import Stretch
from sovereignty.web.wording import NO_VERDICT

WIDTH = 640.0  # of the time axis, in units of the drawing
EDGE = 658.0  # the right border of the drawing, less a little
LANE, GAP, HEAD, FOOT = 14, 4, 8, 24
MOST_LANES = 40
LEAST_BAR = 2.0
TICKS, YEAR_TICKS = 5, 7  # steps of the axis at most; the label of a year is short
# From below to above; what has no verdict is drawn as an outline.
DRAWN = (
    UNJUDGED,
    PARTLY,
    LATER,
    "not_applicable",
    UNBROKEN,
    "compliant",
    "waived",
    BOUNDED,
    "unverifiable",
    "non_compliant",
)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = (
    *(MINUTE, 5 * MINUTE, 15 * MINUTE),
    *(HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR),
    *(DAY, 2 * DAY, 7 * DAY, 28 * DAY, 91 * DAY, 182 * DAY),
)
YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHARACTER = 5.6  # the width of one in a label


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    width: str
    y: int
    verdict: str
    title: tuple[str, int, int, int]  # touch, from, to, cards

    @property
    def outlined(self) -> bool:
        """Whether there is no verdict to fill the bar with."""
        return self.verdict in NO_VERDICT


@dataclass(frozen=True, slots=True)
class Lane:
    region: str
    nodes: str
    y: int
    bars: list[Bar]

    @property
    def text_y(self) -> int:
        return self.y + LANE - 3


@dataclass(frozen=True, slots=True)
class Tick:
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    lanes: list[Lane]
    ticks: list[Tick]
    height: int
    width: int = int(WIDTH)
    lane: int = LANE

    @property
    def axis(self) -> int:
        return self.height - FOOT + GAP


def draw(stretches: Sequence[Stretch], start: int, end: int) -> Drawing:
    """The stretches as lanes over [start, end), sorted by region and node. Needs start < end."""
    lanes: list[Lane] = []
    for region, nodes in _lanes(stretches):
        y = HEAD + len(lanes) * (LANE + GAP)
        inside = {
            (s.start, s.end, s.verdict, s.touch): s
            for s in stretches
            if s.region == region and s.node in nodes
        }
        cards = _cards([s for s in stretches if s.region == region and s.node in nodes])
        bars = [
            _bar(s, cards[key], y, start, end)
            for key, s in sorted(inside.items(), key=_worst_on_top)
        ]
        lanes.append(
            Lane(region, ", ".join(hostlist.compress_nodes(nodes)) if any(nodes) else "", y, bars)
        )
    return Drawing(lanes, _ticks(start, end), HEAD + len(lanes) * (LANE + GAP) + FOOT)


def _worst_on_top(
    item: tuple[tuple[int, int, str, str], Stretch],
) -> tuple[int, tuple[int, int, str, str]]:
    """What is drawn later lies above."""
    return DRAWN.index(item[1].verdict), item[0]


def _cards(stretches: Iterable[Stretch]) -> dict[tuple[int, int, str, str], int]:
    counted: dict[tuple[int, int, str, str], int] = {}
    for stretch in stretches:
        key = (stretch.start, stretch.end, stretch.verdict, stretch.touch)
        counted[key] = counted.get(key, 0) + stretch.cards
    return counted


def _lanes(stretches: Sequence[Stretch]) -> list[tuple[str, list[str]]]:
    """(region, nodes) of each lane: nodes that were used at the same times share one, and if there
    are still too many, neighbours do."""
    use: dict[tuple[str, str], list[tuple[int, int, str, str]]] = {}
    for stretch in sorted(stretches):
        use.setdefault((stretch.region, stretch.node), []).append(
            (stretch.start, stretch.end, stretch.verdict, stretch.touch)
        )
    alike: dict[tuple[str, tuple[tuple[int, int, str, str], ...]], list[str]] = {}
    for (region, node), times in use.items():
        alike.setdefault((region, tuple(times)), []).append(node)
    lanes = sorted((region, sorted(nodes)) for (region, _), nodes in alike.items())
    regions = {region for region, _ in lanes}
    if len(lanes) <= MOST_LANES:
        return lanes
    return [
        (region, sorted({node for of, nodes in lanes if of == region for node in nodes}))
        for region in sorted(regions)
    ]


def _bar(stretch: Stretch, cards: int, y: int, start: int, end: int) -> Bar:
    scale = WIDTH / (end - start)
    left = (max(stretch.start, start) - start) * scale
    width = max(LEAST_BAR, (min(stretch.end, end) - max(stretch.start, start)) * scale)
    left = min(left, WIDTH - width)
    return Bar(
        f"{left:.1f}",
        f"{width:.1f}",
        y,
        stretch.verdict,
        (stretch.touch, stretch.start, stretch.end, cards),
    )


def _ticks(start: int, end: int) -> list[Tick]:
    """A tick at each round time of the smallest step that gives few enough of them, with its year
    where not all are of one."""
    first, last = _calendar(start), _calendar(end)
    step = next((step for step in STEPS if last - first <= TICKS * step), None)
    if step is None:
        return _fitting(
            [(moment, str(moment.year)) for moment in _new_years(first, last)], start, end
        )
    spelled = "%m-%d" if step >= DAY else "%m-%d %H:%M"
    if first.year != last.year:
        spelled = f"%Y-{spelled}"
    return _fitting(
        [(moment, moment.strftime(spelled)) for moment in _multiples(step, first, last)], start, end
    )


def _calendar(millis: int) -> datetime:
    """The time, or the end of the calendar that it lies beyond: older entries may hold such
    numbers."""
    try:
        return EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if millis > 0 else datetime.min.replace(tzinfo=UTC)


def _multiples(step: timedelta, first: datetime, last: datetime) -> Iterator[datetime]:
    """The whole multiples of `step` since 1970 from `first` on and before `last`."""
    number = -(-(first - EPOCH) // step)
    while EPOCH + number * step < last:
        yield EPOCH + number * step
        number += 1


def _new_years(first: datetime, last: datetime) -> Iterator[datetime]:
    """The starts of few enough round years."""
    years = last.year - first.year
    step = next((step for step in YEARS if years <= YEAR_TICKS * step), YEARS[-1])
    for year in range(first.year + -first.year % step, last.year + 1, step):
        new_year = datetime(year, 1, 1, tzinfo=UTC)
        if first <= new_year < last:
            yield new_year


def _fitting(labelled: Iterable[tuple[datetime, str]], start: int, end: int) -> list[Tick]:
    """The ticks whose labels fit: a label begins at its tick, and must end before the next one and
    within the drawing."""
    ticks: list[Tick] = []
    taken = 0.0
    for moment, label in labelled:
        x = ((moment - EPOCH) / timedelta(milliseconds=1) - start) * WIDTH / (end - start)
        if taken <= x <= EDGE - CHARACTER * len(label):
            ticks.append(Tick(f"{x:.1f}", label))
            taken = x + CHARACTER * (len(label) + 1)
    return ticks
