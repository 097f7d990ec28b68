"""Signing in and out, and that nothing is open before."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast

pytestmark = pytest.mark.usefixtures("ledger")
PAGES = ["overview", "findings", "findings-each", "trails", "seals", "exports", "trust"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_asks_to_sign_in_first(name: str) -> None:
    url = reverse(name)
    answer = Client().get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={url}")


def test_signs_in_and_goes_where_one_wanted_to_go() -> None:
    cast.olga(cast.PASSWORD)
    client = Client()
    page = client.get("/sign-in/?next=/seals/")
    assert b'autocomplete="current-password"' in page.content
    answer = client.post("/sign-in/", {"username": "olga", "password": cast.PASSWORD, "next": "/seals/"})
    assert answer["Location"] == "/seals/"
    assert client.get("/seals/").status_code == 200


def test_says_the_same_of_a_wrong_name_and_a_wrong_password() -> None:
    cast.olga(cast.PASSWORD)
    said = [
        Client().post("/sign-in/", {"username": name, "password": password}).content.decode()
        for name, password in (("olga", "wrong"), ("nobody", cast.PASSWORD))
    ]
    assert all("No person with this name and password may sign in." in page for page in said)


def test_never_sends_anyone_elsewhere() -> None:
    cast.olga(cast.PASSWORD)
    form = {"username": "olga", "password": cast.PASSWORD, "next": "https://elsewhere.example/"}
    assert Client().post("/sign-in/", form)["Location"] == "/"


def test_signs_out_by_a_form_only() -> None:
    client = cast.signed_in(cast.olga(cast.PASSWORD))
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_pages_allow_nothing_from_elsewhere_and_nothing_inline() -> None:
    policy = Client().get("/sign-in/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
