"""The filter of findings, as it stands in the URL:
`?check=7&tenant=3&rule=PL-01&verdict=non_compliant&workload=triage-7b`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from audit.web.keyset import number_in
from sovereignty.models import Check, Finding, Tenant
from sovereignty.queries.findings import findings_of
from sovereignty.queries.splits import VERDICTS


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked of the findings of one check. `tenant` is a trail's number; nothing means
    everything."""

    check: int | None
    tenant: int | None
    rule: str
    verdict: str
    workload: str

    @classmethod
    def of(cls, request: HttpRequest, rules: Collection[str]) -> Filter:
        """The filter in the URL, by one of `rules` or none. Raises Http404 for a word that stands
        for nothing."""
        rule, verdict = request.GET.get("rule", ""), request.GET.get("verdict", "")
        if (rule and rule not in rules) or (verdict and verdict not in VERDICTS):
            raise Http404
        workload = request.GET.get("workload", "").replace("\0", "").strip()
        return cls(
            number_in(request, "check"), number_in(request, "tenant"), rule, verdict, workload
        )

    @property
    def narrows(self) -> bool:
        return bool(self.tenant or self.rule or self.verdict or self.workload)

    @property
    def query(self) -> str:
        """The filter as a URL's query, to which `&after=…` may be added."""
        named = {
            "check": self.check,
            "tenant": self.tenant,
            "rule": self.rule,
            "verdict": self.verdict,
            "workload": self.workload,
        }
        return urlencode({name: value for name, value in named.items() if value})

    def findings(self, check: Check, tenants: list[Tenant]) -> QuerySet[Finding]:
        """The check's findings that pass, of these tenants. Raises Http404 where the one asked for
        is not among them."""
        if self.tenant is not None:
            tenants = [tenant for tenant in tenants if tenant.trail_id == self.tenant]
            if not tenants:
                raise Http404
        findings = findings_of(check, tenants)
        named = {"rule": self.rule, "verdict": self.verdict, "workload": self.workload}
        return findings.filter(**{name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class After:
    """Where the list of findings goes on: behind this one, in the order of (verdict, key)."""

    verdict: str
    key: int

    @classmethod
    def of(cls, request: HttpRequest) -> After | None:
        """As the URL's `after` says, `unverifiable.812`. Raises Http404."""
        text = request.GET.get("after", "")
        if not text:
            return None
        verdict, _, key = text.partition(".")
        if verdict not in VERDICTS or not (key.isascii() and key.isdigit()) or len(key) > 18:
            raise Http404
        return cls(verdict, int(key))

    @staticmethod
    def text(finding: Finding) -> str:
        return f"{finding.verdict}.{finding.pk}"

    def condition(self) -> Q:
        return Q(verdict__gt=self.verdict) | Q(verdict=self.verdict, pk__gt=self.key)
