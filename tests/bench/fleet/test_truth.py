"""The truth of small fleets: consistent in itself, and with the facts on disk."""

from collections import defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.fleet.generate import generate
from bench.fleet.hosts import expand
from bench.fleet.plan import FAULTS, Plan
from tests.bench.fleet.folder import Json, findings, of_kind, small, written

HOUR_MS = 3_600_000
SEEDS = range(20)


def _touches(found: list[Json]) -> dict[str, tuple[str, set[str], int, int | None]]:
    """Touch → tenant, cards, start, end, from the facts alone."""
    ends = {
        event["data"]["touch"]: event["data"]["ended_at"]
        for event in found
        if "ended_at" in event["data"] and "touch" in event["data"]
    }
    return {
        event["data"]["touch"]: (
            event["data"]["tenant"],
            {
                card
                for part in event["data"]["parts"]
                for text in part["cards"]
                for card in expand(text)
            },
            event["data"]["started_at"],
            ends.get(event["data"]["touch"]),
        )
        for event in found
        if "parts" in event["data"]
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_areas_are_those_of_the_facts(seed: int, tmp_path: Path) -> None:
    found, truth = written(small(seed), tmp_path)
    begin, end = truth["period"]["from"], truth["period"]["to"]
    used: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for tenant, cards, start, stop in _touches(found).values():
        span = min(stop or end, end) - max(start, begin)
        if span > 0:
            used[tenant] = [
                a + b
                for a, b in zip(
                    used[tenant], (1, len(cards), len(cards) * span // 1000), strict=True
                )
            ]
    names = ("touches", "card_touches", "card_seconds")
    assert {
        key: [tenant[name] for name in names] for key, tenant in truth["tenants"].items()
    } == used
    assert truth["counts"] == {
        "touches": sum(u[0] for u in used.values()),
        "card_touches": sum(u[1] for u in used.values()),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_planted_touches_overlap(seed: int, tmp_path: Path) -> None:
    found, truth = written(small(seed), tmp_path)
    lanes: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for touch, (_, cards, start, stop) in _touches(found).items():
        for card in cards:
            lanes[card].append((start, stop or truth["period"]["to"], touch))
    overlaps = {
        (card, earlier[2], later[2], later[0], min(earlier[1], later[1]))
        for card, lane in lanes.items()
        for earlier, later in pairwise(sorted(lane))
        if later[0] < earlier[1]
    }
    planted = truth["faults"]["shared-card"]
    assert {
        (card, other.split("/")[1], touch, *span)
        for _, _, _, _, touch, other, card, *span in planted
    } >= overlaps
    assert len(overlaps) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_totals_and_findings_add_up(seed: int) -> None:
    truth = generate(small(seed)).truth()
    for tenant in truth["tenants"].values():
        for name, rule in tenant["rules"].items():
            found: dict[str, int] = defaultdict(int)
            for verdict, _, _, _, card, begin, end in rule["findings"]:
                found[verdict] += 1 if card is None else (end - begin) // 1000
            failed = {
                verdict: amount
                for verdict, amount in rule["totals"].items()
                if verdict in ("non_compliant", "unverifiable")
            }
            assert failed == found
            if name != "OP-01":
                assert sum(rule["totals"].values()) == tenant["card_seconds"]


@pytest.mark.parametrize("seed", SEEDS)
def test_counting_at_once_changes_nothing(seed: int) -> None:
    fleet = generate(small(seed))
    assert fleet.truth(shortcut=True) == fleet.truth(shortcut=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_fault_planted_has_findings_of_its_own(seed: int) -> None:
    truth = generate(small(seed)).truth()
    assert list(truth["faults"]) == list(FAULTS)
    assert all(truth["faults"].values())
    assert sorted(
        (finding for group in truth["faults"].values() for finding in group), key=str
    ) == findings(truth)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_leaving_a_fault_out_removes_exactly_its_findings(fault: str, seed: int) -> None:
    truth = generate(small(seed)).truth()
    without = generate(small(seed, without=fault)).truth()
    assert findings(without) == [
        finding for finding in findings(truth) if finding not in truth["faults"][fault]
    ]
    assert without["counts"]["touches"] == truth["counts"]["touches"] + (fault == "sequence-hole")


def test_without_any_fault_nothing_is_found() -> None:
    truth = generate(Plan(**{**_sizes(), "without": frozenset(FAULTS)})).truth()
    assert findings(truth) == []
    assert truth["faults"] == {}


def _sizes() -> dict[str, Any]:
    plan = small()
    return {
        "cards": plan.cards,
        "days": plan.days,
        "touches": plan.touches,
        "tenants": plan.tenants,
    }


def test_a_node_abroad_is_found_for_the_hours_that_a_job_was_there(tmp_path: Path) -> None:
    found, truth = written(small(), tmp_path)
    away, _ = (event["data"]["effective_at"] for event in of_kind(found, "node.moved"))
    planted = truth["faults"]["foreign-region"]
    assert len(planted) == 8
    assert {tuple(finding[:4]) for finding in planted} == {
        ("qinghe-hospital", "PL-01", "non_compliant", "region_foreign")
    }
    assert {tuple(finding[-2:]) for finding in planted} == {(away + HOUR_MS, away + 4 * HOUR_MS)}


def test_a_foreign_and_an_unknown_card_are_found_while_a_job_uses_them(tmp_path: Path) -> None:
    found, truth = written(small(), tmp_path)
    placed = {
        (f"{e['data']['node']}/{e['data']['slot']}", e["data"]["effective_at"])
        for e in of_kind(found, "card.replaced")
    }
    (foreign,), (unknown,) = truth["faults"]["foreign-card"], truth["faults"]["unknown-card"]
    assert foreign[1:4] == ["PL-02", "non_compliant", "chip_foreign"]
    assert {(foreign[6], foreign[7]), (foreign[6], foreign[8])} <= placed
    assert unknown[1:4] == ["PL-02", "unverifiable", "chip_unknown"]
    assert (unknown[6], unknown[7] - HOUR_MS) in placed
    assert unknown[8] - unknown[7] == 5 * HOUR_MS


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gap_is_what_heartbeats_leave_out(seed: int, tmp_path: Path) -> None:
    found, truth = written(small(seed), tmp_path)
    (beat,) = [event for event in of_kind(found, "heartbeat") if "cards" in event["data"]]
    heard = {card for text in beat["data"]["cards"] for card in expand(text)}
    judged = {
        key
        for key, tenant in truth["tenants"].items()
        if "not_applicable" not in tenant["rules"]["TE-01"]["totals"]
    }
    (declared,) = [
        event["data"]["cards"]
        for event in of_kind(found, "source.declared")
        if event["data"]["name"] == beat["source"]
    ]
    silent = {card for text in declared for card in expand(text)} - heard
    window = beat["data"]["from_at"], beat["data"]["to_at"]
    wanted = [
        [
            tenant,
            rule,
            "unverifiable",
            "not_covered",
            touch,
            None,
            card,
            max(start, window[0]),
            min(stop or window[1], window[1]),
        ]
        for touch, (tenant, cards, start, stop) in _touches(found).items()
        for card in cards & silent
        for rule in ("PL-03", "TE-01")
        if tenant in judged and start < window[1] and (stop is None or stop > window[0])
    ]
    assert sorted(truth["faults"]["telemetry-gap"], key=str) == sorted(wanted, key=str)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_source_is_heard_from_one_end_of_the_period_to_the_other(
    seed: int, tmp_path: Path
) -> None:
    found, truth = written(small(seed), tmp_path)
    heard: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for event in of_kind(found, "heartbeat"):
        heard[event["source"]].append((event["data"]["from_at"], event["data"]["to_at"]))
    owing = {
        event["data"]["name"]
        for event in of_kind(found, "source.declared")
        if "heartbeat_ms" in event["data"]
    }
    assert heard.keys() == owing
    for spans in map(sorted, heard.values()):
        assert (spans[0][0], spans[-1][1]) == (truth["period"]["from"], truth["period"]["to"])
        assert all(earlier[1] == later[0] for earlier, later in pairwise(spans))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_hole_is_what_the_lost_number_can_hide(seed: int, tmp_path: Path) -> None:
    found, truth = written(small(seed), tmp_path)
    told = sorted(
        (e["sequence"], e["time"])
        for e in found
        if (e["source"], e["data"].get("tenant")) == ("slurm/hz-x", "min-water")
    )
    ((before, after),) = [(one[1], two[1]) for one, two in pairwise(told) if two[0] != one[0] + 1]
    (reach,) = [
        e["data"]["reach_ms"]
        for e in of_kind(found, "source.declared")
        if e["data"]["name"] == "slurm/hz-x"
    ]
    window = _millis(before) - reach, _millis(after)
    wanted = [
        [
            tenant,
            rule,
            "unverifiable",
            "sequence_hole",
            touch,
            None,
            card,
            max(start, window[0]),
            min(stop, window[1]),
        ]
        for touch, (tenant, cards, start, stop) in _touches(found).items()
        for card in cards
        for rule in ("PL-03", "TE-01")
        if card.startswith("hz-x-")
        and tenant != "paper-lantern"
        and stop
        and start < window[1]
        and stop > window[0]
    ]
    assert sorted(truth["faults"]["sequence-hole"], key=str) == sorted(wanted, key=str)


def _millis(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp()) * 1000


def test_a_hole_taints_every_tenants_sessions_near_it() -> None:
    truth = generate(Plan(cards=640, days=6, touches=1_000, tenants=6)).truth()
    planted = truth["faults"]["sequence-hole"]
    assert len({finding[0] for finding in planted}) == 3
    assert {finding[1] for finding in planted} == {"PL-03", "TE-01"}
    assert all(finding[6].startswith("hz-x-") for finding in planted)


def test_the_policy_does_not_judge_tenants_of_other_sectors() -> None:
    truth = generate(small()).truth()
    rules = truth["tenants"]["paper-lantern"]["rules"]
    assert {verdict for rule in rules.values() for verdict in rule["totals"]} == {"not_applicable"}
    assert not any(rule["findings"] for rule in rules.values())
