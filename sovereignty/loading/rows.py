"""What the loaders share: the rows that are live as of a position (`sovereignty.models.derived`),
and what database keys stand for in the world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection

from sovereignty import hostlist
from sovereignty.models.derived import AS_OF_JOINS
from sovereignty.plane.card_ranges import as_ranges
from sovereignty.plane.world import CardRanges


@dataclass(slots=True)
class WorldIndexes:
    """The world's indexes by database key, of nodes also by name; and card numbers by node and
    slot."""

    tenants: dict[int, int] = field(default_factory=dict)
    workloads: dict[int, int] = field(default_factory=dict)
    nodes: dict[int, int] = field(default_factory=dict)
    trails: dict[int, int | None] = field(default_factory=dict)
    node_names: dict[str, int] = field(default_factory=dict)
    slots: dict[str, dict[str, int]] = field(default_factory=dict)

    def card_ranges(self, cards: Any) -> CardRanges | None:
        """The card numbers that a JSON column of hostlists names; None of a null."""
        listed = from_json(cards)
        if listed is None:
            return None
        numbers = [
            self.slots[node][slot]
            for text in listed
            for node, slots in hostlist.expand(text)
            for slot in slots
        ]
        return as_ranges(sorted(numbers))

    def node_set(self, nodes: Any) -> tuple[int, ...] | None:
        """The nodes that a JSON column of node hostlists names; None of a null."""
        listed = from_json(nodes)
        if not listed:
            return None
        return tuple(
            sorted(
                {self.node_names[name] for text in listed for name in hostlist.expand_nodes(text)}
            )
        )


def select(sql: str, params: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def live(
    columns: str, table: str, position: int, tail: str = "", params: Iterable[Any] = ()
) -> list[tuple[Any, ...]]:
    """Rows of a derived table `t` that are live at `position`."""
    sql = f"SELECT {columns} FROM {table} t{AS_OF_JOINS}{tail}"  # noqa: S608 - our own names
    return select(sql, [position, position, *params])


def among(column: str, values: Iterable[str]) -> tuple[str, list[Any]]:
    """The condition that a column is one of any number of values, and its parameter."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [list(values)]
    return f"{column} IN (SELECT value FROM json_each(%s))", [  # noqa: S608 - our own names
        msgspec.json.encode(list(values)).decode()
    ]


def from_json(value: Any) -> Any:
    """A JSON column through a bare cursor: text on both engines."""
    return msgspec.json.decode(value) if isinstance(value, str) else value
