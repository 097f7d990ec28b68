"""One check: a world judged by a policy over a period, as a report.

    {"format": "domicile/report/v1", "policy": "<digest>", "rules": {"PL-01": "2.3.0"},
     "scope": {"tenants": null}, "period": {"from": 1761955200000, "to": 1764547200000},
     "position": 8812,
     "tenants": [{"tenant": "st-mary", "touches": 2, "card_touches": 24,
                  "card_seconds": 57600, "verdict": "compliant",
                  "rules": [{"rule": "PL-01", "unit": "card_seconds", "verdict": "compliant",
                             "totals": {"compliant": 57600}, "blocks": []}]}]}

The report is plain JSON values, ready for `audit.tlog.canonical.encode`: no clock, no row ids, no
floats. The same world, policy and question have the same bytes for ever, in whatever order the
world lists its facts. Compliant and not applicable seconds are rounded down, all others up
(`lattice.rounds_down`); findings are in `findings` and `accesses`. DESIGN section 4.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.coverage.of_accesses import AccessCoverage
from sovereignty.plane.coverage.sources import Source, sources_of
from sovereignty.plane.runs import Rows, card_touches, rows_in, touches_in
from sovereignty.plane.validate import validate
from sovereignty.plane.world import World
from sovereignty.policy.document import Policy
from sovereignty.policy.errors import PolicyError
from sovereignty.policy.judging.accesses import AccessTally, add_gaps, judge_accesses, summarise
from sovereignty.policy.judging.applicability import Applicability
from sovereignty.policy.judging.findings import Block, Findings
from sovereignty.policy.judging.touches import Progress, TouchCheck
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.report import CheckReport, ReportPart, report, rule_part, tenant_part
from sovereignty.policy.rule import AccessRule


def evaluate(
    world: World,
    policy: Policy,
    *,
    period: tuple[int, int],
    position: int,
    scope: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Judge `world`, as of ledger `position`, by `policy` over `period` (start and end in ms UTC,
    half-open).

    `scope` names the tenants to report on (None: all of the world's); the others still count as
    neighbours on shared cards. `progress` is called now and then with the rows judged and their
    number. Raises WorldError, and PolicyError for a scope of unknown tenants.
    """
    start, end = period
    validate(world, start, end)
    wanted = _wanted(world, scope)
    sources = sources_of(world, policy.least_grade, end)
    applicability = Applicability(world, policy, start, end)
    rows = rows_in(world, start, end)
    check = TouchCheck(world, policy, sources, applicability, start, end)
    check.run(rows, wanted, progress)
    parts = _touch_parts(world, check, wanted)
    for tenant, part in _access_parts(world, policy, rows, sources, applicability, period, wanted):
        parts[tenant].append(part)
    touches, cards, areas = _figures(world, rows, period)
    tenants = [
        tenant_part(
            world.tenants[tenant],
            touches[tenant],
            cards[tenant],
            areas[tenant],
            sorted(of_rules, key=_rule_id),
        )
        for tenant, of_rules in parts.items()
    ]
    return report(policy, scope, period, position, tenants)


def _wanted(world: World, scope: Sequence[str] | None) -> NDArray[np.bool_]:
    """Which tenants to report on."""
    if scope is None:
        return np.ones(len(world.tenants), dtype=np.bool_)
    unknown = sorted(set(scope) - set(world.tenants))
    if unknown:
        raise PolicyError("scope", "tenants of this world", repr(unknown[0]))
    return np.array([tenant in set(scope) for tenant in world.tenants], dtype=np.bool_)


def _touch_parts(
    world: World, check: TouchCheck, wanted: NDArray[np.bool_]
) -> dict[int, list[ReportPart]]:
    """Each wanted tenant's parts by the touch rules."""
    findings = Findings(world)
    parts: dict[int, list[ReportPart]] = {tenant: [] for tenant in np.flatnonzero(wanted).tolist()}
    for index, rule in enumerate(check.rules):
        blocks: dict[int, list[Block]] = {}
        for tenant, block in findings.of_rule(rule.id, check.tally.failures(index)):
            blocks.setdefault(tenant, []).append(block)
        totals = check.tally.totals[:, index].tolist()
        for tenant, of_tenant in parts.items():
            of_tenant.append(
                rule_part(
                    rule.id,
                    rule.unit,
                    dict(zip(Verdict, totals[tenant], strict=True)),
                    blocks.get(tenant, []),
                )
            )
    return parts


def _access_parts(
    world: World,
    policy: Policy,
    rows: Rows,
    sources: Sequence[Source],
    applicability: Applicability,
    period: tuple[int, int],
    wanted: NDArray[np.bool_],
) -> Iterator[tuple[int, ReportPart]]:
    """Each wanted tenant's parts by the access rules."""
    uses = [(use, use.rule) for use in policy.rules if isinstance(use.rule, AccessRule)]
    if not uses:
        return
    covered = AccessCoverage(world, rows, sources, policy.least_grade, *period)
    for use, rule in uses:
        tallies = judge_accesses(world, use, rule, policy.least_grade, applicability, *period)
        add_gaps(tallies, rule, np.flatnonzero(wanted).tolist(), covered, applicability)
        for tenant in np.flatnonzero(wanted).tolist():
            tally = tallies.get(tenant, AccessTally())
            yield tenant, rule_part(rule.id, rule.unit, tally.totals, summarise(tally.blocks))


def _figures(
    world: World, rows: Rows, period: tuple[int, int]
) -> tuple[list[int], list[int], list[int]]:
    """By tenant: touches in the period, their card touches, and their area in card-milliseconds."""
    tenants = len(world.tenants)
    of_row = world.touches.tenant[rows.touch]
    cards, areas = np.zeros(tenants, dtype=np.int64), np.zeros(tenants, dtype=np.int64)
    np.add.at(cards, of_row, card_touches(rows, world, *period))
    np.add.at(areas, of_row, rows.area())
    touches = np.bincount(world.touches.tenant[touches_in(world, *period)], minlength=tenants)
    return touches.tolist(), cards.tolist(), areas.tolist()


def _rule_id(part: ReportPart) -> str:
    return str(part["rule"])
