"""Card sets as schedulers write them, by this package's own hand: `hz-a-[0001-0128]/0-7`,
`r[1-3,7]n08/0,2`, `hz-a-0001/3`."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, product

_LAST_NUMBER = re.compile(r"^(.*?)(\d+)$")
_BRACKETS = re.compile(r"\[([^\]]*)\]")


def fold(names: Iterable[str], slots: Iterable[int]) -> list[str]:
    """Hostlists for `slots` of each node, one list a prefix; node names end in a number,
    zero-padded."""
    suffix = "/" + _ranges(list(slots), 1)
    split = [_split(name) for name in names]
    return [
        _bracketed(prefix, width, [number for _, _, number in group]) + suffix
        for (prefix, width), group in groupby(split, key=lambda parts: parts[:2])
    ]


def expand(hostlist: str) -> list[str]:
    """Every card of a hostlist as `node/slot`, in no particular order. Raises ValueError without a
    slot part."""
    nodes, slash, slots = hostlist.rpartition("/")
    if not slash:
        raise ValueError(f"card set {hostlist!r} names no slots, want node/slots")
    labels = list(_unfold(slots))
    return [f"{node}/{slot}" for word in _words(nodes) for node in _names(word) for slot in labels]


def _split(name: str) -> tuple[str, int, int]:
    match = _LAST_NUMBER.match(name)
    if match is None:
        raise ValueError(f"node name {name!r} ends in no number")
    return match[1], len(match[2]), int(match[2])


def _bracketed(prefix: str, width: int, numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"{prefix}{numbers[0]:0{width}d}"
    return f"{prefix}[{_ranges(numbers, width)}]"


def _ranges(numbers: list[int], width: int) -> str:
    """`1,2,3,7` as `1-3,7`; numbers rise."""
    texts = []
    first = last = numbers[0]
    for number in [*numbers[1:], None]:
        if number is not None and number == last + 1:
            last = number
            continue
        texts.append(
            f"{first:0{width}d}" if first == last else f"{first:0{width}d}-{last:0{width}d}"
        )
        if number is not None:
            first = last = number
    return ",".join(texts)


def _words(nodes: str) -> list[str]:
    """`a[1-2,4],b3` parted at the commas outside brackets."""
    return re.findall(r"(?:[^,\[]|\[[^\]]*\])+", nodes)


def _names(word: str) -> Iterator[str]:
    """Every node of one word, however many brackets it has."""
    pieces = _BRACKETS.split(word)  # text, ranges, text, ranges, …, text
    choices = [list(_unfold(piece)) if odd % 2 else [piece] for odd, piece in enumerate(pieces)]
    return ("".join(choice) for choice in product(*choices))


def _unfold(ranges: str) -> Iterator[str]:
    """`01-03,7` as 01 02 03 7; a label that is no number range stays as it is."""
    for word in ranges.split(","):
        first, dash, last = word.partition("-")
        if dash and first.isdigit() and last.isdigit():
            yield from (f"{number:0{len(first)}d}" for number in range(int(first), int(last) + 1))
        else:
            yield word
