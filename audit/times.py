"""Times as people write them, and as the ledger keeps them: milliseconds since 1970 UTC.

millis_of(parse("2026-10-01T08:00:00Z"))  →  1790841600000
iso(1790841600000)                        →  "2026-10-01T08:00:00Z"
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


def parse(text: str) -> datetime:
    """Return the time that ISO 8601 text says, of UTC where it names no zone. Raises ValueError."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"want a time such as 2026-10-01 or 2026-10-01T08:00:00Z, got {text!r}"
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def millis_of(time: datetime) -> int:
    """Return an aware time in whole milliseconds, exactly: no float comes near it."""
    return (time - EPOCH) // timedelta(milliseconds=1)


def time_of(millis: int) -> datetime:
    """Return milliseconds as an aware time. Raises OverflowError for what no calendar holds."""
    return EPOCH + timedelta(milliseconds=millis)


def iso(millis: int) -> str:
    """Return a time as `parse` takes it; what no calendar holds as its milliseconds."""
    try:
        time = time_of(millis)
    except OverflowError:
        return f"{millis} ms"
    precision = "milliseconds" if millis % 1000 else "seconds"
    return time.isoformat(timespec=precision).replace("+00:00", "Z")
