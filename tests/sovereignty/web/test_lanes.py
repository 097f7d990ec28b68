"""The drawing of cards over time: lanes, bars, ticks."""

import pytest

from sovereignty.queries.passport import Stretch
from sovereignty.web.lanes import MOST_LANES, WIDTH, draw

HOUR = 3_600_000
DAY = 1_767_312_000_000  # 2026-01-02T00:00:00Z


def stretch(
    node: str,
    start: int = 0,
    end: int = 1,
    verdict: str = "compliant",
    region: str = "cn-1",
    touch: str = "t",
) -> Stretch:
    return Stretch(region, node, DAY + start * HOUR, DAY + end * HOUR, verdict, touch, 8)


def test_nodes_that_were_used_alike_share_a_lane() -> None:
    drawing = draw([stretch("n1"), stretch("n2"), stretch("n3", 1, 2)], DAY, DAY + 2 * HOUR)
    assert [(lane.region, lane.nodes, len(lane.bars)) for lane in drawing.lanes] == [
        ("cn-1", "n[1-2]", 1),
        ("cn-1", "n3", 1),
    ]
    assert drawing.lanes[0].bars[0].title == ("t", DAY, DAY + HOUR, 16)


def test_regions_do_not_share_a_lane() -> None:
    drawing = draw([stretch("n1", region="sg-1"), stretch("n1", region="cn-1")], DAY, DAY + HOUR)
    assert [lane.region for lane in drawing.lanes] == ["cn-1", "sg-1"]


def test_bars_stand_where_their_time_is_and_are_never_too_thin_to_see() -> None:
    drawing = draw(
        [
            stretch("n1", 1, 2),
            Stretch("cn-1", "n1", DAY + 4 * HOUR - 1, DAY + 4 * HOUR, "waived", "u", 1),
        ],
        DAY,
        DAY + 4 * HOUR,
    )
    first, last = drawing.lanes[0].bars
    assert (float(first.x), float(first.width)) == (WIDTH / 4, WIDTH / 4)
    assert (float(last.x), float(last.width)) == (WIDTH - 2, 2)


def test_the_worst_lies_on_top() -> None:
    verdicts = ["non_compliant", "compliant", "unverifiable", "unjudged"]
    drawing = draw(
        [stretch("n1", verdict=verdict, touch=verdict) for verdict in verdicts], DAY, DAY + HOUR
    )
    assert [bar.verdict for bar in drawing.lanes[0].bars] == [
        "unjudged",
        "compliant",
        "unverifiable",
        "non_compliant",
    ]


def test_too_many_lanes_become_one_a_region_and_no_bar_is_lost() -> None:
    stretches = [stretch(f"n{place}", place, place + 1) for place in range(MOST_LANES + 1)]
    drawing = draw(stretches, DAY, DAY + (MOST_LANES + 1) * HOUR)
    assert [lane.nodes for lane in drawing.lanes] == [f"n[0-{MOST_LANES}]"]
    assert len(drawing.lanes[0].bars) == MOST_LANES + 1


def test_ticks_are_at_round_times_and_few() -> None:
    hours = draw([stretch("n1", 0, 4)], DAY, DAY + 4 * HOUR)
    assert [tick.label for tick in hours.ticks] == [
        "01-02 00:00",
        "01-02 01:00",
        "01-02 02:00",
        "01-02 03:00",
    ]
    days = draw([stretch("n1", 0, 96)], DAY, DAY + 96 * HOUR)
    assert [tick.label for tick in days.ticks] == ["01-02", "01-03", "01-04", "01-05"]


def test_ticks_say_the_year_where_not_all_are_of_one() -> None:
    autumn = DAY - 24 * 90 * HOUR
    months = draw([stretch("n1")], autumn, autumn + 24 * 120 * HOUR)
    assert [tick.label for tick in months.ticks] == [
        "2025-10-23",
        "2025-11-20",
        "2025-12-18",
        "2026-01-15",
    ]
    years = draw([stretch("n1")], DAY, DAY + 24 * 3000 * HOUR)
    assert [tick.label for tick in years.ticks] == ["2028", "2030", "2032", "2034"]


@pytest.mark.parametrize(
    "days",
    [0.001, 0.4, 1, 6, 20, 100, 364, 366, 500, 900, 1000, 5_000, 20_000, 36_500, 700_000, 10**9],
)
def test_ticks_are_few_and_their_labels_apart_however_long_the_time(days: float) -> None:
    for start in (0, DAY, -DAY):
        ticks = draw([stretch("n1")], start, start + int(days * 24 * HOUR)).ticks
        assert len(ticks) <= 8
        assert days < 0.01 or ticks
        ends = [float(tick.x) + 5.5 * len(tick.label) for tick in ticks]
        assert all(end < float(tick.x) for end, tick in zip(ends, ticks[1:], strict=False))
        assert all(end < 660 for end in ends)


def test_a_touch_of_1970_and_one_of_today_are_years_apart() -> None:
    drawing = draw([stretch("n1")], 0, DAY)
    assert [tick.label for tick in drawing.ticks] == [
        "1970",
        "1980",
        "1990",
        "2000",
        "2010",
        "2020",
    ]
