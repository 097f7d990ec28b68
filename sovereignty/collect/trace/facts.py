"""Facts of the other kinds from a mapping's `facts` selects: one row is one fact, its columns the
fields of the kind.

    [facts."tenant.declared"]
    select = "SELECT project AS tenant, min(started_at) AS effective_at, … FROM jobs …"

`row_id` is optional; with it, a refused fact is accounted to its row. Lists (`reports`, `cards`)
are written as JSON.
"""

import json
import sqlite3
from collections.abc import Iterator

from sovereignty.collect.trace.events import Event, convert, make_event
from sovereignty.collect.trace.mapping import Mapping
from sovereignty.collect.trace.rows import select
from sovereignty.collect.trace.sql import fault_of
from sovereignty.collect.trace.touches import Unmade
from sovereignty.facts import kinds
from sovereignty.facts.errors import FactError

LISTS = ("cards", "reports")


def other_facts(
    connection: sqlite3.Connection, mapping: Mapping, kind: str
) -> Iterator[Event | Unmade]:
    """Yield the facts of one kind (`workload.declared/v1`), in the order of its select. Raises
    MappingError."""
    name = kind.partition("/")[0]
    if name not in mapping.facts:
        return
    struct, mapped = kinds.KINDS[kind], mapping.facts[name]
    table = mapped.rows or mapping.first_table()
    columns = frozenset({"row_id", *struct.__struct_fields__})
    for row in select(connection, f"facts.{name}", mapped.select, columns, frozenset()):
        row_id = row.pop("row_id", None)
        rows = (row_id,) if isinstance(row_id, int) else ()
        try:
            yield make_event(mapping.source, convert(struct, _read(row)), table, rows)
        except FactError as fault:
            yield Unmade(table, rows, f"{name}: {fault}")


def _read(row: dict[str, object]) -> dict[str, object]:
    values = dict(row)
    for name, value in row.items():
        if fault := fault_of(value):
            raise FactError(f"data.{name}", "a value", fault)
        if name in LISTS and isinstance(value, str):
            try:
                values[name] = json.loads(value)
            except json.JSONDecodeError as error:
                raise FactError(f"data.{name}", "a JSON list", repr(value)) from error
        if name == "sequenced":
            values[name] = bool(value)
    return values
