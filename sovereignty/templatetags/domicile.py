"""How the domain's values look on a page: verdicts as icon and word, card-hours, shares as
patterned bars."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.formats import number_format

from sovereignty.models import Finding
from sovereignty.queries.card_hours import TOTAL
from sovereignty.queries.card_hours import card_hours as rounded
from sovereignty.queries.splits import Split
from sovereignty.web import wording
from sovereignty.web.wording import (
    ATTRIBUTES,
    MEANINGS,
    NO_VERDICT,
    VERDICTS,
)

register = template.Library()
register.filter(wording.rule_title)
register.filter(wording.rule_statement)
BAR_WIDTH = 120.0
LEAST_WIDTH = 2.0  # of a part that is there at all


@register.inclusion_tag("sovereignty/_verdict.html")
def verdict(word: str) -> dict[str, Any]:
    """A verdict as icon and word, on its colour and pattern."""
    return {"verdict": word, "word": VERDICTS.get(word, word), "meaning": MEANINGS.get(word, "")}


@register.filter
def verdict_word(word: str) -> Any:
    return VERDICTS.get(word, word)


@register.filter
def no_verdict(word: str) -> Any:
    """What is said where `word` stands in the place of a verdict; empty for a verdict."""
    return NO_VERDICT.get(word, "")


@register.filter
def attribute_word(attribute: str) -> Any:
    """An attribute of the inventory, as `design_country`."""
    return ATTRIBUTES.get(attribute, attribute)


@register.filter
def reason_title(finding: Finding) -> str:
    """Why the finding was made, in a few words of its rule."""
    return wording.reason_title(finding.rule, finding.reason)


@register.filter
def card_hours(card_seconds: int | None, verdict: str = TOTAL) -> str:
    """Card-seconds as card-hours, rounded as everywhere (`sovereignty.queries.card_hours`)."""
    if card_seconds is None:
        return "–"
    return number_format(
        rounded(card_seconds, verdict), decimal_pos=2, use_l10n=True, force_grouping=True
    )


@register.simple_tag
def amount(value: int, unit: str, verdict: str = TOTAL) -> str:
    """An amount in its rule's unit: card-hours, or a count of accesses."""
    if unit == "card_seconds":
        return card_hours(value, verdict)
    return number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


@dataclass(frozen=True, slots=True)
class BarPart:
    verdict: str
    x: str
    width: str


@register.inclusion_tag("sovereignty/_bar.html")
def share_bar(split: Split) -> dict[str, Any]:
    """The split as one bar, worst first; the numbers stand beside it in the table."""
    return {"parts": _parts(split), "width": int(BAR_WIDTH)}


def _parts(split: Split) -> list[BarPart]:
    present = [(word, value) for word, value in split.columns if value]
    total = sum(value for _, value in present)
    widths = [max(LEAST_WIDTH, BAR_WIDTH * value / total) for _, value in present] if total else []
    scale = BAR_WIDTH / sum(widths) if widths else 1.0
    parts, x = [], 0.0
    for (word, _), width in zip(present, widths, strict=True):
        parts.append(BarPart(word, f"{x:.2f}", f"{width * scale:.2f}"))
        x += width * scale
    return parts
