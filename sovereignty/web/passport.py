"""The passport of a workload: where it ran, beside whom, who reached in, what was judged, and the entries that say so.

One page of touches at a time, so that the drawing and its table always tell the same, whatever the workload's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import Count, Q, QuerySet, Sum

from audit import clock
from sovereignty import queries
from sovereignty.models import Access, Check, Fact, Finding, Touch, Workload, WorkloadStatement
from sovereignty.plane import hostlist
from sovereignty.plane.world import Grade
from sovereignty.policies import document_of
from sovereignty.web.lanes import UNJUDGED, Drawing, Stretch, draw
from sovereignty.web.places import Places

TOUCHES_A_PAGE = 50
ACCESSES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class TouchRow:
    touch: Touch
    cards: list[str]
    regions: list[str]
    verdict: str
    entry: int | None


@dataclass(frozen=True, slots=True)
class AccessRow:
    access: Access
    verdict: str
    finding: int | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What one rule found of the workload. `amounts`: findings and their sum, by verdict, worst first."""

    rule: str
    unit: str
    verdict: str
    amounts: list[tuple[str, int, int]]


class Passport:
    """Everything the page shows of `workload`, as `check` judged it (None: nothing was judged yet). `before` is a touch's key."""

    def __init__(self, workload: Workload, check: Check | None, before: int | None) -> None:
        self.workload, self.check = workload, check
        self._judged = queries.splits(check, [workload.tenant]) if check else {}
        self._document = document_of(check.policy) if check else None
        live = Touch.objects.filter(workload=workload, superseded_by__isnull=True)
        self.touches_total, self.accesses_total = live.count(), self._accesses().count()
        page = list(_page(live, before)[: TOUCHES_A_PAGE + 1])
        self.older = page[TOUCHES_A_PAGE - 1].key if len(page) > TOUCHES_A_PAGE else None
        self._touches = page[:TOUCHES_A_PAGE]
        self._found = self._findings()
        self._places = Places.of(self._touches, self._document.least_grade if self._document else Grade.PLANNED)
        self._listed_accesses = list(self._accesses().order_by("-started_at", "-pk")[:ACCESSES_SHOWN])
        self._entries = self._facts()
        self._named = {finding.pk: _nodes(finding) for finding in self._found}
        self._stretches = {touch.key: self._cut(touch) for touch in self._touches}

    @property
    def statement(self) -> WorkloadStatement | None:
        """What was last stated of the workload by the best evidence."""
        stated = WorkloadStatement.objects.filter(workload=self.workload, superseded_by__isnull=True)
        return stated.order_by("-grade", "-effective_at", "-fact_id").first()

    @property
    def touches(self) -> list[TouchRow]:
        return [
            TouchRow(
                touch,
                [*self._places.hostlists(touch.key), *self._parts(touch)],
                sorted({stretch.region for stretch in self._stretches[touch.key]}),
                self._verdict(touch),
                self._index(touch.fact_id),
            )
            for touch in self._touches
        ]

    @property
    def drawing(self) -> Drawing | None:
        stretches = [stretch for touch in self._touches for stretch in self._stretches[touch.key]]
        if not stretches:
            return None
        return draw(stretches, min(stretch.start for stretch in stretches), max(stretch.end for stretch in stretches))

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
        return [finding for finding in self._found if finding.block.get("summary")]

    @property
    def accesses(self) -> list[AccessRow]:
        by_access = {finding.block["access"]: finding for finding in self._found if "access" in finding.block}
        rows = []
        for access in self._listed_accesses:
            finding = by_access.get(access.access_id)
            good = self._good("OP-01", access.started_at)
            rows.append(
                AccessRow(
                    access, finding.verdict if finding else good, finding.pk if finding else None, self._index(access.fact_id)
                )
            )
        return rows

    @property
    def rules(self) -> list[RuleRow]:
        """Each rule's findings about the workload, and about its tenant as a whole."""
        if self._document is None or not self._judged:
            return []
        about = Q(workload=self.workload.key) | Q(workload="")
        counted = (
            Finding.objects.filter(about, check_of=self.check, tenant=self.workload.tenant)
            .order_by("verdict").values_list("rule", "verdict").annotate(Count("pk"), Sum("amount"))
        )  # fmt: skip
        by_rule: dict[str, list[tuple[str, int, int]]] = {}
        for rule, verdict, count, amount in counted:
            by_rule.setdefault(rule, []).append((verdict, count, amount))
        rows = []
        for use in self._document.rules:
            amounts = by_rule.get(use.rule.id, [])
            worst = queries.worst_word(verdict for verdict, _, _ in amounts) if amounts else self._at_best(use.rule.id)
            rows.append(RuleRow(use.rule.id, use.rule.unit, worst, amounts))
        return rows

    @property
    def entries(self) -> list[Fact]:
        """The ledger entries of what this page shows, newest first."""
        return sorted(self._entries.values(), key=lambda fact: -fact.index)

    def _accesses(self) -> QuerySet[Access]:
        """Accesses to the workload, and those to its tenant as a whole."""
        of_tenant = Access.objects.filter(tenant=self.workload.tenant, superseded_by__isnull=True)
        return of_tenant.filter(Q(workload=self.workload) | Q(workload__isnull=True))

    def _findings(self) -> list[Finding]:
        """The check's findings about the touches shown, about accesses, and of the tenant as a whole."""
        if self.check is None:
            return []
        about = Q(workload=self.workload.key) | Q(workload="")
        named = Q(touch_id__in=[touch.touch_id for touch in self._touches]) | Q(rule__startswith="OP-") | Q(workload="")
        found = Finding.objects.filter(about, named, check_of=self.check, tenant=self.workload.tenant)
        return list(found.order_by("verdict", "pk"))

    def _facts(self) -> dict[int, Fact]:
        keys = {key for touch in self._touches for key in (touch.key, touch.fact_id)}
        keys |= {access.fact_id for access in self._listed_accesses}
        stated = WorkloadStatement.objects.filter(workload=self.workload).values_list("fact_id", flat=True)
        return {fact.key: fact for fact in Fact.objects.filter(key__in=keys | set(stated))}

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

    def _blocks(self, touch: Touch) -> list[Finding]:
        return [finding for finding in self._found if finding.touch_id == touch.touch_id]

    def _verdict(self, touch: Touch) -> str:
        blocks = self._blocks(touch)
        return queries.worst_word(finding.verdict for finding in blocks) if blocks else self._good(None, touch.started_at)

    def _good(self, rule: str | None, at: int) -> str:
        """The verdict of what no finding speaks of: compliant or not applicable within the check's period, else not judged."""
        if self.check is None or not self._judged or not self.check.period_from <= at < self.check.period_to:
            return UNJUDGED
        return self._at_best(rule)

    def _at_best(self, rule: str | None) -> str:
        """What the rule (None: any) says of the tenant's things in which it found nothing."""
        found = {verdict for (_, of), split in self._judged.items() for verdict in split.amounts if rule in (None, of)}
        return "not_applicable" if found == {"not_applicable"} or not found else "compliant"

    def _cut(self, touch: Touch) -> list[Stretch]:
        """The touch cut where its region or its verdict changes."""
        end = self._end(touch)
        found = []
        for node, cards in self._places.by_node(touch.key).items():
            for start, until, region in self._in_region(node, touch.started_at, end):
                for low, high, verdict in self._judged_parts(touch, node, start, until):
                    found.append(Stretch(region, node, low, high, verdict, touch.touch_id, cards))
        for part in self._places.parts.get(touch.key, []):
            for low, high, verdict in self._judged_parts(touch, None, touch.started_at, end):
                found.append(Stretch("", "", low, high, verdict, touch.touch_id, part.k))
        return found

    def _in_region(self, node: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        steps = self._places.region(node, start, end)
        ends = [at for at, _ in steps[1:]] + [end]
        for (at, value), until in zip(steps, ends, strict=True):
            yield at, until, value.text or ""

    def _judged_parts(self, touch: Touch, node: str | None, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        """[start, end) cut at the check's period and at the findings that name the node."""
        blocks = [finding for finding in self._blocks(touch) if node in self._named[finding.pk]]
        cuts = {start, end, *(self._cuts() if self.check else ())}
        cuts |= {at for finding in blocks for at in (finding.from_at, finding.to_at or end)}
        for low, high in pairwise(sorted(at for at in cuts if start <= at <= end)):
            here = [finding.verdict for finding in blocks if finding.from_at <= low and high <= (finding.to_at or end)]
            yield low, high, queries.worst_word(here) if here else self._good(None, low)

    def _cuts(self) -> Sequence[int]:
        return (self.check.period_from, self.check.period_to) if self.check else ()


def _page(touches: QuerySet[Touch], before: int | None) -> QuerySet[Touch]:
    """The touches by key, which is the order in which they came to be known, newest first."""
    return (touches if before is None else touches.filter(key__lt=before)).order_by("-key")


def _nodes(finding: Finding) -> set[str | None]:
    """The nodes of the cards that the finding names; None among them where it is about cards that are not known."""
    cards = finding.block.get("cards")
    texts: list[str] = cards if isinstance(cards, list) else []
    named: set[str | None] = {node for text in texts for node in hostlist.expand_nodes(hostlist.split(text)[0])}
    return named | {None} if "k" in finding.block else named
