"""Reads of the domain with more than one caller. Who sees a tenant follows from who reads its
trail, here and nowhere else.

A check's own verdict and report speak of every tenant, so nothing here hands them out: readers get
slices, totals and findings of tenants that they may see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from audit.access import Reader, readable_trails
from sovereignty.checking.policies import policies_in_force
from sovereignty.models import (
    WHOLE_FLEET,
    Check,
    CheckTotal,
    Finding,
    Policy,
    Slice,
    Tenant,
    TenantStatement,
    scope_digest,
)
from sovereignty.policy.lattice import Verdict, parse

CHECKS_OFFERED = 20
# worst first, as every table has them
VERDICTS = tuple(verdict.word for verdict in sorted(Verdict, reverse=True))


def visible_tenants(reader: Reader) -> QuerySet[Tenant]:
    """The tenants whose trails `reader` may read, by key."""
    return Tenant.objects.filter(trail__in=readable_trails(reader)).order_by("key")


def tenant_names(tenants: Iterable[Tenant]) -> dict[int, str]:
    """What each tenant is called, by its primary key: the name stated by the best evidence last,
    else its key."""
    names = {tenant.pk: tenant.key for tenant in tenants}
    stated = TenantStatement.objects.current().filter(tenant__in=list(names), name__isnull=False)
    for tenant, name in stated.in_ledger_order("grade", "effective_at").values_list(
        "tenant_id", "name"
    ):
        names[tenant] = name or names[tenant]
    return names


def policies() -> list[Policy]:
    """The newest version of each policy."""
    return policies_in_force()


def checks() -> QuerySet[Check]:
    """Checks without their reports, the newest position first."""
    return (
        Check.objects.defer("report")
        .select_related("policy")
        .order_by("-position", "-period_to", "-pk")
    )


def current_check(policy: Policy) -> Check | None:
    """The policy's newest check of all tenants: the newest position, then the longest period."""
    return checks().filter(policy=policy, scope_digest=scope_digest(WHOLE_FLEET)).first()


def checks_seen(reader: Reader) -> list[Check]:
    """The newest checks that judged a tenant whom `reader` may see."""
    # Asked of each check in turn, the newest first, so that a few are looked at and not all.
    slices = Slice.objects.filter(
        check_of=OuterRef("pk"), tenant__in=visible_tenants(reader).order_by()
    )
    return list(checks().filter(Exists(slices))[:CHECKS_OFFERED])


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


def splits(check: Check, tenants: Iterable[Tenant]) -> dict[tuple[int, str], Split]:
    """What the check found of each tenant by each rule: (tenant, rule) → split."""
    found: dict[tuple[int, str], Split] = {}
    totals = CheckTotal.objects.filter(check_of=check, tenant__in=list(tenants)).order_by(
        "tenant__key", "rule"
    )
    for tenant, rule, unit, verdict, amount in totals.values_list(
        "tenant_id", "rule", "unit", "verdict", "amount"
    ):
        found.setdefault((tenant, rule), Split(unit)).add(verdict, amount)
    return found


def rules_judged(check: Check, tenants: Iterable[Tenant]) -> list[str]:
    """The rules that the check judged these tenants by, also those that this version does not
    know."""
    totals = CheckTotal.objects.filter(check_of=check, tenant__in=list(tenants))
    return list(totals.order_by("rule").values_list("rule", flat=True).distinct())


def by_rule(splits_found: Mapping[tuple[int, str], Split]) -> dict[str, Split]:
    """The splits summed over tenants, by rule."""
    summed: dict[str, Split] = {}
    for (_, rule), split in sorted(splits_found.items(), key=lambda item: item[0][1]):
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


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one tenant, rule and verdict: how many, and their sum in the rule's unit."""

    tenant: int
    rule: str
    verdict: str
    findings: int
    amount: int


def finding_groups(findings: QuerySet[Finding]) -> list[Group]:
    """The findings counted by tenant, rule and verdict."""
    counted = (
        findings.order_by()
        .values_list("tenant_id", "rule", "verdict")
        .annotate(Count("pk"), Sum("amount"))
    )
    return [Group(*row) for row in counted.order_by("tenant__key", "rule", "verdict")]


def findings_of(check: Check, tenants: Sequence[Tenant] | QuerySet[Tenant]) -> QuerySet[Finding]:
    """The check's findings about these tenants: non-compliant, then unverifiable, then waived; then
    in the report's order.

    The three words happen to stand in this order in the alphabet, so an index can give it.
    """
    return Finding.objects.filter(check_of=check, tenant__in=tenants).order_by("verdict", "pk")
