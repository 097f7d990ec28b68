"""The period that a report shall cover, from a reader's two times to an export job's parameters."""

from datetime import UTC, datetime

import pytest

from audit.errors import ExportError
from audit.exporting.period import (
    EARLIEST,
    LATEST,
    PeriodError,
    export_params,
    period_of,
)
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")
DAY = datetime(2026, 10, 1, tzinfo=UTC)


def test_a_period_is_stated_in_milliseconds() -> None:
    trail = tenant_trail()
    period = {"from": 1_790_812_800_000, "to": 1_790_816_400_000}
    assert export_params(trail, DAY, DAY.replace(hour=1)) == {
        "trail": trail.number,
        **period,
    }
    assert export_params(trail, None, None) == {"trail": trail.number}


@pytest.mark.parametrize(
    ("begin", "end", "message"),
    [
        (DAY, None, "both"),
        (None, DAY, "both"),
        (DAY, DAY, "before"),
        (DAY.replace(hour=1), DAY, "before"),
    ],
)
def test_half_a_period_and_an_empty_one_are_refused(
    begin: datetime | None, end: datetime | None, message: str
) -> None:
    with pytest.raises(PeriodError, match=message):
        export_params(tenant_trail(), begin, end)


@pytest.mark.parametrize(
    ("begin", "end", "is_end"),
    [
        (EARLIEST.replace(year=1969), DAY, False),
        (DAY, LATEST.replace(microsecond=999_999), True),
    ],
)
def test_refuses_a_time_that_no_report_can_write(
    begin: datetime, end: datetime, is_end: bool
) -> None:
    with pytest.raises(PeriodError, match="between 1970 and 9999") as caught:
        export_params(tenant_trail(), begin, end)
    assert caught.value.end is is_end


def test_a_jobs_parameters_are_read_as_they_were_written() -> None:
    params = export_params(tenant_trail(), DAY, DAY.replace(hour=1))
    assert period_of(params) == (1_790_812_800_000, 1_790_816_400_000)
    assert period_of({"trail": 2}) is None


@pytest.mark.parametrize("half", [{"from": 1}, {"to": 1}])
def test_refuses_half_a_period_in_a_jobs_parameters(half: dict[str, int]) -> None:
    with pytest.raises(ExportError, match="want a period with both its ends"):
        period_of({"trail": 2, **half})
