"""The fate of rows: one each, by the first rule that takes it, and shared with the row that it
belongs to."""

from pathlib import Path

import pytest

from sovereignty.collect.errors import MappingError
from tests.sovereignty.collect.tracing import ONE_TABLE, imported

HEADER = "job,node,slots,start,end\n"
GOOD = "1,n1,0,10,20\n"
HOSTS = '[tables.hosts]\ncolumns = ["job", "host"]\nfollows = "jobs"\nby = "job"\n'


def rule(kind: str, name: str, where: str, table: str = "jobs") -> str:
    return f'[[{kind}]]\nname = "{name}"\ntable = "{table}"\nwhere = "{where}"\nwhy = "a test"\n'


def test_a_row_is_set_aside_by_the_first_rule_that_takes_it(tmp_path: Path) -> None:
    rules = rule("skip", "backwards", "ended_at <= started_at") + rule(
        "skip", "early", "started_at < 50000"
    )
    found = imported(
        tmp_path,
        ONE_TABLE + rules,
        {"a.csv": HEADER + "1,n1,0,20,10\n2,n1,0,30,40\n3,n1,0,60,70\n"},
    )
    table = found.account.tables["jobs"]
    assert (table.read, table.used, table.skipped, table.refused) == (
        3,
        1,
        {"backwards": 1, "early": 1},
        [],
    )
    assert [touch["touch"] for touch in found.of("touch.recorded")] == ["3"]


def test_a_rule_that_takes_nothing_is_accounted_with_zero(tmp_path: Path) -> None:
    found = imported(
        tmp_path, ONE_TABLE + rule("skip", "early", "started_at < 0"), {"a.csv": HEADER + GOOD}
    )
    assert found.account.tables["jobs"].skipped == {"early": 0}


def test_a_note_counts_rows_and_keeps_them(tmp_path: Path) -> None:
    rules = rule("note", "open", "ended_at IS NULL") + rule("skip", "early", "started_at < 5000")
    found = imported(
        tmp_path, ONE_TABLE + rules, {"a.csv": HEADER + GOOD + "2,n1,0,30,\n3,n1,0,1,\n"}
    )
    table = found.account.tables["jobs"]
    assert (table.used, table.skipped, table.noted) == (2, {"early": 1}, {"open": 1})


def test_a_row_whose_column_cannot_be_computed_is_refused_before_the_rules(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        ONE_TABLE + rule("skip", "no-start", "started_at IS NULL"),
        {"a.csv": HEADER + GOOD + "2,n1,0,soon,40\n"},
    )
    assert found.refused() == [
        (3, "started_at: want seconds or milliseconds since 1970, got 'soon'")
    ]
    assert found.account.tables["jobs"].skipped == {"no-start": 0}


def test_a_malformed_row_is_refused_and_the_others_are_used(tmp_path: Path) -> None:
    found = imported(tmp_path, ONE_TABLE, {"a.csv": HEADER + GOOD + "2,n1\n3,n1,1,10,20\n"})
    assert found.refused() == [(3, "want 5 fields, got 2")]
    assert found.account.tables["jobs"].used == 2


def test_a_row_that_no_select_uses_is_refused(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        ONE_TABLE.replace("FROM jobs", "FROM jobs WHERE job <> '2'"),
        {"a.csv": HEADER + GOOD + "2,n1,1,10,20\n"},
    )
    assert found.refused() == [
        (3, "want a row that a select of the mapping uses, got one that none of them used")
    ]


def test_rows_of_a_following_table_share_the_fate_of_their_row(tmp_path: Path) -> None:
    jobs = HEADER + GOOD + "2,n1,0,20,10\n3,n1,0,soon,10\n4,n1,bad slots,10,20\n"
    hosts = "job,host\n1,a\n1,b\n2,a\n3,a\n4,a\n5,a\n"
    rules = rule("skip", "backwards", "ended_at <= started_at")
    found = imported(tmp_path, ONE_TABLE + HOSTS + rules, {"jobs.csv": jobs, "hosts.csv": hosts})
    table = found.account.tables["hosts"]
    assert (table.read, table.used, table.skipped) == (6, 2, {"backwards": 1})
    assert [(row.line, row.reason[:60]) for row in table.refused] == [
        (5, "with its row of jobs: started_at: want seconds or millisecon"),
        (6, "with its row of jobs: touch 4: hostlist 'n1/bad slots', posi"),
        (7, "want a row of jobs with the same key, got '5'"),
    ]


def test_a_following_row_counts_as_used_where_any_row_of_its_key_is(tmp_path: Path) -> None:
    rules = rule("skip", "second", "row_id = 1")
    found = imported(
        tmp_path,
        ONE_TABLE + HOSTS + rules,
        {"jobs.csv": HEADER + GOOD + GOOD, "hosts.csv": "job,host\n1,a\n"},
    )
    assert found.account.tables["hosts"].used == 1


def test_rules_may_look_at_other_tables(tmp_path: Path) -> None:
    rules = rule("skip", "no-hosts", "job NOT IN (SELECT job FROM hosts)")
    found = imported(
        tmp_path,
        ONE_TABLE + HOSTS + rules,
        {"jobs.csv": HEADER + GOOD + "2,n1,0,10,20\n", "hosts.csv": "job,host\n1,a\n"},
    )
    assert found.account.tables["jobs"].skipped == {"no-hosts": 1}


def test_selects_may_use_views(tmp_path: Path) -> None:
    mapping = (
        ONE_TABLE.replace("FROM jobs", "FROM late")
        + '[views]\nlate = "SELECT * FROM jobs WHERE started_at > 5000"\n'
    )
    found = imported(tmp_path, mapping, {"a.csv": HEADER + GOOD})
    assert found.account.tables["jobs"].used == 1


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        (
            ONE_TABLE + rule("skip", "x", "began > 0"),
            "skip x: want SQL that runs, got no such column: began",
        ),
        (
            ONE_TABLE + rule("note", "x", "began > 0"),
            "note x: want SQL that runs, got no such column: began",
        ),
        (
            ONE_TABLE + rule("skip", "x", "1); DELETE FROM raw_jobs; SELECT (1"),
            "skip x: want SQL that runs, got You can only execute one",
        ),
        (ONE_TABLE + '[views]\nv = "SELECT FROM"\n', "views.v: want SQL that runs"),
        (
            ONE_TABLE.replace("time_ms(start, 'epoch_s')", "time_s(start)"),
            "tables.jobs.derive.started_at: want SQL that runs, got no such function",
        ),
        (
            ONE_TABLE.replace("FROM jobs", "FROM runs"),
            "touch: want SQL that runs, got no such table: runs",
        ),
        (
            ONE_TABLE.replace("slots\n", "slots, job AS color\n"),
            "touch: want columns among count, ended_at",
        ),
        (
            ONE_TABLE.replace("row_id, ", ""),
            "touch: want SQL that runs, got no such column: row_id",
        ),
        (ONE_TABLE.replace("ended_at, ", ""), "touch: want column ended_at, got row_id, tenant"),
        (
            ONE_TABLE.replace("row_id,", "NULL AS row_id,"),
            "touch: want the row_id of a table, got None",
        ),
        (
            ONE_TABLE.replace("node, slots", "json_extract(node, '$'), slots").replace(
                "'$')", "'$') AS node"
            ),
            "touch: want SQL that runs, got malformed JSON",
        ),
    ],
)
def test_sql_that_does_not_run_ends_the_import_with_its_place_in_the_mapping(
    tmp_path: Path, mapping: str, reason: str
) -> None:
    with pytest.raises(MappingError) as caught:
        imported(tmp_path, mapping, {"a.csv": HEADER + GOOD})
    assert str(caught.value).startswith(reason)
