"""Seals: the epochs of the global log, their signed checkpoints, and the trust file. None of it
tells of a single trail."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from audit import clock, queries
from audit.access import readable_trails, reads_all
from audit.errors import KeyFileError
from audit.log.keys import trust_text
from audit.models import Seal, TrailHead
from audit.web.fragment import is_fragment
from audit.web.keyset import number_in


def seals(request: HttpRequest) -> HttpResponse:
    """The published epochs, newest first."""
    page = queries.seals_before(number_in(request, "before"))
    context = {
        "seals": page,
        "older": page[-1].epoch if page and page[-1].epoch else None,
        "last": queries.last_seal(),
        "overdue": is_overdue(queries.last_seal()),
        "origin": settings.LOG_ORIGIN,
    }
    return render(
        request, "audit/_seals.html" if is_fragment(request) else "audit/seals.html", context
    )


def seal(request: HttpRequest, epoch: int) -> HttpResponse:
    """One epoch: its record, its checkpoint, and the reader's trails with new entries in it."""
    epoch_seal = _published(epoch)
    mine = {trail.number: trail for trail in readable_trails(request.user)}
    heads = TrailHead.objects.filter(epoch=epoch, trail_number__in=mine).order_by("trail_number")
    context = {
        "seal": epoch_seal,
        "record": bytes(epoch_seal.record).decode(),
        "checkpoint": bytes(epoch_seal.checkpoint or b"").decode(),
        "moved": [(mine[head.trail_number], head) for head in heads],
        "trails": epoch_seal.trails if reads_all(request.user) else None,
    }
    return render(request, "audit/seal.html", context)


def checkpoint(request: HttpRequest, epoch: int) -> HttpResponse:
    """The signed note, byte for byte."""
    return _file(bytes(_published(epoch).checkpoint or b""), f"checkpoint-{epoch + 1}.txt")


def trust(request: HttpRequest) -> HttpResponse:
    """The log's public keys, as a verifier reads them."""
    try:
        text = trust_text()
    except KeyFileError as error:
        raise Http404 from error
    return _file(text.encode(), "trust.txt")


def is_overdue(last: Seal | None) -> bool:
    """Whether the newest seal is older than the log promises."""
    return last is not None and last.closed_at + settings.LOG_MAXIMUM_MS < clock.now_ms()


def _published(epoch: int) -> Seal:
    seal: Seal | None = queries.published().filter(epoch=epoch).first()
    if seal is None:
        raise Http404
    return seal


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers=headers)
