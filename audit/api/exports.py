"""`/api/v1/exports`: a customer's machine fetches the evidence of its one trail.

    POST /api/v1/exports             {"from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
                                     or {}
    202  …/api/v1/exports/7         {"id": 7, "state": "queued", "status_url": "…/api/v1/exports/7"}
    GET  /api/v1/exports/7           {"id": 7, "state": "done", "result": {"sha256": "…", …},
                                      "download_url": "…", …}
    GET  /api/v1/exports/7/download  the bundle; Repr-Digest and X-Content-SHA256 hold its hash
    410                              it has expired (state "expired"): request a new one

`result.unsealed` counts the entries of the trail that were not sealed yet and so are not in the
bundle. An export requested after the next seal holds them.

`hint` is a sentence where the export has waited for long: others come first, or no worker seems to
be running. It is null otherwise.

A token has one export made at a time. The same body sent again meanwhile gets the same 202. Another
body gets 409, with the `status_url` of the export that is being made. 503: the stored bundles fill
their space.

The token is a read token: it reads its one trail, and any other trail's export is not found.
"""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.access import export_or_404, readable_trails
from audit.exporting import bundles
from audit.exporting.bundle_response import bundle_response
from audit.exporting.period import PeriodError, export_params
from audit.exporting.request import ExportInProgress, ExportsFull, request_export
from audit.exporting.state import ExportState
from audit.models import Job, Token


class Gone(APIException):
    """Raised when the bundle was removed: its time was over."""

    status_code, default_code = 410, "expired"
    default_detail = _(
        "The bundle has expired and was removed. Ask for a new export; it holds at least the same "
        "history."
    )


class Full(APIException):
    """Raised when there is no space for another bundle."""

    status_code, default_code, wait = 503, "exports_full", 3600


class ReadsOneTrail(BasePermission):
    message = _("This endpoint needs a token that reads a trail; this token records facts.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Token) and request.auth.purpose == Token.READ


def _token(request: Request) -> Token:
    """The read token that `ReadsOneTrail` let through."""
    if not isinstance(request.auth, Token):
        raise NotAuthenticated
    return request.auth


class ExportBody(serializers.Serializer[Any]):
    """`from` and `to`: ISO 8601 with a zone, half-open; both or neither."""

    to = serializers.DateTimeField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # "from" is a word of Python's, so it cannot be declared above.
        return {"from": serializers.DateTimeField(required=False), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if strangers := sorted(set(self.initial_data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: [_("There is no such field.")] for name in strangers}
            )
        return attrs


class Exports(APIView):
    permission_classes = [ReadsOneTrail]

    def post(self, request: Request) -> Response:
        """Queue an export of the token's trail."""
        body = ExportBody(data=request.data)
        body.is_valid(raise_exception=True)
        trail = readable_trails(_token(request)).get()
        try:
            params = export_params(
                trail, body.validated_data.get("from"), body.validated_data.get("to")
            )
        except PeriodError as error:
            raise serializers.ValidationError(
                {"to" if error.end else "from": [str(error)]}
            ) from error
        try:
            job = request_export(trail, params, reader=_token(request))
        except ExportInProgress as error:
            url = _status_url(request, error.job)
            conflict = {"code": "conflict", "message": str(error), "status_url": url}
            return Response({"error": conflict}, status=409, headers={"Location": url})
        except ExportsFull as error:
            raise Full(str(error)) from error
        url = _status_url(request, job)
        return Response(
            {"id": job.pk, "state": job.state, "status_url": url},
            status=202,
            headers={"Location": url},
        )


class Export(APIView):
    permission_classes = [ReadsOneTrail]

    def get(self, request: Request, pk: int) -> Response:
        """How far the export has come, and what it made."""
        return Response(_status(request, export_or_404(_token(request), pk)))


class Download(APIView):
    permission_classes = [ReadsOneTrail]

    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """The bundle."""
        job = export_or_404(_token(request), pk)
        if bundles.is_gone(job):
            raise Gone
        return bundle_response(job)


def _status_url(request: Request, job: Job) -> str:
    return request.build_absolute_uri(reverse("api-export", args=[job.pk]))


def _status(request: Request, job: Job) -> dict[str, Any]:
    export = ExportState.of(job)
    begin, end = export.period or (None, None)
    download = reverse("api-export-download", args=[job.pk])
    return {
        "id": job.pk,
        "state": job.state,
        "progress": {"step": job.step, "done": job.done, "total": job.total},
        "period": None if export.period is None else {"from": begin, "to": end},
        "made_at": job.made_at,
        "ended_at": job.ended_at,
        "expires_at": export.expires_at,
        "hint": None if export.hint is None else str(export.hint),
        "error": job.public_error or None,
        "result": job.result or None,
        "download_url": None if export.bundle is None else request.build_absolute_uri(download),
    }
