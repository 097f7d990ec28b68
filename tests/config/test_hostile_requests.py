"""What no database can store and no page can mean, sent to every address: an answer in words, never
a fault.

The addresses are taken from the deployment itself, so a new one is attacked as soon as it is there.
"""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sovereignty.models import Finding
from tests import cast
from tests.sovereignty.conftest import Judged, judged

__all__ = ["judged"]  # the fixture, for pytest

ARGUMENT = re.compile(r"<(\w+):\w+>")
# As they stand in an address; the query takes the same.
TEXTS = {
    "a NUL": "a%00b",
    "a lone surrogate": "%ED%A0%80",
    "bytes that are no UTF-8": "%FF%FE",
    "a very long text": "x" * 100_000,
    "a private and a last code point": "%EE%80%80%F4%8F%BF%BF",
    "an accent that walks": "e%CC%81%E2%80%AE",
    "dots and slashes": "..%2F..%2Fetc%2Fpasswd",
    "quotes": "%27%22%3B--%3Cscript%3E",
}
NUMBERS = {
    "more than a column holds": str(2**63),
    "more than a small column holds": str(2**31),
    "the largest of a column": str(2**63 - 1),
    "more digits than Python reads": "9" * 5_000,
    "digits of another script": "%D9%A3",
    "zero": "0",
}
# Each by itself, because the first that is refused hides the others; then the rest together.
APART = ("after", "before", "check", "tenant", "workload")
TOGETHER = ("entries", "next", "policy", "rule", "trail", "verdict")
BODIES = {
    "nothing": b"",
    "a NUL": b'{"from": "\\u0000", "to": "a\\u0000b"}',
    "a lone surrogate": b'{"from": "\\ud800", "to": "2026-01-01T00:00:00Z"}',
    "no UTF-8": b"\xff\xfe\x00",
    "deep nesting": b"[" * 200_000,
    "a number of many digits": b'{"from": ' + b"9" * 5_000 + b"}",
    "not a number": b'{"from": NaN, "to": Infinity}',
    "a year that no calendar has": b'{"from": "0001-01-01T00:00:00+14:00", '
    b'"to": "9999-12-31T23:59:59-14:00"}',
}


@pytest.fixture
def callers(judged: Judged) -> list[Client]:
    """Olga by her session, a machine that reads the hospital's trail, one that records."""
    machines = [cast.token(judged.hospital.trail), cast.token(None, "dom_collector")]
    found = [cast.signed_in(cast.olga()), *(Client(headers=headers) for headers in machines)]
    for client in found:
        client.raise_request_exception = False
    return found


def routes(patterns: "list[URLPattern | URLResolver]", before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def every_route() -> list[str]:
    """Each address once: some have two names."""
    return list(dict.fromkeys(routes(get_resolver(settings.ROOT_URLCONF).url_patterns)))


def pages() -> list[str]:
    return [route for route in every_route() if not route.startswith("/api/")]


def filled(route: str, judged: Judged, **hostile: str) -> str:
    """The address with what there really is in it, but for the kinds of argument that `hostile`
    names."""
    finding = Finding.objects.filter(tenant=judged.hospital).latest("pk").pk
    real = {
        "int": str(finding if route.startswith("/findings/") else judged.hospital.trail_id),
        "path": "triage-7b",
    }
    return ARGUMENT.sub(lambda found: (real | hostile).get(found[1], "x"), route)


def assert_in_words(client: Client, method: str, address: str, **sent: object) -> None:
    answer = client.generic(method, address, **sent)  # type: ignore[arg-type]  # passed through
    assert answer.status_code < 500, f"{method} {address[:200]}: {answer.status_code}"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_in_an_address(callers: list[Client], judged: Judged, text: str) -> None:
    for route in every_route():
        for client in callers:
            assert_in_words(client, "GET", filled(route, judged, path=text, str=text, slug=text))


@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_a_number_in_an_address(callers: list[Client], judged: Judged, number: str) -> None:
    for route in every_route():
        for client in callers:
            assert_in_words(client, "GET", filled(route, judged, int=number))


@pytest.mark.parametrize("value", [*TEXTS.values(), *NUMBERS.values()], ids=[*TEXTS, *NUMBERS])
def test_a_value_in_a_query(callers: list[Client], judged: Judged, value: str) -> None:
    queries = [f"{name}={value}" for name in APART] + [
        "&".join(f"{name}={value}" for name in TOGETHER),
        f"after=unverifiable.{value}",
    ]
    for route in pages():
        for query in queries:
            assert_in_words(callers[0], "GET", f"{filled(route, judged)}?{query}")


@pytest.mark.parametrize("value", [*TEXTS.values(), *NUMBERS.values()], ids=[*TEXTS, *NUMBERS])
def test_a_value_in_a_form(callers: list[Client], judged: Judged, value: str) -> None:
    names = (
        *APART,
        *TOGETHER,
        "first_day",
        "end_day",
        "username",
        "password",
        "csrfmiddlewaretoken",
    )
    form = "&".join(f"{name}={value}" for name in names).encode()
    for client, routes in (
        (callers[0], [page for page in pages() if page != "/sign-out/"]),
        (Client(), ["/sign-in/"]),
    ):
        for route in routes:
            assert_in_words(
                client,
                "POST",
                filled(route, judged),
                data=form,
                content_type="application/x-www-form-urlencoded",
            )


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/x-ndjson",
        "application/cloudevents+json",
        "x/y;charset=none",
    ],
)
def test_a_body(callers: list[Client], judged: Judged, body: bytes, media_type: str) -> None:
    for route in every_route():
        if route.startswith("/api/"):
            for client in callers:
                assert_in_words(
                    client, "POST", filled(route, judged), data=body, content_type=media_type
                )


@pytest.mark.parametrize(
    "method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "a\0b"]
)
def test_a_method(callers: list[Client], judged: Judged, method: str) -> None:
    for route in every_route():
        for client in callers:
            assert_in_words(client, method, filled(route, judged))


def test_a_header(callers: list[Client], judged: Judged) -> None:
    names = (
        "HX-Request",
        "HX-Current-URL",
        "Authorization",
        "Accept-Language",
        "Cookie",
        "Content-Encoding",
        "Accept",
        "Range",
    )
    for route in ("/", "/seals/", "/exports/<int:pk>/download", "/api/v1/exports", "/api/v1/facts"):
        for name in names:
            for value in ("\0", "Bearer \0", "\xff\xfe", "x" * 20_000, "sessionid=a\0b"):
                answer = callers[0].get(filled(route, judged), headers={name: value})
                assert answer.status_code < 500, f"{name} at {route}"
