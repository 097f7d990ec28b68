"""What `fsck` says of passwords on the command line, and `tell_passwords`, which ends its notes."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from pytest_django import Settings

from audit.models import Person
from tests import hashers

pytestmark = pytest.mark.usefixtures("ledger")
ANOTHER = "another calm sentence"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER


def test_a_password_put_into_the_row_fails_fsck_by_name(
    ada: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    Person.objects.update(password=make_password(ANOTHER))
    with pytest.raises(SystemExit, match="1"):
        call_command("fsck")
    assert (
        capsys.readouterr().out
        == "person 'ada': its password is not the one that the operator's trail tells of\n"
    )


def test_one_that_was_never_told_is_noted_until_it_is(
    ada_of_before: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("fsck")
    said = capsys.readouterr()
    note, verdict = said.err.splitlines()[-2:]
    assert (said.out, verdict) == ("", "no defect")
    assert note.startswith(
        "note: person 'ada': the operator's trail was never told which password it has"
    )
    call_command("tell_passwords")
    assert capsys.readouterr() == ("ada\n", "the operator's trail tells of the passwords above\n")
    call_command("tell_passwords")
    assert capsys.readouterr() == ("", "the operator's trail tells of every password already\n")
    call_command("fsck")
    assert "note" not in capsys.readouterr().err
