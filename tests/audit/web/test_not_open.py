"""An installation whose ledger was not opened yet says so on its pages."""

import pytest
from django.test import Client

from tests import cast

PAGES = ("/", "/findings/", "/trails/", "/seals/", "/exports/")
SAID = "The ledger is not open yet."


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_how_the_ledger_is_opened(page: str) -> None:
    answer = cast.signed_in(cast.olga()).get(page)
    assert answer.status_code == 200
    assert SAID in answer.content.decode()
    assert "python manage.py open_ledger" in answer.content.decode()


@pytest.mark.django_db
def test_signing_in_says_so_too_because_nobody_can_before() -> None:
    """People are made once the ledger is open: their rights are entries of it."""
    assert SAID in Client().get("/sign-in/").content.decode()


@pytest.mark.usefixtures("ledger")
def test_an_open_ledger_says_nothing() -> None:
    assert SAID not in Client().get("/sign-in/").content.decode()
    assert SAID not in cast.signed_in(cast.olga()).get("/").content.decode()
