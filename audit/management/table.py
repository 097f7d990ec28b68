"""Print rows in columns: the heads of a list, then each row, every column as wide as its widest
text."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines. Needs as many texts in each row as there are heads."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def when(millis: int | None) -> str:
    """Milliseconds UTC as `2026-11-23T08:00:00Z`; a dash for never."""
    return (
        "-"
        if millis is None
        else datetime.fromtimestamp(millis // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )
