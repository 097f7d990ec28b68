"""How much of a tenant's card-time or accesses is in each verdict, by rule, as a check found it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sovereignty.models import Check, CheckTotal, Tenant
from sovereignty.policy.lattice import Verdict, parse

# worst first, as every table has them
VERDICTS = tuple(verdict.word for verdict in sorted(Verdict, reverse=True))


@dataclass(slots=True)
class Split:
    """How much of one thing is in each verdict: card-seconds, or accesses where `unit` says so."""

    unit: str = "card_seconds"
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, verdict: str, amount: int) -> None:
        self.amounts[verdict] = self.amounts.get(verdict, 0) + amount

    @property
    def total(self) -> int:
        return sum(self.amounts.values())

    @property
    def columns(self) -> list[tuple[str, int]]:
        """All five verdicts, worst first, whether or not there is any."""
        return [(verdict, self.amounts.get(verdict, 0)) for verdict in VERDICTS]

    @property
    def badness(self) -> tuple[int, ...]:
        """A sort key: the more is non-compliant, then unverifiable, the larger."""
        return tuple(amount for _, amount in self.columns[:2])

    @property
    def verdict(self) -> str:
        return worst_word(verdict for verdict, amount in self.amounts.items() if amount)


def worst_word(verdicts: Iterable[str]) -> str:
    """The worst of the verdicts, as their words; of none, not_applicable."""
    return max((parse(word) for word in verdicts), default=Verdict.NOT_APPLICABLE).word


def splits_of(check: Check, tenants: Iterable[Tenant]) -> dict[tuple[int, str], Split]:
    """What the check found of each tenant by each rule: (tenant, rule) → split."""
    splits: dict[tuple[int, str], Split] = {}
    totals = CheckTotal.objects.filter(check_of=check, tenant__in=list(tenants)).order_by(
        "tenant__key", "rule"
    )
    for tenant, rule, unit, verdict, amount in totals.values_list(
        "tenant_id", "rule", "unit", "verdict", "amount"
    ):
        splits.setdefault((tenant, rule), Split(unit)).add(verdict, amount)
    return splits


def rules_judged(check: Check, tenants: Iterable[Tenant]) -> list[str]:
    """The rules that the check judged these tenants by, also those that this version does not
    know."""
    totals = CheckTotal.objects.filter(check_of=check, tenant__in=list(tenants))
    return list(totals.order_by("rule").values_list("rule", flat=True).distinct())


def sum_by_rule(splits: Mapping[tuple[int, str], Split]) -> dict[str, Split]:
    """The splits summed over tenants, by rule."""
    summed: dict[str, Split] = {}
    for (_, rule), split in sorted(splits.items(), key=lambda item: item[0][1]):
        for verdict, amount in split.amounts.items():
            summed.setdefault(rule, Split(split.unit)).add(verdict, amount)
    return summed


def least_flattering(of_tenant: Iterable[Split]) -> Split:
    """The tenant's card-time in one line that flatters in no column: of what is bad the most that
    one rule found, of what is good the least. A check sums by rule and not over rules, so the
    columns may add up to more than the tenant's card-time."""
    hours = [split for split in of_tenant if split.unit == "card_seconds"]
    line = Split()
    for verdict in VERDICTS if hours else ():
        choose = min if parse(verdict) <= Verdict.COMPLIANT else max
        line.add(verdict, choose(split.amounts.get(verdict, 0) for split in hours))
    return line
