"""The counting: every card by itself, its time cut wherever anything changes or a touch begins or
ends.

Each touch is judged between two cuts. Only a card of which nothing can be said, whose touches never
overlap, is summed at once.
"""

from array import array
from collections import defaultdict
from itertools import pairwise
from typing import Final

from bench.fleet.cast import Tenant, judged
from bench.fleet.estate import Estate, card_name
from bench.fleet.plan import CARDS_PER_NODE, START_S, Plan
from bench.fleet.schedule import Touch
from bench.fleet.story import COMPLIANT, Finding, Piece, Stories

CARD_RULES: Final = ("PL-01", "PL-02", "PL-03", "TE-01")
SHARED: Final[Finding] = ("non_compliant", "shared_card")

# tenant, rule, verdict, reason, touch, other, card
Place = tuple[int, str, str, str, str, str | None, str]


class Count:
    """The sums so far, by the places of tenants, in card-seconds; and the findings of each card."""

    def __init__(self, estate: Estate, tenants: list[Tenant]) -> None:
        self.estate, self.tenants = estate, tenants
        # what every rule calls compliant, and the rest by rule and verdict
        self.clear_s = [0] * len(tenants)
        self.totals_s: dict[tuple[int, str, str], int] = defaultdict(int)
        self.findings: dict[Place, list[list[int]]] = defaultdict(list)

    def find(
        self,
        touch: Touch,
        rule: str,
        said: Finding,
        other: str | None,
        card: int,
        from_s: int,
        to_s: int,
    ) -> None:
        """Note a finding, as one with what it abuts."""
        spans = self.findings[
            touch.tenant, rule, *said, touch.id, other, card_name(self.estate, card)
        ]
        if spans and spans[-1][1] == from_s:
            spans[-1][1] = to_s
        else:
            spans.append([from_s, to_s])


def tally(
    plan: Plan,
    estate: Estate,
    tenants: list[Tenant],
    touches: list[Touch],
    stories: Stories,
    shortcut: bool,
) -> Count:
    """Count touches that rise by their beginning. Without `shortcut` no card is summed at once:
    slower, and the same."""
    inside_s = [min(touch.end_s, plan.end_s) - max(touch.start_s, START_S) for touch in touches]
    lanes = [array("i") for _ in range(len(estate.nodes) * CARDS_PER_NODE)]
    for place, touch in enumerate(touches):
        for card in touch.cards():
            lanes[card].append(place)
    count = Count(estate, tenants)
    for node in range(len(estate.nodes)):
        for slot, pieces in enumerate(stories.of_node(node)):
            card = node * CARDS_PER_NODE + slot
            lane = [touches[place] for place in lanes[card]]
            if shortcut and len(pieces) == 1 and pieces[0].clear() and not _overlap(lane):
                for place in lanes[card]:
                    count.clear_s[touches[place].tenant] += inside_s[place]
            else:
                _card(count, card, lane, pieces, plan)
    return count


def _overlap(lane: list[Touch]) -> bool:
    """Whether any two of a card's touches do, whoever's they are."""
    until = 0
    for touch in lane:
        if touch.start_s < until:
            return True
        until = touch.end_s
    return False


def _card(count: Count, card: int, lane: list[Touch], pieces: list[Piece], plan: Plan) -> None:
    """Judge a card's touches between every two cuts."""
    end_s = plan.end_s
    cuts = {at for piece in pieces for at in (piece.from_s, piece.to_s)}
    cuts |= {at for touch in lane for at in (touch.start_s, touch.end_s) if START_S < at < end_s}
    waiting, later = list(reversed(lane)), list(reversed(pieces))
    active: list[Touch] = []
    piece = later.pop()
    for from_s, to_s in pairwise(sorted(cuts)):
        while waiting and waiting[-1].start_s <= from_s:
            active.append(waiting.pop())
        active = [touch for touch in active if touch.end_s > from_s]
        if piece.to_s <= from_s:
            piece = later.pop()
        for touch in active:
            others = [other for other in active if other.tenant != touch.tenant]
            _judge(count, touch, others, card, piece, from_s, to_s)


def _judge(
    count: Count, touch: Touch, others: list[Touch], card: int, piece: Piece, from_s: int, to_s: int
) -> None:
    """One touch on one card between two cuts."""
    if not judged(count.tenants[touch.tenant]):
        for rule in CARD_RULES:
            count.totals_s[touch.tenant, rule, "not_applicable"] += to_s - from_s
        return
    alone = SHARED if others else piece.alone
    for rule, said in zip(
        CARD_RULES, (piece.region, piece.origin, alone, piece.complete), strict=True
    ):
        count.totals_s[touch.tenant, rule, said[0]] += to_s - from_s
        if said == SHARED:
            for other in others:
                name = f"{count.tenants[other.tenant].key}/{other.id}"
                count.find(touch, rule, said, name, card, from_s, to_s)
        elif said != COMPLIANT:
            count.find(touch, rule, said, None, card, from_s, to_s)
