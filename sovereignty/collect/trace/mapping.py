"""A mapping: TOML around SQL, which says what the rows of tabular traces mean.

    format = "domicile/trace/v1"
    source = "hz-a-jobs"                      # the CloudEvents source of the facts

    [tables.jobs]
    columns = ["job", "project", "host", "pci", "start", "end"]
    delimiter = "\\t"                          # default: a comma
    derive = { started_at = "time_ms(start, 'epoch_s')" }

    [[skip]]
    table = "jobs"
    name = "never-started"
    where = "started_at IS NULL"
    why = "the job waited and was cancelled"

    [touch]
    select = "SELECT row_id, job AS touch, project AS tenant, host AS node, … FROM jobs"

Every column of a table is text; `derive` adds computed columns, and a row whose value cannot be
computed is refused. A *skip* rule sets the rows aside for which `where` holds, each row under the
first rule that takes it; a *note* counts rows and keeps them. A table that `follows` another one
through a column shares the fate of the row that it belongs to. What is left is seen by the selects,
under the table's own name. `row_id` is the row's number in the select's table (`rows`, by default
the first table): it is how the account knows which rows were used, and where a refused fact came
from.

The selects: `inventory` (columns: `inventory.COLUMNS`) gives sightings of cards, `touch`
(`touches.COLUMNS`) one row for each part of a touch, and each of `facts` one fact of that kind a
row, its columns the fields of the kind (`policy/facts.py`).
"""

import codecs
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from sovereignty.collect.errors import MappingError, TraceError
from sovereignty.facts import kinds

Name: TypeAlias = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,40}$")]
RuleName: TypeAlias = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,60}$")]
Column: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Sql: TypeAlias = Annotated[str, Meta(min_length=1)]

# what every loaded table has besides its own
OWN_COLUMNS = frozenset({"row_id", "file_id", "line", "fate", "reason"})
OTHER_SELECTS = frozenset(
    {"node.registered", "card.replaced", "touch.started", "touch.ended", "touch.recorded"}
)

S = TypeVar("S", bound=Struct)


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """One table. A file belongs to the table all of whose `columns` stand in its header; other
    columns are not loaded.

    Without a header the columns are those of the file, in order. `quoted` is false where quotes are
    plain characters (sacct).
    """

    columns: Annotated[list[Column], Meta(min_length=1)]
    by: Column | None = None
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    derive: dict[Name, Sql] = {}
    encoding: str = "utf-8"
    follows: Name | None = None
    header: bool = True
    index: list[Column] = []
    quoted: bool = True


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of `table` for which the predicate `where` holds, and in words why they are set aside,
    or noted."""

    name: RuleName
    table: Name
    where: Sql
    why: Annotated[str, Meta(min_length=1)]


class Select(Struct, frozen=True, forbid_unknown_fields=True):
    select: Sql
    rows: Name | None = None


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole mapping.

    `form` is how a closed touch is told: one `touch.recorded`, or `touch.started` and
    `touch.ended`, so that a later export may end what an earlier one left open. `sequenced` numbers
    the facts of each trail in the order of their times; only for a trace that will not grow,
    because a row that turns up later would shift the numbers.
    """

    format: Literal["domicile/trace/v1"]
    source: kinds.Key
    tables: Annotated[dict[Name, Table], Meta(min_length=1)]
    touch: Select
    facts: dict[str, Select] = {}
    form: Literal["recorded", "started_ended"] = "recorded"
    inventory: Select | None = None
    note: list[Rule] = []
    sequenced: bool = False
    skip: list[Rule] = []
    title: str = ""
    views: dict[Name, Sql] = {}

    def first_table(self) -> str:
        """The table to which a select's `row_id` refers unless it says otherwise."""
        return next(iter(self.tables))


def read_mapping(path: Path) -> Mapping:
    """Read a mapping. Raises MappingError, naming the file and the place in it."""
    mapping = read_toml(path, Mapping, MappingError)
    for name, table in mapping.tables.items():
        _check_table(path, mapping, name, table)
    for rule in (*mapping.skip, *mapping.note):
        if rule.table not in mapping.tables:
            raise MappingError(
                f"{path}: rule {rule.name}: want one of {_listed(mapping.tables)}, "
                f"got table {rule.table!r}"
            )
    names = [rule.name for rule in (*mapping.skip, *mapping.note)]
    if len(set(names)) != len(names):
        raise MappingError(f"{path}: want rules of different names, got {_listed(sorted(names))}")
    _check_selects(path, mapping)
    return mapping


def read_toml(path: Path, struct: type[S], error: type[TraceError]) -> S:
    """Read a TOML file as `struct`; unknown keys are refused. Raises `error`."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), struct)
    except OSError as fault:
        raise error(f"{path}: cannot be read: {fault.strerror}") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise error(f"{path}: want TOML, got {fault}") from fault
    except msgspec.ValidationError as fault:
        raise error(f"{path}: {fault}") from fault


def _check_table(path: Path, mapping: Mapping, name: str, table: Table) -> None:
    names = [*table.columns, *table.derive]
    if repeated := sorted(
        {column for column in names if names.count(column) > 1} | (OWN_COLUMNS & set(names))
    ):
        raise MappingError(
            f"{path}: table {name}: want columns of different names, "
            f"none of {_listed(sorted(OWN_COLUMNS))}, got {_listed(repeated)}"
        )
    if unknown := [column for column in table.index if column not in names]:
        raise MappingError(
            f"{path}: table {name}: want an index on its own columns, got {_listed(unknown)}"
        )
    try:
        codecs.lookup(table.encoding)
    except LookupError as fault:
        raise MappingError(
            f"{path}: table {name}: want an encoding that Python knows, got {table.encoding!r}"
        ) from fault
    if (table.follows is None) is not (table.by is None):
        raise MappingError(
            f"{path}: table {name}: want both follows and by, or neither, got one of them"
        )
    if table.follows is None:
        return
    leader = mapping.tables.get(table.follows)
    if leader is None or leader is table or leader.follows is not None:
        raise MappingError(
            f"{path}: table {name}: want to follow a table that follows none, got {table.follows!r}"
        )
    if table.by not in names or table.by not in [*leader.columns, *leader.derive]:
        raise MappingError(
            f"{path}: table {name}: want by to be a column of both tables, got {table.by!r}"
        )


def _check_selects(path: Path, mapping: Mapping) -> None:
    wanted = [kind for kind in map(_unversioned, kinds.KINDS) if kind not in OTHER_SELECTS]
    for kind in mapping.facts:
        if kind not in wanted:
            raise MappingError(f"{path}: facts.{kind}: want one of {_listed(wanted)}, got {kind!r}")
    selects = {
        "touch": mapping.touch,
        **{f"facts.{kind}": select for kind, select in mapping.facts.items()},
    }
    if mapping.inventory is not None:
        selects["inventory"] = mapping.inventory
    for name, select in selects.items():
        if select.rows is not None and select.rows not in mapping.tables:
            raise MappingError(
                f"{path}: {name}.rows: want one of {_listed(mapping.tables)}, got {select.rows!r}"
            )
    if taken := sorted(set(mapping.views) & set(mapping.tables)):
        raise MappingError(
            f"{path}: want views of other names than the tables, got {_listed(taken)}"
        )


def _unversioned(kind: str) -> str:
    return kind.partition("/")[0]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
