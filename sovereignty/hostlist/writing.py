"""Writing hostlists: one canonical list of texts for a set of cards, however it was come by.

    n1/0-7, n2/0-7, n3/0-7, n4/0    ["n4/0", "n[1-3]/0-7"]

Nodes with the same slots stand together, their numbers folded field by field from the last to the
first, so `r1n08` and `r2n08` become `r[1-2]n08`; texts and numbers are sorted naturally, and a text
is never longer than a fact may carry.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sovereignty.hostlist.node_names import HostlistError, require_name
from sovereignty.hostlist.padded_ranges import DIGITS, MOST_DIGITS, RANGE, fold, natural, pack

MOST_NODES = 1_000_000  # nodes of one text: the largest fleet we plan for has as many cards
MOST_SLOTS = 4_096  # slots of one text: some fifty times the largest chassis
LONGEST_SLOTS = 2_000  # characters of one slots text, as `facts.Slots`
LONGEST_BRACKET = 7_000  # characters of one bracket …
# … times the number fields of a name that are folded, the last ones: below `facts.Hostlist`'s
# 32,000
FOLDED_FIELDS = 4


def compress(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Write a set of (node, slot) as canonical texts: same slots together, ranges folded, sorted
    naturally.

    A pair that comes twice counts once. Raises HostlistError for a name that cannot stand in a
    hostlist.
    """
    slots_of: dict[str, dict[str, None]] = defaultdict(dict)
    for node, slot in pairs:
        slots_of[node][slot] = None
    return compress_by_node({node: tuple(slots) for node, slots in slots_of.items()})


def compress_by_node(slots_of: Mapping[str, tuple[str, ...]]) -> list[str]:
    """As `compress`, from the slots of each node: cheap where many nodes have the same. Raises
    HostlistError."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for node, slots in slots_of.items():
        alike[slots].append(node)
    nodes_of: dict[frozenset[str], list[str]] = defaultdict(list)
    for slots, nodes in alike.items():
        nodes_of[frozenset(slots)] += nodes
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


@lru_cache(maxsize=1_024)
def _compress_slots(slots: frozenset[str]) -> tuple[str, ...]:
    """Write slots as `0-7` texts of at most `LONGEST_SLOTS` characters and `MOST_SLOTS` slots."""
    numbers: list[str] = []
    labels: list[str] = []
    for slot in slots:
        require_name(slot, 0, slot)
        if RANGE.fullmatch(slot):
            raise HostlistError(slot, 0, "a slot name that does not read as a range", repr(slot))
        (numbers if slot.isdecimal() and len(slot) <= MOST_DIGITS else labels).append(slot)
    items = fold(numbers, most=MOST_SLOTS) + sorted(labels, key=natural)
    return tuple(pack(items, LONGEST_SLOTS, MOST_SLOTS))


@lru_cache(maxsize=16_384)
def _shape(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take a name apart into its literals and the numbers between them: `r7n08` is ("r", "n", "")
    and ("7", "08")."""
    require_name(name, 0, name)
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
    return literals[0] + "".join(
        number + literal for number, literal in zip(numbers, literals[1:], strict=True)
    )
