"""The memory database: what its functions answer, and that SQL of a mapping cannot leave it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sovereignty.collect.trace.sql import POISON, fault_of, open_memory


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    with closing(open_memory(lambda kind, text: f"{kind}:{text}")) as connection:
        yield connection


def value(memory: sqlite3.Connection, expression: str, *arguments: object) -> object:
    return memory.execute(f"SELECT {expression}", arguments).fetchone()[0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("hostlist_expand('r[1-2]n08')", '["r1n08", "r2n08"]'),
        ("hostlist_expand(NULL)", None),
        ("(SELECT group_concat(value) FROM json_each(hostlist_expand('n[08-10]')))", "n08,n09,n10"),
        ("hostlist_count('r[1-3,7]n08')", 4),
        ("hostlist_count('')", None),
        ("regex('gres/gpu=([0-9]+)', 'cpu=1,gres/gpu=8,mem=64G')", "8"),
        ("regex('[0-9]+', 'node077')", "077"),
        ("regex('(a)|(b)', 'b')", "b"),
        ("regex('x', 'y')", None),
        ("regex('x', NULL)", None),
        ("time_ms('1700000000', 'epoch_s')", 1_700_000_000_000),
        ("time_ms('1700000000.1239', 'epoch_s')", 1_700_000_000_123),
        ("time_ms(1700000000123, 'epoch_ms')", 1_700_000_000_123),
        ("time_ms('2023-11-14T22:13:20Z', 'iso')", 1_700_000_000_000),
        ("time_ms('2023-11-15T06:13:20', 'iso', 'Asia/Shanghai')", 1_700_000_000_000),
        ("time_ms('2023-11-15T06:13:20+08:00', 'iso', 'UTC')", 1_700_000_000_000),
        ("time_ms('14.11.2023 22:13', '%d.%m.%Y %H:%M', 'UTC')", 1_699_999_980_000),
        ("time_ms('', 'epoch_s')", None),
        ("time_ms('Unknown', 'iso', 'UTC')", None),
        ("time_ms(NULL, 'iso', 'UTC')", None),
        ("pci_slot('00000000:3B:00.0')", "pci:0000:3b:00.0"),
        ("pci_slot('3b:00.1')", "pci:0000:3b:00.1"),
        ("pci_slot('pci:0001:3b:00.0')", "pci:0001:3b:00.0"),
        ("pci_slot(' N/A ')", None),
        ("canonical('tenant', 'SUPERMICRO')", "tenant:SUPERMICRO"),
        ("canonical('tenant', NULL)", None),
    ],
)
def test_functions(memory: sqlite3.Connection, expression: str, expected: object) -> None:
    assert value(memory, expression) == expected


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("hostlist_expand('r[3-1]')", "position 2: want a range that rises, got 3-1"),
        ("hostlist_count('a b')", "position 1: want a letter"),
        ("regex('(', 'x')", "want a regular expression, got '('"),
        ("time_ms('soon', 'epoch_s')", "want seconds or milliseconds since 1970, got 'soon'"),
        ("time_ms('nan', 'epoch_s')", "want seconds or milliseconds since 1970, got 'nan'"),
        ("time_ms('inf', 'epoch_ms')", "want seconds or milliseconds since 1970, got 'inf'"),
        (
            "time_ms('2023-13-01T00:00:00Z', 'iso')",
            "want a time as iso, got '2023-13-01T00:00:00Z'",
        ),
        (
            "time_ms('2023-11-14T22:13:20', 'iso')",
            "want an offset in the time or a zone in the mapping",
        ),
        (
            "time_ms('2023-11-14T22:13:20', 'iso', 'Mars/Olympus')",
            "want an IANA time zone, got 'Mars/Olympus'",
        ),
        (
            "time_ms('2023-10-29T02:30:00', 'iso', 'Europe/Berlin')",
            "want a time that came once in Europe/Berlin",
        ),
        (
            "time_ms('2023-03-26T02:30:00', 'iso', 'Europe/Berlin')",
            "want a time that came once in Europe/Berlin",
        ),
        ("pci_slot('3b')", "want a PCI address, as in 0000:3b:00.0, got '3b'"),
    ],
)
def test_a_bad_value_becomes_a_poison_that_names_the_fault(
    memory: sqlite3.Connection, expression: str, fault: str
) -> None:
    assert fault in str(fault_of(value(memory, expression)))


@pytest.mark.parametrize("expression", ["{} + 1", "{} * 1000", "CAST({} AS INTEGER)", "{} / 1000"])
def test_a_poison_never_becomes_a_time(memory: sqlite3.Connection, expression: str) -> None:
    found = value(memory, expression.format("time_ms('soon', 'epoch_s')"))
    assert not isinstance(found, int) or found == 2**63 - 1


def test_only_a_poison_is_a_fault() -> None:
    assert fault_of(f"{POISON}why") == "why"
    assert fault_of("why") is None
    assert fault_of(None) is None
    assert fault_of(9) is None


@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE '{}' AS other",
        "VACUUM INTO '{}'",
        "DETACH DATABASE main",
        "PRAGMA writable_schema = 1",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('{}')",
        "CREATE VIRTUAL TABLE t USING fts3(a)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON jobs BEGIN SELECT 1; END",
        "DROP TABLE jobs",
        "DELETE FROM jobs",
    ],
)
def test_sql_cannot_leave_the_memory_database(
    memory: sqlite3.Connection, tmp_path: Path, statement: str
) -> None:
    memory.execute("CREATE TABLE jobs (a)")
    with pytest.raises(
        sqlite3.DatabaseError, match=r"not authorized|authorization denied|prohibited"
    ):
        memory.execute(statement.format(tmp_path / "other.sqlite3"))
    assert list(tmp_path.iterdir()) == []
