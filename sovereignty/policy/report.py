"""The report of a check, as plain JSON values; `evaluate` shows one."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sovereignty.policy.document import Policy
from sovereignty.policy.judging.findings import MS, Block, order_of, seconds_up
from sovereignty.policy.lattice import Verdict, rounds_down, worst
from sovereignty.policy.rule import Unit

FORMAT = "domicile/report/v1"

CheckReport: TypeAlias = dict[str, Any]
ReportPart: TypeAlias = dict[str, Any]  # one tenant's, or one rule's of a tenant
Totals: TypeAlias = Mapping[Verdict, int]  # in card-milliseconds, or in accesses


def rule_part(rule: str, unit: Unit, totals: Totals, blocks: Sequence[Block]) -> ReportPart:
    """One tenant's part by one rule."""
    given = {verdict: amount for verdict, amount in totals.items() if amount}
    rounded = {verdict: _rounded(verdict, amount, unit) for verdict, amount in given.items()}
    return {
        "rule": rule,
        "unit": unit,
        "verdict": worst(given).word,
        "totals": {
            verdict.word: amount
            for verdict, amount in rounded.items()
            if amount or _always_listed(verdict)
        },
        "blocks": sorted(blocks, key=order_of),
    }


def tenant_part(
    tenant: str, touches: int, card_touches: int, area_ms: int, rules: Sequence[ReportPart]
) -> ReportPart:
    """One tenant's part of the report; `rules` in the order of their ids."""
    verdicts = {verdict.word: verdict for verdict in Verdict}
    return {
        "tenant": tenant,
        "touches": touches,
        "card_touches": card_touches,
        "card_seconds": area_ms // MS,
        "verdict": worst(verdicts[rule["verdict"]] for rule in rules).word,
        "rules": list(rules),
    }


def report(
    policy: Policy,
    scope: Sequence[str] | None,
    period: tuple[int, int],
    position: int,
    tenants: Sequence[ReportPart],
) -> CheckReport:
    """The whole report."""
    return {
        "format": FORMAT,
        "policy": policy.digest,
        "rules": {use.rule.id: use.rule.version for use in policy.rules},
        "scope": {"tenants": None if scope is None else sorted(set(scope))},
        "period": {"from": period[0], "to": period[1]},
        "position": position,
        "tenants": sorted(tenants, key=lambda part: str(part["tenant"])),
    }


def _rounded(verdict: Verdict, amount: int, unit: Unit) -> int:
    """The amount as reports have it: accesses as they are, milliseconds as whole seconds."""
    if unit == "accesses":
        return amount
    return amount // MS if rounds_down(verdict) else seconds_up(amount)


def _always_listed(verdict: Verdict) -> bool:
    """Whether the verdict is listed even with no whole second. Without `not_applicable` among the
    totals, a reader may take what has no finding for compliant."""
    return verdict is Verdict.NOT_APPLICABLE
