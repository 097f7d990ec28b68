"""`changepassword`, which takes the place of Django's: the trail hears of it."""

import getpass

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from audit.errors import PersonError
from audit.models import Person
from audit.people import people
from tests import cast, hashers

pytestmark = pytest.mark.usefixtures("ledger")
ANOTHER = "another calm sentence"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER


def types(monkeypatch: pytest.MonkeyPatch, *texts: str) -> None:
    """What the administrator will type, where nothing is shown."""
    typed = iter(texts)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))


def test_a_password_typed_twice_is_recorded_and_ends_the_sessions(
    ada: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = cast.signed_in(ada)
    types(monkeypatch, ANOTHER, ANOTHER)
    call_command("changepassword", "ada")
    assert capsys.readouterr().out == "ada has another password, and all sessions have ended\n"
    assert Person.objects.get(username="ada").check_password(ANOTHER)
    assert client.get("/trails/").status_code == 302
    call_command("fsck")
    assert capsys.readouterr().err.splitlines()[-1] == "no defect"


def test_without_a_name_it_is_the_accounts_as_djangos(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    types(monkeypatch, ANOTHER, ANOTHER)
    call_command("changepassword")
    assert Person.objects.get(username="ada").check_password(ANOTHER)


def test_it_asks_again_where_the_two_differ_or_are_weak(
    ada: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    types(monkeypatch, ANOTHER, "another", "short", "short", ANOTHER, ANOTHER)
    call_command("changepassword", "ada")
    assert "the two passwords differ\n" in (message := capsys.readouterr().err)
    assert "too short" in message
    assert Person.objects.get(username="ada").check_password(ANOTHER)


def test_after_three_tries_the_password_is_as_it_was(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    types(monkeypatch, "short", "short", "", "", ANOTHER, "another")
    with pytest.raises(CommandError, match="ada keeps the old password"):
        call_command("changepassword", "ada")
    assert Person.objects.get(username="ada").check_password(cast.PASSWORD)


@pytest.mark.parametrize(
    ("name", "message"), [("nobody", "there is no person 'nobody'"), ("ada", "ada was deactivated")]
)
def test_it_refuses_before_anybody_types(
    ada: Person, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    people.deactivate("ada", actor="enzo")
    types(monkeypatch)
    with pytest.raises(PersonError, match=message):
        call_command("changepassword", name)


def test_the_end_of_the_input_changes_nothing_and_is_no_fault(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", end)
    with pytest.raises(CommandError, match="got the end of the input"):
        call_command("changepassword", "ada")
    assert Person.objects.get(username="ada").check_password(cast.PASSWORD)
