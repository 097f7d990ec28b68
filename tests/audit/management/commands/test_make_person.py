"""`manage.py make_person`: people who may sign in, and what they may read."""

import io

import pytest
from django.core.management import CommandError, call_command

from audit.access import readable_trails
from audit.errors import PersonError
from audit.models import Person
from tests.audit.ledger import tenant_trail

pytestmark = pytest.mark.usefixtures("ledger")


def make(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("make_person", *words)
    return capsys.readouterr().out.strip()


def test_prints_a_password_once_that_signs_in(capsys: pytest.CaptureFixture[str]) -> None:
    password = make("olga", "--all", capsys=capsys)
    olga = Person.objects.get(username="olga")
    assert olga.reads_all_trails
    assert len(password) == 20
    assert olga.check_password(password)


def test_says_what_it_did_the_second_time(capsys: pytest.CaptureFixture[str]) -> None:
    trail = tenant_trail("st-mary")
    call_command("make_person", "ada", "--reader-of-tenant", "st-mary")
    assert "shown only once" in capsys.readouterr().err
    call_command("make_person", "ada", "--trail", "1")
    assert (
        "ada may now read trail 1 (operator) as well\nada keeps the password"
        in capsys.readouterr().err
    )
    call_command("make_person", "ada", "--trail", str(trail.number))
    assert "ada may read all of that already" in capsys.readouterr().err


def test_gives_another_password(capsys: pytest.CaptureFixture[str]) -> None:
    first = make("olga", "--all", capsys=capsys)
    second = make("olga", "--new-password", capsys=capsys)
    olga = Person.objects.get(username="olga")
    assert (olga.check_password(first), olga.check_password(second)) == (False, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["olga"], "want rights to give, or --new-password"),
        (
            ["olga", "--all", "--password-from-stdin"],
            "want --new-password with --password-from-stdin",
        ),
    ],
)
def test_refuses_what_means_nothing_for_one_who_is_there(words: list[str], message: str) -> None:
    call_command("make_person", "olga", "--all")
    with pytest.raises(CommandError, match=message):
        call_command("make_person", *words)


def test_takes_a_password_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trail = tenant_trail("st-mary")
    monkeypatch.setattr("sys.stdin", io.StringIO("three calm words\n"))
    assert (
        make("ada", "--reader-of-tenant", "st-mary", "--password-from-stdin", capsys=capsys) == ""
    )
    ada = Person.objects.get(username="ada")
    assert ada.check_password("three calm words")
    assert [found.number for found in readable_trails(ada)] == [0, trail.number]


def test_naming_a_person_again_adds_to_what_it_reads(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tenant_trail("st-mary"), tenant_trail("qinghe")
    password = make("ada", "--trail", str(first.number), capsys=capsys)
    assert (
        make("ada", "--trail", str(first.number), "--trail", str(second.number), capsys=capsys)
        == ""
    )
    ada = Person.objects.get(username="ada")
    assert [found.number for found in readable_trails(ada)] == [0, first.number, second.number]
    assert ada.check_password(password)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ada"], "sees nothing"),
        (["ada", "--reader-of-tenant", "nobody"], "there is no trail of tenant 'nobody'"),
        (["ada", "--trail", "77"], "there is no trail 77"),
        (["ada da", "--all"], "valid username"),
        (["ada", "--all", "--new-password"], "there is no person 'ada'"),
    ],
)
def test_refuses_what_it_cannot_do(words: list[str], message: str) -> None:
    with pytest.raises((CommandError, PersonError), match=message):
        call_command("make_person", *words)
    assert not Person.objects.exists()


@pytest.mark.parametrize("given", ["short\n", "password1234\n"])
def test_refuses_a_weak_password(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    with pytest.raises(PersonError, match="password"):
        call_command("make_person", "ada", "--all", "--password-from-stdin")
