"""Trails and their entries, as whoever may read them sees them."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import queries
from audit.access import readable_trails, trail_or_404
from audit.web.fragment import is_fragment
from audit.web.keyset import number_in


def trails(request: HttpRequest) -> HttpResponse:
    """The trails that the reader may read, with how much of each is sealed."""
    readable = list(readable_trails(request.user))
    sealed = queries.sealed_sizes(readable)
    rows = [(trail, sealed.get(trail.number, 0)) for trail in readable]
    return render(request, "audit/trails.html", {"rows": rows})


def trail(request: HttpRequest, number: int) -> HttpResponse:
    """One trail, its newest entries first."""
    trail = trail_or_404(request.user, number)
    before = number_in(request, "before")
    entries = queries.entries_before(trail, before)
    context = {
        "trail": trail,
        "entries": entries,
        "older": entries[-1].index if entries and entries[-1].index else None,
        "before": before,
        "sealed": queries.sealed_sizes([trail]).get(number, 0),
        "pin": queries.pin_of(trail),
    }
    return render(
        request, "audit/_entries.html" if is_fragment(request) else "audit/trail.html", context
    )


def entry(request: HttpRequest, number: int, index: int) -> HttpResponse:
    """One entry: its exact bytes, its leaf hash, and the epoch that sealed it."""
    trail = trail_or_404(request.user, number)
    line = queries.entry_line(trail, index)
    if line is None:
        raise Http404
    context = {
        "trail": trail,
        "entry": line,
        "exact": line.content.decode(),
        "spread": json.dumps(line.body, ensure_ascii=False, indent=2),
        "seal": queries.sealed_in(trail, index),
        "pin": queries.pin_of(trail),
        "newer": index + 1 if index + 1 < trail.size else None,
        "older": index - 1 if index else None,
    }
    return render(request, "audit/entry.html", context)


def content(request: HttpRequest, number: int, index: int) -> HttpResponse:
    """The entry's content as a file, byte for byte as it was hashed."""
    line = queries.entry_line(trail_or_404(request.user, number), index)
    if line is None:
        raise Http404
    named = f'attachment; filename="trail-{number}-entry-{index}.json"'
    return HttpResponse(
        line.content, content_type="application/json", headers={"Content-Disposition": named}
    )
