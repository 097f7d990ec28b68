"""Failures as findings: maximal blocks, one per touch, reason and interval, with all its cards.

    {"rule": "PL-01", "verdict": "non_compliant", "reason": "region_foreign", "touch": "8812", "workload": "triage-7b",
     "cards": ["sg-a-[0001-0002]/0-7"], "from": 1763884800000, "to": 1763888400000, "card_seconds": 57600,
     "detail": {"country": "SG", "region": "sg-1"}}

A k-of-S part has no cards, and says `k` and `of` (null: nodes unknown). A shared card says `other`, the touch that was there too.
A group of (tenant, rule, verdict, reason) with more than `MOST_BLOCKS` blocks is one block with `"summary": true` that counts them all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sovereignty.plane.areas import Blocks, blocks, distinct_cards
from sovereignty.plane.hostlist import compress, compress_nodes
from sovereignty.plane.ordering import argsort, ends_of_groups, starts_of_groups
from sovereignty.plane.runs import EXPLICIT, Rows, join, no_rows
from sovereignty.plane.world import Int32s, Int64s, World
from sovereignty.policy.rule import Outcome

MOST_BLOCKS = 1_000  # of one tenant, rule, verdict and reason
MS = 1_000
NOBODY = -1  # `other` of a failure that has to do with no other touch

Block: TypeAlias = dict[str, Any]  # plain JSON values


@dataclass(frozen=True, slots=True)
class Failures:
    """Rows that failed one rule: for each the place of its outcome in `outcomes`, and the touch that it met (or NOBODY)."""

    rows: Rows
    code: Int32s
    other: Int32s
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class _Told:
    """Blocks of one tenant, rule, verdict and reason, with what each block is about."""

    blocks: Blocks
    touch: Int64s
    part: Int64s
    code: Int64s
    other: Int64s


class Findings:
    """Writes the findings of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._texts: dict[tuple[tuple[int, int], ...], list[str]] = {}

    def of_rule(self, rule: str, failures: Failures) -> Iterator[tuple[int, Block]]:
        """The findings of one rule as (tenant, block), in no order."""
        told = _tell(failures)
        tenant = self._world.touches.tenant[told.touch].astype(np.int64)
        reasons = {reason: place for place, reason in enumerate(dict.fromkeys(map(_reason, failures.outcomes)))}
        reason_of_code = np.array([reasons[_reason(outcome)] for outcome in failures.outcomes], dtype=np.int64)
        key = tenant * len(reasons) + reason_of_code[told.code]
        order = argsort(key)
        heads = starts_of_groups(key[order])
        for low, high in zip(heads.tolist(), ends_of_groups(heads, len(order)).tolist(), strict=True):
            members = order[low:high]
            of_tenant = int(tenant[members[0]])
            if len(members) > MOST_BLOCKS:
                yield of_tenant, self._summary(rule, failures.outcomes, told, members)
            else:
                for member in members.tolist():
                    yield of_tenant, self._block(rule, failures.outcomes, told, member)

    def _block(self, rule: str, outcomes: Sequence[Outcome], told: _Told, number: int) -> Block:
        touches, of = self._world.touches, told.blocks
        outcome, touch, part = outcomes[int(told.code[number])], int(told.touch[number]), int(told.part[number])
        ranges = _ranges(of, number)
        width = sum(last - first + 1 for first, last in ranges)
        block = _headed(rule, outcome) | {
            "touch": touches.id[touch],
            "workload": self._world.workloads[int(touches.workload[touch])],
            "cards": self._cards(ranges) if part == EXPLICIT else [],
            "from": int(of.start[number]),
            "to": int(of.end[number]),
            "card_seconds": seconds_up(width * int(of.end[number] - of.start[number])),
            "detail": dict(outcome.detail),
        }
        if part != EXPLICIT:
            nodes = self._world.parts[part].nodes
            block["k"] = width
            block["of"] = None if nodes is None else compress_nodes(self._world.nodes[node] for node in nodes)
        if (other := int(told.other[number])) != NOBODY:
            block["other"] = {"tenant": self._world.tenants[int(touches.tenant[other])], "touch": touches.id[other]}
        return block

    def _summary(self, rule: str, outcomes: Sequence[Outcome], told: _Told, members: Int64s) -> Block:
        of = told.blocks
        counts = np.diff(of.offset)[members]
        source = np.repeat(members, counts)
        ranges = np.repeat(of.offset[members] - np.cumsum(counts) + counts, counts) + np.arange(len(source))
        first, last, part = of.first[ranges], of.last[ranges], told.part[source]
        # What one touch shared with several others counts once, so areas are those of the union.
        once = blocks(_groups(told.touch[source], part), first, last, of.start[source], of.end[source])
        explicit = part == EXPLICIT
        _, some_row_of_part = np.unique(part[~explicit], return_index=True)
        of_parts = (last - first + 1)[~explicit][some_row_of_part]
        return _headed(rule, outcomes[int(told.code[members[0]])]) | {
            "summary": True,
            "blocks": len(members),
            "touches": len(np.unique(told.touch[members])),
            "cards": distinct_cards(first[explicit], last[explicit]) + int(of_parts.sum()),
            "from": int(of.start[members].min()),
            "to": int(of.end[members].max()),
            "card_seconds": seconds_up(int((once.cards() * (once.end - once.start)).sum())),
        }

    def _cards(self, ranges: tuple[tuple[int, int], ...]) -> list[str]:
        if ranges not in self._texts:
            world = self._world
            numbers = [card for first, last in ranges for card in range(first, last + 1)]
            nodes = world.card_node[numbers].tolist()
            pairs = ((world.nodes[node], world.card_slot[card] or "") for node, card in zip(nodes, numbers, strict=True))
            self._texts[ranges] = compress(pairs)
        return list(self._texts[ranges])


def merge(failures: Sequence[Failures]) -> Failures:
    """All of one rule's failures as one, so that those of one reason are told together."""
    places = {outcome: place for place, outcome in enumerate(dict.fromkeys(it for each in failures for it in each.outcomes))}
    codes = [np.array([places[it] for it in each.outcomes], dtype=np.int32)[each.code] for each in failures]
    none = np.zeros(0, dtype=np.int32)
    others = [each.other for each in failures]
    rows = join([no_rows(), *(each.rows for each in failures)])
    return Failures(rows, np.concatenate([none, *codes]), np.concatenate([none, *others]), list(places))


def order_of(block: Block) -> tuple[Any, ...]:
    """A sort key for the findings of one tenant and rule: the worst first, then by what they say; summaries after the single ones."""
    other = block.get("other", {})
    return (
        block["verdict"] != "non_compliant",
        block["reason"],
        "summary" in block,
        block.get("from", block.get("at", 0)),
        block.get("to") or 0,
        block.get("touch", block.get("access", "")),
        block["cards"] if isinstance(block.get("cards"), list) else [],
        sorted(block.get("detail", {}).items()),
        other.get("tenant", ""),
        other.get("touch", ""),
        block.get("k", 0),
        block.get("of") or [],
    )


def seconds_up(milliseconds: int) -> int:
    return -(-milliseconds // MS)


def _tell(failures: Failures) -> _Told:
    """Merge rows that fail alike into maximal blocks."""
    rows = failures.rows
    columns = [column.astype(np.int64) for column in (rows.touch, rows.part, failures.code, failures.other)]
    group = _groups(*columns)
    merged = blocks(group, rows.first.astype(np.int64), rows.last.astype(np.int64), rows.start, rows.end)
    some_row = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    some_row[group] = np.arange(len(group))
    touch, part, code, other = (column[some_row[merged.group]] for column in columns)
    return _Told(merged, touch, part, code, other)


def _groups(*columns: Int64s) -> Int64s:
    """One number for each combination of `columns`."""
    group = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        low, high = int(column.min(initial=0)), int(column.max(initial=0))
        if low < high:
            _, group = np.unique(group * (high - low + 1) + (column - low), return_inverse=True)
    return group


def _ranges(of: Blocks, number: int) -> tuple[tuple[int, int], ...]:
    here = slice(int(of.offset[number]), int(of.offset[number + 1]))
    return tuple(zip(of.first[here].tolist(), of.last[here].tolist(), strict=True))


def _reason(outcome: Outcome) -> tuple[int, str]:
    return outcome.verdict, outcome.reason


def _headed(rule: str, outcome: Outcome) -> Block:
    return {"rule": rule, "verdict": outcome.verdict.word, "reason": outcome.reason}
