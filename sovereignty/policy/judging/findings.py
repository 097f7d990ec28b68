"""Failures as findings: maximal blocks, one per touch, reason and interval, with all its cards.

    {"rule": "PL-01", "verdict": "non_compliant", "reason": "region_foreign", "touch": "8812",
     "workload": "triage-7b", "cards": ["sg-a-[0001-0002]/0-7"], "from": 1763884800000,
     "to": 1763888400000, "card_seconds": 57600, "detail": {"country": "SG", "region": "sg-1"}}

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
    """Rows that failed one rule. `code` is the index of each row's outcome in `outcomes`, and
    `other` the index of the touch that it met (or NOBODY)."""

    rows: Rows
    code: Int32s
    other: Int32s
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class _FailureBlocks:
    """The maximal blocks of one rule's failures, and for each its touch, part, outcome code and
    other touch."""

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
        failed = _merge_rows(failures)
        tenant = self._world.touches.tenant[failed.touch].astype(np.int64)
        reasons = {
            reason: index
            for index, reason in enumerate(dict.fromkeys(map(_reason, failures.outcomes)))
        }
        reason_of_code = np.array(
            [reasons[_reason(outcome)] for outcome in failures.outcomes], dtype=np.int64
        )
        key = tenant * len(reasons) + reason_of_code[failed.code]
        order = argsort(key)
        heads = starts_of_groups(key[order])
        counts = ends_of_groups(heads, len(order)) - heads
        few = np.repeat(counts <= MOST_BLOCKS, counts)
        yield from self._single(rule, failures.outcomes, failed.take(order[few]))
        for head, count in zip(heads.tolist(), counts.tolist(), strict=True):
            if count > MOST_BLOCKS:
                members = order[head : head + count]
                yield (
                    int(tenant[members[0]]),
                    self._summary(rule, failures.outcomes, failed.take(members)),
                )

    def _single(
        self, rule: str, outcomes: Sequence[Outcome], failed: _FailureBlocks
    ) -> Iterator[tuple[int, Block]]:
        """One finding a block."""
        world, areas = self._world, failed.blocks
        touches = world.touches
        tenants = touches.tenant[failed.touch].tolist()
        workloads = touches.workload[failed.touch].tolist()
        card_ms = (areas.cards() * (areas.end - areas.start)).tolist()
        ranges = areas.ranges()
        columns = (failed.touch, failed.part, failed.code, failed.other, areas.start, areas.end)
        for index, (touch, part, code, other, start, end) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            block = _headed(rule, outcomes[code])
            block["touch"] = touches.id[touch]
            block["workload"] = world.workloads[workloads[index]]
            block["cards"] = self._texts.of(ranges[index]) if part == EXPLICIT else []
            block["from"], block["to"] = start, end
            block["card_seconds"] = seconds_up(card_ms[index])
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
            yield tenants[index], block

    def _summary(self, rule: str, outcomes: Sequence[Outcome], failed: _FailureBlocks) -> Block:
        """One finding for all blocks, which are of one tenant and reason."""
        areas = failed.blocks
        source = np.repeat(np.arange(len(failed)), np.diff(areas.offset))
        part, width = failed.part[source], areas.last - areas.first + 1
        # What one touch shared with several others counts once, so the area is that of the union.
        once = blocks(
            _groups(failed.touch[source], part),
            areas.first,
            areas.last,
            areas.start[source],
            areas.end[source],
        )
        explicit = part == EXPLICIT
        _, some_row_of_part = np.unique(part[~explicit], return_index=True)
        cards = distinct_cards(areas.first[explicit], areas.last[explicit]) + int(
            width[~explicit][some_row_of_part].sum()
        )
        return _headed(rule, outcomes[int(failed.code[0])]) | {
            "summary": True,
            "blocks": len(failed),
            "touches": len(distinct(failed.touch)),
            "cards": cards,
            "from": int(areas.start.min()),
            "to": int(areas.end.max()),
            "card_seconds": seconds_up(int((once.cards() * (once.end - once.start)).sum())),
        }


def merge(failures: Sequence[Failures]) -> Failures:
    """All of one rule's failures as one, so that those of one reason make one group."""
    outcomes = dict.fromkeys(outcome for piece in failures for outcome in piece.outcomes)
    code_of = {outcome: code for code, outcome in enumerate(outcomes)}
    codes = [
        np.array([code_of[outcome] for outcome in piece.outcomes], dtype=np.int32)[piece.code]
        for piece in failures
    ]
    none = np.zeros(0, dtype=np.int32)
    others = [piece.other for piece in failures]
    rows = join([no_rows(), *(piece.rows for piece in failures)])
    return Failures(
        rows, np.concatenate([none, *codes]), np.concatenate([none, *others]), list(outcomes)
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


def _merge_rows(failures: Failures) -> _FailureBlocks:
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
