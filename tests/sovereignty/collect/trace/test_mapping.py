"""Mappings: the shipped ones are read, and a faulty one is refused by name before any table is
opened."""

from pathlib import Path

import pytest

from sovereignty.collect.errors import MappingError
from sovereignty.collect.trace.mapping import read_mapping
from tests.sovereignty.collect.tracing import ONE_TABLE, PACKS, write


@pytest.mark.parametrize("name", ["mlperf.toml", "job-card.toml", "slurm.toml"])
def test_reads_the_shipped_mappings(name: str) -> None:
    mapping = read_mapping(PACKS / name)
    assert mapping.first_table() in mapping.tables
    assert all(rule.why for rule in (*mapping.skip, *mapping.note))


FOLLOWER = '[tables.hosts]\ncolumns = ["job", "host"]\nfollows = "jobs"\nby = "job"\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("format = ", "want TOML, got"),
        (ONE_TABLE.replace("trace/v1", "trace/v2"), "Invalid enum value 'domicile/trace/v2'"),
        (ONE_TABLE.replace("[touch]", "[touched]"), "unknown field `touched`"),
        (ONE_TABLE.replace('"slots"', '"line"'), "table jobs: want columns of different names"),
        (ONE_TABLE.replace('"slots"', '"node"'), "got node"),
        (
            ONE_TABLE.replace("[tables.jobs]", "[tables.jobs]\nencoding = 'utf-9'"),
            "want an encoding that Python knows, got 'utf-9'",
        ),
        (
            ONE_TABLE.replace("[tables.jobs]", "[tables.jobs]\nindex = ['host']"),
            "want an index on its own columns, got host",
        ),
        (
            ONE_TABLE.replace("[tables.jobs]", "[tables.jobs]\nby = 'job'"),
            "want both follows and by, or neither",
        ),
        (
            ONE_TABLE + FOLLOWER.replace('"jobs"', '"hosts"'),
            "want to follow a table that follows none, got 'hosts'",
        ),
        (
            ONE_TABLE + FOLLOWER.replace('by = "job"', 'by = "host"'),
            "want by to be a column of both tables, got 'host'",
        ),
        (
            ONE_TABLE + '[[skip]]\nname = "x"\ntable = "runs"\nwhere = "1"\nwhy = "y"\n',
            "rule x: want one of jobs, got table 'runs'",
        ),
        (
            ONE_TABLE + 2 * '[[note]]\nname = "x"\ntable = "jobs"\nwhere = "1"\nwhy = "y"\n',
            "want rules of different names",
        ),
        (
            ONE_TABLE + '[facts."touch.recorded"]\nselect = "SELECT 1"\n',
            "want one of region.declared, ",
        ),
        (
            ONE_TABLE + '[inventory]\nselect = "SELECT 1"\nrows = "runs"\n',
            "inventory.rows: want one of jobs, got 'runs'",
        ),
        (
            ONE_TABLE + '[views]\njobs = "SELECT 1"\n',
            "want views of other names than the tables, got jobs",
        ),
    ],
)
def test_refuses_a_faulty_mapping(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, "mapping.toml", text)
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


def test_refuses_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read: No such file"):
        read_mapping(tmp_path / "none.toml")
