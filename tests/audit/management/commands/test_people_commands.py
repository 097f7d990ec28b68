"""`list_people`, `take_rights` and `deactivate_person`, as an administrator types them."""

import pytest
from django.core.management import CommandError, call_command

from audit.errors import LedgerMissing, PersonError
from audit.models import Person
from audit.people.people import rights_of
from audit.people.rights import Rights
from tests.audit.ledger import tenant_trail


@pytest.fixture
def ada(ledger: None, capsys: pytest.CaptureFixture[str]) -> Person:
    tenant_trail("st-mary")
    call_command("make_person", "ada", "--reader-of-tenant", "st-mary", "--trail", "1")
    capsys.readouterr()
    return Person.objects.get(username="ada")


def test_lists_what_each_may_read(ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("make_person", "olga", "--all")
    call_command("deactivate_person", "olga")
    capsys.readouterr()
    call_command("list_people")
    printed = capsys.readouterr()
    heads, first, second = printed.out.splitlines()
    assert heads.split()[:2] == ["name", "reads"]
    assert first.startswith("ada   trail 1 (operator), trail 2 (st-mary)  ")
    assert first.endswith("  active")
    assert second.startswith("olga  every trail  ")
    assert second.endswith("  deactivated")
    assert printed.err == "2 people\n"


def test_counts_one_person_as_one(ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("list_people")
    assert capsys.readouterr().err == "1 person\n"


def test_takes_a_right_and_says_so(ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("take_rights", "ada", "--reader-of-tenant", "st-mary")
    assert capsys.readouterr().out == "ada may no longer read trail 2 (st-mary)\n"
    assert rights_of(ada) == Rights(trails=frozenset({1}))
    call_command("take_rights", "ada", "--all")
    assert capsys.readouterr().out == "ada does not have these rights; nothing changed\n"


def test_deactivates_and_lets_in_again(ada: Person, capsys: pytest.CaptureFixture[str]) -> None:
    for words, printed in (
        (["ada"], "ada may not sign in\n"),
        (["ada"], "ada may not sign in; this was so before, and nothing changed\n"),
        (["ada", "--undo"], "ada may sign in\n"),
    ):
        call_command("deactivate_person", *words)
        assert capsys.readouterr().out == printed
    ada.refresh_from_db()
    assert ada.is_active


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["take_rights", "ada"], "--trail NUMBER, got none"),
        (["take_rights", "nobody", "--all"], "there is no person 'nobody'"),
        (["deactivate_person", "nobody"], "there is no person 'nobody'"),
    ],
)
def test_refuses_what_it_cannot_do(ada: Person, words: list[str], message: str) -> None:
    with pytest.raises((CommandError, PersonError), match=message):
        call_command(*words)


@pytest.mark.parametrize(
    "words",
    [
        ["make_person", "olga", "--all"],
        ["deactivate_person", "olga"],
        ["take_rights", "olga", "--all"],
    ],
)
def test_names_open_ledger_where_none_is_open(transactional_db: None, words: list[str]) -> None:
    with pytest.raises(LedgerMissing, match="open_ledger"):
        call_command(*words)
    assert not Person.objects.exists()
