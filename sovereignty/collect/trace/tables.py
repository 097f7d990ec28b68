"""Loading the files of a trace into the memory database: CSV, TSV, either one gzipped, or a SQLite
file.

A file is given as `FILE`, and belongs to the table all of whose columns stand in its header, or as
`TABLE=FILE`. Several files may feed one table. Each loaded row keeps its file and line, so that a
refusal can name them:

    raw_runs(row_id, file_id, line, fate, reason, run_id, submitter, …)

A malformed row (too few fields, a stray quote, bytes that are not of the stated encoding) is
refused by itself; a file that cannot be read to its end, or fits no table, ends the import before
anything is recorded.
"""

import csv
import gzip
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, TextIO

from audit.jobs.progress import Progress
from sovereignty.collect.errors import TableError
from sovereignty.collect.trace.mapping import Mapping, Table

_SQLITE_MAGIC = b"SQLite format 3\x00"
_GZIP_MAGIC = b"\x1f\x8b"
# what surrogateescape makes of a byte that is not of the encoding
_UNDECODABLE = re.compile("[\udc80-\udcff]")
_ROWS_A_STEP = 5_000

# line, the wanted columns, or None and why they cannot be had
Row = tuple[int, Sequence[str | None] | None, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that became nothing: where it stands, and why."""

    file: str
    line: int
    reason: str


@dataclass(slots=True)
class Loaded:
    """What was read: file names by `file_id`, rows read by table, and the malformed ones."""

    files: list[str] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    malformed: dict[str, list[Refused]] = field(default_factory=dict)


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def load(
    connection: sqlite3.Connection, mapping: Mapping, given: Iterable[str], progress: Progress
) -> Loaded:
    """Load the given files (`FILE` or `TABLE=FILE`). Raises TableError."""
    loaded = Loaded(
        read=dict.fromkeys(mapping.tables, 0), malformed={name: [] for name in mapping.tables}
    )
    for name, table in mapping.tables.items():
        columns = "".join(f", {quoted(column)} TEXT" for column in table.columns)
        connection.execute(
            f"CREATE TABLE raw_{name} (row_id INTEGER PRIMARY KEY, file_id INTEGER, "
            f"line INTEGER, fate TEXT, reason TEXT{columns})"
        )
    sources = [source for text in given for source in _sources(mapping, text)]
    if missing := [name for name in mapping.tables if name not in {name for name, _ in sources}]:
        raise TableError(
            f"want a file for each table of the mapping, got none for {', '.join(missing)}"
        )
    for number, (name, path) in enumerate(sources):
        progress(number, len(sources), f"reading {path.name}")
        _load_file(connection, mapping, name, path, loaded)
    progress(len(sources), len(sources), "tables read")
    return loaded


def _load_file(
    connection: sqlite3.Connection, mapping: Mapping, name: str, path: Path, loaded: Loaded
) -> None:
    table = mapping.tables[name]
    file_id = len(loaded.files)
    loaded.files.append(str(path))
    places = ", ".join("?" * (2 + len(table.columns)))
    columns = ", ".join(quoted(column) for column in ("file_id", "line", *table.columns))
    insert = f"INSERT INTO raw_{name} ({columns}) VALUES ({places})"  # noqa: S608  # names checked by the mapping, values bound
    good: list[tuple[object, ...]] = []
    with _rows_of(path, name, table) as rows:
        while chunk := list(islice(rows, _ROWS_A_STEP)):
            good.clear()
            for line, values, reason in chunk:
                if values is None:
                    loaded.malformed[name].append(Refused(str(path), line, reason))
                else:
                    good.append((file_id, line, *values))
            connection.executemany(insert, good)
            loaded.read[name] += len(chunk)


def _sources(mapping: Mapping, text: str) -> list[tuple[str, Path]]:
    """The tables that one argument feeds: a SQLite file may feed several."""
    name, equals, rest = text.partition("=")
    if equals and name in mapping.tables:
        return [(name, _existing(rest))]
    path = _existing(text)
    with _readable(path):
        names = _tables_in(path, mapping)
    if not names:
        known = "; ".join(
            f"{name}: {', '.join(table.columns)}" for name, table in mapping.tables.items()
        )
        raise TableError(
            f"{path}: want the columns of a table of the mapping ({known}), got none of these sets"
        )
    return [(name, path) for name in names]


def _tables_in(path: Path, mapping: Mapping) -> list[str]:
    if _magic(path).startswith(_SQLITE_MAGIC):
        with closing(_open_sqlite(path)) as source:
            return [
                name
                for name, table in mapping.tables.items()
                if set(table.columns) <= _sqlite_columns(source, name)
            ]
    fitting = [name for name, table in mapping.tables.items() if _fits(path, table)]
    if len(fitting) > 1:
        raise TableError(
            f"{path}: want columns of one table, got those of {' and '.join(fitting)}: "
            "give it as TABLE=FILE"
        )
    return fitting


def _fits(path: Path, table: Table) -> bool:
    """Whether the file's header holds the table's columns; without a header, whether its first row
    has as many fields."""
    with _open_text(path, table) as text:
        first: list[str] = next(
            csv.reader(text, delimiter=table.delimiter, quoting=_quoting(table)), []
        )
    return set(table.columns) <= set(first) if table.header else len(first) == len(table.columns)


@contextmanager
def _rows_of(path: Path, name: str, table: Table) -> Iterator[Iterator[Row]]:
    """Open a file of any form and yield its rows, the table's columns only."""
    with _readable(path):
        if _magic(path).startswith(_SQLITE_MAGIC):
            with closing(_open_sqlite(path)) as source:
                yield _sqlite_rows(source, name, table)
        else:
            with _open_text(path, table) as text:
                yield _text_rows(path, text, table)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Name the file in whatever keeps it from being read."""
    try:
        yield
    except (OSError, EOFError, zlib.error, csv.Error, sqlite3.DatabaseError) as fault:
        raise TableError(f"{path}: cannot be read to its end: {fault}") from fault


def _text_rows(path: Path, text: TextIO, table: Table) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=table.delimiter, quoting=_quoting(table), strict=True)
    header = next(reader, []) if table.header else list(table.columns)
    if repeated := sorted({column for column in table.columns if header.count(column) > 1}):
        raise TableError(
            f"{path}: want each column once in the header, got {', '.join(repeated)} again"
        )
    if lacking := [column for column in table.columns if column not in header]:
        raise TableError(
            f"{path}: want column {', '.join(lacking)} in the header, got {', '.join(header)[:200]}"
        )
    places = [header.index(column) for column in table.columns]
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield (
                line,
                None,
                f"want a row of delimited fields, got {fault} (lines {line} to {reader.line_num})",
            )
            continue
        if fields:  # an empty line is no row
            yield _picked(line, fields, len(header), places, table)


def _picked(line: int, fields: list[str], width: int, indices: list[int], table: Table) -> Row:
    if len(fields) != width:
        return line, None, f"want {width} fields, got {len(fields)}"
    values = [fields[index] for index in indices]
    if not "".join(values).isascii() and any(map(_UNDECODABLE.search, values)):
        return line, None, f"want {table.encoding} text, got other bytes"
    return line, values, ""


def _sqlite_rows(source: sqlite3.Connection, name: str, table: Table) -> Iterator[Row]:
    """Rows of a SQLite file; `line` is the row's place in it, from 1. A blob is refused."""
    columns = ", ".join(quoted(column) for column in table.columns)
    for line, values in enumerate(source.execute(f"SELECT {columns} FROM {quoted(name)}"), start=1):  # noqa: S608  # quoted names
        if any(isinstance(value, bytes) for value in values):
            yield line, None, "want text and numbers, got bytes"
        else:
            yield line, [None if value is None else str(value) for value in values], ""


def _sqlite_columns(source: sqlite3.Connection, name: str) -> set[str]:
    return {row[1] for row in source.execute(f"PRAGMA table_info({quoted(name)})")}


def _open_sqlite(path: Path) -> sqlite3.Connection:
    """Open a SQLite file for reading only: its rows are copied, it is never attached."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _open_text(path: Path, table: Table) -> TextIO:
    """Open as text, decompressed. A byte that is not of the encoding becomes a lone surrogate, for
    `_picked` to find."""
    # a BOM is no part of a name
    encoding = "utf-8-sig" if table.encoding.lower() in ("utf-8", "utf8") else table.encoding
    if _magic(path).startswith(_GZIP_MAGIC):
        return gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
    return path.open("r", encoding=encoding, errors="surrogateescape", newline="")


def _magic(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_SQLITE_MAGIC))


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise TableError(f"{text}: want a file, got none of that name")
    return path


def _quoting(table: Table) -> Literal[0, 3]:
    return csv.QUOTE_MINIMAL if table.quoted else csv.QUOTE_NONE
