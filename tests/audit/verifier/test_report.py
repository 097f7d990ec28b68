"""What a report says, to a program and to a person."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.tlog import canonical
from audit.verifier.report import Report, Statement, Status, to_json
from audit.verifier.verify import verify_bundle
from audit.verifier.wording import to_text
from tests.lying_log import FLEET, HOSPITAL, LyingLog, honest_log, witnesses


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


def verified(
    log: LyingLog, path: Path, quorum: str = "quorum none\n", period: tuple[int, int] | None = None
) -> Report:
    parts = log.parts()
    parts.hints = replace(parts.hints, period=period)
    return verify_bundle(parts.write(path / "evidence.zip"), log.trust(quorum), log.pin())


def as_json(report: Report) -> Any:
    data = to_json(report)
    canonical.decode(data)  # its one spelling
    return json.loads(data)


def test_json_holds_the_statements_the_anchor_and_the_heads(log: LyingLog, tmp_path: Path) -> None:
    value = as_json(verified(log, tmp_path))
    assert value["format"] == "domicile/report/v1"
    assert value["verdict"] == "proved"
    assert value["failure"] is None
    assert value["period"] is None
    assert [statement["claim"] for statement in value["statements"]] == [
        "C1",
        "C2",
        "C2",
        "C3",
        "C3",
        "C4",
        "C4",
    ]
    assert value["anchor"] == {
        "checkpoint": log.notes[5].decode(),
        "closed": log.clock,
        "colluders": 0,
        "epoch": 4,
        "origin": log.origin,
        "quorum_time": None,
        "root": log.global_root().hex(),
        "size": 5,
    }
    pinned, fleet = value["trails"]
    assert (pinned["number"], fleet["number"]) == (HOSPITAL, FLEET)
    assert pinned["head"]["root"] == log.head(HOSPITAL).root.hex()
    assert pinned["name"] == "St. Anna Hospital"


def test_every_statement_that_is_asked_for_has_a_range_and_an_assumption(
    log: LyingLog, tmp_path: Path
) -> None:
    for statement in verified(log, tmp_path).statements:
        assert statement.text.endswith(".")
        assert statement.range
        assert statement.assumption.endswith(".") or statement.status is Status.NOT_ASKED
        assert not statement.reason


def test_says_nothing_of_c5_to_c7(log: LyingLog, tmp_path: Path) -> None:
    report = verified(log, tmp_path)
    for text in (to_text(report), to_json(report).decode()):
        for claim in ("C5", "C6", "C7"):
            assert claim not in text


def test_json_names_the_step_that_failed(log: LyingLog, tmp_path: Path) -> None:
    parts = log.parts()
    parts.entries[HOSPITAL].pop()
    value = as_json(verify_bundle(parts.write(tmp_path / "evidence.zip"), log.trust(), log.pin()))
    assert value["failure"] == {
        "claim": "C2",
        "step": 8,
        "text": "step 8: entries of trail 2: want 10 entries, got 9",
        "trail": 2,
    }
    assert value["verdict"] == "failed"
    assert value["trails"] == []


def test_a_failure_before_the_anchor_has_a_report_too(tmp_path: Path) -> None:
    (tmp_path / "evidence.zip").write_bytes(b"broken")
    report = verify_bundle(tmp_path / "evidence.zip", LyingLog().trust())
    assert as_json(report)["anchor"] is None
    assert to_text(report).startswith("Evidence bundle, not anchored.")


def test_json_says_what_is_withheld_and_out_of_order(log: LyingLog, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"withheld").digest()
    log.attach(HOSPITAL, b"withheld", sha256)
    log.append(HOSPITAL, received_at=log.clock - 5)
    log.seal()
    del log.attachments[sha256]
    pinned = as_json(verified(log, tmp_path))["trails"][0]
    assert pinned["received_out_of_order"] == {"count": 1, "first": [11]}
    assert pinned["attachments"] == {"named": 1, "withheld": [sha256.hex()]}


def test_no_period_is_spoken_of_where_nothing_is_proved(log: LyingLog, tmp_path: Path) -> None:
    report = verified(log, tmp_path, witnesses("a", "b", threshold="all"), period=(0, 1))
    assert "period" not in to_text(report)
    assert as_json(report)["period"] is None


def test_one_statement_that_is_not_proved_makes_the_report_so() -> None:
    def report(*statuses: Status) -> Report:
        return Report(tuple(Statement("C1", None, status, "", "", "") for status in statuses))

    assert report(Status.PROVED, Status.NOT_ASKED).status is Status.PROVED
    assert report(Status.PROVED, Status.NOT_PROVED).status is Status.NOT_PROVED
    assert report(Status.NOT_PROVED, Status.FAILED).status is Status.FAILED


def test_an_empty_report_proves_nothing() -> None:
    assert not Report(()).proved
