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
from sovereignty.queries import checks
from sovereignty.queries.judgements import LATER, UNJUDGED, Judgement, Judgements
from sovereignty.queries.places import Places
from sovereignty.queries.policies import outline_of
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
    touch: Touch
    cards: list[str]
    regions: list[str]
    judgement: Judgement
    entry: int | None


@dataclass(frozen=True, slots=True)
class AccessRow:
    access: Access
    judgement: Judgement
    entry: int | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one rule found of the workload. `amounts`: findings and their sum, by verdict, worst
    first."""

    rule: str
    unit: str
    judgement: Judgement
    amounts: list[tuple[str, int, int]]


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


class Passport:
    """Everything the page shows of `workload`, as `check` judged it (None: nothing was judged yet).
    `before` is where the page of touches goes on."""

    def __init__(self, workload: Workload, check: Check | None, before: Before | None) -> None:
        self.workload, self.check = workload, check
        self._policy = outline_of(check.policy) if check else None
        self._live = Touch.objects.current().filter(workload=workload)
        self._of_touches = Counts.of(self._live, check, Q(ended_at__isnull=True))
        # An access without an end is a point in time.
        point = Q(ended_at__isnull=True, started_at__gte=check.period_from if check else 0)
        self._of_accesses = Counts.of(self._accesses(), check, point)
        self.touches_total, self.accesses_total = self._of_touches.total, self._of_accesses.total
        live = self._live.select_related("made_by")
        self._touches, self.older = page_of(workload, live, check, before, TOUCHES_A_PAGE)
        self._found = self._findings()
        splits = checks.splits(check, [workload.tenant]) if check else {}
        self._judgements = Judgements(
            check, self._found, {rule: split for (_, rule), split in splits.items()}
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

    @property
    def statement(self) -> WorkloadStatement | None:
        """What was last stated of the workload by the best evidence."""
        stated = WorkloadStatement.objects.current().filter(workload=self.workload)
        return stated.in_ledger_order("grade", "effective_at").last()

    @property
    def touches(self) -> list[TouchRow]:
        return [
            TouchRow(
                touch,
                [*self._places.hostlists(touch.key), *self._parts(touch)],
                sorted({stretch.region for stretch in self._stretches[touch.key]}),
                self._judgements.of_touch(touch, self._end(touch)),
                self._index(touch.fact_id),
            )
            for touch in self._touches
        ]

    @property
    def stretches(self) -> list[Stretch]:
        """What the touches shown did, cut where a region or a verdict changes."""
        return [stretch for touch in self._touches for stretch in self._stretches[touch.key]]

    @property
    def regions(self) -> list[tuple[str, int]]:
        """The regions of the touches shown, with how many of those touched each."""
        counted: dict[str, int] = {}
        for touch in self._touches:
            for region in {stretch.region for stretch in self._stretches[touch.key]}:
                counted[region] = counted.get(region, 0) + 1
        return sorted(counted.items())

    @property
    def neighbours(self) -> list[Finding]:
        """The findings that name another tenant on the same cards; by pseudonym, as the trail does."""
        return [finding for finding in self._found if "other" in finding.block]

    @property
    def summaries(self) -> list[Finding]:
        """Findings of the whole tenant that are told as one, and may concern this workload."""
        return self._judgements.summaries

    @property
    def company_known(self) -> bool:
        """Whether each touch shown was judged as to who was on the same cards, and each such
        finding names its touch."""
        judged = any(
            rule in RULES and RULES[rule].names_neighbours
            for rule in (self._policy.rules if self._policy else ())
        )
        # A summary by a rule that this version does not know may be about neighbours.
        told_as_one = any(
            finding.rule not in RULES or RULES[finding.rule].names_neighbours
            for finding in self.summaries
        )
        words = {stretch.verdict for stretches in self._stretches.values() for stretch in stretches}
        return judged and not told_as_one and not words & {UNJUDGED, LATER}

    @property
    def later(self) -> int:
        """How many touches and accesses were recorded after the check."""
        return self._of_touches.later + self._of_accesses.later

    @property
    def accesses(self) -> list[AccessRow]:
        return [
            AccessRow(access, self._judgements.of_access(access), self._index(access.fact_id))
            for access in self._listed_accesses
        ]

    @property
    def rules(self) -> list[RuleRow]:
        """Each rule's findings about the workload, and about its tenant as a whole."""
        if self._policy is None or not self._judgements.splits:
            return []
        about = Q(workload=self.workload.key) | Q(workload="")
        counted = (
            Finding.objects.filter(about, check_of=self.check, tenant=self.workload.tenant)
            .order_by("verdict").values_list("rule", "verdict").annotate(Count("pk"), Sum("amount"))
        )  # fmt: skip
        by_rule: dict[str, list[tuple[str, int, int]]] = {}
        for rule, verdict, count, amount in counted:
            by_rule.setdefault(rule, []).append((verdict, count, amount))
        judged = {"card_seconds": self._of_touches.judged, "accesses": self._of_accesses.judged}
        rows = []
        for rule in self._policy.rules:
            amounts, unit = by_rule.get(rule, []), self._unit(rule)
            good = self._judgements.at_best(rule) if judged[unit] else UNJUDGED
            worst = checks.worst_word(verdict for verdict, _, _ in amounts) if amounts else good
            rows.append(RuleRow(rule, unit, Judgement(worst), amounts))
        return rows

    @property
    def access_rules(self) -> list[str]:
        """The rules of the check's policy that judge accesses."""
        return [
            rule
            for rule in (self._policy.rules if self._policy else ())
            if self._unit(rule) == "accesses"
        ]

    @property
    def entries(self) -> list[Fact]:
        """The ledger entries of what this page shows, newest first."""
        return sorted(self._entries.values(), key=lambda fact: -fact.index)

    def _accesses(self) -> QuerySet[Access]:
        """Accesses to the workload, and those to its tenant as a whole."""
        of_tenant = Access.objects.current().filter(tenant=self.workload.tenant)
        return of_tenant.filter(Q(workload=self.workload) | Q(workload__isnull=True))

    def _findings(self) -> list[Finding]:
        """The check's findings about the touches shown, about accesses, and of the tenant as a
        whole. Those by rules that this version does not know are read as if about accesses."""
        if self.check is None:
            return []
        about = Q(workload=self.workload.key) | Q(workload="")
        named = (
            Q(touch_id__in=[touch.touch_id for touch in self._touches])
            | ~Q(rule__in=ids_in("card_seconds"))
            | Q(workload="")
        )
        found = Finding.objects.filter(
            about, named, check_of=self.check, tenant=self.workload.tenant
        )
        return list(found.order_by("verdict", "pk"))

    def _facts(self) -> dict[int, Fact]:
        keys = {key for touch in self._touches for key in (touch.key, touch.fact_id)}
        keys |= {access.fact_id for access in self._listed_accesses}
        stated = WorkloadStatement.objects.filter(workload=self.workload).values_list(
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
        return max(touch.started_at + 1, self.check.period_to if self.check else clock.now_ms())

    def _cut(self, touch: Touch) -> list[Stretch]:
        """The touch cut where its region or its verdict changes."""
        end = self._end(touch)
        found = []
        for node, cards in self._places.by_node(touch.key).items():
            for start, until, region in self._in_region(node, touch.started_at, end):
                for low, high, verdict in self._judgements.parts(touch, node, start, until):
                    found.append(Stretch(region, node, low, high, verdict, touch.touch_id, cards))
        for part in self._places.parts.get(touch.key, []):
            for low, high, verdict in self._judgements.parts(touch, None, touch.started_at, end):
                found.append(Stretch("", "", low, high, verdict, touch.touch_id, part.k))
        return found

    def _in_region(self, node: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        steps = self._places.region(node, start, end)
        ends = [at for at, _ in steps[1:]] + [end]
        for (at, value), until in zip(steps, ends, strict=True):
            yield at, until, value.text or ""
