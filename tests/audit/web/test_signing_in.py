"""Signing in and out, and that nothing is open before."""

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from audit.people.login_throttle import FREE
from tests import cast
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")
RIGHT = {"username": "olga", "password": cast.PASSWORD}
WRONG = {"username": "olga", "password": "a wrong sentence"}
PAGES = ["overview", "findings", "findings-each", "trails", "seals", "exports", "trust"]


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Some tests try dozens of passwords, and a real hash is slow by design."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


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
    answer = client.post(
        "/sign-in/", {"username": "olga", "password": cast.PASSWORD, "next": "/seals/"}
    )
    assert answer["Location"] == "/seals/"
    assert client.get("/seals/").status_code == 200


def test_says_the_same_of_a_wrong_name_and_a_wrong_password() -> None:
    cast.olga(cast.PASSWORD)
    pages = [
        Client().post("/sign-in/", {"username": name, "password": password}).content.decode()
        for name, password in (("olga", "wrong"), ("nobody", cast.PASSWORD))
    ]
    assert all("No person with this name and password may sign in." in page for page in pages)


def test_a_wrong_password_again_and_again_waits_and_says_how_long() -> None:
    cast.olga(cast.PASSWORD)
    client = Client()
    for _ in range(FREE["name"]):
        assert client.post("/sign-in/", WRONG).status_code == 200
    answer = client.post("/sign-in/", WRONG)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Wait 1 minute, then try again" in answer.content.decode()
    # The right one, too soon, is refused as well: else the wait would tell a guesser that it was
    # right.
    assert Client().post("/sign-in/", RIGHT).status_code == 429


def test_a_stranger_cannot_keep_a_person_out_of_the_browser_that_knows_her() -> None:
    cast.olga(cast.PASSWORD)
    own = Client()
    own.post("/sign-in/", RIGHT)
    own.post("/sign-out/")
    for number in range(3 * FREE["name"]):
        Client(REMOTE_ADDR=f"198.51.100.{number}").post("/sign-in/", WRONG)
    assert Client().post("/sign-in/", RIGHT).status_code == 429
    assert own.post("/sign-in/", RIGHT).status_code == 302


def test_a_browser_that_knows_one_person_is_nobody_elses_way_to_guess() -> None:
    cast.olga(cast.PASSWORD)
    cast.reader("ruth", tenant_trail("ministry"), password=cast.PASSWORD)
    ruth = Client()
    ruth.post("/sign-in/", {"username": "ruth", "password": cast.PASSWORD})
    ruth.post("/sign-out/")
    assert [ruth.post("/sign-in/", WRONG).status_code for _ in range(FREE["name"] + 1)][-1] == 429
    # And her own name, guessed from her own browser, waits as well.
    wrong = WRONG | {"username": "ruth"}
    assert [ruth.post("/sign-in/", wrong).status_code for _ in range(FREE["device"] + 1)][-1] == 429


def test_a_forged_mark_is_no_known_browser() -> None:
    cast.olga(cast.PASSWORD)
    client = Client()
    for mark in (
        "olga",
        "a:b:c",
        "",
        "\u00e9",
        signing.dumps({"name": "olga", "id": "1"}, salt="another"),
    ):
        client.cookies["device"] = mark
        client.post("/sign-in/", WRONG)
    assert client.post("/sign-in/", WRONG).status_code == 429


def test_many_names_from_one_address_wait_and_other_addresses_do_not() -> None:
    cast.olga(cast.PASSWORD)
    for number in range(FREE["address"]):
        Client().post("/sign-in/", {"username": f"nobody-{number}", "password": "x"})
    assert Client().post("/sign-in/", RIGHT).status_code == 429
    assert Client(REMOTE_ADDR="198.51.100.7").post("/sign-in/", RIGHT).status_code == 302


def test_behind_our_proxy_the_senders_address_counts_and_no_claim_of_the_sender() -> None:
    for number in range(FREE["address"]):
        claimed = {"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7"}
        Client(headers=claimed).post("/sign-in/", {"username": f"nobody-{number}", "password": "x"})
    assert (
        Client(headers={"X-Forwarded-For": "198.51.100.7"}).post("/sign-in/", WRONG).status_code
        == 429
    )
    assert (
        Client(headers={"X-Forwarded-For": "198.51.100.8"}).post("/sign-in/", WRONG).status_code
        == 200
    )
    # Straight from elsewhere, the header is anybody's claim.
    assert (
        Client(REMOTE_ADDR="203.0.113.1", headers={"X-Forwarded-For": "198.51.100.7"})
        .post("/sign-in/", WRONG)
        .status_code
        == 200
    )


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
