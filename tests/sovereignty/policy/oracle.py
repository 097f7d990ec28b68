"""The same verdicts, found the slow way: per card, per instant, with dictionaries and the written
semantics at hand.

Shares no code with the product but the shapes of its input. An instant is a multiple of `TICK` ms,
at which every fact of the small worlds begins or ends.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

TICK = 500
REASONS_OF_COVERAGE = {
    "TE-01": {
        "none": "no_source",
        "grade": "evidence_below_grade",
        "gap": "not_covered",
        "hole": "sequence_hole",
    },
    "PL-03": {
        "none": "not_covered",
        "grade": "evidence_below_grade",
        "gap": "not_covered",
        "hole": "sequence_hole",
    },
}
STAGES = ("design", "fabrication", "packaging", "firmware")


@dataclass
class Truth:
    """`totals[tenant, rule][verdict]` is in ms or accesses.

    `cells[tenant, rule, verdict, reason, touch]` holds ("card", c, t) and ("part", p, t).
    """

    totals: Any = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    cells: Any = field(default_factory=lambda: defaultdict(set))
    # (tenant, touch, other tenant, other touch) → {(card, t)}
    shared: Any = field(default_factory=lambda: defaultdict(set))
    # (tenant, verdict, reason) → {access id}
    accesses: Any = field(default_factory=lambda: defaultdict(set))
    gaps: Any = field(default_factory=dict)  # tenant → {t}
    # (tenant, t) → names of sources; None among them is that no source owes
    at_fault: Any = field(default_factory=dict)
    figures: Any = field(default_factory=dict)  # tenant → (touches, card touches, ms)
    # (rule, touch index, "card" | "part", number, t) → verdict
    verdict_at: Any = field(default_factory=dict)


class Oracle:
    def __init__(self, world: Any, policy: Any, start: Any, end: Any) -> None:
        self.world, self.policy, self.start, self.end = world, policy, start, end
        self.node_of = world.card_node.tolist()
        self.cards = [c for c, n in enumerate(self.node_of) if n >= 0]
        self.least = policy.least_grade
        self.parameters = {use.rule.id: use.parameters for use in policy.rules}
        touches = world.touches
        self.touches = list(
            zip(
                touches.id,
                touches.tenant.tolist(),
                touches.start.tolist(),
                touches.end.tolist(),
                np.minimum(touches.grade, touches.end_grade).tolist(),
                strict=True,
            )
        )
        self.cards_at: Any = defaultdict(set)  # (touch, t) → cards
        runs = world.runs
        columns = (runs.touch, runs.first, runs.last, runs.start, runs.end)
        for touch, first, last, at, to in zip(*(c.tolist() for c in columns), strict=True):
            for t in self.instants(
                at, self.lasts_to(touch) if to == int(touches.end[touch]) else to
            ):
                self.cards_at[touch, t].update(range(first, last + 1))
        self.values: Any = {}
        self.coverages: Any = {}
        self.footprints: Any = {}
        self.is_known, self.is_there, self.overfull = (
            cache(self._is_known),
            cache(self._is_there),
            cache(self._is_overfull),
        )
        self.named_cards = self.named()

    def lasts_to(self, touch: Any) -> Any:
        """Until when it is company to others: what is told of its end on too little evidence frees
        no card."""
        end, grade = int(self.world.touches.end[touch]), int(self.world.touches.end_grade[touch])
        return end if grade >= self.least else 2**62

    def instants(self, start: Any = None, end: Any = None) -> Any:
        at = self.start if start is None else max(start, self.start)
        to = self.end if end is None else min(end, self.end)
        return range(at, to, TICK)

    # Attributes.
    def value(self, subject: Any, attribute: Any, t: Any) -> Any:
        key = subject, attribute, t
        if key not in self.values:
            self.values[key] = self._value(
                [s for s in self.world.statements if self._about(s.subject, subject)], attribute, t
            )
        return self.values[key]

    @staticmethod
    def _about(said: Any, subject: Any) -> Any:
        if said[0] == "cards":
            return subject[0] == "card" and said[1][0] <= subject[1] <= said[1][1]
        return said == subject

    def _value(self, statements: Any, attribute: Any, t: Any) -> Any:
        now = [s for s in statements if s.effective_at <= t]
        resets = [s for s in now if s.resets]
        now = [s for s in now if not any(self._undoes(r, s) for r in resets)]
        now = [s for s in now if attribute in s.values]
        if not now:
            return None, "unknown"
        grade = max(s.grade for s in now)
        now = [s for s in now if s.grade == grade]
        latest = max(s.effective_at for s in now)
        now = [s for s in now if s.effective_at == latest]
        says = set()
        for source in {s.source for s in now}:
            says.add(
                max((s for s in now if s.source == source), key=lambda s: s.order).values[attribute]
            )
        if grade < self.least:
            return None, "evidence_below_grade"
        return (says.pop(), "") if len(says) == 1 else (None, "evidence_conflict")

    @staticmethod
    def _undoes(reset: Any, s: Any) -> Any:
        later = (
            reset.effective_at == s.effective_at
            and reset.source == s.source
            and reset.order > s.order
        )
        return reset.grade >= s.grade and (reset.effective_at > s.effective_at or later)

    # Sources.
    def in_force(self, name: Any, t: Any) -> Any:
        best: Any = {}
        for d in self.world.sources:
            if d.name != name or d.effective_at > t:
                continue
            if d.grade not in best or (best[d.grade].effective_at, best[d.grade].order) < (
                d.effective_at,
                d.order,
            ):
                best[d.grade] = d
        return best[max(best)] if best else None

    @staticmethod
    def _in(ranges: Any, card: Any) -> Any:
        """Whether a card set names the card; of a card that nobody named (None), only that of the
        whole fleet does."""
        return ranges is None or (
            card is not None and any(first <= card <= last for first, last in ranges)
        )

    def is_heard(self, name: Any, card: Any, t: Any) -> Any:
        return any(
            h.source == name and h.from_at <= t < h.to_at and self._in(h.cards, card)
            for h in self.world.heard
        )

    # What a source told; `where` is a tenant, whose own trail and the fleet's are read, "fleet",
    # whose own alone is, or "any tenant".
    def told(self, name: Any, where: Any) -> Any:
        trails = {None} if where == "fleet" else {None, where}
        return [
            each
            for each in self.world.reported_scope({name})
            if each.source == name and (where == "any tenant" or each.trail in trails)
        ]

    def declared_by(self, name: Any) -> Any:
        """The cards that it ever declared; None is the whole fleet."""
        declared = [d.cards for d in self.world.sources if d.name == name]
        if None in declared:
            return None
        return {c for cards in declared for first, last in cards for c in range(first, last + 1)}

    def strays(self, name: Any, where: Any) -> Any:
        declared = self.declared_by(name)
        if declared is None:
            return False
        told = self.told(name, where)
        if any(
            each.outside_declared_cards
            or not all(self.keeps_to(declared, node) for node in each.nodes)
            for each in told
        ):
            return True
        return any(
            s.source == name and self.is_about_others(s.subject, declared)
            for s in self.world.statements
        )

    def keeps_to(self, declared: Any, node: Any) -> Any:
        on_node = {c for c in self.named_cards if self.node_of[c] == node}
        return bool(on_node) and on_node <= declared

    def is_about_others(self, subject: Any, declared: Any) -> Any:
        kind, which = subject
        if kind == "region":
            stood = {
                s.subject[1]
                for s in self.world.statements
                if s.subject[0] == "node" and s.values.get("region") == which
            }
            return not all(self.keeps_to(declared, node) for node in stood)
        if kind == "node":
            return not self.keeps_to(declared, which)
        if kind in ("card", "cards"):
            return any(self._about(subject, ("card", c)) and c not in declared for c in self.cards)
        return False

    def lost(self, sequence: Any, where: Any) -> Any:
        """(from, to) of each missing number of a sequence that must have none, by what was told
        there; None is without bound."""
        declared = [d for d in self.world.sources if d.name == sequence.source]
        if self.is_bound(sequence.source) and not any(d.sequenced for d in declared):
            return []
        unbounded = not self.is_bound(sequence.source) or any(d.reach_ms is None for d in declared)
        reach = None if unbounded else max(d.reach_ms for d in declared)
        if reach is not None and any(
            each.max_lookback_ms > reach for each in self.told(sequence.source, where)
        ):
            reach = None
        known = dict(zip(sequence.numbers.tolist(), sequence.times.tolist(), strict=True))
        windows = []
        for n in range(1, max([sequence.highest_reported, *known], default=0) + 1):
            if n in known:
                continue
            before, after = [m for m in known if m < n], [m for m in known if m > n]
            a = known[max(before)] if before else None
            b = known[min(after)] if after else None
            low, high = (min(a, b), max(a, b)) if a is not None and b is not None else (a, b)
            if sequence.trail is not None and sequence.starts:
                high = None
            windows.append((None if low is None or reach is None else low - reach, high))
        # A number of two facts: from the last number that is below it, and earlier than everything
        # of a greater number.
        if again := sequence.repeated.tolist():
            sound = 0
            while sound + 1 in known or any(m > sound for m in known):
                following = min(m for m in known if m > sound)
                if following in again or any(
                    known[m] < known[following] for m in known if m > following
                ):
                    break
                sound = following
            windows.append((None if not sound or reach is None else known[sound] - reach, None))
        return windows

    def may_have_lost(self, name: Any, t: Any, trail: Any, where: Any = None) -> Any:
        """Whether a fact of this trail ("any tenant", a tenant, or "fleet") may be lost that speaks
        of `t`, by what was told `where`."""
        for sequence in self.world.sequences:
            meant = (
                sequence.trail is None
                if trail == "fleet"
                else sequence.trail is not None and trail in ("any tenant", sequence.trail)
            )
            if sequence.source != name or not meant:
                continue
            for low, high in self.lost(sequence, trail if where is None else where):
                if (low is None or low <= t) and (trail == "fleet" or high is None or t < high):
                    return True
        return False

    def is_bound(self, name: Any) -> Any:
        """Whether a declaration of accepted grade, in effect before the period's end, says of what
        it speaks."""
        return any(
            d.name == name and d.grade >= self.least and d.effective_at < self.end
            for d in self.world.sources
        )

    def ever_declared(self, name: Any, card: Any, where: Any) -> Any:
        declared = [d for d in self.world.sources if d.name == name]
        return (
            not self.is_bound(name)
            or any(self._in(d.cards, card) for d in declared)
            or self.strays(name, where)
        )

    def ever_reported(self, name: Any, what: Any, where: Any) -> Any:
        declared = [d for d in self.world.sources if d.name == name]
        told = any(what in each.reports for each in self.told(name, where))
        return not self.is_bound(name) or any(what in d.reports for d in declared) or told

    def names(self) -> Any:
        return {d.name for d in self.world.sources} | {s.source for s in self.world.sequences}

    def inventory_lost(self, card: Any, t: Any) -> Any:
        return any(
            self.ever_declared(name, card, "fleet") and self.may_have_lost(name, t, "fleet")
            for name in self.names()
        )

    def coverage(self, card: Any, t: Any, what: Any = "touch") -> Any:
        key = card, t, what
        if key not in self.coverages:
            self.coverages[key] = self._coverage(card, t, what)
        return self.coverages[key]

    def _coverage(self, card: Any, t: Any, what: Any) -> Any:
        owing = []
        for name in self.names():
            declaration = self.in_force(name, t)
            if declaration and what in declaration.reports and self._in(declaration.cards, card):
                owing.append(declaration)
        if not owing:
            return "none"
        if all(d.grade < self.least for d in owing):
            return "grade"
        if not all(self.is_heard(d.name, card, t) for d in owing):
            return "gap"
        for name in self.names():
            where = "any tenant" if what == "touch" else "fleet"
            touching = (
                what == "touch"
                and self.ever_reported(name, "touch", where)
                and self.may_have_lost(name, t, "any tenant")
            )
            if self.ever_declared(name, card, where) and (
                touching or self.may_have_lost(name, t, "fleet", where)
            ):
                return "hole"
        return "whole"

    # Rules, for one card at one instant.
    def pl_01(self, card: Any, t: Any) -> Any:
        region, why = self.value(("node", self.node_of[card]), "region", t)
        country = None
        if region is not None:
            country, why = self.value(("region", region), "country", t)
        if country is None:
            return "unverifiable", "region_unknown" if why == "unknown" else why
        if country not in self.parameters["PL-01"]["allowed_countries"]:
            return "non_compliant", "region_foreign"
        return self._unless_lost(card, t)

    def pl_02(self, card: Any, t: Any) -> Any:
        whys = set()
        for stage in self.parameters["PL-02"]["stages"]:
            country, why = self.value(("card", card), f"{stage}_country", t)
            if country is not None and country not in self.parameters["PL-02"]["allowed_countries"]:
                return "non_compliant", "chip_foreign"
            whys.add(why)
        for why, reason in (
            ("evidence_conflict", "evidence_conflict"),
            ("evidence_below_grade", "evidence_below_grade"),
            ("unknown", "chip_unknown"),
        ):
            if why in whys:
                return "unverifiable", reason
        return self._unless_lost(card, t)

    def _unless_lost(self, card: Any, t: Any) -> Any:
        return (
            ("unverifiable", "sequence_hole") if self.inventory_lost(card, t) else ("compliant", "")
        )

    def te_01(self, card: Any, t: Any) -> Any:
        return self._of_coverage("TE-01", self.coverage(card, t))

    @staticmethod
    def _of_coverage(rule: Any, coverage: Any) -> Any:
        return (
            ("compliant", "")
            if coverage == "whole"
            else ("unverifiable", REASONS_OF_COVERAGE[rule][coverage])
        )

    def others(self, touch: Any, t: Any) -> Any:
        tenant = self.touches[touch][1]
        return [
            n
            for n, (_, other, at, _, _) in enumerate(self.touches)
            if other != tenant and at <= t < self.lasts_to(n)
        ]

    def nodes_of(self, touch: Any, t: Any) -> Any:
        nodes = {self.node_of[c] for c in self.cards_at[touch, t]}
        for part in self.world.parts:
            if part.touch == touch and part.nodes is not None:
                nodes |= set(part.nodes)
        return nodes

    def pl_03(self, touch: Any, card: Any, t: Any) -> Any:
        others = self.others(touch, t)
        if any(card in self.cards_at[n, t] for n in others):
            return "non_compliant", "shared_card"
        if self.is_anywhere(others):
            return "unverifiable", "cards_unknown"
        node = self.node_of[card]
        for part in self.world.parts:
            if part.touch in others and node in (part.nodes or ()):
                return "unverifiable", "cards_unknown"
        beside = [c for n in others for c in self.cards_at[n, t] if self.node_of[c] == node]
        if beside and (self.is_loose(card, t) or any(self.is_loose(c, t) for c in beside)):
            return "unverifiable", "cards_unknown"
        return self._of_coverage("PL-03", self.coverage(card, t))

    def is_anywhere(self, touches: Any) -> Any:
        return any(part.touch in touches and not part.nodes for part in self.world.parts)

    # Which cards there are.
    def _is_known(self, card: Any) -> Any:
        return any(self._about(s.subject, ("card", card)) for s in self.world.statements)

    def there(self, nodes: Any, instants: Any) -> Any:
        """How many cards of the nodes are there at each of these instants."""
        return sum(
            self.node_of[c] in nodes and all(self.is_there(c, t) for t in instants)
            for c in self.cards
        )

    def _is_there(self, card: Any, t: Any) -> Any:
        return self.value(("card", card), "present", t)[0] == "yes"

    def is_loose(self, card: Any, t: Any) -> Any:
        beside = [c for c in self.cards if self.node_of[c] == self.node_of[card]]
        return not self.is_there(card, t) and any(self.is_there(c, t) for c in beside)

    def _is_overfull(self, touch: Any) -> Any:
        """By Hall's theorem: some of its parts want more cards than their nodes have left."""
        parts = [part for part in self.world.parts if part.touch == touch and part.nodes]
        instants = self.instants(*self.touches[touch][2:4])
        named = {c for n, cards in self.cards_at.items() if n[0] == touch for c in cards}
        runs = zip(
            *(
                c.tolist()
                for c in (self.world.runs.touch, self.world.runs.first, self.world.runs.last)
            ),
            strict=True,
        )
        named |= {c for n, first, last in runs if n == touch for c in range(first, last + 1)}
        for size in range(1, len(parts) + 1):
            for some in combinations(parts, size):
                nodes = {node for part in some for node in part.nodes}
                room = sum(
                    max(self.there({n}, instants) - sum(self.node_of[c] == n for c in named), 0)
                    for n in nodes
                )
                if sum(part.k for part in some) > room:
                    return True
        return False

    def is_crowded(self, part: Any, t: Any) -> Any:
        """Whether the nodes of some part that is there hold more than they can, this part inside
        them."""
        there = {n for n, (_, _, at, _, _) in enumerate(self.touches) if at <= t < self.lasts_to(n)}
        parts = [each for each in self.world.parts if each.touch in there and each.nodes]
        for whole in parts:
            if set(part.nodes) <= set(whole.nodes):
                held = {
                    c for n in there for c in self.cards_at[n, t] if self.node_of[c] in whole.nodes
                }
                counted = sum(each.k for each in parts if set(each.nodes) <= set(whole.nodes))
                if len(held) + counted > self.there(set(whole.nodes), [t]):
                    return True
        return False

    # Parts.
    def part_verdict(self, rule: Any, part: Any, t: Any) -> Any:
        cards = [
            c for c in self.cards if self.node_of[c] in (part.nodes or ()) and self.is_known(c)
        ]
        if part.nodes is None:
            return "unverifiable", "cards_unknown"
        if rule == "PL-03":
            others = self.others(part.touch, t)
            met = any(self.nodes_of(n, t) & set(part.nodes) for n in others)
            if met or self.is_anywhere(others) or self.is_crowded(part, t):
                return "unverifiable", "cards_unknown"
        if self.overfull(part.touch):
            return "unverifiable", "too_many_cards"
        if rule in ("PL-01", "PL-02"):
            found = [getattr(self, rule.lower().replace("-", "_"))(c, t) for c in cards]
            if len({verdict for verdict, _ in found}) > 1:
                return "unverifiable", "cards_unknown"
            return min(found)
        coverages = {self.coverage(c, t) for c in cards}
        return self._of_coverage(
            rule, next(c for c in ("none", "grade", "gap", "hole", "whole") if c in coverages)
        )

    # All of it.
    def applies(self, tenant: Any, t: Any) -> Any:
        if self.policy.sectors is None:
            return True
        sector, _ = self.value(("tenant", tenant), "sector", t)
        return sector is None or sector in self.policy.sectors

    def truth(self) -> Any:
        truth = Truth()
        rules = [use.rule.id for use in self.policy.rules]
        figures: Any = defaultdict(lambda: [0, set(), 0])
        for number, (key, tenant, at, to, grade) in enumerate(self.touches):
            instants = self.instants(at, to)
            figures[tenant][0] += bool(instants)
            for t in instants:
                items = [("card", c, 1) for c in self.cards_at[number, t]]
                items += [
                    ("part", p, part.k)
                    for p, part in enumerate(self.world.parts)
                    if part.touch == number
                ]
                for kind, item, width in items:
                    figures[tenant][1].update((number, kind, item, i) for i in range(width))
                    figures[tenant][2] += width * TICK
                    for rule in rules:
                        if rule == "OP-01":
                            continue
                        verdict, reason = self.judge(rule, number, kind, item, t, grade)
                        if not self.applies(tenant, t):
                            verdict, reason = "not_applicable", ""
                        truth.verdict_at[rule, number, kind, item, t] = verdict
                        truth.totals[tenant, rule][verdict] += width * TICK
                        if verdict in ("non_compliant", "unverifiable"):
                            truth.cells[tenant, rule, verdict, reason, key].add((kind, item, t))
                        if reason == "shared_card":
                            for n in self.others(number, t):
                                if item in self.cards_at[n, t]:
                                    truth.shared[
                                        tenant, key, self.touches[n][1], self.touches[n][0]
                                    ].add((item, t))
        for tenant in range(len(self.world.tenants)):
            count, cards, area = figures[tenant]
            truth.figures[tenant] = count, len(cards), area
        if "OP-01" in rules:
            self.judge_accesses(truth)
        return truth

    def judge(self, rule: Any, touch: Any, kind: Any, item: Any, t: Any, grade: Any) -> Any:
        if kind == "part":
            verdict, reason = self.part_verdict(rule, self.world.parts[item], t)
        elif rule == "PL-03":
            verdict, reason = self.pl_03(touch, item, t)
        else:
            verdict, reason = getattr(self, rule.lower().replace("-", "_"))(item, t)
        if verdict == "compliant" and grade < self.least:
            return "unverifiable", "evidence_below_grade"
        if verdict == "compliant" and self.overfull(touch):
            return "unverifiable", "too_many_cards"
        return verdict, reason

    def judge_accesses(self, truth: Any) -> Any:
        allowed = self.parameters["OP-01"]["allowed_countries"]
        for access in self.world.accesses:
            if access.end is None or access.end <= access.start:
                if not self.start <= access.start < self.end:
                    continue
            elif not (access.start < self.end and access.end > self.start):
                continue
            countries = [
                access.office_country,
                access.physical_country,
                access.employer_jurisdiction,
            ]
            verdict, reason = "compliant", ""
            last = max(
                access.start + TICK if access.end is None else access.end, access.start + TICK
            )
            if not any(self.applies(access.tenant, t) for t in self.instants(access.start, last)):
                verdict = "not_applicable"
            elif access.grade < self.least:
                verdict, reason = "unverifiable", "evidence_below_grade"
            elif any(c is not None and c not in allowed for c in countries):
                verdict, reason = "non_compliant", "operator_foreign"
            elif None in countries:
                verdict, reason = "unverifiable", "operator_unknown"
            truth.totals[access.tenant, "OP-01"][verdict] += 1
            if reason:
                truth.accesses[access.tenant, verdict, reason].add(access.id)
        for tenant in range(len(self.world.tenants)):
            gaps = {
                t
                for t in self.instants()
                if self.applies(tenant, t) and not self.accesses_covered(tenant, t)
            }
            truth.gaps[tenant] = gaps
            truth.at_fault |= {(tenant, t): self.access_faults(tenant, t) for t in gaps}
            truth.totals[tenant, "OP-01"]["unverifiable"] += sum(t - TICK not in gaps for t in gaps)

    def accesses_covered(self, tenant: Any, t: Any) -> Any:
        """An access may itself be lost; else every card that the tenant had, or may have had, must
        be covered."""
        return not self.access_losers(tenant, t) and all(
            self.coverage(card, t, "access") == "whole" for card in self.asked(tenant, t)
        )

    def access_losers(self, tenant: Any, t: Any) -> Any:
        return {
            name
            for name in self.names()
            if self.ever_reported(name, "access", tenant) and self.may_have_lost(name, t, tenant)
        }

    def access_faults(self, tenant: Any, t: Any) -> Any:
        """Who is why an access may be missing; None where some card is nobody's."""
        return self.access_losers(tenant, t).union(
            *(self.at_fault(card, t) for card in self.asked(tenant, t))
        )

    def at_fault(self, card: Any, t: Any) -> Any:
        declared = {name: self.in_force(name, t) for name in self.names()}
        owing = {
            n
            for n, d in declared.items()
            if d and "access" in d.reports and self._in(d.cards, card)
        }
        by_word: Any = {
            "none": {None},
            "grade": owing,
            "gap": {n for n in owing if not self.is_heard(n, card, t)},
            "hole": {
                n
                for n in self.names()
                if self.ever_declared(n, card, "fleet") and self.may_have_lost(n, t, "fleet")
            },
            "whole": set(),
        }
        return by_word[self.coverage(card, t, "access")]

    def asked(self, tenant: Any, t: Any) -> Any:
        """The cards that must be covered."""
        losing = {
            n
            for n in self.names()
            if self.ever_reported(n, "touch", tenant) and self.ever_loses(n, tenant)
        }
        now = [
            n
            for n, (_, other, at, to, _) in enumerate(self.touches)
            if other == tenant and at <= t < to
        ]
        known = any(self.touches[n][4] >= self.least for n in now)
        if known and not any(self.may_have_lost(name, t, tenant) for name in losing):
            asked = set().union(*(self.may_have_used(n, t) for n in now))
        else:
            asked = set().union(
                *(self.cards_of(name, tenant) for name in losing), self.footprint(tenant)
            )
            asked |= {None, *self.named_cards} if self.may_be_elsewhere(tenant) else set()
        return asked

    def may_be_elsewhere(self, tenant: Any) -> Any:
        """Whether there was something of the tenant that no touch of the period tells of, or may
        have been."""
        own = [(at, to) for _, other, at, to, _ in self.touches if other == tenant]
        own += [
            (a.start, a.start + 1 if a.end is None else a.end)
            for a in self.world.accesses
            if a.tenant == tenant
        ]
        if tenant in self.world.earlier or any(to <= self.start for _, to in own):
            return True
        telling = [
            n
            for n in self.names()
            if any(self.ever_reported(n, what, tenant) for what in ("touch", "access"))
        ]
        if any(self.first_loss(name, tenant) < self.start for name in telling):
            return True
        reaching = [n for n in self.names() if self.ever_reported(n, "access", tenant)]
        accesses = [a.start for a in self.world.accesses if a.tenant == tenant] + [
            self.first_loss(n, tenant) for n in reaching
        ]
        return not self.footprint(tenant) and any(at < self.end for at in accesses)

    def first_loss(self, name: Any, tenant: Any) -> Any:
        """From when on a fact of the tenant may be lost."""
        mine = [s for s in self.world.sequences if (s.source, s.trail) == (name, tenant)]
        windows = [window for sequence in mine for window in self.lost(sequence, tenant)]
        lasting = [low for low, high in windows if low is None or high is None or low < high]
        return min((-(2**62) if low is None else low for low in lasting), default=2**62)

    def ever_loses(self, name: Any, tenant: Any) -> Any:
        return any(self.may_have_lost(name, t, tenant) for t in self.instants())

    def footprint(self, tenant: Any) -> Any:
        if tenant not in self.footprints:
            self.footprints[tenant] = self._footprint(tenant)
        return self.footprints[tenant]

    def _footprint(self, tenant: Any) -> Any:
        own = [
            (n, at, to) for n, (_, other, at, to, _) in enumerate(self.touches) if other == tenant
        ]
        return {
            card
            for n, at, to in own
            for t in self.instants(at, to)
            for card in self.may_have_used(n, t)
        }

    def may_have_used(self, touch: Any, t: Any) -> Any:
        """The cards of a touch, and all those of its parts; None is a card that nobody named."""
        cards = set(self.cards_at[touch, t])
        for part in self.world.parts:
            if part.touch == touch:
                cards |= {
                    c for c in self.named_cards if not part.nodes or self.node_of[c] in part.nodes
                }
                cards |= {None} if not part.nodes or self.overfull(touch) else set()
        return cards

    def cards_of(self, name: Any, tenant: Any) -> Any:
        """What a source ever declared, or anything."""
        declared = self.declared_by(name)
        return (
            {None, *self.named_cards}
            if not self.is_bound(name) or declared is None or self.strays(name, tenant)
            else declared
        )

    def named(self) -> Any:
        """The cards that an inventory statement or a source's declaration names."""
        ranges = [card_range for d in self.world.sources for card_range in d.cards or ()]
        return {
            c
            for c in self.cards
            if self.is_known(c) or any(first <= c <= last for first, last in ranges)
        }
