"""How the ledger's values look on a page: times, hashes, sizes, and links home to whoever owns a
subject."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext

from audit import queries
from audit.times import time_of

register = template.Library()


@register.filter
def when(millis: int | None) -> str:
    """A time in milliseconds UTC as `<time>`, to the second: 2026-09-16 08:00:00. One beyond any
    calendar as its number."""
    if millis is None:
        return "–"
    try:
        time = time_of(millis)
    except OverflowError:
        # Older entries may hold such a number; it is said as it stands there.
        return gettext("%(millis)d ms since 1970") % {"millis": millis}
    spelled = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_html('<time datetime="{}">{}</time>', spelled, f"{time:%Y-%m-%d %H:%M:%S}")


@register.filter
def hexed(raw: bytes | memoryview) -> str:
    """Bytes in lower-case hex."""
    return bytes(raw).hex()


@register.filter
def whole(number: int | None) -> str:
    """A whole number with the language's thousands separators."""
    return (
        "–"
        if number is None
        else number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)
    )


@register.inclusion_tag("audit/_not_open.html")
def not_open() -> dict[str, bool]:
    """Say that the ledger was not opened yet and how it is; nothing once it was."""
    return {"open": queries.is_open()}


@register.inclusion_tag("audit/_page_link.html")
def page_link(target: str, words: str, address: str, **query: object) -> dict[str, object]:
    """A link to another page of a list, which htmx puts into `target`: onwards where `query` says
    from where, else to the first."""
    onwards = f"{'&' if '?' in address else '?'}{urlencode(query)}" if query else ""
    return {"target": target, "words": words, "address": address + onwards, "onwards": bool(query)}


@register.simple_tag
def subject_url(kind: str, id: str, trail: int) -> str:
    """Link home to the subject `id` of `kind` that `trail` speaks of; plain text where the
    deployment names no page for the kind.

    The page is the URL named `subject-<kind>`, of the trail's number and the id, or of the trail's
    number alone.
    """
    for arguments in ([trail, id], [trail]):
        try:
            return format_html(
                '<a href="{}">{}</a>', reverse(f"subject-{kind}", args=arguments), id
            )
        except NoReverseMatch:
            continue
    return id


@register.simple_tag
def subject(text: str, trail: int) -> Any:
    """An entry's subject `kind/id`, or a trail's owner `kind:id`: its kind, and its id as a link
    home."""
    separator = "/" if "/" in text else ":"
    kind, is_split, id = text.partition(separator)
    return format_html("{} {}", kind, subject_url(kind, id, trail)) if is_split else text
