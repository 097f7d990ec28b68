"""What a caller sees when something went wrong: a page for people, one JSON shape for machines.

    {"error": {"code": "not_found", "message": "There is nothing at this address."}}

A refused field adds `"fields": {"period": ["want a month, got 2026-13"]}`, an address that the API
does not have `"addresses"` with those that it has, a method that it does not take there
`"allowed"`. Nothing here touches the database, so the page for a fault of the database can still be
shown.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, ValidationError
from rest_framework.exceptions import PermissionDenied as ApiPermissionDenied
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.api_index import API, addresses


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return _answer(request, 400, "bad_request", _("The request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return _answer(
        request, 403, "permission_denied", _("You are signed in, but this is not open to you.")
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404. The same words where something exists that the caller may not know of."""
    more = {"addresses": addresses()} if _is_api(request) else {}
    return _answer(request, 404, "not_found", _("There is nothing at this address."), **more)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500."""
    return _answer(
        request,
        500,
        "server_error",
        _("Something went wrong on our side and was logged. Your request was not partly applied."),
    )


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form without a valid token (CSRF_FAILURE_VIEW)."""
    message = _(
        "This form was opened too long ago or in another session. Go back, "
        "reload the page and send it again."
    )
    return _answer(request, 403, "form_expired", message)


def answer_api_error(exception: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's exception handler: every refusal in the one shape. Returns None for a fault,
    which becomes a 500."""
    if isinstance(exception, Http404):
        exception = NotFound(_("There is nothing at this address."))
    elif isinstance(exception, PermissionDenied):
        exception = ApiPermissionDenied()
    if not isinstance(exception, APIException):
        return None
    set_rollback()
    if isinstance(exception, MethodNotAllowed):
        return Response(_method_not_allowed(context), status=exception.status_code)
    return Response(_body(exception), status=exception.status_code, headers=_headers(exception))


def _body(exception: APIException) -> dict[str, Any]:
    if isinstance(exception, ValidationError) and isinstance(exception.detail, dict):
        return _shape("invalid", _("Some fields were refused."), fields=exception.detail)
    detail = exception.detail[0] if isinstance(exception.detail, list) else exception.detail
    code = detail.code if hasattr(detail, "code") else exception.default_code
    return _shape(str(code), str(detail))


def _method_not_allowed(context: dict[str, Any]) -> dict[str, Any]:
    allowed = [method for method in context["view"].allowed_methods if method != "OPTIONS"]
    values = {"method": context["request"].method, "allowed": ", ".join(allowed)}
    message = _("This address does not take %(method)s; it takes %(allowed)s.") % values
    return _shape("method_not_allowed", message, allowed=allowed)


def _headers(exception: APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if wait_s := getattr(exception, "wait", None):
        headers["Retry-After"] = str(round(wait_s))
    return headers


def _shape(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **more}}


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API) or request.path == API.rstrip("/")


def _answer(
    request: HttpRequest, status: int, code: str, message: str, **more: Any
) -> HttpResponse:
    if _is_api(request):
        return JsonResponse(_shape(code, message, **more), status=status)
    # Rendered without the request: its context processors ask for the person, and so for the
    # database.
    return HttpResponse(
        render_to_string("error.html", {"status": status, "message": message}), status=status
    )
