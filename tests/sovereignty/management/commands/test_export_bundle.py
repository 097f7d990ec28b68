"""`manage.py export_bundle`: a tenant's bundle as one file, with the words by which its reader
checks it."""

import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.errors import ExportError
from audit.log.keys import trust_text
from audit.models import Job, Trail
from audit.seal import seal
from audit.tlog.bundle import Bundle
from sovereignty.models import Tenant
from tests.audit.ledger import tenant_trail, write

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def hospital(ledger: None) -> Trail:
    trail = tenant_trail()
    Tenant.objects.create(key="st-mary", trail=trail)
    write(trail.number, ["one"])
    seal(actor="olga")
    return trail


def test_the_command_line_that_it_prints_proves_the_bundle(
    hospital: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "st-mary.zip"
    call_command("export_bundle", "--tenant", "st-mary", "-o", str(output))
    said = capsys.readouterr().out
    (tmp_path / "trust.txt").write_text(trust_text())
    line = next(line.strip() for line in said.splitlines() if "-m audit.verifier" in line)
    words = [sys.executable, *line.replace("trust.txt", str(tmp_path / "trust.txt")).split()[1:]]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_says_digest_size_and_pin(
    hospital: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "st-mary.zip"
    call_command("export_bundle", "--tenant", "st-mary", "-o", str(output))
    said = capsys.readouterr().out
    data = output.read_bytes()
    assert f"sha256  {sha256(data).hexdigest()}" in said
    assert f"{len(data):,} bytes, up to epoch 1" in said
    assert f"pin     {hospital.number}:{bytes(hospital.trail_id).hex()}" in said


def test_says_how_many_entries_are_not_sealed_and_so_not_in_it(
    hospital: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("export_bundle", "--tenant", "st-mary", "-o", str(tmp_path / "st-mary.zip"))
    call_command(*arguments)
    assert "not sealed" not in capsys.readouterr().out
    write(hospital.number, ["two"])
    call_command(*arguments)
    said = capsys.readouterr().out
    assert (
        "2 entries of the trail are not sealed yet, and not in the bundle: "
        "run `python manage.py seal`, then export again" in said
    )


def test_is_a_job_that_the_tenants_readers_see(hospital: Trail, tmp_path: Path) -> None:
    call_command("export_bundle", "--tenant", "st-mary", "-o", str(tmp_path / "st-mary.zip"))
    job = Job.objects.get(kind="export")
    assert (job.trail, job.state, job.actor) == (hospital, Job.DONE, "command:export_bundle")


def test_replaces_the_file_that_is_there(hospital: Trail, tmp_path: Path) -> None:
    output = tmp_path / "st-mary.zip"
    output.write_bytes(b"an older one")
    call_command("export_bundle", "--tenant", "st-mary", "-o", str(output))
    with Bundle.open(output) as bundle:
        assert bundle.hints().trail == hospital.number


@pytest.mark.parametrize("number", [0, 1, 2])
def test_takes_any_trail_by_its_number(hospital: Trail, tmp_path: Path, number: int) -> None:
    output = tmp_path / "trail.zip"
    call_command("export_bundle", "--trail", str(number), "-o", str(output))
    with Bundle.open(output) as bundle:
        assert bundle.hints().trail == number


def test_marks_the_period(hospital: Trail, tmp_path: Path) -> None:
    output = tmp_path / "october.zip"
    period = ("--from", "2026-10-01", "--to", "2026-11-01T00:00:00Z")
    call_command("export_bundle", "--tenant", "st-mary", *period, "-o", str(output))
    with Bundle.open(output) as bundle:
        assert bundle.hints().period == (1_790_812_800_000, 1_793_491_200_000)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--tenant", "st-mery"], "--tenant: want one of st-mary, got 'st-mery'"),
        (["--trail", "9"], "--trail: want one of 0 to 2, got 9"),
        (
            ["--tenant", "st-mary", "--from", "2026-10-01"],
            "Give both the start and the end of the period",
        ),
        (
            ["--tenant", "st-mary", "--from", "soon", "--to", "2026-10-01"],
            "--from: want a time such as",
        ),
        (
            ["--tenant", "st-mary", "--from", "2026-10-02", "--to", "2026-10-01"],
            "The period must start before it ends",
        ),
        (
            ["--tenant", "st-mary", "--from", "1960-01-01", "--to", "2026-10-01"],
            "--from: A time must lie between 1970",
        ),
        (["--tenant", "st-mary", "--trail", "2"], "not allowed with argument"),
        ([], "one of the arguments --tenant --trail is required"),
    ],
)
def test_refuses_what_it_cannot_export(
    hospital: Trail, tmp_path: Path, arguments: list[str], said: str
) -> None:
    output = tmp_path / "st-mary.zip"
    with pytest.raises(CommandError, match=re.escape(said)):
        call_command("export_bundle", *arguments, "-o", str(output))
    assert not output.exists()


def test_refuses_a_folder_that_is_not_there(hospital: Trail, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="want a file in a folder that exists"):
        call_command(
            "export_bundle", "--tenant", "st-mary", "-o", str(tmp_path / "no" / "st-mary.zip")
        )


def test_refuses_a_folder_in_place_of_a_file_before_it_exports(
    hospital: Trail, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=f"want the name of a file, got the folder {tmp_path}"):
        call_command("export_bundle", "--tenant", "st-mary", "-o", str(tmp_path))
    assert not Job.objects.exists()


def test_refuses_a_trail_that_is_not_sealed_yet(hospital: Trail, tmp_path: Path) -> None:
    Tenant.objects.create(key="clinic", trail=tenant_trail("clinic"))
    with pytest.raises(ExportError, match="trail 3 is in no sealed epoch yet: seal first"):
        call_command("export_bundle", "--tenant", "clinic", "-o", str(tmp_path / "clinic.zip"))
