"""Slurm's accounting, as `slurm.toml` reads it: nodes and a number of GPUs, never which."""

from pathlib import Path

import pytest

from tests.sovereignty.collect.tracing import PACKS, Imported, imported, imported_files

MAPPING = PACKS / "slurm.toml"
HEADER = "JobIDRaw|Account|NodeList|AllocTRES|Start|End|State\n"
TRES = "billing=97,cpu=64,gres/gpu=16,mem=64G,node=4"


def told(folder: Path, *rows: str, plan: str | None = None) -> Imported:
    return imported(
        folder, MAPPING, {"sacct.txt": HEADER + "".join(f"{row}\n" for row in rows)}, plan
    )


def test_a_job_is_a_count_of_its_nodes_cards(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        f"8812|st-mary|r[1-3,7]n08|{TRES}|2023-11-14T22:13:20|2023-11-14T23:13:20|COMPLETED",
    )
    (touch,) = found.of("touch.started")
    assert touch["parts"] == [{"k": 16, "of": ["r[1-3,7]n08"]}]
    assert (touch["tenant"], touch["workload"], touch["started_at"]) == (
        "st-mary",
        "8812",
        1_700_000_000_000,
    )
    assert [fact["ended_at"] for fact in found.of("touch.ended")] == [1_700_003_600_000]
    assert (found.account.figures.counted, found.account.figures.card_touches) == (16, 0)


@pytest.mark.parametrize(
    ("tres", "count"),
    [
        ("cpu=1,gres/gpu=8,mem=64G", 8),
        ("cpu=1,gres/gpu:a100=4,gres/gpu=4,node=1", 4),
        ("gres/gpu:a100=2,node=1", 2),
    ],
)
def test_reads_the_number_of_gpus_however_slurm_spells_it(
    tmp_path: Path, tres: str, count: int
) -> None:
    (touch,) = told(tmp_path, f"1|ada|n1|{tres}|2023-11-14T22:13:20|Unknown|RUNNING").of(
        "touch.started"
    )
    assert touch["parts"] == [{"k": count, "of": ["n1"]}]


def test_a_running_job_is_open(tmp_path: Path) -> None:
    found = told(tmp_path, f"1|ada|n1|{TRES}|2023-11-14T22:13:20|Unknown|RUNNING")
    assert (len(found.of("touch.started")), found.of("touch.ended")) == (1, [])
    assert found.account.tables["jobs"].noted == {"still-running": 1}


def test_a_requeued_job_is_several_touches(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        f"1|ada|n1|{TRES}|2023-11-14T22:13:20|2023-11-14T22:15:00|REQUEUED",
        f"1|ada|n2|{TRES}|2023-11-14T23:13:20|2023-11-14T23:15:00|COMPLETED",
    )
    assert [(fact["touch"], fact["parts"][0]["of"]) for fact in found.of("touch.started")] == [
        ("1", ["n1"]),
        ("1#2", ["n2"]),
    ]


def test_each_job_that_touched_nothing_is_set_aside_by_name(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        f"1.batch|ada|n1|{TRES}|2023-11-14T22:13:20|2023-11-14T22:15:00|COMPLETED",
        "2|ada|None assigned||Unknown|Unknown|PENDING",
        "3|ada|None assigned||2023-11-14T22:13:20|2023-11-14T22:13:20|CANCELLED by 7",
        "4|ada|n1|cpu=1,mem=1G|2023-11-14T22:13:20|2023-11-14T22:15:00|COMPLETED",
        f"5|ada|n1|{TRES}|2023-11-14T22:13:20|2023-11-14T22:13:20|FAILED",
        f"6|ada|r[3-1]|{TRES}|2023-11-14T22:13:20|2023-11-14T22:15:00|COMPLETED",
        f"7|ada|n1|{TRES}|2023-11-14 at noon|2023-11-14T22:15:00|COMPLETED",
    )
    table = found.account.tables["jobs"]
    assert table.skipped == {
        "job-step": 1,
        "never-started": 2,
        "no-gpus": 1,
        "ends-at-its-start": 1,
    }
    assert [(row.line, row.reason) for row in table.refused] == [
        (7, "nodes: hostlist 'r[3-1]', position 2: want a range that rises, got 3-1"),
        (8, "started_at: want a time as iso, got '2023-11-14 at noon'"),
    ]
    assert found.events == []


def test_a_site_plan_describes_the_nodes(tmp_path: Path) -> None:
    plan = """
        format = "domicile/site-plan/v1"
        source = "plan"
        effective_at = 2020-01-01T00:00:00Z
        [[region]]
        region = "hz-1"
        country = "CN"
        nodes = ["r[1-3,7]n08"]
        [[cards]]
        nodes = ["r*"]
        slots = "0-7"
        model = "Ascend 910B"
        design_country = "CN"
    """
    found = told(
        tmp_path,
        f"1|ada|r[1-2]n08|{TRES}|2023-11-14T22:13:20|2023-11-14T22:15:00|COMPLETED",
        plan=plan,
    )
    assert [
        (fact["node"], fact["region"], fact["cards"]) for fact in found.of("node.registered")
    ] == [
        (node, "hz-1", [{"design_country": "CN", "model": "Ascend 910B", "slots": "0-7"}])
        for node in ("r1n08", "r2n08", "r3n08", "r7n08")
    ]


def test_reads_a_real_export_with_every_column(shared: Path, tmp_path: Path) -> None:
    """meta-gcm's sample: steps and jobs, one job name with bytes that are no UTF-8."""
    sample = (
        shared / "data" / "fixtures" / "slurm" / "meta-gcm" / "sample-sacct-output-invalid-utf8.txt"
    )
    found = imported_files(tmp_path, MAPPING, [sample])
    table = found.account.tables["jobs"]
    assert (table.read, table.used, table.skipped["job-step"], table.refused) == (11, 2, 9, [])
    assert [(fact["touch"], fact["parts"]) for fact in found.of("touch.started")] == [
        ("3557891", [{"k": 8, "of": ["learnnode047"]}]),
        ("3557892", [{"k": 1, "of": ["learnnode036"]}]),
    ]
