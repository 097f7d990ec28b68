"""What `fsck` prints about passwords, and `record_passwords`, which ends its notes."""

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
        == "person 'ada': its password is not the one on record in the operator's trail\n"
    )


def test_an_unrecorded_password_is_noted_until_it_is_recorded(
    ada_of_before: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("fsck")
    printed = capsys.readouterr()
    note, verdict = printed.err.splitlines()[-2:]
    assert (printed.out, verdict) == ("", "no defect")
    assert note.startswith(
        "note: person 'ada': no entry of the operator's trail holds its password's fingerprint"
    )
    assert "`manage.py record_passwords`" in note
    call_command("record_passwords")
    assert capsys.readouterr() == (
        "ada\n",
        "the operator's trail now holds the passwords of the people above\n",
    )
    call_command("record_passwords")
    assert capsys.readouterr() == ("", "the operator's trail holds every password already\n")
    call_command("fsck")
    assert "note" not in capsys.readouterr().err


def test_the_former_name_does_the_same_and_says_the_new_one(
    ada_of_before: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("tell_passwords")
    printed = capsys.readouterr()
    assert printed.out == "ada\n"
    assert printed.err.splitlines() == [
        "tell_passwords is now called record_passwords; use that name",
        "the operator's trail now holds the passwords of the people above",
    ]
