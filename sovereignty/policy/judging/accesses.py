"""Access rules over a period: each access judged once, and the gaps in which an access may not have
been reported.

An access counts when its interval, or its point, meets the period: a session that was opened before
it and still lasts is judged in it. Of its interval inside the period the worst counts, so it is not
applicable only where the policy applied at no time of it. Each maximal interval in which an access
may not have been reported (`plane.coverage.of_accesses`) is an item too: in such a gap it proves
nothing that no access is known. Its detail names the `sources` at fault, and has `cards` under
`unwatched` where no source must report accesses to some of them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sovereignty.plane.coverage.of_accesses import AccessCoverage, Missing, gaps
from sovereignty.plane.intervals import Intervals
from sovereignty.plane.world import Access, Grade, World
from sovereignty.policy.document import RuleUse
from sovereignty.policy.judging.applicability import Applicability
from sovereignty.policy.judging.findings import MOST_BLOCKS, Block
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.rule import AccessRule, Outcome, unverifiable

BELOW_GRADE = unverifiable("evidence_below_grade")
NOT_COVERED = "access_not_covered"


@dataclass(slots=True)
class AccessTally:
    """One tenant's accesses by verdict, and the findings among them."""

    totals: dict[Verdict, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def add(self, verdict: Verdict, block: Block | None) -> None:
        self.totals[verdict] = self.totals.get(verdict, 0) + 1
        if block is not None:
            self.blocks.append(block)


def judge_accesses(
    world: World,
    use: RuleUse,
    rule: AccessRule,
    least: Grade,
    applicability: Applicability,
    start: int,
    end: int,
) -> dict[int, AccessTally]:
    """The accesses that meet `[start, end)`, by tenant."""
    tallies: dict[int, AccessTally] = {}
    memo: dict[tuple[str | None, ...], Outcome] = {}
    for access in world.accesses:
        inside = _inside(access, start, end)
        if not inside:
            continue
        tally = tallies.setdefault(access.tenant, AccessTally())
        if not applicability.when(access.tenant, inside):
            tally.add(Verdict.NOT_APPLICABLE, None)
            continue
        values = tuple(getattr(access, name) for name in rule.reads)
        if values not in memo:
            memo[values] = rule.judge(values, use.parameters)
        outcome = memo[values] if access.grade >= least else BELOW_GRADE
        tally.add(
            outcome.verdict,
            _block(world, rule, access, outcome)
            if outcome.verdict >= Verdict.UNVERIFIABLE
            else None,
        )
    return tallies


def add_gaps(
    tallies: dict[int, AccessTally],
    rule: AccessRule,
    tenants: Iterable[int],
    covered: AccessCoverage,
    applicability: Applicability,
) -> None:
    """Add what was not covered for `tenants`."""
    for tenant in tenants:
        missing = covered.missing(tenant)
        for start, end in applicability.when(tenant, gaps(missing)):
            head: Block = {
                "rule": rule.id,
                "verdict": Verdict.UNVERIFIABLE.word,
                "reason": NOT_COVERED,
            }
            block = head | {"from": start, "to": end, "detail": _at_fault(missing, start, end)}
            tallies.setdefault(tenant, AccessTally()).add(Verdict.UNVERIFIABLE, block)


def summarise(blocks: Sequence[Block]) -> list[Block]:
    """State each reason with more than `MOST_BLOCKS` findings as one summary."""
    by_reason: dict[tuple[str, str], list[Block]] = {}
    for block in blocks:
        by_reason.setdefault((block["verdict"], block["reason"]), []).append(block)
    kept: list[Block] = []
    for group in by_reason.values():
        kept += group if len(group) <= MOST_BLOCKS else [_summary(group)]
    return kept


def _summary(group: Sequence[Block]) -> Block:
    head = {name: group[0][name] for name in ("rule", "verdict", "reason")}
    starts: list[int] = [block["at"] if "at" in block else block["from"] for block in group]
    ends: list[int] = [block["at"] + 1 if block["to"] is None else block["to"] for block in group]
    accesses = sum("access" in block for block in group)
    return head | {
        "summary": True,
        "blocks": len(group),
        "accesses": accesses,
        "from": min(starts),
        "to": max(ends),
    }


def _inside(access: Access, start: int, end: int) -> Intervals:
    """The access inside the period. A point, or an access that ended when it started, is one
    millisecond: the instant that it is at."""
    low = max(access.start, start)
    high = min(access.start + 1 if access.end is None else max(access.end, access.start + 1), end)
    return ((low, high),) if low < high else ()


def _at_fault(missing: Missing, start: int, end: int) -> dict[str, str]:
    """Who is why `[start, end)` is not covered."""
    at_fault = [names for names, intervals in missing.items() if _meet(intervals, start, end)]
    detail = {
        "sources": ", ".join(sorted({name for names in at_fault for name in names})),
        "unwatched": "cards" if () in at_fault else "",
    }
    return {name: value for name, value in detail.items() if value}


def _meet(intervals: Intervals, start: int, end: int) -> bool:
    """Whether any of them has a time in `[start, end)`: the last that begins before its end lasts
    longest."""
    beginning_before = bisect_left(intervals, (end,))
    return beginning_before > 0 and intervals[beginning_before - 1][1] > start


def _block(world: World, rule: AccessRule, access: Access, outcome: Outcome) -> Block:
    return {
        "rule": rule.id,
        "verdict": outcome.verdict.word,
        "reason": outcome.reason,
        "access": access.id,
        "person": access.person,
        "workload": None if access.workload is None else world.workloads[access.workload],
        "at": access.start,
        "to": access.end,
        "detail": dict(outcome.detail),
    }
