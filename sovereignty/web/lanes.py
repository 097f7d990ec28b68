"""Lanes: cards × time as a drawing. Pure geometry: what the page draws is computed here, in units of the drawing.

One lane is the nodes of one region that were used alike; a bar in it is one stretch of one touch there, in the verdict
that the check found for it. The table below the drawing says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sovereignty.plane import hostlist
from sovereignty.web.wording import BOUNDED, LATER, NO_VERDICT, PARTLY, UNBROKEN, UNJUDGED

WIDTH = 640.0  # of the time axis, in units of the drawing
LANE, GAP, HEAD, FOOT = 14, 4, 8, 24
MOST_LANES = 40
LEAST_BAR = 2.0
TICKS = 5
# From below to above; what has no verdict is drawn as an outline.
DRAWN = (UNJUDGED, PARTLY, LATER, "not_applicable", UNBROKEN, "compliant", "waived", BOUNDED, "unverifiable", "non_compliant")
STEPS_S = (
    60,
    300,
    900,
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    86_400,
    2 * 86_400,
    7 * 86_400,
    28 * 86_400,
    91 * 86_400,
    364 * 86_400,
)


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """One touch on some cards of one node over [start, end) in milliseconds, in one region and one verdict."""

    region: str
    node: str
    start: int
    end: int
    verdict: str
    touch: str
    cards: int


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
        inside = {(s.start, s.end, s.verdict, s.touch): s for s in stretches if s.region == region and s.node in nodes}
        cards = _cards([s for s in stretches if s.region == region and s.node in nodes])
        bars = [_bar(s, cards[key], y, start, end) for key, s in sorted(inside.items(), key=_worst_on_top)]
        lanes.append(Lane(region, ", ".join(hostlist.compress_nodes(nodes)) if any(nodes) else "", y, bars))
    return Drawing(lanes, _ticks(start, end), HEAD + len(lanes) * (LANE + GAP) + FOOT)


def _worst_on_top(item: tuple[tuple[int, int, str, str], Stretch]) -> tuple[int, tuple[int, int, str, str]]:
    """What is drawn later lies above."""
    return DRAWN.index(item[1].verdict), item[0]


def _cards(stretches: Iterable[Stretch]) -> dict[tuple[int, int, str, str], int]:
    counted: dict[tuple[int, int, str, str], int] = {}
    for each in stretches:
        key = (each.start, each.end, each.verdict, each.touch)
        counted[key] = counted.get(key, 0) + each.cards
    return counted


def _lanes(stretches: Sequence[Stretch]) -> list[tuple[str, list[str]]]:
    """(region, nodes) of each lane: nodes that were used at the same times share one, and if there are still too many, neighbours do."""
    use: dict[tuple[str, str], list[tuple[int, int, str, str]]] = {}
    for each in sorted(stretches):
        use.setdefault((each.region, each.node), []).append((each.start, each.end, each.verdict, each.touch))
    alike: dict[tuple[str, tuple[tuple[int, int, str, str], ...]], list[str]] = {}
    for (region, node), times in use.items():
        alike.setdefault((region, tuple(times)), []).append(node)
    lanes = sorted((region, sorted(nodes)) for (region, _), nodes in alike.items())
    regions = {region for region, _ in lanes}
    if len(lanes) <= MOST_LANES:
        return lanes
    return [(region, sorted({node for of, nodes in lanes if of == region for node in nodes})) for region in sorted(regions)]


def _bar(stretch: Stretch, cards: int, y: int, start: int, end: int) -> Bar:
    scale = WIDTH / (end - start)
    left = (max(stretch.start, start) - start) * scale
    width = max(LEAST_BAR, (min(stretch.end, end) - max(stretch.start, start)) * scale)
    left = min(left, WIDTH - width)
    return Bar(f"{left:.1f}", f"{width:.1f}", y, stretch.verdict, (stretch.touch, stretch.start, stretch.end, cards))


def _ticks(start: int, end: int) -> list[Tick]:
    """A tick at each round time of the smallest step that gives few enough of them."""
    length_s = (end - start) / 1000
    step = next((step for step in STEPS_S if length_s / step <= TICKS), STEPS_S[-1])
    at = datetime.fromtimestamp(-(-start // (step * 1000)) * step, UTC)
    ticks = []
    while at.timestamp() * 1000 < end:
        x = (at.timestamp() * 1000 - start) * WIDTH / (end - start)
        if x <= WIDTH - 60:
            ticks.append(Tick(f"{x:.1f}", at.strftime("%m-%d" if step >= 86_400 else "%m-%d %H:%M")))
        at += timedelta(seconds=step)
    return ticks
