"""What a check says of one touch, of a stretch of one, and of one access: a verdict, or why there
is none to show.

A verdict can be shown only of what was judged one by one. Three kinds of things were not: what came
after the check's position, what lies outside its period, and what may be among the findings that
the report summarises (`policy.judging.findings.MOST_BLOCKS`), for a summary names no touch. None of
these is ever shown as compliant; the pages have their words (`web.wording.NO_VERDICT`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sovereignty import hostlist
from sovereignty.models import Access, Batch, Check, Finding, Touch
from sovereignty.policy.lattice import parse
from sovereignty.queries.splits import Split, worst_word

# What stands where no verdict can be shown.
UNJUDGED, PARTLY, LATER, BOUNDED, UNBROKEN = "unjudged", "partly", "later", "bounded", "unbroken"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`word`: a verdict, or a key of `NO_VERDICT`. `finding`: the one that says so. `bounds`:
    summaries that may make it worse. `later`: this version was recorded after the check, which
    judged another."""

    word: str
    finding: int | None = None
    bounds: Sequence[Finding] = ()
    later: bool = False


@dataclass(slots=True)
class Judgements:
    """What `check` (None: nothing was judged yet) says of one tenant's things. `findings` are those
    that may be about them, and `splits` what each rule found of the tenant."""

    check: Check | None
    findings: Sequence[Finding]
    splits: Mapping[str, Split]
    _of_touch: dict[str, list[Finding]] = field(default_factory=dict)
    _of_access: dict[str, list[Finding]] = field(default_factory=dict)
    _nodes: dict[int, set[str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for finding in self.findings:
            if "access" in finding.block:
                self._of_access.setdefault(finding.block["access"], []).append(finding)
            elif finding.touch_id:
                self._of_touch.setdefault(finding.touch_id, []).append(finding)
                self._nodes[finding.pk] = _nodes(finding)

    @property
    def summaries(self) -> list[Finding]:
        """Findings of the whole tenant that stand for many."""
        return [finding for finding in self.findings if finding.block.get("summary")]

    def of_touch(self, touch: Touch, end: int) -> Judgement:
        """What is shown of the touch, which lasts until `end`."""
        own, later = self._of_touch.get(touch.touch_id, []), self.is_later(touch.made_by)
        if own:
            worst = worst_word(finding.verdict for finding in own)
            return Judgement(
                worst,
                None,
                _worse_than(worst, self._bounds("touches", touch.started_at, end)),
                later,
            )
        return self._without_finding(
            later, self._bounds("touches", touch.started_at, end), touch.started_at, end
        )

    def of_access(self, access: Access) -> Judgement:
        """What is shown of the access; a point in time is the millisecond that it is at."""
        end = access.started_at + 1 if access.ended_at is None else access.ended_at
        own = self._of_access.get(access.access_id, [])
        bounds = self._bounds("accesses", access.started_at, end)
        if own:
            worst = max(own, key=lambda finding: parse(finding.verdict))
            # A rule finds one thing of an access, so only what other rules found may be worse.
            judged_by = {finding.rule for finding in own}
            others = [bound for bound in bounds if bound.rule not in judged_by]
            return Judgement(
                worst.verdict,
                worst.pk,
                _worse_than(worst.verdict, others),
                self.is_later(access.made_by),
            )
        # An access is judged as a whole, by whatever of it lies in the period.
        return self._without_finding(
            self.is_later(access.made_by),
            bounds,
            *self._in_period(access.started_at, end),
            "accesses",
        )

    def parts(
        self, touch: Touch, node: str | None, start: int, end: int
    ) -> Iterator[tuple[int, int, str]]:
        """[start, end) of the touch on the node (None: on cards that are not known), cut where what
        is shown of it changes."""
        own = [
            finding
            for finding in self._of_touch.get(touch.touch_id, [])
            if node in self._nodes[finding.pk]
        ]
        bounds = self._bounds("touches", start, end)
        cuts = {start, end, *(self._period or ())}
        cuts |= {
            moment
            for finding in (*own, *bounds)
            for moment in (finding.from_at, finding.to_at or end)
        }
        for low, high in pairwise(sorted(moment for moment in cuts if start <= moment <= end)):
            here = [
                finding.verdict
                for finding in own
                if finding.from_at <= low and high <= (finding.to_at or end)
            ]
            if here:
                yield low, high, worst_word(here)
            else:
                yield (
                    low,
                    high,
                    self._without_finding(
                        self.is_later(touch.made_by), _meeting(bounds, low, high), low, high
                    ).word,
                )

    def at_best(self, rule: str) -> str:
        """What the rule says of the tenant's things in which it found nothing."""
        return _at_best([self.splits[rule]] if rule in self.splits else [])

    def at_best_in(self, unit: str) -> str:
        """What all rules that count in this unit say of a thing in which none found anything."""
        return _at_best([split for split in self.splits.values() if split.unit == unit])

    def is_later(self, made_by: Batch) -> bool:
        """Whether what this batch made came after the check, so that the check cannot have judged
        it."""
        return self.check is not None and (
            made_by.position is None or made_by.position > self.check.position
        )

    def _without_finding(
        self,
        later: bool,
        bounds: Sequence[Finding],
        start: int,
        end: int,
        unit: str = "card_seconds",
    ) -> Judgement:
        if self.check is None or not self.splits:
            return Judgement(UNJUDGED)
        if later:
            return Judgement(LATER)
        if not self._meets_period(start, end):
            return Judgement(UNJUDGED)
        if bounds:
            return Judgement(BOUNDED, None, bounds)
        return Judgement(
            self.at_best_in(unit) if self._in_period(start, end) == (start, end) else PARTLY
        )

    def _bounds(self, counts: str, start: int, end: int) -> list[Finding]:
        """The summaries that count some of these things and meet [start, end)."""
        return _meeting(
            [finding for finding in self.summaries if finding.block.get(counts)], start, end
        )

    @property
    def _period(self) -> tuple[int, int] | None:
        return None if self.check is None else (self.check.period_from, self.check.period_to)

    def _in_period(self, start: int, end: int) -> tuple[int, int]:
        low, high = self._period or (start, end)
        return max(start, low), min(end, high)

    def _meets_period(self, start: int, end: int) -> bool:
        low, high = self._in_period(start, end)
        return low < high


def _at_best(splits: Iterable[Split]) -> str:
    # A report lists a verdict that it gave; not_applicable even with less than a second.
    given = {verdict for split in splits for verdict in split.amounts}
    if not given:
        return UNJUDGED
    if given == {"not_applicable"}:
        return "not_applicable"
    # Less than a second of compliant time is rounded away in the report, so its absence says
    # nothing either.
    return "compliant" if "compliant" in given and "not_applicable" not in given else UNBROKEN


def _meeting(findings: Iterable[Finding], start: int, end: int) -> list[Finding]:
    return [
        finding
        for finding in findings
        if finding.from_at < end and (finding.to_at is None or finding.to_at > start)
    ]


def _worse_than(word: str, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if worst_word([word, finding.verdict]) != word]


def _nodes(finding: Finding) -> set[str | None]:
    """The nodes of the cards that the finding names; None among them where it is about cards that
    are not known."""
    cards = finding.block.get("cards")
    texts: list[str] = cards if isinstance(cards, list) else []
    named: set[str | None] = {
        node for text in texts for node in hostlist.expand_nodes(hostlist.split(text)[0])
    }
    return named | {None} if "k" in finding.block else named
