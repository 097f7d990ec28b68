"""The truth: what a correct check must say of a fleet, in a form that a report can be held against.

    {"period": {"from", "to"}, "counts": {"touches", "card_touches"},
     "tenants": {key: {"touches", "card_touches", "card_seconds",
                       "rules": {"PL-01": {"unit", "totals": {verdict: amount},
                                           "findings": [FINDING …]}}}},
     "faults": {name: [[tenant, rule, *FINDING] …]}}

A FINDING is `[verdict, reason, touch or access, other, card, from, to]`: `other` is `tenant/touch`
where a card is shared, `card` is `node/slot`, the times are milliseconds and span as much as
possible; an access has no card, and its time twice. Nothing else than non_compliant and
unverifiable is a finding. A touch that is not finished counts to the period's end.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from bench.fleet import plan as faults
from bench.fleet.accesses import Access
from bench.fleet.cast import ALLOWED, Tenant, judged
from bench.fleet.estate import Estate
from bench.fleet.plan import START_S, Plan
from bench.fleet.schedule import Touch
from bench.fleet.story import Stories
from bench.fleet.tally import CARD_RULES, Count, tally

ACCESS_RULE: Final = "OP-01"
FAULT_OF_REASON: Final = {
    "region_foreign": faults.FOREIGN_REGION,
    "chip_foreign": faults.FOREIGN_CARD,
    "chip_unknown": faults.UNKNOWN_CARD,
    "shared_card": faults.SHARED_CARD,
    "not_covered": faults.TELEMETRY_GAP,
    "sequence_hole": faults.SEQUENCE_HOLE,
    "operator_foreign": faults.FOREIGN_OPERATOR,
}

Document = dict[str, Any]


def tell(
    plan: Plan,
    estate: Estate,
    tenants: list[Tenant],
    touches: list[Touch],
    accesses: list[Access],
    stories: Stories,
    shortcut: bool = True,
) -> Document:
    """The truth about what the facts tell of the period."""
    told = [
        touch
        for touch in touches
        if not touch.lost and touch.start_s < plan.end_s and touch.end_s > START_S
    ]
    told.sort(key=lambda touch: touch.start_s)
    count = tally(plan, estate, tenants, told, stories, shortcut)
    stated = {
        tenant.key: {**_use(plan, place, told), "rules": _rules(place, tenant, count, accesses)}
        for place, tenant in enumerate(tenants)
    }
    return {
        "period": {"from": START_S * 1000, "to": plan.end_s * 1000},
        "counts": {
            name: sum(tenant[name] for tenant in stated.values())
            for name in ("touches", "card_touches")
        },
        "tenants": stated,
        "faults": _planted(plan, stated),
    }


def _use(plan: Plan, place: int, told: list[Touch]) -> Document:
    """What a tenant used, summed from its touches and not from the cards."""
    own = [(touch, len(touch.nodes) * len(touch.slots)) for touch in told if touch.tenant == place]
    return {
        "touches": len(own),
        "card_touches": sum(cards for _, cards in own),
        "card_seconds": sum(
            cards * (min(t.end_s, plan.end_s) - max(t.start_s, START_S)) for t, cards in own
        ),
    }


def _rules(place: int, tenant: Tenant, count: Count, accesses: list[Access]) -> Document:
    findings: dict[str, list[list[Any]]] = defaultdict(list)
    for (owner, rule, verdict, reason, touch, other, card), spans in count.findings.items():
        if owner == place:
            findings[rule] += (
                [verdict, reason, touch, other, card, a * 1000, b * 1000] for a, b in spans
            )
    rules: Document = {
        rule: {
            "unit": "card_seconds",
            "totals": _totals(count, place, rule),
            "findings": sorted(
                findings[rule], key=lambda finding: [str(value) for value in finding]
            ),
        }
        for rule in CARD_RULES
    }
    own = [access for access in accesses if access.tenant == place]
    foreign = [access for access in own if judged(tenant) and _is_foreign(access)]
    verdict = "compliant" if judged(tenant) else "not_applicable"
    rules[ACCESS_RULE] = {
        "unit": "accesses",
        "totals": _present({verdict: len(own) - len(foreign), "non_compliant": len(foreign)}),
        "findings": list(_abroad(foreign)),
    }
    return rules


def _totals(count: Count, place: int, rule: str) -> dict[str, int]:
    verdict = "compliant" if judged(count.tenants[place]) else "not_applicable"
    totals = {
        said: amount
        for (owner, name, said), amount in count.totals_s.items()
        if (owner, name) == (place, rule)
    }
    return _present(totals | {verdict: totals.get(verdict, 0) + count.clear_s[place]})


def _present(totals: dict[str, int]) -> dict[str, int]:
    return {verdict: amount for verdict, amount in sorted(totals.items()) if amount}


def _is_foreign(access: Access) -> bool:
    return any(
        country not in ALLOWED for country in (access.office, access.physical, access.employer)
    )


def _abroad(accesses: list[Access]) -> Iterator[list[Any]]:
    """The access gateway is heard throughout, so that only accesses themselves are findings."""
    for access in accesses:
        yield [
            "non_compliant",
            "operator_foreign",
            access.id,
            None,
            None,
            access.start_s * 1000,
            access.start_s * 1000,
        ]


def _planted(plan: Plan, stated: dict[str, Document]) -> dict[str, list[list[Any]]]:
    """Every finding under the fault that made it: no two faults have a reason in common.

    Raises KeyError on a finding that nobody planted.
    """
    planted: dict[str, list[list[Any]]] = {name: [] for name in faults.FAULTS if plan.plants(name)}
    for key, tenant in stated.items():
        for rule, group in tenant["rules"].items():
            for finding in group["findings"]:
                planted[FAULT_OF_REASON[finding[1]]].append([key, rule, *finding])
    return planted
