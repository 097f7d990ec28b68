"""Passwords and the operator's trail: each that was set by a command is
recorded, and one that was put into the row shows."""

import hashlib
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from audit import operator_trail
from audit.errors import StoreError
from audit.fsck.fsck import fsck
from audit.fsck.rights import notes
from audit.models import OPERATOR_NUMBER, Entry, Person
from audit.people import passwords, people
from audit.people.rights import Rights
from tests import cast, hashers
from tests.audit.ledger import dying_disk

pytestmark = pytest.mark.usefixtures("ledger")
ANOTHER, THIEFS = "another calm sentence", "a thief's own sentence"
CHANGED = "person 'ada': its password is not the one on record in the operator's trail"
UNRECORDED = "person 'ada': no entry of the operator's trail holds its password's fingerprint"


@pytest.fixture(autouse=True)
def _older_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = hashers.BEFORE


def record(kind: str, body: dict[str, Any]) -> None:
    with transaction.atomic():
        trail = operator_trail.lock()
        operator_trail.append_act(trail, kind, "person/ada", body, actor="enzo")


def defects() -> list[str]:
    return [str(defect) for defect in fsck()]


def entries() -> list[tuple[str, dict[str, Any]]]:
    """(kind, body) of the entries about people, in order."""
    rows = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind__startswith="person.").order_by(
        "index"
    )
    return [(entry.kind, json.loads(bytes(entry.content))["body"]) for entry in rows]


def kept() -> str:
    return Person.objects.get(username="ada").password


def put_in(stored: str | bytes) -> None:
    """What an administrator with the database does."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_person SET password = %s WHERE username = 'ada'", [stored])


def sign_in(password: str = cast.PASSWORD) -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": "ada", "password": password}).status_code == 302
    return client


def test_the_entries_hold_a_fingerprint_of_what_is_kept(ada: Person) -> None:
    first = kept()
    people.set_password("ada", ANOTHER, actor="enzo")
    wanted = [hashlib.sha256(text.encode()).hexdigest() for text in (first, kept())]
    assert [(kind, body["fingerprint"]) for kind, body in entries()] == list(
        zip(["person.made/v2", "person.password_set/v2"], wanted, strict=True)
    )
    assert (defects(), notes()) == ([], [])


def test_two_people_of_one_password_have_two_fingerprints(ada: Person) -> None:
    people.make("ruth", password=cast.PASSWORD, rights=Rights(every_trail=True), actor="enzo")
    first, second = (body["fingerprint"] for _, body in entries())
    assert first != second


def test_another_password_put_into_the_row_is_named(ada: Person) -> None:
    put_in(make_password(THIEFS))
    sign_in(THIEFS)
    assert defects() == [CHANGED]


def test_so_is_one_that_somebody_else_has(ada: Person) -> None:
    ruth = people.make("ruth", password=THIEFS, rights=Rights(every_trail=True), actor="enzo")
    put_in(ruth.password)
    assert defects() == [CHANGED]


def test_so_is_one_that_the_person_had_before(ada: Person) -> None:
    before = kept()
    people.set_password("ada", ANOTHER, actor="enzo")
    put_in(before)
    assert defects() == [CHANGED]


def test_so_is_one_put_under_a_person_who_may_not_sign_in(ada: Person) -> None:
    people.deactivate("ada", actor="enzo")
    assert defects() == []
    put_in(make_password(THIEFS))
    assert defects() == [CHANGED]
    people.reactivate("ada", actor="enzo")
    assert defects() == [CHANGED]


@pytest.mark.parametrize("stored", ["", "!", "!aUnusablePasswordsHaveFortyRandomCharacters"])
def test_so_is_what_lets_nobody_in(ada: Person, stored: str) -> None:
    put_in(stored)
    assert defects() == [CHANGED]


def test_so_are_bytes_in_the_column(ada: Person) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite lets bytes into a column of text")
    put_in(b"pbkdf2")
    assert defects() == [CHANGED]


def test_so_is_one_that_code_saved_past_the_steps(ada: Person) -> None:
    ada.set_password(THIEFS)
    ada.save()
    assert defects() == [CHANGED]


def test_given_another_the_right_way_it_is_whole_again(ada: Person) -> None:
    put_in(make_password(THIEFS))
    people.set_password("ada", ANOTHER, actor="enzo")
    assert defects() == []


def test_a_hash_made_slower_at_a_sign_in_is_recorded_and_the_session_stays(
    ada: Person, settings: Settings
) -> None:
    before = kept()
    settings.PASSWORD_HASHERS = hashers.AFTER
    client = sign_in()
    assert "$2000$" in kept()
    assert client.get("/trails/").status_code == 200
    fingerprints = {
        "was": passwords.fingerprint_of(before),
        "fingerprint": passwords.fingerprint_of(kept()),
    }
    assert entries()[1:] == [
        ("person.password_rehashed/v1", {"actor": "person:ada", "person": "ada", **fingerprints})
    ]
    assert defects() == []
    put_in(before)
    assert defects() == [CHANGED]


def test_a_hash_of_today_is_left_alone(ada: Person) -> None:
    before = kept()
    sign_in()
    assert (kept(), len(entries())) == (before, 1)


def test_a_wrong_password_renews_nothing(ada: Person, settings: Settings) -> None:
    before = kept()
    settings.PASSWORD_HASHERS = hashers.AFTER
    assert Client().post("/sign-in/", {"username": "ada", "password": ANOTHER}).status_code == 200
    assert (kept(), len(entries())) == (before, 1)


def test_looking_at_a_password_saves_nothing(ada: Person, settings: Settings) -> None:
    before = kept()
    settings.PASSWORD_HASHERS = hashers.AFTER
    assert ada.check_password(cast.PASSWORD)
    assert kept() == before


def test_nor_does_looking_from_asynchronous_code(ada: Person, settings: Settings) -> None:
    before = kept()
    settings.PASSWORD_HASHERS = hashers.AFTER
    assert async_to_sync(ada.acheck_password)(cast.PASSWORD)
    assert kept() == before


def test_one_put_in_under_an_older_hash_is_not_made_good_by_signing_in(
    ada: Person, settings: Settings
) -> None:
    put_in(make_password(THIEFS))
    settings.PASSWORD_HASHERS = hashers.AFTER
    sign_in(THIEFS)
    assert "$1000$" in kept()
    assert len(entries()) == 1
    assert defects() == [CHANGED]


def test_an_entry_that_would_make_it_good_is_named_itself(ada: Person) -> None:
    put_in(make_password(THIEFS))
    thiefs = passwords.fingerprint_of(kept())
    record("person.password_rehashed/v1", {"person": "ada", "was": thiefs, "fingerprint": thiefs})
    record("person.password_told/v1", {"person": "ada", "fingerprint": thiefs})
    record("person.password_set/v2", {"person": "ada", "fingerprint": None})
    record("person.password_set/v2", {"person": "ada", "fingerprint": thiefs.upper()})
    found = defects()
    assert [
        text.partition(": ")[2].startswith("its body is not as its kind says") for text in found
    ] == [True] * 4 + [False]
    assert found[4:] == [CHANGED]


def test_a_password_given_meanwhile_is_not_undone(ada: Person, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER
    people.set_password("ada", ANOTHER, actor="enzo")
    assert not passwords.renew_hash(ada, cast.PASSWORD)
    assert Person.objects.get(username="ada").check_password(ANOTHER)
    assert defects() == []


def test_nor_one_given_past_the_steps_to_a_person_of_before(
    ada_of_before: Person, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER
    put_in(make_password(ANOTHER))
    assert not passwords.renew_hash(ada_of_before, cast.PASSWORD)
    assert Person.objects.get(username="ada").check_password(ANOTHER)
    assert entries()[-1][0] == "person.password_set/v1"


def test_where_the_second_store_refuses_one_signs_in_under_the_older_hash(
    ada: Person, settings: Settings
) -> None:
    before = kept()
    settings.PASSWORD_HASHERS = hashers.AFTER
    true_store, settings.SECOND_STORE_DIR = (
        settings.SECOND_STORE_DIR,
        settings.SECOND_STORE_DIR / "elsewhere",
    )
    assert sign_in().get("/").status_code == 200
    assert kept() == before
    settings.SECOND_STORE_DIR = true_store
    assert defects() == []
    sign_in()
    assert kept() != before
    assert defects() == []


def test_where_it_refuses_after_the_commit_the_session_is_of_the_new_hash(
    ada: Person, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER
    with dying_disk(0), pytest.raises(StoreError):
        record("note.made/v1", {})  # as the renewal's own commit will
    with dying_disk(0):
        client = sign_in()
    assert "$2000$" in kept()
    assert client.get("/").status_code == 200
    assert defects() == []


def test_a_person_whom_no_entry_made_keeps_the_older_hash(settings: Settings) -> None:
    cast.reader("ada", password=cast.PASSWORD)
    settings.PASSWORD_HASHERS = hashers.AFTER
    sign_in()
    assert "$1000$" in kept()
    assert entries() == []
    assert defects() == ["person 'ada': no entry of the operator's trail made it"]


def test_a_database_of_before_has_no_defect_and_a_note(ada_of_before: Person) -> None:
    assert defects() == []
    (note,) = notes()
    assert note.startswith(UNRECORDED)


def test_once_recorded_a_password_of_before_is_compared(ada_of_before: Person) -> None:
    assert passwords.record_passwords(actor="enzo") == ["ada"]
    body = {"actor": "enzo", "person": "ada", "fingerprint": passwords.fingerprint_of(kept())}
    assert entries()[-1] == ("person.password_told/v1", body)
    assert (defects(), notes()) == ([], [])
    put_in(make_password(THIEFS))
    assert defects() == [CHANGED]
    assert passwords.record_passwords(actor="enzo") == []
    assert defects() == [CHANGED]


def test_another_password_is_as_good_as_recording(ada_of_before: Person) -> None:
    people.set_password("ada", ANOTHER, actor="enzo")
    assert (defects(), notes()) == ([], [])


def test_signing_in_does_not_record_a_password_of_before(
    ada_of_before: Person, settings: Settings
) -> None:
    settings.PASSWORD_HASHERS = hashers.AFTER
    sign_in()
    assert "$2000$" in kept()
    assert entries()[-1][0] == "person.password_rehashed/v1"
    assert defects() == []
    assert len(notes()) == 1
    passwords.record_passwords(actor="enzo")
    assert (defects(), notes()) == ([], [])


def test_a_password_that_an_older_version_gave_is_unrecorded_again(ada: Person) -> None:
    put_in(make_password(ANOTHER))
    record("person.password_set/v1", {"person": "ada"})
    assert (defects(), len(notes())) == ([], 1)


def test_nothing_is_recorded_where_the_second_store_refuses(
    ada_of_before: Person, settings: Settings, tmp_path: Any
) -> None:
    settings.SECOND_STORE_DIR = tmp_path / "elsewhere"
    with pytest.raises(operator_trail.REFUSED):
        passwords.record_passwords(actor="enzo")
    assert len(notes()) == 1
