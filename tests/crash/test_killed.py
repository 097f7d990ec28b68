"""Killed at any moment, ten times each: four posters, a sealer and a checker on one ledger. Nothing
acknowledged is lost, nothing is half there, and what a check said is what a quiet installation says
of the same batches."""

import json
import random
import subprocess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from bench.fleet.generate import generate, write
from bench.fleet.plan import Plan
from tests.crash.worker import lines_of
from tests.installation import Installation

pytestmark = pytest.mark.crash
KILLS = 10
POSTERS = 4
PLAN = Plan(seed=7, cards=128, days=4, touches=400, tenants=40)
PUBLISH = """
from pathlib import Path
from audit.trails import open_ledger
from sovereignty.checking.publish import publish
from sovereignty.policy import packs
from sovereignty.policy.document import parse
open_ledger(actor="olga")
publish(parse(packs.read_yaml(Path({path!r}).read_text())), actor="crash")
"""
COUNTS = """
import json
from django.db.models import Count, Max
from audit.models import Entry, Trail
from sovereignty.models import Batch, Check, Fact
print(json.dumps({
    "facts": Fact.objects.count(),
    "identities": Fact.objects.values("source", "fact_id").distinct().count(),
    "entries": [
        list(row)
        for row in Entry.objects.values_list("trail_number").annotate(Count("index"), Max("index"))
    ],
    "sizes": [list(row) for row in Trail.objects.values_list("number", "size")],
    "fact_entries": Entry.objects.exclude(
        kind__in=[
            "trail.opened/v1", "key.opened/v1", "policy.published/v1", "check.slice/v1",
            "check.summary/v1",
        ]
    ).count(),
    "positions": list(Batch.objects.order_by("position").values_list("position", flat=True)),
    "checks": Check.objects.count(),
}))
"""
BATCHES = """
import json
from sovereignty.models import Batch, Fact
batches = {}
facts = Fact.objects.order_by("batch__position", "key")
for batch, source, fact_id in facts.values_list("batch__position", "source", "fact_id"):
    batches.setdefault(batch, []).append([source, fact_id])
print(json.dumps(batches))
"""
REPORTS = """
import json
from sovereignty.models import Check
print(json.dumps({check.position: bytes(check.report).decode() for check in Check.objects.all()}))
"""
AGAIN = """
import json, sys
from pathlib import Path
from audit.tlog import canonical
from sovereignty.checking.check import evaluate_question
from sovereignty.checking.question import ask
from sovereignty.models import Policy
from sovereignty.recording.record import record
work = json.loads(Path({work!r}).read_text())
policy = Policy.objects.get()
reports = {{}}
for position, lines in work["batches"]:
    answers = record([line.encode() for line in lines], actor="again", channel="again")
    accepted = (answers.accepted, answers.position)
    assert accepted == (len(lines), position), (answers.refusals[:1], position)
    if position in work["positions"]:
        question = ask(policy, period=tuple(work["period"]))
        reports[position] = canonical.encode(evaluate_question(question)).decode()
print(json.dumps(reports))
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    folder = tmp_path / "fleet"
    write(generate(PLAN), folder)
    return folder


def test_ten_kills_each_lose_nothing(
    installation: Installation, second_installation: Installation, fleet: Path
) -> None:
    installation.python(PUBLISH.format(path=str(fleet / "policy.yaml")))
    period = json.loads((fleet / "truth.json").read_text())["period"]
    _kill_over_and_over(installation, fleet, period)

    found = json.loads(installation.python(COUNTS))
    lines = {_identity(line): line.decode() for line in lines_of(fleet / "facts")}
    assert found["facts"] == found["identities"] == found["fact_entries"] == len(lines)
    assert [[number, held, last + 1] for number, held, last in sorted(found["entries"])] == [
        [number, size, size] for number, size in sorted(found["sizes"])
    ]
    assert found["positions"] == list(range(1, len(found["positions"]) + 1))
    assert found["checks"] > 0
    for command in (("rebuild", "--check"), ("seal",), ("fsck",)):
        done = installation.manage(*command)
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"

    reports = json.loads(installation.python(REPORTS))
    batches = json.loads(installation.python(BATCHES))
    work = {
        "batches": [
            [int(position), [lines[source, fact] for source, fact in facts]]
            for position, facts in batches.items()
        ],
        "positions": [int(position) for position in reports],
        "period": [period["from"], period["to"]],
    }
    (fleet / "work.json").write_text(json.dumps(work))
    second_installation.python(PUBLISH.format(path=str(fleet / "policy.yaml")))
    assert (
        json.loads(second_installation.python(AGAIN.format(work=str(fleet / "work.json"))))
        == reports
    )


def _identity(line: bytes) -> tuple[str, str]:
    event: dict[str, Any] = json.loads(line)
    return event["source"], event["id"]


def _kill_over_and_over(installation: Installation, fleet: Path, period: dict[str, int]) -> None:
    """Start every role, kill each ten times at random moments, then let the posters finish."""
    facts, posted = str(fleet / "facts"), Event()
    post = "from tests.crash.worker import post; post({facts!r}, {seed})"
    roles = [post.format(facts=facts, seed=seed) for seed in range(POSTERS)]
    forever = [
        "from tests.crash.worker import seal_on; seal_on()",
        f"from tests.crash.worker import check_on; check_on({period['from']}, {period['to']})",
    ]
    errors: list[str] = []
    threads = [
        Thread(target=_role, args=(installation, code, posted, errors, True)) for code in roles
    ]
    others = [
        Thread(target=_role, args=(installation, code, posted, errors, False)) for code in forever
    ]
    for thread in (*threads, *others):
        thread.start()
    for thread in threads:
        thread.join()
    posted.set()
    for thread in others:
        thread.join()
    assert errors == []


def _role(
    installation: Installation, code: str, posted: Event, errors: list[str], ends: bool
) -> None:
    chance = random.Random(code)
    for _ in range(KILLS):
        process = _started(installation, code, errors)
        Event().wait(chance.uniform(0.0, 0.6))
        _end(process)
    process = _started(installation, code, errors)
    if ends:
        # Long batches of other posters may hold the locks; the last run has all the time that a
        # test has.
        process.communicate(timeout=240)
        if process.returncode != 0:
            errors.append(f"{code} ended with {process.returncode}")
        return
    posted.wait()
    _end(process)


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def _started(installation: Installation, code: str, errors: list[str]) -> "subprocess.Popen[str]":
    """Start the role and wait until it has done its first piece of work, or has found nothing left
    to do."""
    process = installation.start("shell", "--no-imports", "--command", code)
    if process.stdout is None or not process.stdout.readline():
        errors.append(f"{code} said nothing and ended with {process.wait()}")
    return process
