"""Card-seconds as card-hours with two decimals, by one rule wherever they are shown: what is bad is
rounded up, and all else down.

    card_hours(64_801, "non_compliant")   # 18.01
    card_hours(64_801)                    # 18.00, a total

So no fault rounds away and nothing good is made of less than there is. A report rounds
card-milliseconds to seconds by the same rule (`policy.report`). The price: a row's parts may add up
to something else than its total in the last digit, which every place that shows both says.
"""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

HOUR = Decimal(3600)
CENT = Decimal("0.01")
TOTAL = ""  # stands for a verdict where the amount is of all of them
ROUNDED_DOWN = (TOTAL, "compliant", "not_applicable")


def card_hours(card_seconds: int, verdict: str = TOTAL) -> Decimal:
    """The card-hours in this verdict, or in all together."""
    return (Decimal(card_seconds) / HOUR).quantize(
        CENT, ROUND_DOWN if verdict in ROUNDED_DOWN else ROUND_UP
    )
