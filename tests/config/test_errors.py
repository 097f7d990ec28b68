"""What went wrong, said to people as a page and to machines in one shape."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework import exceptions

from config import errors
from tests import cast


def _request(path: str) -> HttpRequest:
    return RequestFactory().get(path)


def _every(path: str) -> dict[int, HttpResponse]:
    request, cause = _request(path), Exception()
    return {
        400: errors.bad_request(request, cause),
        403: errors.permission_denied(request, cause),
        404: errors.page_not_found(request, cause),
        500: errors.server_error(request),
    }


def test_people_get_a_page_with_a_sentence() -> None:
    for status, answer in _every("/findings/7").items():
        assert answer.status_code == status
        assert answer["Content-Type"].startswith("text/html")
        assert f"Answer {status}." in answer.content.decode()


def test_machines_get_the_one_shape() -> None:
    codes = []
    for status, answer in _every("/api/v1/touches").items():
        assert answer.status_code == status
        error = json.loads(answer.content)["error"]
        assert set(error) - {"addresses"} == {"code", "message"}
        codes.append(error["code"])
    assert codes == ["bad_request", "permission_denied", "not_found", "server_error"]


def test_a_form_without_a_valid_token_is_explained(db: None) -> None:
    answer = errors.form_expired(_request("/sign-in"), reason="CSRF token missing.")
    assert answer.status_code == 403
    assert "reload the page and send it again" in answer.content.decode()


def test_an_unknown_address_gets_our_page_and_in_the_api_our_shape(client: Client) -> None:
    page = client.get("/no-such-page")
    assert page.status_code == 404
    assert "There is nothing at this address." in page.content.decode()
    for address in (
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/no-such-endpoint",
        "/api/v1/facts/",
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        error = answer.json()["error"]
        assert (error["code"], error["message"]) == (
            "not_found",
            "There is nothing at this address.",
        )
        assert {"POST /api/v1/facts", "POST /api/v1/exports", "GET /api/v1/exports/{pk}"} <= set(
            error["addresses"]
        )


def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(
    transactional_db: None,
) -> None:
    answer = Client(headers=cast.token(None)).get("/api/v1/facts")
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")
    assert answer.json()["error"] == {
        "code": "method_not_allowed",
        "message": "This address does not take GET; it takes POST.",
        "allowed": ["POST"],
    }


@pytest.mark.parametrize(
    ("exception", "status", "error"),
    [
        (Http404(), 404, {"code": "not_found", "message": "There is nothing at this address."}),
        (
            exceptions.NotFound("no such trail"),
            404,
            {"code": "not_found", "message": "no such trail"},
        ),
        (
            PermissionDenied(),
            403,
            {
                "code": "permission_denied",
                "message": "You do not have permission to perform this action.",
            },
        ),
        (
            exceptions.ParseError("want JSON, got XML"),
            400,
            {"code": "parse_error", "message": "want JSON, got XML"},
        ),
        (
            exceptions.ValidationError({"period": ["want a month, got 2026-13"]}),
            400,
            {
                "code": "invalid",
                "message": "Some fields were refused.",
                "fields": {"period": ["want a month, got 2026-13"]},
            },
        ),
        (
            exceptions.ValidationError("want a list"),
            400,
            {"code": "invalid", "message": "want a list"},
        ),
    ],
)
def test_each_refusal_of_the_api_has_the_one_shape(
    exception: Exception, status: int, error: dict[str, Any]
) -> None:
    answer = errors.answer_api_error(exception, {})
    assert answer is not None
    assert answer.status_code == status
    assert answer.data == {"error": error}


def test_a_refusal_keeps_its_challenge_and_its_waiting_time() -> None:
    unknown = exceptions.NotAuthenticated()
    unknown.auth_header = 'Bearer realm="domicile"'  # type: ignore[attr-defined]  # as APIView sets it
    challenged, throttled = (
        errors.answer_api_error(unknown, {}),
        errors.answer_api_error(exceptions.Throttled(wait=4), {}),
    )
    assert challenged is not None
    assert throttled is not None
    assert challenged["WWW-Authenticate"] == 'Bearer realm="domicile"'
    assert throttled["Retry-After"] == "4"


def test_a_fault_is_left_to_become_a_500() -> None:
    assert errors.answer_api_error(KeyError("touch"), {}) is None
