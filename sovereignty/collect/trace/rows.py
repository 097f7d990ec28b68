"""The fate of every row: refused, set aside by a named rule, or used. Each row has exactly one, so
that the account adds up.

1. `prepare` adds the derived columns, and refuses the rows for which one cannot be computed;
2. sets rows aside by the skip rules, in the order of the mapping, each row under the first rule
   that takes it;
3. lets the tables that follow another one share their rows' fates, and counts the notes;
4. offers what is left to the selects, under each table's name.

Then the facts are made and recorded, which tells which rows were used and which were refused;
`settle` writes that down.
"""

# ruff: noqa: S608  # the SQL is the operator's own; table names are checked by the mapping, columns
# quoted, values bound

import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from sovereignty.collect.errors import MappingError
from sovereignty.collect.trace.mapping import Mapping, Rule
from sovereignty.collect.trace.sql import POISON, fault_of
from sovereignty.collect.trace.tables import Loaded, Refused, quoted

_BAD = f"{POISON}*"  # a GLOB pattern


@dataclass(slots=True)
class Fates:
    """What became of the rows of one table, as the facts are made: `used` row ids, and why others
    were refused."""

    used: "array[int]" = field(default_factory=lambda: array("q"))
    refused: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class TableAccount:
    """One table's rows. `read` is `used` + the sum of `skipped` + the number of `refused`."""

    read: int
    used: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    noted: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def prepare(connection: sqlite3.Connection, mapping: Mapping) -> None:
    """Steps 1 to 4. Raises MappingError for SQL that does not run."""
    for name, table in mapping.tables.items():
        for column, expression in table.derive.items():
            _run(
                connection,
                f"ALTER TABLE raw_{name} ADD COLUMN {quoted(column)}",
                f"tables.{name}.derive.{column}",
            )
            _derive(connection, name, column, expression)
        for column in {*table.index, *([table.by] if table.by else [])}:
            _index(connection, name, column)
        if table.follows is not None and table.by is not None:
            _index(connection, table.follows, table.by)
        columns = ", ".join(quoted(column) for column in ("row_id", *table.columns, *table.derive))
        _run(
            connection,
            f"CREATE VIEW {name} AS SELECT {columns} FROM raw_{name} WHERE fate IS NULL",
            f"tables.{name}",
        )
    for rule in mapping.skip:
        _skip(connection, rule)
    _follow(connection, mapping)
    for name, select in mapping.views.items():
        _run(connection, f"CREATE VIEW {name} AS {select}", f"views.{name}")


def noted(connection: sqlite3.Connection, mapping: Mapping) -> dict[str, int]:
    """Count the rows that each note holds for, among those that were not set aside. Raises
    MappingError."""
    return {
        note.name: _run(
            connection, f"SELECT count(*) FROM {note.table} WHERE {note.where}", f"note {note.name}"
        ).fetchone()[0]
        for note in mapping.note
    }


def select(
    connection: sqlite3.Connection,
    name: str,
    sql: str,
    columns: frozenset[str],
    needed: frozenset[str],
) -> Iterator[dict[str, object]]:
    """Run a select of the mapping and yield its rows by column name. Raises MappingError.

    Its columns must be among `columns`, and hold all of `needed`.
    """
    cursor = _run(connection, sql, name)
    names = [description[0] for description in cursor.description or ()]
    if unknown := [column for column in names if column not in columns]:
        raise MappingError(
            f"{name}: want columns among {', '.join(sorted(columns))}, got {', '.join(unknown)}"
        )
    if lacking := sorted(needed.difference(names)):
        raise MappingError(f"{name}: want column {', '.join(lacking)}, got {', '.join(names)}")
    try:
        for row in cursor:
            yield dict(zip(names, row, strict=True))
    except sqlite3.Error as fault:
        raise MappingError(f"{name}: the select does not run to its end: {fault}") from fault


def settle(connection: sqlite3.Connection, mapping: Mapping, fates: dict[str, Fates]) -> None:
    """Write down what the facts said of the rows. A row that one fact used and another was refused
    for is refused."""
    for name, fate in fates.items():
        connection.executemany(
            f"UPDATE raw_{name} SET fate = 'refused', reason = ? WHERE row_id = ? AND fate IS NULL",
            ((reason, row) for row, reason in fate.refused.items()),
        )
        connection.executemany(
            f"UPDATE raw_{name} SET fate = 'used' WHERE row_id = ? AND fate IS NULL",
            ((row,) for row in fate.used),
        )
    for name, table in mapping.tables.items():
        if table.follows is None:
            reason = "want a row that a select of the mapping uses, got one that none of them used"
            connection.execute(
                f"UPDATE raw_{name} SET fate = 'refused', reason = ? WHERE fate IS NULL", (reason,)
            )
    _follow(connection, mapping)


def accounts(
    connection: sqlite3.Connection, mapping: Mapping, loaded: Loaded, notes: dict[str, int]
) -> dict[str, TableAccount]:
    """The account of each table, once every row is settled."""
    by_table: dict[str, TableAccount] = {}
    for name in mapping.tables:
        account = by_table[name] = TableAccount(
            read=loaded.read[name], refused=list(loaded.malformed[name])
        )
        account.skipped = {rule.name: 0 for rule in mapping.skip if rule.table == name}
        account.noted = {rule.name: notes[rule.name] for rule in mapping.note if rule.table == name}
        counts = (
            f"SELECT fate, reason, count(*) FROM raw_{name} WHERE fate IN ('used', "
            "'skipped') GROUP BY fate, reason"
        )
        for fate, reason, count in connection.execute(counts):
            if fate == "used":
                account.used += count
            else:
                account.skipped[reason] = count
        lines = (
            f"SELECT file_id, line, reason FROM raw_{name} WHERE fate = 'refused' ORDER BY row_id"
        )
        account.refused += [
            Refused(loaded.files[file], line, reason)
            for file, line, reason in connection.execute(lines)
        ]
    return by_table


def _derive(connection: sqlite3.Connection, table: str, column: str, expression: str) -> None:
    name = f"tables.{table}.derive.{column}"
    _run(
        connection,
        f"UPDATE raw_{table} SET {quoted(column)} = ({expression}) WHERE fate IS NULL",
        name,
    )
    poisoned = connection.execute(
        f"SELECT row_id, {quoted(column)} FROM raw_{table} WHERE {quoted(column)} GLOB ?", (_BAD,)
    ).fetchall()
    connection.executemany(
        f"UPDATE raw_{table} SET fate = 'refused', reason = ?, "
        f"{quoted(column)} = NULL WHERE row_id = ?",
        ((f"{column}: {fault_of(value)}", row) for row, value in poisoned),
    )


def _index(connection: sqlite3.Connection, table: str, column: str) -> None:
    index = quoted(f"{table} by {column}")
    _run(
        connection,
        f"CREATE INDEX IF NOT EXISTS {index} ON raw_{table} ({quoted(column)})",
        f"tables.{table}.index",
    )


def _skip(connection: sqlite3.Connection, rule: Rule) -> None:
    statement = (
        f"UPDATE raw_{rule.table} SET fate = 'skipped', reason = '{rule.name}' WHERE fate IS "
        f"NULL AND ({rule.where})"
    )
    _run(connection, statement, f"skip {rule.name}")


def _follow(connection: sqlite3.Connection, mapping: Mapping) -> None:
    """Give the rows of following tables the fate of the row that they belong to; a row that belongs
    to none is refused.

    Where several rows of the leading table have the same key, one that is still open or used
    decides.
    """
    for name, table in mapping.tables.items():
        if table.follows is None or table.by is None:
            continue
        leader, key, follower = table.follows, quoted(table.by), f"raw_{name}"
        belongs = f"FROM raw_{leader} AS l WHERE l.{key} = {follower}.{key}"
        decides = f"{belongs} ORDER BY l.fate IS NOT NULL, l.fate <> 'used', l.row_id LIMIT 1"
        reason = (
            f"CASE l.fate WHEN 'refused' THEN 'with its row of {leader}: "
            "' || l.reason ELSE l.reason END"
        )
        orphan = f"'want a row of {leader} with the same key, got ' || quote({key})"
        connection.execute(
            f"UPDATE {follower} SET fate = 'refused', reason = {orphan} WHERE fate IS NULL "
            f"AND NOT EXISTS (SELECT 1 {belongs})"
        )
        connection.execute(
            f"UPDATE {follower} SET fate = (SELECT l.fate {decides}), "
            f"reason = (SELECT {reason} {decides}) WHERE fate IS NULL"
        )


def _run(connection: sqlite3.Connection, statement: str, name: str) -> sqlite3.Cursor:
    try:
        return connection.execute(statement)
    except (sqlite3.Error, sqlite3.Warning) as fault:
        raise MappingError(f"{name}: want SQL that runs, got {fault}") from fault
