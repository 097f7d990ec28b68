"""The five steps through the public doors alone: record, check, seal, export, verify.

Olga the officer runs the installation by its commands; a collector sends facts by HTTP; Ada's
machine fetches the hospital's bundle by HTTP and verifies it without us; Ruth, in another tenant,
gets nothing of it.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from audit.models import Job
from sovereignty.models import Tenant
from tests import builders as b
from tests import cast
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")
ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 120


def record(collector: dict[str, str]) -> None:
    """1. A collector sends facts and gets a signed receipt for each."""
    facts = [
        *site.facts(),
        b.touch("home"),
        b.touch("abroad", ["sg-1/0"], start=b.hour(3), end=b.hour(4)),
        b.access("a"),
        b.touch("1", ["hz-1/7"], tenant=b.NEIGHBOUR),
    ]
    answer = Client(headers=collector).post(
        "/api/v1/facts", b"\n".join(b.lines(facts)), content_type="application/x-ndjson"
    )
    said = answer.json()
    assert (answer.status_code, said["accepted"], said["refused"]) == (200, len(facts), 0)
    assert said["receipts"]


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """2. Olga publishes the policy and has it checked; the exit code says that something was
    non-compliant."""
    path = folder / "home.yaml"
    path.write_text(json.dumps(site.POLICY), encoding="utf-8")  # JSON is YAML too
    call_command("publish_policy", str(path))
    with pytest.raises(SystemExit, match="1"):
        call_command("check_policy", "home")
    assert "PL-01  non_compliant" in capsys.readouterr().out


def seal(capsys: pytest.CaptureFixture[str]) -> None:
    """3. Olga closes the epoch; everything so far is under one signed checkpoint."""
    call_command("seal")
    assert capsys.readouterr().out.startswith(settings.LOG_ORIGIN)


def export(machine: Client) -> tuple[bytes, Any]:
    """4. Ada's machine asks for the bundle, waits, and downloads it. Returns the bundle and the
    job's result."""
    asked = machine.post("/api/v1/exports", {}, content_type="application/json")
    assert asked.status_code == 202
    call_command_of_worker(asked.json()["id"])
    status = machine.get(asked.json()["status_url"]).json()
    assert status["state"] == "done"
    answer = machine.get(status["download_url"])
    bundle = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a streamed answer
    assert hashlib.sha256(bundle).hexdigest() == status["result"]["sha256"]
    return bundle, status["result"]


def call_command_of_worker(job: int) -> None:
    """What the worker starts for each job."""
    with pytest.raises(SystemExit, match="0"):
        call_command("run_job", str(job))


def verify(folder: Path, bundle: bytes, pin: str, trust: str) -> subprocess.CompletedProcess[str]:
    """5. Ada runs the verifier as a program of its own, on files alone."""
    (folder / "bundle.zip").write_bytes(bundle)
    (folder / "trust.txt").write_text(trust)
    command = [
        sys.executable,
        "-m",
        "audit.verifier",
        "bundle.zip",
        "--trust",
        "trust.txt",
        "--pin",
        pin,
    ]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
    )


def test_from_a_fact_to_a_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(cast.token(None, "dom_collector"))
    check(tmp_path, capsys)
    seal(capsys)
    hospital = Tenant.objects.get(key=b.HOSPITAL).trail
    ruth = Client(headers=cast.token(Tenant.objects.get(key=b.NEIGHBOUR).trail, "dom_ruth"))
    ada = Client(headers=cast.token(hospital, "dom_ada"))
    bundle, result = export(ada)
    call_command("show_trust")
    trust = capsys.readouterr().out
    proved = verify(tmp_path, bundle, result["pin"], trust)
    assert (proved.returncode, proved.stderr) == (0, "")
    assert ruth.get(f"/api/v1/exports/{Job.objects.latest('pk').pk}/download").status_code == 404
    assert b.NEIGHBOUR.encode() not in bundle


def test_one_changed_byte_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(cast.token(None, "dom_collector"))
    seal(capsys)
    bundle, result = export(
        Client(headers=cast.token(Tenant.objects.get(key=b.HOSPITAL).trail, "dom_ada"))
    )
    call_command("show_trust")
    trust = capsys.readouterr().out
    changed = bytearray(bundle)
    changed[len(changed) // 2] ^= 1
    refused = verify(tmp_path, bytes(changed), result["pin"], trust)
    assert refused.returncode == 1
    assert verify(tmp_path, bundle, result["pin"], trust).returncode == 0


def test_what_olga_sees_is_what_was_checked_and_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(cast.token(None, "dom_collector"))
    check(tmp_path, capsys)
    seal(capsys)
    page = cast.signed_in(cast.olga()).get("/").content.decode()
    assert "Epoch 1" in page
    assert re.search(r'href="/tenants/2/">\s*st-mary', page)
