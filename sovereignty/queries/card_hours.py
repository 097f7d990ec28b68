"""Card-seconds as card-hours with two decimals, by one rule wherever they are shown: what is bad is
rounded up, and all else down.

    card_hours(64_801, "non_compliant")   # 18.01
    card_hours(64_801)                    # 18.00, a total

So no fault rounds away and nothing good is made of less than there is. Reports round
card-milliseconds to seconds by the same rule, `policy.lattice.rounds_down`. The price: a row's
parts may add up to something else than its total in the last digit, and every place that shows both
says so.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from sovereignty.policy.lattice import parse, rounds_down

HOUR = Decimal(3600)
CENT = Decimal("0.01")
TOTAL = ""  # stands for a verdict where the amount is of all of them


def card_hours(card_seconds: int, verdict: str = TOTAL) -> Decimal:
    """The card-hours in this verdict, or in all together."""
    down = verdict == TOTAL or rounds_down(parse(verdict))
    return (Decimal(card_seconds) / HOUR).quantize(CENT, ROUND_DOWN if down else ROUND_UP)
