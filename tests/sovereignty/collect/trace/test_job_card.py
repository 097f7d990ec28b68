"""A table with one row for each job and card, as `job-card.toml` reads it."""

from pathlib import Path

from tests.sovereignty.collect.tracing import PACKS, Imported, imported

MAPPING = PACKS / "job-card.toml"
HEADER = "job,project,host,pci,model,start,end\n"


def told(folder: Path, *rows: str) -> Imported:
    return imported(
        folder, MAPPING, {"job-cards.csv": HEADER + "".join(f"{row}\n" for row in rows)}
    )


def test_the_cards_of_a_job_are_one_touch(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "8812,st-mary,gpu-01,00000000:3B:00.0,A100,1700000000,1700003600",
        "8812,st-mary,gpu-01,00000000:5E:00.0,A100,1700000000,1700003600",
        "8812,st-mary,gpu-02,00000000:3B:00.0,A100,1700000000,1700003600",
    )
    (touch,) = found.of("touch.started")
    assert touch["parts"] == [
        {"cards": ["gpu-01/pci:0000:3b:00.0,pci:0000:5e:00.0", "gpu-02/pci:0000:3b:00.0"]}
    ]
    assert (touch["tenant"], touch["workload"], touch["started_at"]) == (
        "st-mary",
        "8812",
        1_700_000_000_000,
    )
    (ended,) = found.of("touch.ended")
    assert (ended["touch"], ended["ended_at"]) == ("8812", 1_700_003_600_000)
    assert [fact["tenant"] for fact in found.of("tenant.declared")] == ["st-mary"]
    assert [fact["workload"] for fact in found.of("workload.declared")] == ["8812"]


def test_a_missing_address_becomes_one_of_its_host(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "8812,st-mary,gpu-01,3b:00.0,A100,1700000000,1700003600",
        "8812,st-mary,gpu-01,,A100,1700000000,1700003600",
        "8812,st-mary,gpu-01,N/A,A100,1700000000,1700003600",
        "8812,st-mary,gpu-02,,A100,1700000000,1700003600",
    )
    (touch,) = found.of("touch.started")
    assert touch["parts"] == [
        {"cards": ["gpu-01/pci:0000:3b:00.0"]},
        {"k": 2, "of": ["gpu-01"]},
        {"k": 1, "of": ["gpu-02"]},
    ]
    assert found.account.tables["jobs"].noted["no-card-address"] == 3
    assert found.account.tables["jobs"].used == 4


def test_an_empty_or_unknown_end_is_open_and_a_later_export_ends_it(tmp_path: Path) -> None:
    running = told(
        tmp_path, "1,ada,n1,3b:00.0,A,1700000000,", "2,ada,n1,5e:00.0,A,1700000000,Unknown"
    )
    assert (len(running.of("touch.started")), running.of("touch.ended")) == (2, [])
    assert running.account.tables["jobs"].noted["still-running"] == 2
    later = told(
        tmp_path,
        "1,ada,n1,3b:00.0,A,1700000000,1700000060",
        "2,ada,n1,5e:00.0,A,1700000000,Unknown",
    )
    assert [event for event in running.events if event not in later.events] == []
    assert [fact["touch"] for fact in later.of("touch.ended")] == ["1"]


def test_another_model_in_a_slot_is_inventory_dated_at_the_first_run_that_shows_it(
    tmp_path: Path,
) -> None:
    found = told(
        tmp_path,
        "1,ada,n1,3b:00.0,A100 40 GB,1700000000,1700000060",
        "2,ada,n1,3b:00.0,A100 40 GB,1700000100,1700000160",
        "3,ada,n1,3b:00.0,A100 80 GB,1700000200,1700000260",
        "4,ada,n1,3b:00.0,,1700000300,1700000360",
        "5,ada,n1,,A100 80 GB,1700000400,1700000460",
    )
    (registered,) = found.of("node.registered")
    assert registered["cards"] == [{"model": "A100 40 GB", "slots": "pci:0000:3b:00.0"}]
    (replaced,) = found.of("card.replaced")
    assert (replaced["slot"], replaced["model"], replaced["effective_at"]) == (
        "pci:0000:3b:00.0",
        "A100 80 GB",
        1_700_000_200_000,
    )


def test_a_job_that_was_stopped_and_went_on_is_several_touches(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "1,ada,n1,3b:00.0,A,1700000000,1700000060",
        "1,ada,n2,3b:00.0,A,1700000100,1700000160",
    )
    assert [
        (fact["touch"], fact["workload"], fact["parts"]) for fact in found.of("touch.started")
    ] == [
        ("1", "1", [{"cards": ["n1/pci:0000:3b:00.0"]}]),
        ("1#2", "1", [{"cards": ["n2/pci:0000:3b:00.0"]}]),
    ]
    assert len(found.of("workload.declared")) == 1


def test_each_bad_row_is_set_aside_or_refused_and_the_rest_is_used(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        "1,ada,n1,3b:00.0,A,1700000000,1700000060",
        "2,ada,n1,3b:00.0,A,Unknown,",
        "3,ada,n1,3b:00.0,A,1700000060,1700000000",
        "4,ada,n1,3b:00.0,A,yesterday,1700000000",
        "5,ada,n1,slot 3,A,1700000000,1700000060",
        "6,ada,n1,3b:00.0,A",
        "7,ada,n1,5e:00.0,A,1700000000,1700000060",
        "7,ada,n1,5e:00.0,A,1700000000,1700000060",
    )
    table = found.account.tables["jobs"]
    assert (table.read, table.used, table.skipped) == (
        8,
        2,
        {"never-started": 1, "ends-before-start": 1},
    )
    assert [(line, reason.split(",")[0]) for line, reason in found.refused()] == [
        (7, "want 7 fields"),
        (5, "started_at: want seconds or milliseconds since 1970"),
        (6, "inventory of n1: want a PCI address"),
        (9, "want each card of a touch once"),
    ]
    assert [fact["touch"] for fact in found.of("touch.started")] == ["1", "7"]
