"""Card sets as schedulers write them: Slurm hostlists with slots behind a slash.

    hz-a-[0001-1250]/0-7      1,250 nodes with eight cards each; the zero padding is kept
    r[1-3,7]n08/0,2           brackets anywhere in the node part, and several of them
    node1/pci:0000:3b:00.0    a slot may be an address
    hz-a-[1-3],gpu7           a node set: no slash, commas between patterns

Names are of `[A-Za-z0-9._+:-]`. A number in brackets is padded to the width of its range's first
number, as Slurm prints it: `[08-100]` is 08, 09, 10 … 99, 100. Slots are numbers, rising ranges of
numbers, or labels; they take no brackets, and one spelling: `07` for 7 or `pci:0000:3B:00.0` in
capitals would be a second card where there is one. No node and no slot may be named twice in one
text. `compress` writes one canonical list of texts for a set of cards, and expanding that list
gives the set again. Slurm's own grammar: `scontrol show hostnames`, in its manual.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from sovereignty.hostlist.node_names import (
    LONGEST_NAME,
    NAME,
    HostlistError,
    found_at,
    require_name,
)
from sovereignty.hostlist.padded_ranges import RANGE, RangeError, unfold
from sovereignty.hostlist.slots import require_one_spelling
from sovereignty.hostlist.writing import MOST_NODES, MOST_SLOTS

_NUMBERS = re.compile(r"([0-9]+)(?:-([0-9]+))?")

# A text is expanded to be checked, and again to be looked up; those of several nodes, and not of
# very many, are kept for that.
MOST_TEXTS_KEPT, MOST_NODES_KEPT = 512, 128
_expanded: dict[str, list[tuple[str, tuple[str, ...]]]] = {}

NodePattern = list[list[str]]  # the alternatives of each piece of a pattern, to be multiplied out


def split(text: str) -> tuple[str, str | None]:
    """Split at the slash into the nodes' text and the slots' text (None without a slash); neither
    is parsed yet."""
    nodes, slash, slots = text.partition("/")
    return nodes, slots if slash else None


def expand(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Expand a card set into (node, its slots) in the order written.

    All nodes of a text have the same slots, so they share one tuple. The list is not to be changed:
    the next caller gets it too. Raises HostlistError.
    """
    known = _expanded.get(text)
    if known is not None:
        return known
    found = _expand(text)
    if 1 < len(found) <= MOST_NODES_KEPT:
        if len(_expanded) >= MOST_TEXTS_KEPT:
            _expanded.clear()
        _expanded[text] = found
    return found


def _expand(text: str) -> list[tuple[str, tuple[str, ...]]]:
    nodes, slots_text = split(text)
    if slots_text is None:
        raise HostlistError(text, len(text), "a slash and slots after the nodes", "the end")
    try:
        slots = _slots(slots_text)
    except HostlistError as fault:
        raise HostlistError(
            text, len(nodes) + 1 + fault.position, fault.expected, fault.received
        ) from fault
    return [(node, slots) for node in _expand_nodes(text, nodes, MOST_NODES)]


def expand_nodes(text: str, limit: int = MOST_NODES) -> list[str]:
    """Expand a node set, at most `limit` nodes, in the order written. Raises HostlistError."""
    return _expand_nodes(text, text, limit)


def expand_slots(text: str) -> list[str]:
    """Expand `0-7`, `0,2,5-7` or `pci:0000:3b:00.0` into slot names in the order written. Raises
    HostlistError."""
    return list(_slots(text))


def _expand_nodes(text: str, nodes: str, limit: int) -> list[str]:
    """`nodes` is `text` up to its slash; positions count in `text`."""
    if limit > 0 and len(nodes) <= LONGEST_NAME and NAME.fullmatch(nodes):
        return [nodes]  # most texts name one node
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
    """Parse one pattern of at most `room` nodes up to a comma or the end: its pieces, and where it
    stopped."""
    start, pieces, count, longest = position, NodePattern(), 1, 0
    while position < end and text[position] != ",":
        if text[position] == "[":
            piece, position = _parse_bracket(text, position, end, room // count)
        else:
            piece, position = _parse_literal(text, position, end)
        pieces.append(piece)
        count *= len(piece)
        # Bound the length before anything is multiplied: a bracket adds a character, so this bounds
        # brackets too.
        longest += max(map(len, piece))
        if longest > LONGEST_NAME:
            raise HostlistError(
                text, start, f"a name of at most {LONGEST_NAME} characters", str(longest)
            )
    if not pieces:
        raise HostlistError(text, position, "a node name", found_at(text, position, len(text)))
    if count > room:
        raise HostlistError(text, start, f"room for {count} more nodes", f"room for {room}")
    return pieces, position


def _parse_literal(text: str, position: int, end: int) -> tuple[list[str], int]:
    found = NAME.match(text, position, end)
    if found is None:
        raise HostlistError(
            text, position, "a letter, a digit or one of ._+:-[", found_at(text, position, end)
        )
    return [found.group()], found.end()


def _parse_bracket(text: str, position: int, end: int, room: int) -> tuple[list[str], int]:
    """Parse `[1-3,7]` at `position` into its numbers as written, at most `room` of them, and the
    place after it."""
    numbers: list[str] = []
    while position < end and text[position] in "[,":
        position += 1
        found = _NUMBERS.match(text, position, end)
        if found is None:
            raise HostlistError(
                text, position, "a number or a range of numbers", found_at(text, position, end)
            )
        numbers += _unfold(
            text, position, found.group(1), found.group(2) or found.group(1), room - len(numbers)
        )
        position = found.end()
    if position == end or text[position] != "]":
        raise HostlistError(
            text, position, "a comma or ] in the bracket", found_at(text, position, end)
        )
    return numbers, position + 1


def _unfold(text: str, position: int, first: str, last: str, room: int) -> list[str]:
    try:
        return unfold(first, last, room)
    except RangeError as fault:
        raise HostlistError(text, position, fault.expected, fault.received) from fault


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
        require_one_spelling(text, position, item)
        bounds = RANGE.fullmatch(item)
        if bounds is not None:
            slots += _unfold(
                text, position, bounds.group(1), bounds.group(2), MOST_SLOTS - len(slots)
            )
        else:
            require_name(text, position, item)
            slots.append(item)
        position += len(item) + 1
    if len(slots) > MOST_SLOTS:
        raise HostlistError(text, 0, f"at most {MOST_SLOTS} slots", str(len(slots)))
    if len(set(slots)) != len(slots):
        raise HostlistError(text, 0, "each slot once", f"{_first_repeated(slots)!r} again")
    return tuple(slots)


def _first_repeated(names: Sequence[str]) -> str:
    return next(name for name, count in Counter(names).items() if count > 1)
