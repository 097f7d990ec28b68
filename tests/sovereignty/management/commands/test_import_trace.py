"""`manage.py import_trace`: looks without writing, records, and records nothing twice."""

import io
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from sovereignty.management.commands.import_trace import EXAMPLES
from sovereignty.models import Fact, Tenant
from tests.installation import Installation
from tests.sovereignty.collect.tracing import PACKS, write

ROWS = """job,project,host,pci,model,start,end
8812,st-mary,gpu-01,3b:00.0,A100,1700000000,1700003600
8812,st-mary,gpu-01,,A100,1700000000,1700003600
8813,st-mary,gpu-01,5e:00.0,A100,1700000000,Unknown
8814,st-mary,gpu-01,5e:00.0,A100,noon,Unknown
"""

pytestmark = pytest.mark.django_db


def run(folder: Path, *arguments: str) -> str:
    """Run the command on the small table, of which one row is refused; returns what it printed."""
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        started(folder, ROWS, *arguments, out=out)
    assert ended.value.code == 1
    return out.getvalue()


def started(folder: Path, rows: str, *arguments: str, out: io.StringIO) -> None:
    table = write(folder, "job-cards.csv", rows)
    mapping = ("--mapping", str(PACKS / "job-card.toml"), "--refused", str(folder / "refused.csv"))
    call_command("import_trace", str(table), *mapping, *arguments, stdout=out, stderr=io.StringIO())


def test_nothing_refused_is_no_failure(tmp_path: Path) -> None:
    out = io.StringIO()
    started(tmp_path, ROWS[: ROWS.index("8814")], "--dry-run", out=out)
    assert "3 rows read = 3 used + 0 set aside + 0 refused" in out.getvalue()


def test_a_dry_run_prints_the_account_and_keeps_the_facts(tmp_path: Path) -> None:
    said = run(tmp_path, "--dry-run", "--out", str(tmp_path / "facts.ndjson"))
    assert "jobs: 4 rows read = 3 used + 0 set aside + 1 refused" in said
    assert "facts: 7 made = 7 would be sent + 0 duplicate + 0 refused" in said
    kinds = [
        json.loads(line)["type"] for line in (tmp_path / "facts.ndjson").read_text().splitlines()
    ]
    assert kinds.count("domicile.touch.started.v1") == 2
    assert len(kinds) == 7


def test_refused_rows_go_to_the_file(tmp_path: Path) -> None:
    assert f"1 refused rows are in {tmp_path / 'refused.csv'}" in run(tmp_path, "--dry-run")
    assert (
        "job-cards.csv,5,\"started_at: want seconds or milliseconds since 1970, got 'noon'\""
        in (tmp_path / "refused.csv").read_text()
    )


@pytest.mark.usefixtures("ledger")
def test_records_the_facts_once(tmp_path: Path) -> None:
    assert "facts: 7 made = 7 accepted + 0 duplicate + 0 refused" in run(tmp_path)
    assert Fact.objects.filter(source="job-cards").count() == 7
    assert "facts: 7 made = 0 accepted + 7 duplicate + 0 refused" in run(tmp_path)
    assert Fact.objects.filter(source="job-cards").count() == 7


@pytest.mark.usefixtures("ledger")
def test_a_site_plan_is_recorded_beside_the_trace(tmp_path: Path) -> None:
    plan = (
        'format = "domicile/site-plan/v1"\nsource = "plan"\neffective_at = 2020-01-01T00:00:00Z\n'
    )
    region = '[[region]]\nregion = "hz-1"\ncountry = "CN"\nnodes = ["gpu-*"]\n'
    path = write(tmp_path, "plan.toml", plan + region)
    assert "facts: 9 made = 9 accepted + 0 duplicate + 0 refused" in run(
        tmp_path, "--site-plan", str(path)
    )
    assert Fact.objects.filter(source="plan").count() == 2


OTHER_SPELLING = (
    "job,project,host,pci,model,start,end\n9001,ST Mary,gpu-01,3b:00.0,A100,1700007200,1700010800\n"
)


@pytest.mark.usefixtures("ledger")
def test_warns_of_a_tenant_that_is_nearly_one_that_there_is(tmp_path: Path) -> None:
    run(tmp_path)
    dry, done, again = io.StringIO(), io.StringIO(), io.StringIO()
    started(tmp_path, OTHER_SPELLING, "--dry-run", out=dry)
    assert (
        "warning: tenant 'ST Mary' would be made beside 'st-mary', "
        "from which it differs only in case, spaces"
    ) in dry.getvalue()
    started(tmp_path, OTHER_SPELLING, out=done)
    assert (
        "warning: tenant 'ST Mary' was made beside 'st-mary', "
        "from which it differs only in case, spaces"
    ) in done.getvalue()
    assert set(Tenant.objects.values_list("key", flat=True)) == {"st-mary", "ST Mary"}
    started(tmp_path, OTHER_SPELLING, out=again)
    assert "warning" not in again.getvalue()


@pytest.mark.usefixtures("ledger")
def test_does_not_warn_of_a_tenant_that_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    done = io.StringIO()
    with pytest.raises(SystemExit):
        # in a year that has not come
        started(tmp_path, OTHER_SPELLING.replace(",17", ",97"), out=done)
    assert "0 accepted" in done.getvalue()
    assert "warning" not in done.getvalue()


def test_a_dry_run_without_a_database_says_that_it_compared_with_no_tenant(
    bare_installation: Installation, tmp_path: Path
) -> None:
    table = write(tmp_path, "job-cards.csv", OTHER_SPELLING)
    done = bare_installation.manage(
        "import_trace", "--dry-run", "--mapping", str(PACKS / "job-card.toml"), str(table)
    )
    assert done.returncode == 0
    assert "the tenants of the trace were not compared with its tenants" in done.stderr


def test_refuses_out_without_a_dry_run(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="want --dry-run with --out"):
        run(tmp_path, "--out", str(tmp_path / "facts.ndjson"))


def test_the_examples_of_its_help_run_as_they_are_printed(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = re.sub(r"\\\n\s+", "", EXAMPLES)
    commands = [
        line.split()[3:]
        for line in text.splitlines()
        if "import_trace" in line and "mlperf" in line
    ]
    assert [("--dry-run" in command, "--site-plan" in command) for command in commands] == [
        (True, True),
        (False, True),
    ]
    for name in ("demo_runs.csv.gz", "demo_run_nodes.csv.gz"):
        (tmp_path / name).symlink_to(shared / "data/mlperf-training" / name)
    (tmp_path / "sovereignty").symlink_to(PACKS.parents[1])
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    call_command("import_trace", *commands[0], stdout=out, stderr=io.StringIO())
    assert (tmp_path / "facts.ndjson").is_file()


def test_names_what_is_wrong_with_a_mapping_or_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="want TOML, got"):
        call_command(
            "import_trace",
            "x.csv",
            "--mapping",
            str(write(tmp_path, "bad.toml", "format =")),
            stderr=io.StringIO(),
        )
    with pytest.raises(CommandError, match=r"none\.csv: want a file, got none of that name"):
        call_command(
            "import_trace",
            str(tmp_path / "none.csv"),
            "--mapping",
            str(PACKS / "slurm.toml"),
            stderr=io.StringIO(),
        )
