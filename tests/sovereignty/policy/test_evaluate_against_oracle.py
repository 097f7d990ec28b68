"""The evaluator against a per-card, per-instant oracle, on thousands of small worlds."""

from collections import defaultdict
from random import Random
from typing import Any

import pytest

from audit.tlog import canonical
from sovereignty.hostlist import expand, expand_nodes
from sovereignty.policy.evaluate import evaluate
from sovereignty.policy.explain import explain
from tests.sovereignty.policy.oracle import TICK, Oracle
from tests.sovereignty.policy.small_worlds import BASE, LAST, Maker, policy, shuffled

ORDER = ("non_compliant", "unverifiable", "waived", "compliant", "not_applicable")


def question(seed: Any) -> Any:
    random = Random(seed)
    start = TICK * (BASE + random.randint(-1, 6))
    end = start + TICK * random.randint(1, LAST - 4)
    least = random.choice(["declared", "declared", "planned", "observed"])
    return policy(least, random.choice([None, None, ["ministry"]])), start, end


@pytest.mark.parametrize("batch", range(25))
def test_says_what_the_oracle_says(batch: Any) -> None:
    for seed in range(batch * 100, batch * 100 + 100):
        asked, start, end = question(seed)
        world = Maker(seed).world()
        report = evaluate(world, asked, period=(start, end), position=7)
        compare(world, report, Oracle(world, asked, start, end).truth(), seed)
        again = evaluate(shuffled(world, seed), asked, period=(start, end), position=7)
        assert canonical.encode(again) == canonical.encode(report), seed


def compare(world: Any, report: Any, truth: Any, seed: Any) -> Any:
    card_of = {
        (world.nodes[node], world.card_slot[card]): card
        for card, node in enumerate(world.card_node.tolist())
        if node >= 0
    }
    assert [part["tenant"] for part in report["tenants"]] == sorted(world.tenants)
    for part in report["tenants"]:
        tenant = world.tenants.index(part["tenant"])
        touches, cards, area = truth.figures[tenant]
        assert (part["touches"], part["card_touches"], part["card_seconds"]) == (
            touches,
            cards,
            area // 1000,
        ), seed
        assert part["verdict"] == min((rule["verdict"] for rule in part["rules"]), key=ORDER.index)
        for rule in part["rules"]:
            check_totals(rule, truth.totals[tenant, rule["rule"]], seed)
            assert all(str(explain(block)).endswith(".") for block in rule["blocks"]), seed
            if rule["rule"] == "OP-01":
                check_accesses(rule, tenant, truth, seed)
            else:
                check_cells(world, card_of, rule, tenant, truth, seed)


def check_totals(rule: Any, totals: Any, seed: Any) -> Any:
    expected = {}
    for verdict, exact in totals.items():
        amount = exact
        if rule["unit"] == "card_seconds":
            down = verdict in ("compliant", "not_applicable")
            amount = exact // 1000 if down else -(-exact // 1000)
        if amount or (exact and verdict == "not_applicable"):
            expected[verdict] = amount
    assert rule["totals"] == expected, (seed, rule["rule"])
    found = [verdict for verdict, amount in totals.items() if amount]
    assert rule["verdict"] == min(found, key=ORDER.index, default="not_applicable"), seed


def check_cells(world: Any, card_of: Any, rule: Any, tenant: Any, truth: Any, seed: Any) -> Any:
    """The blocks cover exactly the instants that the oracle found, each one maximal."""
    received: Any = defaultdict(set)
    shared: Any = defaultdict(set)
    spellings: Any = defaultdict(list)
    for block in rule["blocks"]:
        cells = cells_of(world, card_of, block)
        received[tenant, rule["rule"], block["verdict"], block["reason"], block["touch"]] |= cells
        width = len({cell[:2] for cell in cells}) if block["cards"] else block["k"]
        assert block["card_seconds"] == -(-width * (block["to"] - block["from"]) // 1000), seed
        if "other" in block:
            other = world.tenants.index(block["other"]["tenant"]), block["other"]["touch"]
            shared[(tenant, block["touch"], *other)] |= {(card, t) for _, card, t in cells}
        about = (
            block["touch"],
            block["reason"],
            repr(block["detail"]),
            repr(block.get("other")),
            block.get("k"),
            repr(block.get("of")),
        )
        spellings[about].append((block["from"], block["to"], frozenset(cell[:2] for cell in cells)))
    expected = {
        key: cells for key, cells in truth.cells.items() if key[:2] == (tenant, rule["rule"])
    }
    assert parts_merged(world, received) == parts_merged(world, expected), (seed, rule["rule"])
    if rule["rule"] == "PL-03":
        assert shared == {key: cells for key, cells in truth.shared.items() if key[0] == tenant}, (
            seed
        )
    for blocks in spellings.values():
        intervals = [
            (start, end) for start, end, cards in blocks if any(kind == "card" for kind, _ in cards)
        ]
        assert len(intervals) == len(set(intervals)), (seed, "two blocks of one interval")
        for start, _, cards in blocks:
            for _, end, others in blocks:
                if end == start:
                    explicit = {cell for cell in cards & others if cell[0] == "card"}
                    assert not explicit, (seed, "two blocks that abut")


def parts_merged(world: Any, cells: Any) -> Any:
    """Parts by what a report says of them, since it does not number them."""
    merged = defaultdict(set)
    for key, found in cells.items():
        for kind, item, t in found:
            if kind == "part" and isinstance(item, int):
                part = world.parts[item]
                item = (
                    part.k,
                    None
                    if part.nodes is None
                    else frozenset(world.nodes[node] for node in part.nodes),
                )
            merged[key].add((kind, item, t))
    return merged


def cells_of(world: Any, card_of: Any, block: Any) -> Any:
    instants = range(block["from"], block["to"], TICK)
    if "k" in block:
        of = (
            None
            if block["of"] is None
            else frozenset(node for text in block["of"] for node in expand_nodes(text))
        )
        return {("part", (block["k"], of), t) for t in instants}
    cards = [
        card_of[node, slot]
        for text in block["cards"]
        for node, slots in expand(text)
        for slot in slots
    ]
    assert len(cards) == len(set(cards))
    return {("card", card, t) for card in cards for t in instants}


def check_accesses(rule: Any, tenant: Any, truth: Any, seed: Any) -> Any:
    received, gaps = defaultdict(set), set()
    for block in rule["blocks"]:
        if block["reason"] == "access_not_covered":
            instants = set(range(block["from"], block["to"], TICK))
            faults = set().union(*(truth.at_fault[tenant, t] for t in instants))
            named = {
                "sources": ", ".join(sorted(faults - {None})),
                "unwatched": "cards" if None in faults else "",
            }
            assert block["detail"] == {key: said for key, said in named.items() if said}, seed
            gaps |= instants
        else:
            received[tenant, block["verdict"], block["reason"]].add(block["access"])
    assert received == {key: ids for key, ids in truth.accesses.items() if key[0] == tenant}, seed
    assert gaps == truth.gaps.get(tenant, set()), seed
