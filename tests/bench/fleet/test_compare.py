"""A report held against the truth: exact when it is, and every defect found."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.fleet.compare import compare, main
from bench.fleet.generate import generate
from tests.bench.fleet.folder import Json, report, small

TENANT = "qinghe-hospital"


@pytest.fixture(scope="module")
def truth() -> Json:
    found: Json = json.loads(json.dumps(generate(small(without="foreign-region")).truth()))
    return found


def _rule(found: Json, name: str, tenant: str = TENANT) -> Json:
    (part,) = [part for part in found["tenants"] if part["tenant"] == tenant]
    return next(rule for rule in part["rules"] if rule["rule"] == name)


def test_a_correct_report_has_no_differences(truth: Json) -> None:
    assert compare(report(truth), truth) == []


def test_blocks_cut_in_time_are_the_same(truth: Json) -> None:
    found = report(truth)
    blocks = _rule(found, "PL-03")["blocks"]
    first = blocks.pop(0)
    middle = first["from"] + 1000 * ((first["to"] - first["from"]) // 2000)
    for begin, end in ((first["from"], middle), (middle, first["to"])):
        area = len(first["cards"]) * (end - begin) // 1000
        blocks.append({**first, "from": begin, "to": end, "card_seconds": area})
    assert compare(found, truth) == []


def test_a_finding_stated_once_for_each_stage_is_the_same(truth: Json) -> None:
    found = report(truth)
    blocks = _rule(found, "PL-02", "min-water")["blocks"]
    blocks[:] = [
        {**block, "detail": {"stage": stage}}
        for block in blocks
        for stage in ("design", "fabrication")
    ]
    assert compare(found, truth) == []


def _lose_tenant(found: Json) -> None:
    found["tenants"].pop()


def _lose_rule(found: Json) -> None:
    found["tenants"][0]["rules"].pop()


def _shift_period(found: Json) -> None:
    found["period"]["to"] += 1


def _miscount(found: Json) -> None:
    found["tenants"][0]["card_touches"] += 1


def _mistotal(found: Json) -> None:
    _rule(found, "TE-01")["totals"]["compliant"] -= 1


def _misjudge(found: Json) -> None:
    _rule(found, "TE-01")["verdict"] = "compliant"


def _misjudge_tenant(found: Json) -> None:
    found["tenants"][0]["verdict"] = "compliant"


def _misunit(found: Json) -> None:
    _rule(found, "OP-01")["unit"] = "card_seconds"


def _lose_block(found: Json) -> None:
    _rule(found, "PL-03")["blocks"].pop()


def _lose_access(found: Json) -> None:
    _rule(found, "OP-01")["blocks"].pop()


def _lose_card(found: Json) -> None:
    block = _rule(found, "PL-03")["blocks"][0]
    block["cards"].pop()


def _late(found: Json) -> None:
    block = _rule(found, "PL-03")["blocks"][0]
    block["from"] += 1000
    block["card_seconds"] -= len(block["cards"])


def _misarea(found: Json) -> None:
    _rule(found, "PL-03")["blocks"][0]["card_seconds"] += 1


def _twice(found: Json) -> None:
    blocks = _rule(found, "PL-03")["blocks"]
    blocks.append(copy.deepcopy(blocks[0]))


def _other_neighbour(found: Json) -> None:
    (block,) = [block for block in _rule(found, "PL-03")["blocks"] if "other" in block]
    block["other"]["touch"] = "hz-000001"


def _accuse(found: Json) -> None:
    rule = _rule(found, "PL-01")
    first = _rule(found, "PL-03")["blocks"][0]
    rule["blocks"].append(
        {**first, "rule": "PL-01", "verdict": "non_compliant", "reason": "region_foreign"}
    )


def _hide_in_summary(found: Json) -> None:
    rule = _rule(found, "TE-01")
    rule["blocks"] = [
        {
            "summary": True,
            "verdict": "unverifiable",
            "reason": "sequence_hole",
            "blocks": 9,
            "touches": 1,
        }
    ]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_lose_tenant, "tenants: want"),
        (_lose_rule, "rules: want"),
        (_shift_period, "period: want"),
        (_miscount, "card_touches: want"),
        (_mistotal, "TE-01 totals: want"),
        (_misjudge, "TE-01 verdict: want unverifiable, got compliant"),
        (_misjudge_tenant, "min-water verdict: want non_compliant, got compliant"),
        (_misunit, "OP-01 unit: want accesses"),
        (_lose_block, "got []"),
        (_lose_access, "operator_foreign acc-"),
        (_lose_card, "got []"),
        (_late, "PL-03 "),
        (_misarea, "card_seconds: want"),
        (_twice, "is claimed by two blocks"),
        (_other_neighbour, "min-water/hz-000001"),
        (_accuse, "PL-01 non_compliant region_foreign"),
        (_hide_in_summary, "want a summary of 1,001 blocks or more, got 9"),
    ],
)
def test_finds_each_defect(truth: Json, spoil: Callable[[Json], None], words: str) -> None:
    found = report(truth)
    spoil(found)
    assert any(words in difference for difference in compare(found, truth))


@pytest.fixture
def crowded(truth: Json) -> tuple[Json, Json]:
    """A truth with 1,200 findings of one kind, and a report that sums them up."""
    many = copy.deepcopy(truth)
    rule = many["tenants"][TENANT]["rules"]["PL-01"]
    begin = many["period"]["from"]
    for turn in range(1_200):
        span = begin + turn * 60_000, begin + turn * 60_000 + 30_000
        rule["findings"].append(
            [
                "non_compliant",
                "region_foreign",
                f"bj-{turn % 300:06d}",
                None,
                f"bj-a-0001/{turn % 8}",
                *span,
            ]
        )
    rule["totals"] = {"compliant": rule["totals"]["compliant"] - 36_000, "non_compliant": 36_000}
    found = report(many)
    stated = {"blocks": 1_200, "touches": 300, "cards": 8, "card_seconds": 36_000}
    stated |= {"from": begin, "to": begin + 1_199 * 60_000 + 30_000}
    where = {
        "summary": True,
        "rule": "PL-01",
        "verdict": "non_compliant",
        "reason": "region_foreign",
    }
    _rule(found, "PL-01")["blocks"] = [{**where, **stated}]
    return many, found


def test_a_summary_is_held_against_counts(crowded: tuple[Json, Json]) -> None:
    assert compare(crowded[1], crowded[0]) == []


@pytest.mark.parametrize("name", ["touches", "cards", "from", "to", "card_seconds"])
def test_finds_a_wrong_count_in_a_summary(crowded: tuple[Json, Json], name: str) -> None:
    _rule(crowded[1], "PL-01")["blocks"][0][name] += 1
    (difference,) = compare(crowded[1], crowded[0])
    assert f"{name}: want" in difference


def test_refuses_a_summary_beside_blocks(crowded: tuple[Json, Json]) -> None:
    blocks = _rule(crowded[1], "PL-01")["blocks"]
    blocks.append({"verdict": "non_compliant", "reason": "region_foreign"})
    assert any(
        "want one summary block alone" in difference
        for difference in compare(crowded[1], crowded[0])
    )


def test_refuses_a_summary_of_nothing(truth: Json) -> None:
    found = report(truth)
    summary = {
        "summary": True,
        "verdict": "non_compliant",
        "reason": "region_foreign",
        "blocks": 2_000,
    }
    _rule(found, "PL-01")["blocks"] = [summary]
    assert any(
        "want no findings, got 2,000 blocks" in difference for difference in compare(found, truth)
    )


def test_the_command_prints_differences(
    truth: Json, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(tmp_path / name) for name in ("report.json", "truth.json")]
    found = report(truth)
    for path, document in zip(files, (found, truth), strict=True):
        Path(path).write_text(json.dumps(document), encoding="utf-8")
    assert main(files) == 0
    assert capsys.readouterr().out == "0 differences\n"
    _shift_period(found)
    Path(files[0]).write_text(json.dumps(found), encoding="utf-8")
    assert main(files) == 1
    assert capsys.readouterr().out.startswith("period: want")


def test_the_command_wants_two_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report.json"]) == 2
    assert "REPORT TRUTH" in capsys.readouterr().err
