"""Failures as findings: maximal blocks, one per touch, reason and interval, with all its cards.

    {"rule": "PL-01", "verdict": "non_compliant", "reason": "region_foreign", "touch": "8812", "workload": "triage-7b",
     "cards": ["sg-a-[0001-0002]/0-7"], "from": 1763884800000, "to": 1763888400000, "card_seconds": 57600,
     "detail": {"country": "SG", "region": "sg-1"}}

A k-of-S part has no cards, and says `k` and `of` (null: nodes unknown). A shared card says `other`,
the touch that was there too. A group of (tenant, rule, verdict, reason) with more than
`MOST_BLOCKS` blocks is one block with `"summary": true` that counts them all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from sovereignty.hostlist import compress_nodes
from sovereignty.plane.areas import Blocks, blocks, distinct_cards
from sovereignty.plane.card_texts import CardTexts
from sovereignty.plane.ordering import argsort, distinct, ends_of_groups, number, starts_of_groups
from sovereignty.plane.runs import EXPLICIT, Rows, join, no_rows
from sovereignty.plane.world import Int32s, Int64s, World
from sovereignty.policy.rule import Outcome

MOST_BLOCKS = 1_000  # of one tenant, rule, verdict and reason
MS = 1_000
NOBODY = -1  # `other` of a failure that has to do with no other touch

Block: TypeAlias = dict[str, Any]  # plain JSON values


@dataclass(frozen=True, slots=True)
class Failures:
    """Rows that failed one rule: for each the place of its outcome in `outcomes`, and the touch
    that it met (or NOBODY)."""

    rows: Rows
    code: Int32s
    other: Int32s
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class _FailureBlocks:
    """Blocks of one rule, with what each block is about."""

    blocks: Blocks
    touch: Int64s
    part: Int64s
    code: Int64s
    other: Int64s

    def take(self, which: Int64s) -> "_FailureBlocks":
        return _FailureBlocks(
            self.blocks.take(which),
            self.touch[which],
            self.part[which],
            self.code[which],
            self.other[which],
        )

    def __len__(self) -> int:
        return len(self.touch)


class Findings:
    """Writes the findings of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._texts = CardTexts(world)

    def of_rule(self, rule: str, failures: Failures) -> Iterator[tuple[int, Block]]:
        """The findings of one rule as (tenant, block), in no order."""
        told = _tell(failures)
        tenant = self._world.touches.tenant[told.touch].astype(np.int64)
        reasons = {
            reason: place
            for place, reason in enumerate(dict.fromkeys(map(_reason, failures.outcomes)))
        }
        reason_of_code = np.array(
            [reasons[_reason(outcome)] for outcome in failures.outcomes], dtype=np.int64
        )
        key = tenant * len(reasons) + reason_of_code[told.code]
        order = argsort(key)
        heads = starts_of_groups(key[order])
        counts = ends_of_groups(heads, len(order)) - heads
        few = np.repeat(counts <= MOST_BLOCKS, counts)
        yield from self._single(rule, failures.outcomes, told.take(order[few]))
        for head, count in zip(heads.tolist(), counts.tolist(), strict=True):
            if count > MOST_BLOCKS:
                members = order[head : head + count]
                yield (
                    int(tenant[members[0]]),
                    self._summary(rule, failures.outcomes, told.take(members)),
                )

    def _single(
        self, rule: str, outcomes: Sequence[Outcome], told: _FailureBlocks
    ) -> Iterator[tuple[int, Block]]:
        """One finding a block."""
        world, of = self._world, told.blocks
        touches = world.touches
        tenants, workloads = (
            touches.tenant[told.touch].tolist(),
            touches.workload[told.touch].tolist(),
        )
        areas, ranges = (of.cards() * (of.end - of.start)).tolist(), of.ranges()
        columns = (told.touch, told.part, told.code, told.other, of.start, of.end)
        for place, (touch, part, code, other, start, end) in enumerate(
            zip(*(each.tolist() for each in columns), strict=True)
        ):
            block = _headed(rule, outcomes[code])
            block["touch"] = touches.id[touch]
            block["workload"] = world.workloads[workloads[place]]
            block["cards"] = self._texts.of(ranges[place]) if part == EXPLICIT else []
            block["from"], block["to"] = start, end
            block["card_seconds"] = seconds_up(areas[place])
            block["detail"] = dict(outcomes[code].detail)
            if part != EXPLICIT:
                nodes = world.parts[part].nodes
                block["k"] = world.parts[part].k
                block["of"] = (
                    None if nodes is None else compress_nodes(world.nodes[node] for node in nodes)
                )
            if other != NOBODY:
                block["other"] = {
                    "tenant": world.tenants[int(touches.tenant[other])],
                    "touch": touches.id[other],
                }
            yield tenants[place], block

    def _summary(self, rule: str, outcomes: Sequence[Outcome], told: _FailureBlocks) -> Block:
        """One finding for all blocks, which are of one tenant and reason."""
        of = told.blocks
        source = np.repeat(np.arange(len(told)), np.diff(of.offset))
        part, width = told.part[source], of.last - of.first + 1
        # What one touch shared with several others counts once, so the area is that of the union.
        once = blocks(
            _groups(told.touch[source], part), of.first, of.last, of.start[source], of.end[source]
        )
        explicit = part == EXPLICIT
        _, some_row_of_part = np.unique(part[~explicit], return_index=True)
        cards = distinct_cards(of.first[explicit], of.last[explicit]) + int(
            width[~explicit][some_row_of_part].sum()
        )
        return _headed(rule, outcomes[int(told.code[0])]) | {
            "summary": True,
            "blocks": len(told),
            "touches": len(distinct(told.touch)),
            "cards": cards,
            "from": int(of.start.min()),
            "to": int(of.end.max()),
            "card_seconds": seconds_up(int((once.cards() * (once.end - once.start)).sum())),
        }


def merge(failures: Sequence[Failures]) -> Failures:
    """All of one rule's failures as one, so that those of one reason are told together."""
    places = {
        outcome: place
        for place, outcome in enumerate(
            dict.fromkeys(it for each in failures for it in each.outcomes)
        )
    }
    codes = [
        np.array([places[it] for it in each.outcomes], dtype=np.int32)[each.code]
        for each in failures
    ]
    none = np.zeros(0, dtype=np.int32)
    others = [each.other for each in failures]
    rows = join([no_rows(), *(each.rows for each in failures)])
    return Failures(
        rows, np.concatenate([none, *codes]), np.concatenate([none, *others]), list(places)
    )


def order_of(block: Block) -> tuple[Any, ...]:
    """A sort key for the findings of one tenant and rule: the worst first, then by what they say;
    summaries after the single ones."""
    other, detail, cards = block.get("other"), block.get("detail"), block.get("cards")
    return (
        block["verdict"] != "non_compliant",
        block["reason"],
        "summary" in block,
        block["at"] if "at" in block else block["from"],
        block["to"] or 0,
        block.get("touch") or block.get("access") or "",
        cards if isinstance(cards, list) else [],
        sorted(detail.items()) if detail else [],
        (other["tenant"], other["touch"]) if other else (),
        block.get("k", 0),
        block.get("of") or [],
    )


def seconds_up(milliseconds: int) -> int:
    return -(-milliseconds // MS)


def _tell(failures: Failures) -> _FailureBlocks:
    """Merge rows that fail alike into maximal blocks."""
    rows = failures.rows
    columns = [
        column.astype(np.int64) for column in (rows.touch, rows.part, failures.code, failures.other)
    ]
    group = _groups(*columns)
    merged = blocks(
        group, rows.first.astype(np.int64), rows.last.astype(np.int64), rows.start, rows.end
    )
    some_row = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    some_row[group] = np.arange(len(group))
    touch, part, code, other = (column[some_row[merged.group]] for column in columns)
    return _FailureBlocks(merged, touch, part, code, other)


def _groups(*columns: Int64s) -> Int64s:
    """One number for each combination of `columns`."""
    group = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        low, high = int(column.min(initial=0)), int(column.max(initial=0))
        if low < high:
            _, group = number(group * (high - low + 1) + (column - low))
    return group


def _reason(outcome: Outcome) -> tuple[int, str]:
    return outcome.verdict, outcome.reason


def _headed(rule: str, outcome: Outcome) -> Block:
    return {"rule": rule, "verdict": outcome.verdict.word, "reason": outcome.reason}
