"""The passport of a workload: where it ran, beside whom, who reached in, what was judged, and the
entries that say so.

One page of touches at a time, so that the drawing and its table always tell the same, whatever the
workload's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from audit import clock
from sovereignty.models import Access, Check, Fact, Finding, Touch, Workload, WorkloadStatement
from sovereignty.plane.world import Grade
from sovereignty.policy.registry import RULES, ids_in
from sovereignty.queries.judgements import LATER, UNJUDGED, Judgement, Judgements
from sovereignty.queries.places import Places
from sovereignty.queries.policies import outline_of
from sovereignty.queries.splits import splits_of, worst_word
from sovereignty.queries.touch_pages import Before, page_of

TOUCHES_A_PAGE = 50
ACCESSES_SHOWN = 50


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """One touch on some cards of one node over [start, end) in milliseconds, in one region and one
    verdict."""

    region: str
    node: str
    start: int
    end: int
    verdict: str
    touch: str
    cards: int


@dataclass(frozen=True, slots=True)
class TouchRow:
    """One touch: `cards` as hostlists, and *k / nodes* where only a number is known; `entry` is the
    index of its entry in the tenant's trail."""

    id: str
    card_count: int
    cards: list[str]
    regions: list[str]
    started_at: int
    ended_at: int | None
    judgement: Judgement
    entry: int | None


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One access; what nobody stated is empty or None."""

    id: str
    person: str
    action: str | None
    office_country: str | None
    physical_country: str | None
    employer_jurisdiction: str | None
    approval: str | None
    started_at: int
    ended_at: int | None
    judgement: Judgement
    entry: int | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one rule found of the workload. `amounts`: verdict, number of findings and their sum in
    the rule's unit, worst first."""

    rule: str
    unit: str
    judgement: Judgement
    amounts: list[tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Passport:
    """Everything that is shown of one workload, as one check judged it.

    `touches` are one page of them and `older` is where the next page goes on (None: the last).
    `stretches` are what these touches did, cut where a region or a verdict changes, and `regions`
    count the touches in each region. `rules` are findings about the workload and about its tenant
    as a whole. `access_rules` are those of the policy that judge accesses. `neighbours` are the
    findings that name another tenant on the same cards, by pseudonym; `neighbours_known` says
    whether each touch was judged as to that, and each such finding names its touch. `summaries` are
    findings of the whole tenant that stand for many, and may concern this workload. `later` counts
    the touches and accesses that were recorded after the check. `entries` are the facts of what is
    shown, the newest first.
    """

    statement: WorkloadStatement | None
    touches: list[TouchRow]
    touches_total: int
    older: Before | None
    stretches: list[Stretch]
    regions: list[tuple[str, int]]
    rules: list[RuleRow]
    access_rules: list[str]
    accesses: list[AccessRow]
    accesses_total: int
    neighbours: list[Finding]
    neighbours_known: bool
    summaries: list[Finding]
    later: int
    entries: list[Fact]


def passport_of(workload: Workload, check: Check | None, before: Before | None = None) -> Passport:
    """The passport of `workload`, as `check` judged it (None: nothing was judged yet). `before` is
    where the page of touches goes on."""
    return _Reading(workload, check, before).passport()


@dataclass(frozen=True, slots=True)
class Counts:
    """Touches, or accesses: all that are recorded, those that came after the check, and those that
    it judged."""

    total: int
    later: int
    judged: int

    @classmethod
    def of(cls, things: QuerySet[Any], check: Check | None, endless: Q) -> Counts:
        """Count `things`; of those without an end the ones that are `endless` go on into the
        period."""
        if check is None:
            return cls(things.count(), 0, 0)
        inside = Q(started_at__lt=check.period_to) & (endless | Q(ended_at__gt=check.period_from))
        judged = Q(made_by__position__lte=check.position) & inside
        later = Q(made_by__position__gt=check.position)
        return cls(
            **things.aggregate(
                total=Count("pk"),
                later=Count("pk", filter=later),
                judged=Count("pk", filter=judged),
            )
        )


class _Reading:
    """Reads what a passport shows."""

    def __init__(self, workload: Workload, check: Check | None, before: Before | None) -> None:
        self._workload, self._check = workload, check
        self._policy = outline_of(check.policy) if check else None
        self._live = Touch.objects.current().filter(workload=workload)
        self._of_touches = Counts.of(self._live, check, Q(ended_at__isnull=True))
        # An access without an end is a point in time.
        point = Q(ended_at__isnull=True, started_at__gte=check.period_from if check else 0)
        self._of_accesses = Counts.of(self._accesses(), check, point)
        live = self._live.select_related("made_by")
        self._touches, self._older = page_of(workload, live, check, before, TOUCHES_A_PAGE)
        self._findings = self._read_findings()
        splits = splits_of(check, [workload.tenant]) if check else {}
        self._judgements = Judgements(
            check, self._findings, {rule: split for (_, rule), split in splits.items()}
        )
        self._places = Places.of(
            self._touches, self._policy.least_grade if self._policy else Grade.PLANNED
        )
        self._listed_accesses = list(
            self._accesses()
            .select_related("made_by")
            .order_by("-started_at", "-pk")[:ACCESSES_SHOWN]
        )
        self._entries = self._facts()
        self._stretches = {touch.key: self._cut(touch) for touch in self._touches}

    def passport(self) -> Passport:
        stated = WorkloadStatement.objects.current().filter(workload=self._workload)
        return Passport(
            statement=stated.in_ledger_order("grade", "effective_at").last(),
            touches=[self._touch_row(touch) for touch in self._touches],
            touches_total=self._of_touches.total,
            older=self._older,
            stretches=[part for touch in self._touches for part in self._stretches[touch.key]],
            regions=self._regions(),
            rules=self._rules(),
            access_rules=[rule for rule in self._rule_ids() if self._unit(rule) == "accesses"],
            accesses=[self._access_row(access) for access in self._listed_accesses],
            accesses_total=self._of_accesses.total,
            neighbours=[finding for finding in self._findings if "other" in finding.block],
            neighbours_known=self._neighbours_known(),
            summaries=self._judgements.summaries,
            later=self._of_touches.later + self._of_accesses.later,
            entries=sorted(self._entries.values(), key=lambda fact: -fact.index),
        )

    def _touch_row(self, touch: Touch) -> TouchRow:
        return TouchRow(
            id=touch.touch_id,
            card_count=touch.cards,
            cards=[*self._places.hostlists(touch.key), *self._parts(touch)],
            regions=sorted({stretch.region for stretch in self._stretches[touch.key]}),
            started_at=touch.started_at,
            ended_at=touch.ended_at,
            judgement=self._judgements.of_touch(touch, self._end(touch)),
            entry=self._index(touch.fact_id),
        )

    def _access_row(self, access: Access) -> AccessRow:
        return AccessRow(
            id=access.access_id,
            person=access.person,
            action=access.action,
            office_country=access.office_country,
            physical_country=access.physical_country,
            employer_jurisdiction=access.employer_jurisdiction,
            approval=access.approval,
            started_at=access.started_at,
            ended_at=access.ended_at,
            judgement=self._judgements.of_access(access),
            entry=self._index(access.fact_id),
        )

    def _regions(self) -> list[tuple[str, int]]:
        counted: dict[str, int] = {}
        for touch in self._touches:
            for region in {stretch.region for stretch in self._stretches[touch.key]}:
                counted[region] = counted.get(region, 0) + 1
        return sorted(counted.items())

    def _rule_ids(self) -> list[str]:
        """The rules of the check's policy."""
        return list(self._policy.rules) if self._policy else []

    def _neighbours_known(self) -> bool:
        judged = any(rule in RULES and RULES[rule].names_neighbours for rule in self._rule_ids())
        # A summary by a rule that this version does not know may be about neighbours.
        summarised = any(
            finding.rule not in RULES or RULES[finding.rule].names_neighbours
            for finding in self._judgements.summaries
        )
        words = {stretch.verdict for stretches in self._stretches.values() for stretch in stretches}
        return judged and not summarised and not words & {UNJUDGED, LATER}

    def _rules(self) -> list[RuleRow]:
        if not self._judgements.splits:
            return []
        about = Q(workload=self._workload.key) | Q(workload="")
        counted = (
            Finding.objects.filter(about, check_of=self._check, tenant=self._workload.tenant)
            .order_by("verdict")
            .values_list("rule", "verdict")
            .annotate(Count("pk"), Sum("amount"))
        )
        by_rule: dict[str, list[tuple[str, int, int]]] = {}
        for rule, verdict, count, amount in counted:
            by_rule.setdefault(rule, []).append((verdict, count, amount))
        judged = {"card_seconds": self._of_touches.judged, "accesses": self._of_accesses.judged}
        rows = []
        for rule in self._rule_ids():
            amounts, unit = by_rule.get(rule, []), self._unit(rule)
            good = self._judgements.at_best(rule) if judged[unit] else UNJUDGED
            worst = worst_word(verdict for verdict, _, _ in amounts) if amounts else good
            rows.append(RuleRow(rule, unit, Judgement(worst), amounts))
        return rows

    def _accesses(self) -> QuerySet[Access]:
        """Accesses to the workload, and those to its tenant as a whole."""
        of_tenant = Access.objects.current().filter(tenant=self._workload.tenant)
        return of_tenant.filter(Q(workload=self._workload) | Q(workload__isnull=True))

    def _read_findings(self) -> list[Finding]:
        """The check's findings about the touches shown, about accesses, and of the tenant as a
        whole. Those by rules that this version does not know are read as if about accesses."""
        if self._check is None:
            return []
        about = Q(workload=self._workload.key) | Q(workload="")
        named = (
            Q(touch_id__in=[touch.touch_id for touch in self._touches])
            | ~Q(rule__in=ids_in("card_seconds"))
            | Q(workload="")
        )
        findings = Finding.objects.filter(
            about, named, check_of=self._check, tenant=self._workload.tenant
        )
        return list(findings.order_by("verdict", "pk"))

    def _facts(self) -> dict[int, Fact]:
        keys = {key for touch in self._touches for key in (touch.key, touch.fact_id)}
        keys |= {access.fact_id for access in self._listed_accesses}
        stated = WorkloadStatement.objects.filter(workload=self._workload).values_list(
            "fact_id", flat=True
        )
        return {fact.key: fact for fact in Fact.objects.filter(key__in=keys | set(stated))}

    def _unit(self, rule: str) -> str:
        """What the rule counts in: as the check says, or the rule where it found nothing."""
        if rule in self._judgements.splits:
            return self._judgements.splits[rule].unit
        return RULES[rule].unit if rule in RULES else "card_seconds"

    def _index(self, key: int) -> int | None:
        fact = self._entries.get(key)
        return None if fact is None else fact.index

    def _parts(self, touch: Touch) -> Iterator[str]:
        for part in self._places.parts.get(touch.key, []):
            yield f"{part.k} / {', '.join(part.nodes) if part.nodes else '?'}"

    def _end(self, touch: Touch) -> int:
        """An open touch lasts until the check's end, or until now."""
        if touch.ended_at is not None:
            return touch.ended_at
        return max(touch.started_at + 1, self._check.period_to if self._check else clock.now_ms())

    def _cut(self, touch: Touch) -> list[Stretch]:
        """The touch cut where its region or its verdict changes."""
        end = self._end(touch)
        stretches = []
        for node, cards in self._places.by_node(touch.key).items():
            for start, until, region in self._in_region(node, touch.started_at, end):
                for low, high, verdict in self._judgements.parts(touch, node, start, until):
                    stretches.append(
                        Stretch(region, node, low, high, verdict, touch.touch_id, cards)
                    )
        for part in self._places.parts.get(touch.key, []):
            for low, high, verdict in self._judgements.parts(touch, None, touch.started_at, end):
                stretches.append(Stretch("", "", low, high, verdict, touch.touch_id, part.k))
        return stretches

    def _in_region(self, node: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        steps = self._places.region(node, start, end)
        ends = [begin for begin, _ in steps[1:]] + [end]
        for (begin, value), until in zip(steps, ends, strict=True):
            yield begin, until, value.text or ""
