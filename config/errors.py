"""What a caller sees when something went wrong: a page for people, one JSON shape for machines.

    {"error": {"code": "not_found", "message": "There is nothing at this address."}}

A refused field adds `"fields": {"period": ["wanted a month, came 2026-13"]}`. Nothing here touches the database, so the page for
a fault of the database can still be shown.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as ApiPermissionDenied
from rest_framework.response import Response
from rest_framework.views import set_rollback

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return _answer(request, 400, "bad_request", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return _answer(request, 403, "permission_denied", _("You are signed in, but this is not open to you."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404. The same words where something exists that the caller may not know of."""
    return _answer(request, 404, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    return _answer(request, 500, "server_error", _("Something failed on our side. It was noted; nothing you sent was half done."))


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form without a valid token (CSRF_FAILURE_VIEW)."""
    message = _("This form was opened too long ago or in another session. Go back, reload the page and send it again.")
    return _answer(request, 403, "form_expired", message)


def answer_api_error(exception: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler: every refusal in the one shape. Returns None for a fault, which becomes a 500."""
    if isinstance(exception, Http404):
        exception = NotFound(_("There is nothing at this address."))
    elif isinstance(exception, PermissionDenied):
        exception = ApiPermissionDenied()
    if not isinstance(exception, APIException):
        return None
    set_rollback()
    return Response(_body(exception), status=exception.status_code, headers=_headers(exception))


def _body(exception: APIException) -> dict[str, Any]:
    if isinstance(exception, ValidationError) and isinstance(exception.detail, dict):
        return _shape("invalid", _("Some fields were refused."), fields=exception.detail)
    detail = exception.detail[0] if isinstance(exception.detail, list) else exception.detail
    code = detail.code if hasattr(detail, "code") else exception.default_code
    return _shape(str(code), str(detail))


def _headers(exception: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if wait_s := getattr(exception, "wait", None):
        headers["Retry-After"] = str(round(wait_s))
    return headers


def _shape(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith(API):
        return JsonResponse(_shape(code, message), status=status)
    # Rendered without the request: its context processors ask for the person, and so for the database.
    return HttpResponse(render_to_string("error.html", {"status": status, "message": message}), status=status)
