"""A count without card numbers: k of the cards of S is judged over all cards of S. RULES section 2.

All cards with one verdict give that verdict; cards of mixed verdicts leave it unverifiable,
`cards_unknown`. For plane rules every card of S must be covered, so the worst coverage is that of
the part.
"""

from collections.abc import Iterable

from sovereignty.policy.rule import Outcome, unverifiable

CARDS_UNKNOWN = unverifiable("cards_unknown")


def mixed(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of a card rule for some of these cards, unknown which. Needs at least one.

    Where all share a verdict but not its reason, the first reason by name is given; detail is what
    all agree on.
    """
    first, *others = sorted(
        set(outcomes), key=lambda outcome: (outcome.verdict, outcome.reason, outcome.detail)
    )
    if any(outcome.verdict != first.verdict for outcome in others):
        return CARDS_UNKNOWN
    common = set(first.detail).intersection(*(outcome.detail for outcome in others))
    return Outcome(first.verdict, first.reason, tuple(sorted(common)))
