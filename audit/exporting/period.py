"""The period that a report on an export shall cover: milliseconds since 1970 UTC, half-open.

    export_params(trail, begin, end)  →  {"trail": 7, "from": 1790812800000, "to": 1793491200000}
    period_of(params)                 →  (1790812800000, 1793491200000)

Page, endpoint and command ask for an export by these parameters; the job reads them again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.errors import ExportError, LedgerError
from audit.models import Trail
from audit.times import EPOCH, millis_of

# An entry counts from 1970, and a day beyond 9999 has no spelling.
EARLIEST, LATEST = EPOCH, datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


class PeriodError(LedgerError):
    """Raised when no report can cover the period asked for. `end`: the period's end is wrong, else
    its start."""

    def __init__(self, message: str, *, end: bool = False) -> None:
        super().__init__(message)
        self.end = end


def export_params(trail: Trail, begin: datetime | None, end: datetime | None) -> dict[str, int]:
    """Return the parameters of an export job. Raises PeriodError for half a period, an empty one,
    and one that no report can write."""
    if begin is None and end is None:
        return {"trail": trail.number}
    if begin is None or end is None:
        raise PeriodError(_("Give both the start and the end of the period, or neither."))
    for bound in (begin, end):
        if not EARLIEST <= bound <= LATEST:
            raise PeriodError(_("A time must lie between 1970 and 9999 UTC."), end=bound is end)
    if begin >= end:
        raise PeriodError(_("The period must start before it ends."))
    return {"trail": trail.number, "from": millis_of(begin), "to": millis_of(end)}


def period_of(params: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the period in an export job's parameters; None where they name none. Raises
    ExportError for half a period."""
    begin, end = params.get("from"), params.get("to")
    if (begin is None) is not (end is None):
        raise ExportError("want a period with both its ends, or none")
    return None if begin is None or end is None else (int(begin), int(end))
