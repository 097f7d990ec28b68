"""Touches from a mapping's `touch` select: one row for each part of a touch, its rows put together
by (tenant, touch).

What a row says of cards, and what it becomes:

    node or nodes, and slots    those cards                 hz-a-0001, 0-7
    node or nodes alone         `count` of their cards      no card's address: 1 of hz-a-0001
    serial                      the card of that serial
    count alone                 `count` cards, unknown where: {k, of: null}

The rows of one touch must agree on workload, times and evidence, and every one of them must be
readable: a touch that lost one of its cards would be false evidence, so it is refused whole. A card
that the touch named already refuses only the row that repeats it. An empty or `Unknown` end leaves
the touch open.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from sovereignty import hostlist
from sovereignty.collect.errors import MappingError
from sovereignty.collect.trace.events import Event, convert, make_event
from sovereignty.collect.trace.mapping import Mapping
from sovereignty.collect.trace.rows import select
from sovereignty.collect.trace.sql import NO_TIME, fault_of
from sovereignty.facts import kinds
from sovereignty.facts.errors import FactError
from sovereignty.hostlist import HostlistError

COMMON = ("workload", "started_at", "ended_at", "evidence")  # what the rows of one touch agree on
CARDS = ("node", "nodes", "slots", "serial", "count")
NEEDED = frozenset({"row_id", "tenant", "touch", "workload", "started_at", "ended_at", "evidence"})
COLUMNS = NEEDED | {"evidence_ref", *CARDS}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Unmade:
    """Rows of `table` that did not become a fact, and why."""

    table: str
    rows: tuple[int, ...]
    reason: str


@dataclass(slots=True)
class Figures:
    """What was counted on the way: touches, explicit card touches, cards by count of known nodes
    and of unknown ones, and the slots named on each node."""

    touches: int = 0
    card_touches: int = 0
    counted: int = 0
    counted_nowhere: int = 0
    slots: dict[str, set[str]] = field(default_factory=dict)

    @property
    def cards(self) -> int:
        """How many distinct slots were named."""
        return sum(map(len, self.slots.values()))


@dataclass(slots=True)
class Gathered:
    """The cards of one touch: slots by node, serials, and counts by node set (None: unknown)."""

    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    serials: set[str] = field(default_factory=set)
    counts: dict[tuple[str, ...] | None, int] = field(default_factory=dict)

    def parts(self) -> list[dict[str, object]]:
        """The parts, as `facts.Part` has them, in one order whatever the order of the rows."""
        parts: list[dict[str, object]] = []
        if self.slots:
            parts.append({"cards": hostlist.compress_by_node(self.slots)})
        if self.serials:
            parts.append({"serials": sorted(self.serials)})
        in_order = sorted(self.counts, key=lambda nodes: nodes or ())
        return parts + [
            {"k": self.counts[nodes], "of": None if nodes is None else list(nodes)}
            for nodes in in_order
        ]


class _BadRow(ValueError):
    """Raised when a row cannot be part of its touch; the message is the reason."""


class _Repeated(_BadRow):
    """Raised when a row names a card that its touch has already."""


def touches(
    connection: sqlite3.Connection, mapping: Mapping, figures: Figures
) -> Iterator[Event | Unmade]:
    """Yield each touch of the trace as one or two events, in the order of their keys. Raises
    MappingError."""
    table = mapping.touch.rows or mapping.first_table()
    ordered = f"SELECT * FROM ({mapping.touch.select}) ORDER BY tenant, touch, row_id"  # noqa: S608  # the operator's own SQL
    found = select(connection, "touch", ordered, COLUMNS, NEEDED)
    for _, rows in groupby(found, key=lambda row: (row["tenant"], row["touch"])):
        yield from _touch(mapping, table, list(rows), figures)


def _touch(
    mapping: Mapping, table: str, rows: list[Row], figures: Figures
) -> Iterator[Event | Unmade]:
    cards, first, used = Gathered(), rows[0], []
    try:
        for row in rows:
            _check_row(row, first)
            try:
                _gather(row, cards)
                used.append(_row_id(row))
            except _Repeated as fault:
                yield Unmade(table, (_row_id(row),), str(fault))
        made = [
            make_event(mapping.source, data, table, used)
            for data in _facts(mapping.form, first, cards)
        ]
    except (_BadRow, FactError, HostlistError) as fault:
        yield Unmade(
            table, tuple(dict.fromkeys(map(_row_id, rows))), f"touch {first['touch']}: {fault}"
        )
        return
    _count(figures, cards)
    yield from made


def _facts(form: str, row: Row, cards: Gathered) -> list[kinds.Data]:
    """The facts of one touch: recorded whole, or its start and, once it has ended, its end."""
    start, end = _millis(row, "started_at"), _millis(row, "ended_at")
    if start is not None and end is not None and end <= start:
        raise _BadRow(f"want ended_at after started_at ({start}), got {end}")
    shared = {name: row.get(name) for name in ("tenant", "touch", "evidence", "evidence_ref")}
    started = {**shared, "workload": row["workload"], "started_at": start, "parts": cards.parts()}
    if end is not None and form == "recorded":
        return [convert(kinds.TouchRecorded, {**started, "ended_at": end})]
    ended = [] if end is None else [convert(kinds.TouchEnded, {**shared, "ended_at": end})]
    return [convert(kinds.TouchStarted, started), *ended]


def _check_row(row: Row, first: Row) -> None:
    if fault := next(filter(None, map(fault_of, row.values())), None):
        raise _BadRow(fault)
    for name in COMMON:
        if row[name] != first[name]:
            raise _BadRow(f"want rows that agree on {name}, got {first[name]!r} and {row[name]!r}")


def _gather(row: Row, cards: Gathered) -> None:
    node, nodes, slots, serial, count = (
        None if row.get(name) == "" else row.get(name) for name in CARDS
    )
    if node is not None and nodes is not None:
        raise _BadRow(f"want node or nodes, got both: {node!r} and {nodes!r}")
    where = node if node is not None else nodes
    if serial is not None:
        _add_serial(cards, str(serial))
    elif slots is None:
        _add_count(cards, where, _whole(1 if count is None and node is not None else count))
    elif where is None or count is not None:
        raise _BadRow(
            f"want slots of a node, without a count, got slots {slots!r}, node {where!r}, "
            f"count {count!r}"
        )
    else:
        _add_slots(cards, hostlist.expand(f"{where}/{slots}"))


def _add_slots(cards: Gathered, slots_by_node: list[tuple[str, tuple[str, ...]]]) -> None:
    for node, slots in slots_by_node:
        if repeated := set(cards.slots.get(node, ())).intersection(slots):
            raise _Repeated(f"want each card of a touch once, got {node}/{min(repeated)} again")
    for node, slots in slots_by_node:
        cards.slots[node] = cards.slots.get(node, ()) + slots


def _add_serial(cards: Gathered, serial: str) -> None:
    if serial in cards.serials:
        raise _Repeated(f"want each card of a touch once, got serial {serial!r} again")
    cards.serials.add(serial)


def _add_count(cards: Gathered, where: object, count: int) -> None:
    nodes = (
        None if where is None else tuple(hostlist.compress_nodes(hostlist.expand_nodes(str(where))))
    )
    cards.counts[nodes] = cards.counts.get(nodes, 0) + count


def _whole(value: object) -> int:
    """A count above zero, from a number or its digits."""
    if (isinstance(value, int) or (isinstance(value, str) and value.isdecimal())) and 0 < int(
        value
    ) <= kinds.LARGEST:
        return int(value)
    raise _BadRow(f"want slots, a serial or a count above 0, got count {value!r}")


def _millis(row: Row, name: str) -> int | None:
    value = row[name]
    if value is None or (isinstance(value, str) and value.strip().lower() in NO_TIME):
        return None
    if isinstance(value, int) or (isinstance(value, str) and value.isascii() and value.isdecimal()):
        return int(value)
    raise _BadRow(f"{name}: want milliseconds since 1970, got {value!r}")


def _row_id(row: Row) -> int:
    value = row["row_id"]
    if not isinstance(value, int):
        raise MappingError(f"touch: want the row_id of a table, got {value!r}")
    return value


def _count(figures: Figures, cards: Gathered) -> None:
    figures.touches += 1
    figures.card_touches += sum(map(len, cards.slots.values())) + len(cards.serials)
    for nodes, count in cards.counts.items():
        if nodes is None:
            figures.counted_nowhere += count
        else:
            figures.counted += count
    for node, slots in cards.slots.items():
        figures.slots.setdefault(node, set()).update(slots)
