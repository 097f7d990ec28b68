"""Facts of the other kinds: one a row, its columns the fields of the kind."""

from pathlib import Path

import pytest

from tests.sovereignty.collect.tracing import ONE_TABLE, Imported, imported

TABLE = {"a.csv": "job,node,slots,start,end\n1,n1,0,10,20\n2,n1,1,30,40\n"}


def told(folder: Path, kind: str, select: str) -> Imported:
    return imported(folder, f"{ONE_TABLE}\n[facts.\"{kind}\"]\nselect = '''{select}'''\n", TABLE)


def test_makes_one_fact_of_each_row(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "access.recorded",
        "SELECT row_id, 'ada' AS tenant, 'login-' || job AS access, 'olga' AS person, "
        "started_at, ended_at, 'attested' AS evidence, "
        "'' AS office_country, NULL AS approval FROM jobs",
    )
    common = {"tenant": "ada", "person": "olga", "evidence": "attested"}
    assert found.of("access.recorded") == [
        {**common, "access": "login-1", "started_at": 10_000, "ended_at": 20_000},
        {**common, "access": "login-2", "started_at": 30_000, "ended_at": 40_000},
    ]
    assert [event["id"] for event in found.events[-2:]] == [
        "access.recorded/ada/login-1",
        "access.recorded/ada/login-2",
    ]


def test_reads_lists_as_json_and_flags_as_numbers(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "source.declared",
        "SELECT 'slurm' AS name, json_array('touch') AS reports, "
        "json_array(min(node) || '/0-1') AS cards, 1 AS sequenced, "
        "min(started_at) AS effective_at, 'declared' AS evidence FROM jobs",
    )
    assert found.of("source.declared") == [
        {
            "name": "slurm",
            "reports": ["touch"],
            "cards": ["n1/0-1"],
            "sequenced": True,
            "effective_at": 10_000,
            "evidence": "declared",
        }
    ]


def test_facts_come_in_the_order_in_which_they_depend_on_each_other(tmp_path: Path) -> None:
    selects = {
        "heartbeat": "SELECT 1 AS from_at, 2 AS to_at",
        "workload.declared": "SELECT 'ada' AS tenant, 'w' AS workload, 1 AS effective_at, "
        "'declared' AS evidence",
        "tenant.declared": "SELECT 'ada' AS tenant, 1 AS effective_at, 'declared' AS evidence",
        "region.declared": "SELECT 'r1' AS region, 1 AS effective_at, 'declared' AS evidence",
    }
    tail = "".join(
        f"\n[facts.\"{kind}\"]\nselect = '''{select}'''\n" for kind, select in selects.items()
    )
    kinds = [
        event["type"].removeprefix("domicile.")
        for event in imported(tmp_path, ONE_TABLE + tail, TABLE).events
    ]
    assert kinds == [
        "region.declared.v1",
        "tenant.declared.v1",
        "workload.declared.v1",
        "touch.recorded.v1",
        "touch.recorded.v1",
        "heartbeat.v1",
    ]


@pytest.mark.parametrize(
    ("select", "reason"),
    [
        (
            (
                "SELECT row_id, 'ada' AS tenant, 1 AS effective_at, "
                "'sure' AS evidence FROM jobs WHERE job = '2'"
            ),
            "data.evidence: want one of",
        ),
        (
            "SELECT row_id, 'ada' AS tenant, 'declared' AS evidence FROM jobs WHERE job = '2'",
            "data.effective_at: want a value, got nothing",
        ),
        (
            (
                "SELECT row_id, 'ada' AS tenant, time_ms('x', 'epoch_s') AS effective_at, "
                "'declared' AS evidence FROM jobs WHERE job = '2'"
            ),
            "data.effective_at: want a value, got want seconds or milliseconds",
        ),
    ],
)
def test_a_fact_that_cannot_be_made_refuses_its_row(
    tmp_path: Path, select: str, reason: str
) -> None:
    found = told(tmp_path, "tenant.declared", select)
    assert [
        (line, text.startswith(f"tenant.declared: {reason}")) for line, text in found.refused()
    ] == [(3, True)], found.refused()


def test_refuses_a_list_that_is_no_json(tmp_path: Path) -> None:
    select = (
        "SELECT row_id, 'x' AS name, 'touch' AS reports, 1 AS effective_at, "
        "'declared' AS evidence FROM jobs WHERE job = '1'"
    )
    assert told(tmp_path, "source.declared", select).refused() == [
        (2, "source.declared: data.reports: want a JSON list, got 'touch'")
    ]
