"""The MLPerf tables: real runs on real hosts, and every kind of dirt under its named rule."""

from collections import Counter
from pathlib import Path

import pytest

from sovereignty import hostlist
from tests.sovereignty.collect.tracing import PACKS, Imported, imported_files

MAPPING, PLAN = PACKS / "mlperf.toml", PACKS / "mlperf-site-plan.toml"


def tables(shared: Path, cut: str) -> list[Path]:
    folder = shared / "data" / "mlperf-training"
    return [folder / f"{cut}run_nodes.csv.gz", folder / f"{cut}runs.csv.gz"]


@pytest.fixture(scope="module")
def demo(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return imported_files(tmp_path_factory.mktemp("demo"), MAPPING, tables(shared, "demo_"))


@pytest.fixture(scope="module")
def planned(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return imported_files(
        tmp_path_factory.mktemp("planned"), MAPPING, tables(shared, "demo_"), PLAN
    )


@pytest.fixture(scope="module")
def whole(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    return imported_files(tmp_path_factory.mktemp("whole"), MAPPING, tables(shared, ""), PLAN)


def test_the_demo_cut_gives_its_known_figures(demo: Imported) -> None:
    figures = demo.account.figures
    assert (figures.touches, figures.card_touches, figures.counted, figures.counted_nowhere) == (
        4_083,
        341_093,
        0,
        282_144,
    )
    assert (len(figures.slots), figures.cards) == (2_168, 16_941)
    assert demo.account.spellings["tenant"] == (27, 27)
    assert len({touch["tenant"] for touch in demo.of("touch.recorded")}) == 27


def test_the_demo_cut_accounts_for_every_row_and_fact(demo: Imported) -> None:
    runs, hosts = demo.account.tables["runs"], demo.account.tables["run_nodes"]
    assert (runs.read, runs.used, sum(runs.skipped.values()), runs.refused) == (4_083, 4_083, 0, [])
    assert (hosts.read, hosts.used, sum(hosts.skipped.values()), hosts.refused) == (
        42_507,
        42_507,
        0,
        [],
    )
    assert runs.noted == {"hosts-withheld": 33, "fewer-hosts-than-declared": 60, "aborted": 25}
    assert demo.account.made == {
        "node.registered/v1": 2_169,
        "card.replaced/v1": 2_232,
        "tenant.declared/v1": 27,
        "workload.declared/v1": 4_083,
        "touch.recorded/v1": 4_083,
    }
    assert (demo.account.accepted, demo.account.duplicates, demo.account.refused_facts) == (
        12_594,
        0,
        [],
    )


def test_one_run_is_one_touch_of_all_its_hosts(demo: Imported) -> None:
    touches = demo.of("touch.recorded")
    hosts = [
        [node for text in touch["parts"][0].get("cards", ()) for node, _ in hostlist.expand(text)]
        for touch in touches
    ]
    assert (sum(map(len, hosts)), max(map(len, hosts))) == (42_507, 384)
    first = next(
        touch
        for touch in touches
        if touch["touch"] == "v0.7:NVIDIA:dgxa100_ngc20.06_pytorch:gnmt:3"
    )
    assert first["parts"] == [{"cards": ["NVIDIA:luna-0265/0-7"]}]
    assert (first["started_at"], first["ended_at"]) == (1_592_446_405_301, 1_592_446_898_002)
    assert first["evidence_ref"] == "90e6dd79c81d6b2f0075e3f5b7dd49b6623126f5"


def test_runs_that_withhold_their_hosts_are_counts_on_unknown_nodes(demo: Imported) -> None:
    giants = [touch for touch in demo.of("touch.recorded") if "k" in touch["parts"][0]]
    assert len(giants) == 33
    assert {touch["evidence"] for touch in giants} == {"declared"}
    assert [part for touch in giants for part in touch["parts"] if part["of"] is not None] == []
    counts = sorted(touch["parts"][0]["k"] for touch in giants)
    assert (
        counts[0],
        counts[-1],
        sum(counts),
        len([count for count in counts if count >= 10_240]),
    ) == (
        5_120,
        11_616,
        282_144,
        15,
    )


def test_hosts_that_change_their_cards_have_them_replaced_at_the_first_run_that_shows_it(
    demo: Imported,
) -> None:
    replaced = demo.of("card.replaced")
    assert len({fact["node"] for fact in replaced}) == 284
    luna = [fact for fact in replaced if fact["node"] == "NVIDIA:luna-0001"]
    first = min(
        touch["started_at"]
        for touch in demo.of("touch.recorded")
        if touch["tenant"] == "NVIDIA"
        and touch["started_at"] >= min(fact["effective_at"] for fact in luna)
        and any(
            "NVIDIA:luna-0001" in hostlist.expand_nodes(hostlist.split(text)[0])
            for text in touch["parts"][0].get("cards", ())
        )
    )
    assert [(fact["slot"], fact["model"], fact["effective_at"]) for fact in luna] == [
        (str(slot), "NVIDIA A100-SXM4-80GB (400W)", first) for slot in range(8)
    ]


def test_the_site_plan_merges_spellings(planned: Imported) -> None:
    assert planned.account.spellings == {"tenant": (27, 25), "model": (39, 30)}
    tenants = Counter(touch["tenant"] for touch in planned.of("touch.recorded"))
    assert (
        tenants["Supermicro"],
        tenants["Nettrix"],
        tenants["SUPERMICRO"],
        tenants["nettrix"],
    ) == (785, 10, 0, 0)
    figures = planned.account.figures
    assert (figures.card_touches, figures.counted_nowhere, len(figures.slots), figures.cards) == (
        341_093,
        282_144,
        2_168,
        16_941,
    )


def test_the_site_plan_says_what_the_trace_lacks_and_no_more_than_planned(
    planned: Imported,
) -> None:
    facts = [event["data"] for event in planned.events if event["source"] == "mlperf-site-plan"]
    assert {fact["evidence"] for fact in facts} == {"planned"}
    nodes = [fact for fact in facts if "node" in fact]
    assert len({fact["node"] for fact in nodes}) == 2_168
    assert [fact for fact in nodes if "region" not in fact] == []
    groups = [group for fact in nodes for group in fact["cards"]]
    assert [group for group in groups if "vendor" not in group or "serials" not in group] == []
    assert (
        len({fact["tenant"] for fact in facts if "sector" in fact and "home_jurisdiction" in fact})
        == 25
    )
    serials = [serial for group in groups for serial in group["serials"]]
    assert len(serials) == len(set(serials)) == 16_941 + planned.account.made["card.replaced/v1"]


def test_the_plan_states_the_verdicts_to_be_expected(planned: Imported) -> None:
    assert [(entry.rule, entry.verdict, entry.reason) for entry in planned.account.expected] == [
        ("PL-01", "unverifiable", "evidence_below_grade"),
        ("PL-02", "unverifiable", "evidence_below_grade"),
        ("PL-03", "unverifiable", "not_covered"),
        ("TE-01", "unverifiable", "no_source"),
        ("PL-01", "unverifiable", "cards_unknown"),
        ("OP-01", "unverifiable", "access_not_covered"),
    ]


def test_all_rounds_put_each_kind_of_dirt_under_its_rule(whole: Imported) -> None:
    runs, hosts = whole.account.tables["runs"], whole.account.tables["run_nodes"]
    assert runs.skipped == {
        "resubmitted-duplicate": 1_920,
        "no-times": 0,
        "stamped-before-1971": 10,
        "ends-before-start": 20,
        "no-card-count": 115,
        "no-hosts-and-no-node-count": 90,
    }
    assert (runs.read, runs.used, runs.refused) == (20_117, 17_962, [])
    assert runs.noted == {"hosts-withheld": 13_905, "fewer-hosts-than-declared": 60, "aborted": 149}
    assert (hosts.read, hosts.used, hosts.refused) == (45_698, 42_538, [])
    assert hosts.skipped == {"resubmitted-duplicate": 3_150, "stamped-before-1971": 10}


def test_all_rounds_give_their_figures(whole: Imported) -> None:
    figures = whole.account.figures
    assert (figures.touches, figures.card_touches, figures.counted_nowhere) == (
        17_962,
        341_237,
        1_945_203,
    )
    assert whole.account.spellings["tenant"] == (56, 53)
    assert (whole.account.duplicates, whole.account.refused_facts) == (0, [])


def test_the_demo_cut_is_part_of_all_rounds(planned: Imported, whole: Imported) -> None:
    touches = {
        event["id"]: event["data"]
        for event in whole.events
        if event["type"] == "domicile.touch.recorded.v1"
    }
    cut = {
        event["id"]: event["data"]
        for event in planned.events
        if event["type"] == "domicile.touch.recorded.v1"
    }
    assert {name: touches[name] for name in cut} == cut
