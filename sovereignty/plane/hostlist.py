"""Card sets as schedulers write them: Slurm hostlists with slots behind a slash.

    hz-a-[0001-1250]/0-7      1,250 nodes with eight cards each; the zero padding is kept
    r[1-3,7]n08/0,2           brackets anywhere in the node part, and several of them
    node1/pci:0000:3b:00.0    a slot may be an address
    hz-a-[1-3],gpu7           a node set: no slash, commas between patterns

Names are of `[A-Za-z0-9._+:-]`. A number in brackets is padded to the width of its range's first number, as Slurm
prints it: `[08-100]` is 08, 09, 10 … 99, 100. Slots are numbers, rising ranges of numbers, or labels; they take no
brackets. No node and no slot may be named twice in one text. `compress` writes one canonical list of texts for a set
of cards, and expanding that list gives the set again. Slurm's own grammar: `scontrol show hostnames`, in its manual.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from sovereignty.plane.ranges import DIGITS, MOST_DIGITS, RANGE, RangeError, fold, natural, pack, unfold

MOST_NODES = 1_000_000  # nodes of one text: the largest fleet we plan for has as many cards
MOST_SLOTS = 4_096  # slots of one text: some fifty times the largest chassis
LONGEST_NAME = 100  # characters of a node or slot name, as `sovereignty.policy.facts.NodeName`
LONGEST_SLOTS = 2_000  # characters of one slots text that `compress` writes, as `facts.Slots`
LONGEST_BRACKET = 7_000  # characters of one bracket that `compress` writes …
FOLDED_FIELDS = 4  # … times the number fields of a name that it folds, the last ones: below `facts.Hostlist`'s 32,000


_NAME = re.compile(r"[A-Za-z0-9._+:-]+")
_NUMBERS = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_SHOWN = 60  # characters of the text that an error repeats

NodePattern = list[list[str]]  # the alternatives of each piece of a pattern, to be multiplied out


class HostlistError(ValueError):
    """Raised when a text is no hostlist, or a name cannot stand in one.

    `position` counts characters of `text` from 0; `wanted` and `came` say what is wrong there.
    """

    def __init__(self, text: str, position: int, wanted: str, came: str) -> None:
        self.text, self.position, self.wanted, self.came = text, position, wanted, came
        super().__init__(f"hostlist {_shown(text)}, position {position}: want {wanted}, came {came}")


def split(text: str) -> tuple[str, str | None]:
    """Split at the slash into the nodes' text and the slots' text (None without a slash); neither is parsed yet."""
    nodes, slash, slots = text.partition("/")
    return nodes, slots if slash else None


def expand(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Expand a card set into (node, its slots) in the order written.

    All nodes of a text have the same slots, so they share one tuple. Raises HostlistError.
    """
    nodes, slots_text = split(text)
    if slots_text is None:
        raise HostlistError(text, len(text), "a slash and slots after the nodes", "the end")
    try:
        slots = _slots(slots_text)
    except HostlistError as fault:
        raise HostlistError(text, len(nodes) + 1 + fault.position, fault.wanted, fault.came) from fault
    return [(node, slots) for node in _expand_nodes(text, nodes, MOST_NODES)]


def expand_nodes(text: str, limit: int = MOST_NODES) -> list[str]:
    """Expand a node set, at most `limit` nodes, in the order written. Raises HostlistError."""
    return _expand_nodes(text, text, limit)


def expand_slots(text: str) -> list[str]:
    """Expand `0-7`, `0,2,5-7` or `pci:0000:3b:00.0` into slot names in the order written. Raises HostlistError."""
    return list(_slots(text))


def compress(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Write a set of (node, slot) as canonical texts: same slots together, ranges folded, sorted naturally.

    A pair that comes twice counts once. Raises HostlistError for a name that cannot stand in a hostlist.
    """
    slots_of: dict[str, set[str]] = defaultdict(set)
    for node, slot in pairs:
        slots_of[node].add(slot)
    nodes_of: dict[frozenset[str], list[str]] = defaultdict(list)
    for node, slots in slots_of.items():
        nodes_of[frozenset(slots)].append(node)
    texts = [
        f"{nodes_text}/{slots_text}"
        for slots_set, nodes in nodes_of.items()
        for slots_text in _compress_slots(slots_set)
        for nodes_text in compress_nodes(nodes)
    ]
    return sorted(texts, key=natural)


def compress_nodes(names: Iterable[str]) -> list[str]:
    """Write a set of nodes as canonical patterns, one list item each. Raises HostlistError."""
    shapes: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    distinct = set(names)
    if len(distinct) > MOST_NODES:
        raise HostlistError("", 0, f"at most {MOST_NODES} nodes", str(len(distinct)))
    for name in distinct:
        literals, numbers = _shape(name)
        shapes[literals].append(numbers)
    patterns = []
    for literals, rows in shapes.items():
        for number in range(len(literals) - 2, -1, -1):
            rows = _fold_field(rows, number)
        patterns += [_join(literals, row) for row in rows]
    return sorted(patterns, key=natural)


def _expand_nodes(text: str, nodes: str, limit: int) -> list[str]:
    """`nodes` is `text` up to its slash; positions count in `text`."""
    names: list[str] = []
    seen: set[str] = set()
    position = 0
    while True:
        start = position
        pattern, position = _parse_pattern(text, position, len(nodes), limit - len(names))
        more = _multiply(pattern)
        names += more
        seen.update(more)
        if len(seen) != len(names):
            raise HostlistError(text, start, "each node once", f"{_first_repeated(names)!r} again")
        if position == len(nodes):
            return names
        position += 1  # the comma


def _parse_pattern(text: str, position: int, end: int, room: int) -> tuple[NodePattern, int]:
    """Parse one pattern of at most `room` nodes up to a comma or the end: its pieces, and where it stopped."""
    start, pieces, count, longest = position, NodePattern(), 1, 0
    while position < end and text[position] != ",":
        if text[position] == "[":
            piece, position = _parse_bracket(text, position, end, room // count)
        else:
            piece, position = _parse_literal(text, position, end)
        pieces.append(piece)
        count *= len(piece)
        # Bound the length before anything is multiplied: a bracket adds a character, so this bounds brackets too.
        longest += max(map(len, piece))
        if longest > LONGEST_NAME:
            raise HostlistError(text, start, f"a name of at most {LONGEST_NAME} characters", str(longest))
    if not pieces:
        raise HostlistError(text, position, "a node name", _at(text, position, len(text)))
    if count > room:
        raise HostlistError(text, start, f"room for {count} more nodes", f"room for {room}")
    return pieces, position


def _parse_literal(text: str, position: int, end: int) -> tuple[list[str], int]:
    found = _NAME.match(text, position, end)
    if found is None:
        raise HostlistError(text, position, "a letter, a digit or one of ._+:-[", _at(text, position, end))
    return [found.group()], found.end()


def _parse_bracket(text: str, position: int, end: int, room: int) -> tuple[list[str], int]:
    """Parse `[1-3,7]` at `position` into its numbers as written, at most `room` of them, and the place after it."""
    numbers: list[str] = []
    while position < end and text[position] in "[,":
        position += 1
        found = _NUMBERS.match(text, position, end)
        if found is None:
            raise HostlistError(text, position, "a number or a range of numbers", _at(text, position, end))
        numbers += _unfold(text, position, found.group(1), found.group(2) or found.group(1), room - len(numbers))
        position = found.end()
    if position == end or text[position] != "]":
        raise HostlistError(text, position, "a comma or ] in the bracket", _at(text, position, end))
    return numbers, position + 1


def _unfold(text: str, position: int, first: str, last: str, room: int) -> list[str]:
    try:
        return unfold(first, last, room)
    except RangeError as fault:
        raise HostlistError(text, position, fault.wanted, fault.came) from fault


def _multiply(pattern: NodePattern) -> list[str]:
    names = [""]
    for alternatives in pattern:
        names = [name + alternative for name in names for alternative in alternatives]
    return names


@lru_cache(maxsize=1_024)
def _slots(text: str) -> tuple[str, ...]:
    slots: list[str] = []
    position = 0
    for item in text.split(","):
        bounds = RANGE.fullmatch(item)
        if bounds is not None:
            slots += _unfold(text, position, bounds.group(1), bounds.group(2), MOST_SLOTS - len(slots))
        else:
            _require_name(text, position, item)
            slots.append(item)
        position += len(item) + 1
    if len(slots) > MOST_SLOTS:
        raise HostlistError(text, 0, f"at most {MOST_SLOTS} slots", str(len(slots)))
    if len(set(slots)) != len(slots):
        raise HostlistError(text, 0, "each slot once", f"{_first_repeated(slots)!r} again")
    return tuple(slots)


def _compress_slots(slots: Iterable[str]) -> list[str]:
    """Write slots as `0-7` texts of at most `LONGEST_SLOTS` characters and `MOST_SLOTS` slots."""
    numbers: list[str] = []
    labels: list[str] = []
    for slot in slots:
        _require_name(slot, 0, slot)
        if RANGE.fullmatch(slot):
            raise HostlistError(slot, 0, "a slot name that does not read as a range", repr(slot))
        (numbers if slot.isdecimal() and len(slot) <= MOST_DIGITS else labels).append(slot)
    items = fold(numbers, most=MOST_SLOTS) + sorted(labels, key=natural)
    return pack(items, LONGEST_SLOTS, MOST_SLOTS)


def _shape(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take a name apart into its literals and the numbers between them: `r7n08` is ("r", "n", "") and ("7", "08")."""
    _require_name(name, 0, name)
    pieces = DIGITS.split(name)
    first = max(0, len(pieces) - 1 - 2 * FOLDED_FIELDS)
    literals = ["".join(pieces[: first + 1])]
    numbers: list[str] = []
    for number, literal in zip(pieces[first + 1 :: 2], pieces[first + 2 :: 2], strict=True):
        if len(number) > MOST_DIGITS:
            literals, numbers = [_join(literals, numbers) + number + literal], []
        else:
            numbers.append(number)
            literals.append(literal)
    return tuple(literals), tuple(numbers)


def _fold_field(rows: list[tuple[str, ...]], field: int) -> list[tuple[str, ...]]:
    """Fold the numbers of one field over rows that agree in every other field."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for row in rows:
        alike[row[:field], row[field + 1 :]].append(row[field])
    return [
        (*before, bracket if bracket.isdecimal() else f"[{bracket}]", *after)
        for (before, after), numbers in alike.items()
        for bracket in pack(fold(numbers, most=MOST_NODES), LONGEST_BRACKET - 2, MOST_NODES)
    ]


def _join(literals: Sequence[str], numbers: Sequence[str]) -> str:
    return literals[0] + "".join(number + literal for number, literal in zip(numbers, literals[1:], strict=True))


def _require_name(text: str, position: int, name: str) -> None:
    found = _NAME.match(name)
    if found is None or found.end() != len(name):
        at = 0 if found is None else found.end()
        raise HostlistError(text, position + at, "a name of letters, digits and ._+:-", _at(name, at, len(name)))
    if len(name) > LONGEST_NAME:
        raise HostlistError(text, position, f"a name of at most {LONGEST_NAME} characters", str(len(name)))


def _first_repeated(names: Sequence[str]) -> str:
    return next(name for name, count in Counter(names).items() if count > 1)


def _at(text: str, position: int, end: int) -> str:
    return repr(text[position]) if position < end else "the end"


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}… ({len(text)} characters)"
