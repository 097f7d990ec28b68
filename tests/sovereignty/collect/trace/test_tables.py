"""Tables: CSV, TSV, gzip and SQLite, which file belongs to which table, and what a malformed row
costs."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audit.jobs.progress import silent
from sovereignty.collect.errors import TableError
from sovereignty.collect.trace.mapping import Mapping, read_mapping
from sovereignty.collect.trace.sql import open_memory
from sovereignty.collect.trace.tables import Loaded, load
from tests.sovereignty.collect.tracing import ONE_TABLE, write

CSV = "job,node,slots,start,end,user\n1,n1,0-7,10,20,olga\n2,n2,0,30,,enzo\n"


@pytest.fixture
def memory() -> Iterator[sqlite3.Connection]:
    with closing(open_memory(lambda _, text: text)) as connection:
        yield connection


def mapped(folder: Path, text: str = ONE_TABLE) -> Mapping:
    return read_mapping(write(folder, "mapping.toml", text))


def rows(memory: sqlite3.Connection) -> list[tuple[object, ...]]:
    return memory.execute(
        'SELECT line, job, node, slots, start, "end" FROM raw_jobs ORDER BY row_id'
    ).fetchall()


def loaded(
    memory: sqlite3.Connection, folder: Path, data: bytes, mapping: str = ONE_TABLE
) -> Loaded:
    (folder / "jobs.csv").write_bytes(data)
    return load(memory, mapped(folder, mapping), [str(folder / "jobs.csv")], silent)


WANTED = [(2, "1", "n1", "0-7", "10", "20"), (3, "2", "n2", "0", "30", "")]


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (CSV.encode(), ""),
        (gzip.compress(CSV.encode(), mtime=0), ""),
        (CSV.encode("utf-8-sig"), ""),
        (CSV.replace(",", "\t").encode(), 'delimiter = "\\t"'),
        (CSV.encode("utf-16"), 'encoding = "utf-16"'),
        (CSV.replace("\n", "\r\n").encode(), ""),
        (CSV.replace("olga", '"ol,ga"').encode(), ""),
        (CSV.replace("n1", '"n1"').encode(), ""),
    ],
)
def test_reads_delimited_text(
    memory: sqlite3.Connection, tmp_path: Path, data: bytes, change: str
) -> None:
    found = loaded(
        memory, tmp_path, data, ONE_TABLE.replace("[tables.jobs]", f"[tables.jobs]\n{change}")
    )
    assert rows(memory) == WANTED
    assert (found.read, found.malformed) == ({"jobs": 2}, {"jobs": []})


def test_reads_a_table_without_a_header(memory: sqlite3.Connection, tmp_path: Path) -> None:
    loaded(
        memory,
        tmp_path,
        b"1,n1,0-7,10,20\n",
        ONE_TABLE.replace("[tables.jobs]", "[tables.jobs]\nheader = false"),
    )
    assert rows(memory) == [(1, "1", "n1", "0-7", "10", "20")]


def test_takes_quotes_for_plain_characters_where_the_mapping_says_so(
    memory: sqlite3.Connection, tmp_path: Path
) -> None:
    loaded(
        memory,
        tmp_path,
        b'job,node,slots,start,end\n"1,n1,0-7,10,20\n',
        ONE_TABLE.replace("[tables.jobs]", "[tables.jobs]\nquoted = false"),
    )
    assert rows(memory) == [(2, '"1', "n1", "0-7", "10", "20")]


def test_reads_a_sqlite_file_without_attaching_it(
    memory: sqlite3.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "trace.sqlite3"
    with closing(sqlite3.connect(path)) as source, source:
        source.execute(
            "CREATE TABLE jobs (job INTEGER, node TEXT, slots TEXT, start INTEGER, "
            "end INTEGER, user TEXT)"
        )
        source.execute(
            "INSERT INTO jobs VALUES (1, 'n1', '0-7', 10, 20, 'olga'), (2, 'n2', x'00', 30, "
            "NULL, 'enzo'), (3, 'n3', '0', 30, NULL, '')"
        )
    found = load(memory, mapped(tmp_path), [str(path)], silent)
    assert rows(memory) == [(1, "1", "n1", "0-7", "10", "20"), (3, "3", "n3", "0", "30", None)]
    assert [(row.line, row.reason) for row in found.malformed["jobs"]] == [
        (2, "want text and numbers, got bytes")
    ]


def test_refuses_malformed_rows_by_themselves(memory: sqlite3.Connection, tmp_path: Path) -> None:
    good = b'\n4,"n\n4",0,1,2\n', b"6,n6,0,1,2\n"
    bad = (
        b'1,n1,0-7,10\n2,n\xff,0,1,2\n3,"n"3,0,1,2\n',
        b"5,n5,0,1,2,9\n",
        b'7,"n7,0,1,2\n8,n8,0,1,2\n',
    )
    data = b"job,node,slots,start,end\n" + bad[0] + good[0] + bad[1] + good[1] + bad[2]
    found = loaded(memory, tmp_path, data)
    assert rows(memory) == [(6, "4", "n\n4", "0", "1", "2"), (9, "6", "n6", "0", "1", "2")]
    assert [(row.line, row.reason) for row in found.malformed["jobs"]] == [
        (2, "want 5 fields, got 4"),
        (3, "want utf-8 text, got other bytes"),
        (4, "want a row of delimited fields, got ',' expected after '\"' (lines 4 to 4)"),
        (8, "want 5 fields, got 6"),
        (10, "want a row of delimited fields, got unexpected end of data (lines 10 to 11)"),
    ]
    assert found.read == {"jobs": 7}


def test_ignores_foreign_bytes_in_columns_that_it_does_not_read(
    memory: sqlite3.Connection, tmp_path: Path
) -> None:
    loaded(memory, tmp_path, CSV.replace("olga", "ö").encode("latin-1"))
    assert rows(memory) == WANTED


def test_several_files_may_feed_one_table(memory: sqlite3.Connection, tmp_path: Path) -> None:
    files = [str(write(tmp_path, name, CSV)) for name in ("may.csv", "june.csv")]
    found = load(memory, mapped(tmp_path), files, silent)
    assert (found.read, found.files) == ({"jobs": 4}, files)


TWO_TABLES = ONE_TABLE + '[tables.hosts]\ncolumns = ["job", "host"]\nfollows = "jobs"\nby = "job"\n'


def test_a_file_belongs_to_the_table_whose_columns_it_has(
    memory: sqlite3.Connection, tmp_path: Path
) -> None:
    files = [str(write(tmp_path, "b.csv", "job,host\n1,n1\n")), str(write(tmp_path, "a.csv", CSV))]
    assert load(memory, mapped(tmp_path, TWO_TABLES), files, silent).read == {"jobs": 2, "hosts": 1}


def test_a_file_may_be_given_to_a_table_by_name(memory: sqlite3.Connection, tmp_path: Path) -> None:
    both = write(tmp_path, "both.csv", "job,node,slots,start,end,host\n1,n1,0,1,2,n1\n")
    given = [f"jobs={both}", f"hosts={both}"]
    assert load(memory, mapped(tmp_path, TWO_TABLES), given, silent).read == {"jobs": 1, "hosts": 1}


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("none.csv", None, "want a file, got none of that name"),
        (
            "a.csv",
            b"job,node\n1,n1\n",
            "want the columns of a table of the mapping (jobs: job, node, slots, start, end",
        ),
        ("a.csv", b"", "want the columns of a table of the mapping"),
        ("a.csv", b"SQLite format 3\x00" + bytes(100), "cannot be read to its end"),
        (
            "a.csv",
            b"job,node,slots,start,end,host\n",
            "got those of jobs and hosts: give it as TABLE=FILE",
        ),
        (
            "a.csv",
            b"job,host\n1,n1\n",
            "want a file for each table of the mapping, got none for jobs",
        ),
    ],
)
def test_refuses_files_that_are_no_tables(
    memory: sqlite3.Connection, tmp_path: Path, name: str, data: bytes | None, reason: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(TableError) as caught:
        load(memory, mapped(tmp_path, TWO_TABLES), [str(tmp_path / name)], silent)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"job,node,slots,start,end,end\n", "want each column once in the header, got end again"),
        (
            gzip.compress(CSV.encode() * 1000, mtime=0)[:-20],
            "cannot be read to its end: Compressed file ended",
        ),
        (
            gzip.compress(CSV.encode() * 1000, mtime=0)[:-8] + bytes(8),
            "cannot be read to its end: CRC check failed",
        ),
    ],
)
def test_refuses_a_file_that_does_not_read_to_its_end(
    memory: sqlite3.Connection, tmp_path: Path, data: bytes, reason: str
) -> None:
    with pytest.raises(TableError) as caught:
        loaded(memory, tmp_path, data)
    assert reason in str(caught.value)


def test_refuses_a_file_given_by_name_that_lacks_a_column(
    memory: sqlite3.Connection, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.csv", "job,node\n")
    with pytest.raises(
        TableError, match="want column slots, start, end in the header, got job, node"
    ):
        load(memory, mapped(tmp_path), [f"jobs={path}"], silent)
