"""Pins and previous heads: what the reader holds."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit.tlog.errors import TlogError
from audit.verifier.pin_and_head import InputError, Pin, PreviousHead
from audit.verifier.report import to_json
from audit.verifier.verify import verify_bundle
from tests.lying_log import HOSPITAL, honest_log


@pytest.fixture
def report(tmp_path: Path) -> str:
    log = honest_log()
    path = log.parts().write(tmp_path / "evidence.zip")
    return to_json(verify_bundle(path, log.trust(), log.pin())).decode()


@pytest.fixture
def head(report: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(report)["trails"][0]["head"]
    return value


def test_a_pin_reads_back() -> None:
    pin = Pin(12, honest_log().trail_id(0))
    assert Pin.parse(pin.text()) == pin


@pytest.mark.parametrize(
    "text",
    ["", "12", "12:", ":" + "0" * 64, "+12:" + "0" * 64, "012:" + "0" * 64, "12:" + "A" * 64],
)
def test_refuses_a_pin_of_another_form(text: str) -> None:
    with pytest.raises(InputError, match="pin: want <number>:<64 hex digits>, got "):
        Pin.parse(text)


def test_reads_a_head_alone_or_in_a_report_in_any_spelling(
    report: str, head: dict[str, Any]
) -> None:
    previous_head = PreviousHead.parse(json.dumps(head, indent=4), HOSPITAL)
    assert previous_head == PreviousHead.parse(report, HOSPITAL)
    assert previous_head.as_json() == head
    assert previous_head.size == 10


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": "10"}, "size is a string"),
        ({"size": 10.5}, "float"),
        ({"root": "00"}, "want 64 lowercase hex digits"),
        ({"checkpoint": "ledger.example/a\n"}, "note has no empty line"),
        ({"checkpoint": "ledger.example/a\n\n— a AAAAAAA=\n"}, "checkpoint has 1 lines"),
        ({"number": 3}, "want one of trail 2, got one of trail 3"),
        ({"more": 1}, "unknown members"),
    ],
)
def test_refuses_a_head_of_another_form(
    head: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        PreviousHead.parse(json.dumps(head | change), HOSPITAL)


def test_refuses_a_report_without_the_trail(report: str) -> None:
    with pytest.raises(InputError, match="proves no head of trail 7"):
        PreviousHead.parse(report, 7)


@pytest.mark.parametrize("trails", ["7", "[7]", '[{"number":2}]', '[{"number":2,"head":7}]'])
def test_refuses_a_report_whose_trails_are_malformed(trails: str) -> None:
    with pytest.raises(InputError, match="previous head: "):
        PreviousHead.parse(f'{{"format":"domicile/report/v1","trails":{trails}}}', HOSPITAL)


def test_is_an_error_of_the_ledgers_formats() -> None:
    assert issubclass(InputError, TlogError)
