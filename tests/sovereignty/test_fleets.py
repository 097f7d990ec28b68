"""Generated fleets, whose truth was counted card by card by other code: what a check finds is
exactly what was planted."""

import json
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from audit.tlog import canonical
from bench.fleet.compare import compare
from bench.fleet.generate import generate, write
from bench.fleet.plan import FAULTS, Plan
from sovereignty.checking.check import evaluate_question
from sovereignty.checking.publish import publish
from sovereignty.checking.question import ask
from sovereignty.policy import packs
from sovereignty.policy.document import parse
from sovereignty.recording.stream import record_stream
from tests.bench.fleet.folder import lines

pytestmark = pytest.mark.usefixtures("ledger")


def small(seed: int, *without: str) -> Plan:
    return Plan(seed=seed, cards=64, days=5, touches=200, tenants=6, without=frozenset(without))


def checked(plan: Plan, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Record the plan's fleet in the (empty) database and check it; returns (report, truth)."""
    write(generate(plan), folder)
    for answers in record_stream(lines(folder), actor="test", channel="test"):
        assert answers.refusals == []
    policy = publish(
        parse(packs.read_yaml((folder / "policy.yaml").read_text(encoding="utf-8"))), actor="test"
    )
    truth = json.loads((folder / "truth.json").read_text())
    report = evaluate_question(ask(policy, period=(truth["period"]["from"], truth["period"]["to"])))
    canonical.encode(report)
    return report, truth


@pytest.mark.parametrize("seed", range(1, 21))
def test_finds_exactly_what_was_planted(seed: int, tmp_path: Path) -> None:
    report, truth = checked(small(seed), tmp_path)
    assert compare(report, truth) == []


@lru_cache(maxsize=1)
def planted() -> dict[str, Any]:
    """The truth of the fleet with every fault."""
    with TemporaryDirectory() as folder:
        write(generate(small(1)), Path(folder))
        found: dict[str, Any] = json.loads((Path(folder) / "truth.json").read_text())
        return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_left_out_takes_exactly_its_findings_away(fault: str, tmp_path: Path) -> None:
    report, truth = checked(small(1, fault), tmp_path)
    assert compare(report, truth) == []
    assert fault not in truth["faults"]
    assert {name: found for name, found in planted()["faults"].items() if name != fault} == truth[
        "faults"
    ]
