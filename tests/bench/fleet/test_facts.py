"""The facts of small fleets, read back from disk."""

import ast
import json
from collections import defaultdict
from pathlib import Path

import pytest

import bench.fleet
from bench.fleet.__main__ import main
from bench.fleet.hosts import expand
from bench.fleet.plan import FAULTS, Plan
from sovereignty.collect import cloudevents
from tests.bench.fleet.folder import SMALL, Json, events, lines, of_kind, small, written


def test_knows_nothing_of_the_product() -> None:
    (folder,) = bench.fleet.__path__
    imported = set()
    for path in Path(folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert not imported & {"sovereignty", "audit", "config", "numpy", "msgspec", "django"}


@pytest.mark.parametrize("seed", range(3))
def test_every_fact_is_one_that_the_product_accepts(seed: int, tmp_path: Path) -> None:
    written(small(seed), tmp_path)
    found = [cloudevents.parse(line) for line in lines(tmp_path)]
    assert len({(fact.source, fact.id) for fact in found}) == len(found)
    assert {fact.kind for fact in found} >= {
        "touch.started/v1",
        "touch.ended/v1",
        "touch.recorded/v1",
        "card.replaced/v1",
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        written(small(7), tmp_path / name)
    for path in sorted((tmp_path / "first").rglob("*.*")):
        assert (
            path.read_bytes()
            == (tmp_path / "second" / path.relative_to(tmp_path / "first")).read_bytes()
        )


def test_another_seed_gives_another_fleet(tmp_path: Path) -> None:
    assert written(small(1), tmp_path / "1")[0] != written(small(2), tmp_path / "2")[0]


def test_inventory_and_tenants_come_before_all_that_names_them(tmp_path: Path) -> None:
    known: dict[str, set[str]] = defaultdict(set)
    for event in written(small(), tmp_path)[0]:
        for word in ("tenant", "node", "region"):
            if event["type"].split(".")[1] == word:
                known[word].add(event["data"][word])
            elif word in event["data"]:
                assert event["data"][word] in known[word]


def test_files_hold_at_most_ten_thousand_facts(tmp_path: Path) -> None:
    plan = Plan(cards=256, days=10, touches=12_000, tenants=8)
    found, _ = written(plan, tmp_path)
    names = [path.name for path in sorted((tmp_path / "facts").iterdir())]
    assert names == ["0001-inventory.ndjson.gz", "0002.ndjson.gz", "0003.ndjson.gz"]
    assert len(found) > 10_000


def test_some_ends_arrive_before_their_beginnings_and_some_never(tmp_path: Path) -> None:
    found, _ = written(Plan(cards=256, days=10, touches=3_000, tenants=8), tmp_path)
    started = {
        event["data"]["touch"]: place
        for place, event in enumerate(found)
        if event["type"].endswith("touch.started.v1")
    }
    ended = {
        event["data"]["touch"]: place
        for place, event in enumerate(found)
        if event["type"].endswith("touch.ended.v1")
    }
    assert any(place < started[touch] for touch, place in ended.items())
    assert started.keys() - ended.keys()
    assert not ended.keys() - started.keys()


def _numbers(found: list[Json]) -> dict[tuple[str, str | None], list[int]]:
    numbers: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for event in found:
        numbers[event["source"], event["data"].get("tenant")].append(event["sequence"])
    return {trail: sorted(given) for trail, given in numbers.items()}


def test_each_source_numbers_each_trail_without_a_hole_but_the_planted(tmp_path: Path) -> None:
    whole = _numbers(written(small(without="sequence-hole"), tmp_path / "whole")[0])
    assert all(given == list(range(1, len(given) + 1)) for given in whole.values())
    holed = _numbers(written(small(), tmp_path / "holed")[0])
    (trail,) = [trail for trail, given in whole.items() if holed[trail] != given]
    assert trail[0] == "slurm/hz-x"
    assert len(holed[trail]) == len(whole[trail]) - 1
    assert {1, len(whole[trail])} <= set(holed[trail])


def test_no_source_speaks_of_more_than_it_reaches(tmp_path: Path) -> None:
    found, _ = written(small(), tmp_path)
    reach = {
        event["data"]["name"]: event["data"].get("reach_ms")
        for event in of_kind(found, "source.declared")
    }
    for kind in ("touch.recorded", "access.recorded"):
        for event in of_kind(found, kind):
            time = cloudevents.parse(json.dumps(event).encode()).occurred_at
            assert time - reach[event["source"]] <= event["data"]["started_at"] <= time


def test_a_touch_is_told_by_a_source_that_declared_its_cards(tmp_path: Path) -> None:
    found, _ = written(small(), tmp_path)
    declared = {
        event["data"]["name"]: {
            card for text in event["data"].get("cards", []) for card in expand(text)
        }
        for event in of_kind(found, "source.declared")
    }
    for event in of_kind(found, "touch.recorded") + of_kind(found, "touch.started"):
        cards = {
            card
            for part in event["data"]["parts"]
            for text in part["cards"]
            for card in expand(text)
        }
        assert cards <= declared[event["source"]]


def test_one_job_runs_on_every_domestic_card(tmp_path: Path) -> None:
    found, _ = written(small(), tmp_path)
    (job,) = [
        event
        for event in found
        if event["source"] == "slurm/federation" and "parts" in event["data"]
    ]
    assert (
        sum(len(expand(text)) for part in job["data"]["parts"] for text in part["cards"])
        == SMALL["cards"]
    )


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "sequence-hole"])
def test_a_fault_left_out_changes_the_value_that_made_it_a_fault(
    fault: str, tmp_path: Path
) -> None:
    with_it, _ = written(small(), tmp_path / "with")
    without, _ = written(small(without=fault), tmp_path / "without")
    changed = [(one, other) for one, other in zip(with_it, without, strict=True) if one != other]
    assert len(changed) == 1
    for one, other in changed:
        assert {**one, "data": None} == {**other, "data": None}


def test_a_hole_left_out_is_the_one_fact_that_was_lost(tmp_path: Path) -> None:
    with_it, _ = written(small(), tmp_path / "with")
    without, _ = written(small(without="sequence-hole"), tmp_path / "without")
    lost = [event for event in without if event not in with_it]
    assert [event["type"] for event in lost] == ["domicile.touch.recorded.v1"]
    assert [event for event in without if event not in lost] == with_it


def test_the_command_writes_facts_policy_and_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = [word for name, value in SMALL.items() for word in (f"--{name}", str(value))]
    assert (
        main(
            [
                "--out",
                str(tmp_path / "demo"),
                "--seed",
                "3",
                *sizes,
                "--without",
                "shared-card",
                "foreign-card",
            ]
        )
        == 0
    )
    truth = json.loads((tmp_path / "demo" / "truth.json").read_text(encoding="utf-8"))
    assert set(truth["faults"]) == set(FAULTS) - {"shared-card", "foreign-card"}
    assert (
        f"{truth['counts']['card_touches']:,} card touches, "
        f"{len(events(tmp_path / 'demo')):,} facts"
    ) in capsys.readouterr().out
    assert "sectors: [ministry, hospital," in (tmp_path / "demo" / "policy.yaml").read_text(
        encoding="utf-8"
    )


def test_the_command_refuses_a_folder_that_holds_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "facts").mkdir()
    assert (
        main(["--out", str(tmp_path), "--cards", "64", "--touches", "200", "--tenants", "3"]) == 2
    )
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"cards": 60}, "a multiple of 8 from 64 on"),
        ({"cards": 68}, "a multiple of 8 from 64 on"),
        ({"days": 2}, "want 3 to 366"),
        ({"tenants": 2}, "want 3 or more"),
        ({"touches": 99}, "want 120 or more"),
        ({"without": frozenset(["flood"])}, "without names flood"),
    ],
)
def test_refuses_a_fleet_that_cannot_be_built(sizes: Json, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Plan(**sizes)
