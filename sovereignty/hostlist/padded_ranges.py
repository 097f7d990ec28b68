"""Zero-padded number ranges, as in the brackets of a hostlist: `unfold` reads `08-100`, `fold`
writes it.

A range counts up from its first number, every number padded to that number's width: `08-100` is 08,
09 … 99, 100. So a set of digit strings has one folded form, and unfolding it gives the same strings
again, padding and all.
"""

import re
from collections.abc import Iterable

MOST_DIGITS = 18  # digits of a number in a range: it fits 63 bits

RANGE = re.compile(r"([0-9]+)-([0-9]+)")
DIGITS = re.compile(r"([0-9]+)")


class RangeError(ValueError):
    """Raised when two numbers make no range; `expected` and `received` say what is wrong."""

    def __init__(self, expected: str, received: str) -> None:
        self.expected, self.received = expected, received
        super().__init__(f"want {expected}, got {received}")


def unfold(first: str, last: str, room: int) -> list[str]:
    """The digit strings from `first` to `last`, both included, padded to the width of `first`.

    Raises RangeError for a falling range, unequal padding, over `room` numbers or over
    `MOST_DIGITS` digits.
    """
    width = len(first)
    if max(width, len(last)) > MOST_DIGITS:
        raise RangeError(f"at most {MOST_DIGITS} digits", str(max(width, len(last))))
    if len(last) > width and last.startswith("0"):
        raise RangeError("a range whose ends have the same padding", f"{first}-{last}")
    low, high = int(first), int(last)
    if high < low or len(last) < width:
        raise RangeError("a range that rises", f"{first}-{last}")
    if high - low >= room:
        raise RangeError(f"at most {room} more numbers", str(high - low + 1))
    return [f"{number:0{width}d}" for number in range(low, high + 1)]


def fold(numbers: Iterable[str], most: int) -> list[str]:
    """Fold distinct digit strings, each of at most `MOST_DIGITS`, into numbers and ranges of at
    most `most` numbers."""
    runs: list[tuple[int, int, int]] = []  # first number, last number, width of the first
    for width, number in sorted((len(number), int(number)) for number in numbers):
        if runs:
            first, last, first_width = runs[-1]
            # Numbers of the next width go on where the shorter ones end: 9, 10 and 99, 100, but not
            # 9, 010.
            if (
                number == last + 1
                and width == max(first_width, len(str(number)))
                and number - first < most
            ):
                runs[-1] = first, number, first_width
                continue
        runs.append((number, number, width))
    runs.sort(key=lambda run: (run[0], run[2]))
    return [
        f"{first:0{width}d}" if first == last else f"{first:0{width}d}-{last:0{width}d}"
        for first, last, width in runs
    ]


def pack(items: Iterable[str], longest: int, most: int) -> list[str]:
    """Join folded items with commas, in order, into texts of at most `longest` characters and
    `most` numbers.

    An item that is longer by itself stands alone.
    """
    texts: list[str] = []
    room = 0
    for item in items:
        size = _size(item)
        if texts and len(texts[-1]) + 1 + len(item) <= longest and size <= room:
            texts[-1] += f",{item}"
            room -= size
        else:
            texts.append(item)
            room = most - size
    return texts


def natural(text: str) -> tuple[tuple[str, int, int], ...]:
    """A sort key under which n2 comes before n10; texts that differ only in padding sort by their
    length."""
    pieces = [*DIGITS.split(text), "0"]
    return tuple(
        (pieces[i], int(pieces[i + 1]), len(pieces[i + 1])) for i in range(0, len(pieces), 2)
    )


def _size(item: str) -> int:
    bounds = RANGE.fullmatch(item)
    return 1 if bounds is None else int(bounds.group(2)) - int(bounds.group(1)) + 1
