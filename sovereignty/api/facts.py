"""POST /api/v1/facts: record one batch of facts, for a machine with a token to record.

    curl -H 'Authorization: Bearer dom_…' -H 'Content-Type: application/x-ndjson' \\
         --data-binary @facts.jsonl …/api/v1/facts

The body is read as it comes: JSON lines, a JSON array of events
(application/cloudevents-batch+json) or one event (application/cloudevents+json), each also with
`Content-Encoding: gzip`. One body is one batch: all of it is read before anything is recorded.

    {"answers": [{"line": 1, "id": "8812", "outcome": "accepted",
                  "trail": "3", "index": 17, "entry": "{…}"},
                 {"line": 2, "id": "8813", "outcome": "duplicate",
                  "trail": "3", "index": 16, "entry": "{…}"},
                 {"line": 3, "id": "8814", "outcome": "refused", "field": "data.tenant",
                  "expected": "…", "received": "…", "retry": true}],
     "accepted": 1, "duplicates": 1, "refused": 1,
     "receipts": ["domicile/receipt/v1\\n…"], "position": 9}

`entry` is the exact text whose hash is the leaf, so that the sender can check each receipt's batch
root; `?entries=0` leaves it out. `line` counts lines, or the elements of an array. Status 200 says
that the whole body was read, whatever the answers to its lines are; 400 and 413 say that nothing of
it was recorded; 503 says that nothing was answered. Sending the same body again is always safe.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from django.db import OperationalError
from django.http import HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from audit.clock import now_ms
from audit.errors import LedgerError
from audit.models import Token
from sovereignty.api.reply import Reply
from sovereignty.collect import lines as stream
from sovereignty.collect.lines import StreamError, StreamTooLong
from sovereignty.recording.admission import Admission, Sender
from sovereignty.recording.gc_pause import gc_paused
from sovereignty.recording.lines import parse_lines
from sovereignty.recording.record import MOST_LINES, record_parsed

MOST_BODY_BYTES = 64 * 1024 * 1024  # unpacked: some 6 KB a line of a full batch
RETRY_AFTER_S = 5
CHANNEL = "api"
JSON = "application/json"
LINES = "application/x-ndjson"
WANTED = "facts, one JSON object a line"
# curl's own choice is a form, and its -d joins the lines.
HINT = f"with curl: -H 'Content-Type: {LINES}' --data-binary @facts.ndjson, not -d or -F"
FORMS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    LINES: stream.lines,
    "application/cloudevents-batch+json": stream.events,
    "application/cloudevents+json": stream.one,
}
ENCODINGS: dict[str, Callable[[Iterable[bytes]], Iterable[bytes]]] = {
    "": iter,
    "identity": iter,
    "gzip": stream.gunzipped,
}


class MayRecord(BasePermission):
    """Lets a token to record through; a token that reads a trail, or a person, is refused."""

    message = _("this token may not record facts; one made with `make_token --record` may")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Token) and request.auth.purpose == Token.RECORD


class FactsView(APIView):
    """The endpoint for facts."""

    permission_classes = [MayRecord]

    def post(self, request: Request) -> HttpResponse:
        """Record the body as one batch."""
        media_type, encoding = _kind_of(request)
        if media_type not in FORMS or encoding not in ENCODINGS:
            if not media_type and not _announced(request):
                return _refused(400, "empty", WANTED, "an empty body", hint=HINT)
            expected = f"one of {', '.join(FORMS)}, plain or gzip"
            return _refused(
                415, "unsupported_media_type", expected, media_type or "none", hint=HINT
            )
        try:
            lines = _read(request, FORMS[media_type], ENCODINGS[encoding])
        except StreamTooLong as error:
            return _refused(413, "too_long", error.expected, error.received, line=error.line)
        except StreamError as error:
            return _refused(400, "unreadable", error.expected, error.received, line=error.line)
        if media_type == LINES and not any(line.strip() for line in lines):
            return _refused(400, "empty", WANTED, "an empty body", hint=HINT)
        with gc_paused():  # Over both steps, or the collector walks the parsed lines between them.
            batch = parse_lines(lines, 1, Admission(_sender(request), now_ms()))
            with Reply(batch, entries=request.query_params.get("entries") != "0") as reply:
                answers = record_parsed(
                    batch, actor=f"token:{request.user}", channel=CHANNEL, committing=reply.begin
                )
                return HttpResponse(reply.to(answers), content_type=JSON)

    def handle_exception(self, exc: Exception) -> Any:
        """Answer 503 where the ledger or the database refuses, also at the look-up of the token."""
        return (
            _unavailable(exc)
            if isinstance(exc, LedgerError | OperationalError)
            else super().handle_exception(exc)
        )


def _sender(request: Request) -> Sender:
    """What the token that `MayRecord` let through may send, and as which sources."""
    token = request.auth
    return (
        Sender(token.spoken_for, token.sent_kinds)
        if isinstance(token, Token)
        else Sender(frozenset(), frozenset())
    )


def _kind_of(request: Request) -> tuple[str, str]:
    """The media type without its parameters, and the content encoding."""
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return media_type, request.headers.get("Content-Encoding", "").strip().lower()


def _read(
    request: Request,
    form: Callable[[Iterable[bytes]], Iterator[bytes]],
    unpack: Callable[[Iterable[bytes]], Iterable[bytes]],
) -> list[bytes]:
    """Read the body through. Raises StreamError, StreamTooLong."""
    lines: list[bytes] = []
    packed = stream.bounded(_body(request), MOST_BODY_BYTES)
    for line in form(stream.bounded(unpack(packed), MOST_BODY_BYTES)):
        lines.append(line)
        if len(lines) > MOST_LINES:
            raise StreamTooLong(f"at most {MOST_LINES} lines", "more", len(lines))
    return lines


def _body(request: Request) -> Iterator[bytes]:
    """The body's bytes as they come. Raises StreamError where the sender stops before the length
    that it announced."""
    announced, count = _announced(request), 0
    # Django reads no body without a length; a server that takes chunked bodies apart says that its
    # stream ends by itself.
    source: Any = (
        request.META["wsgi.input"]
        if announced is None and request.META.get("wsgi.input_terminated")
        else request.stream
    )
    if source is None:
        return
    try:
        for chunk in stream.read_chunks(source.read):
            count += len(chunk)
            yield chunk
    except (UnreadablePostError, OSError) as error:
        raise StreamError(
            "a body to its end", f"a connection that broke off after {count} bytes"
        ) from error
    if announced is not None and count < announced:
        raise StreamError(f"a body of {announced} bytes", f"its end after {count}")


def _announced(request: Request) -> int | None:
    text = request.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _refused(
    status: int, code: str, expected: str, received: str, hint: str = "", **more: int
) -> HttpResponse:
    message = f"want {expected}, got {received}; nothing was recorded" + (
        f" ({hint})" if hint else ""
    )
    return _json(
        status,
        {
            "error": {
                "code": code,
                "message": message,
                **more,
                "expected": expected,
                "received": received,
            }
        },
    )


def _unavailable(error: LedgerError | OperationalError) -> HttpResponse:
    """The ledger's own words name what an administrator must do; the database's may hold what a
    caller must not see."""
    message = str(error) if isinstance(error, LedgerError) else "the database cannot be written to"
    response = _json(
        503,
        {
            "error": {
                "code": "unavailable",
                "message": f"{message}; send the same facts again later",
            }
        },
    )
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _json(status: int, value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type=JSON)
