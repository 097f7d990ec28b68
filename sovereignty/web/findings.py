"""Findings: counted by rule and tenant, one by one, and one in full."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import queries as ledger
from audit.own_entries import OWN_SOURCE
from audit.web.fragment import is_fragment
from sovereignty.models import Check, Finding, Slice, Tenant
from sovereignty.policy.entry_kinds import CHECK_SLICE
from sovereignty.policy.registry import RULES
from sovereignty.queries.deciders import deciders_of
from sovereignty.queries.findings import FindingGroup, facts_of, finding_groups, findings_of
from sovereignty.queries.freshness import CheckFreshness
from sovereignty.queries.policies import outline_of
from sovereignty.queries.splits import VERDICTS, Split, rules_judged, splits_of
from sovereignty.queries.tenants import tenant_names, visible_tenants
from sovereignty.web import explain
from sovereignty.web.chosen import chosen_check
from sovereignty.web.filters import After, Filter
from sovereignty.web.wording import rule_title

FINDINGS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One rule of one tenant: what it found in each verdict, and how many findings say so."""

    tenant: Tenant
    name: str
    rule: str
    split: Split
    findings: dict[str, int]

    @property
    def count(self) -> int:
        return sum(self.findings.values())

    @property
    def rank(self) -> tuple[object, ...]:
        return (*(-amount for amount in self.split.badness), self.tenant.key, self.rule)


@dataclass(frozen=True, slots=True)
class FindingRow:
    finding: Finding
    tenant: Tenant
    name: str
    sentences: list[str]


def groups(request: HttpRequest) -> HttpResponse:
    """Findings by rule and tenant: where to look first."""
    context = _common(request)
    check, passing = context["check"], context["passing"]
    if check is not None:
        counted = finding_groups(passing)
        splits = splits_of(check, context["tenants"])
        context["rows"] = _group_rows(counted, splits, context["tenants"], context["names"])
        context |= _totals(counted)
    return _answer(request, context, "sovereignty/_groups.html")


def each(request: HttpRequest) -> HttpResponse:
    """The findings one by one: non-compliant first, then unverifiable."""
    context = _common(request)
    passing, after = context["passing"], After.of(request)
    if context["check"] is not None:
        context |= _totals(finding_groups(passing))
        page = list(
            (passing if after is None else passing.filter(after.condition()))[: FINDINGS_A_PAGE + 1]
        )
        more, page = len(page) > FINDINGS_A_PAGE, page[:FINDINGS_A_PAGE]
        context["rows"] = _finding_rows(
            page, context["check"], context["tenants"], context["names"]
        )
        context["next"] = After.text(page[-1]) if more else None
        context["after"] = after
    context["filtered"] = f"{request.path}?{context['filter'].query}"
    return _answer(request, context, "sovereignty/_findings_each.html")


def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: what was found, with its values; the cards and the time; the entry that carries
    it; how to verify it."""
    visible = visible_tenants(request.user)
    shown = (
        Finding.objects.filter(pk=pk, tenant__in=visible)
        .select_related("tenant__trail", "check_of__policy")
        .defer("check_of__report", "tenant__trail__secret", "tenant__trail__compact")
        .first()
    )
    if shown is None:
        raise Http404
    policy = outline_of(shown.check_of.policy)
    parameters = policy.rules.get(shown.rule, {})
    part = Slice.objects.get(check_of=shown.check_of, tenant=shown.tenant)
    context = {
        "finding": shown,
        "tenant": shown.tenant,
        "name": tenant_names([shown.tenant])[shown.tenant_id],
        "sentences": explain.sentences(shown.block, parameters),
        "parameters": [(name, ", ".join(words)) for name, words in parameters.items()],
        "texts": policy.title,
        "freshness": CheckFreshness.of(shown.check_of),
        "slice": part,
        "seal": ledger.sealed_in(shown.tenant.trail, part.index),
        "facts": facts_of(shown),
        "deciders": deciders_of(shown, request.user),
        "own_source": OWN_SOURCE,
        "slice_kind": CHECK_SLICE,
        "sealed_size": ledger.sealed_sizes([shown.tenant.trail]).get(shown.tenant.trail_id, 0),
        "pin": ledger.pin_of(shown.tenant.trail),
        "cards": explain.cards_in(shown.block),
        "counts_cards": "card_seconds" in shown.block,
    }
    return render(request, "sovereignty/finding.html", context)


def _answer(request: HttpRequest, context: dict[str, Any], results: str) -> HttpResponse:
    """The list by itself, or in its page."""
    context |= {"results": results, "here": request.path}
    if context["check"] is not None and not context["total"] and context["filter"].narrows:
        context["unfiltered"] = findings_of(context["check"], context["tenants"]).count()
    return render(
        request, results if is_fragment(request) else "sovereignty/findings.html", context
    )


def _common(request: HttpRequest) -> dict[str, Any]:
    """What both lists show: the filter with its choices, the check, and the findings that pass."""
    seen, check = chosen_check(request)
    tenants = list(visible_tenants(request.user))
    names = tenant_names(tenants)
    rules = sorted({*RULES, *(rules_judged(check, tenants) if check else ())})
    asked = Filter.of(request, rules)
    return {
        "filter": asked,
        "checks": seen,
        "check": check,
        "freshness": CheckFreshness.of(check) if check else None,
        "tenants": tenants,
        "names": names,
        "choices": [(tenant.trail_id, names[tenant.pk]) for tenant in tenants],
        "rules": [(rule, rule_title(rule)) for rule in rules],
        "verdicts": VERDICTS,
        "passing": asked.findings(check, tenants) if check else Finding.objects.none(),
        "rows": [],
        "total": 0,
    }


def _totals(counted: list[FindingGroup]) -> dict[str, Any]:
    by_verdict = {
        verdict: sum(group.findings for group in counted if group.verdict == verdict)
        for verdict in VERDICTS[:3]
    }
    return {"total": sum(by_verdict.values()), "by_verdict": by_verdict}


def _group_rows(
    counted: list[FindingGroup],
    splits: Mapping[tuple[int, str], Split],
    tenants: list[Tenant],
    names: Mapping[int, str],
) -> list[GroupRow]:
    by_key: dict[tuple[int, str], dict[str, int]] = {}
    for group in counted:
        by_key.setdefault((group.tenant, group.rule), {})[group.verdict] = group.findings
    known = {tenant.pk: tenant for tenant in tenants}
    rows = [
        GroupRow(known[tenant], names[tenant], rule, splits.get((tenant, rule), Split()), findings)
        for (tenant, rule), findings in by_key.items()
    ]
    return sorted(rows, key=lambda row: row.rank)


def _finding_rows(
    page: list[Finding], check: Check, tenants: list[Tenant], names: Mapping[int, str]
) -> list[FindingRow]:
    known = {tenant.pk: tenant for tenant in tenants}
    policy = outline_of(check.policy)
    return [
        FindingRow(
            finding,
            known[finding.tenant_id],
            names[finding.tenant_id],
            explain.sentences(finding.block, policy.rules.get(finding.rule, {})),
        )
        for finding in page
    ]
