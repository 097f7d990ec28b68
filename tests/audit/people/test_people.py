"""People: each act is a row and an entry of the operator's trail together; one who left gets
nowhere."""

import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit.access import readable_trails
from audit.errors import LedgerMissing, NotRecordedError, PersonError, StoreMismatch
from audit.fsck.fsck import fsck
from audit.models import OPERATOR_NUMBER, Entry, Person, Trail
from audit.people import people
from audit.people.passwords import fingerprint_of
from audit.people.people import rights_of
from audit.people.rights import Rights
from audit.seal import seal
from audit.storage.second_store import SecondStore
from tests import cast
from tests.audit.ledger import tenant_trail

PASSWORD = cast.PASSWORD


def entries(kind: str = "person.") -> list[tuple[str, str, dict[str, Any]]]:
    """(kind, subject, body) of the operator's entries of this kind, in order."""
    rows = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind__startswith=kind)
    rows = rows.order_by("index")
    contents = [json.loads(bytes(content)) for content in rows.values_list("content", flat=True)]
    return [(entry["kind"], entry["subject"], entry["body"]) for entry in contents]


def ada(**more: Any) -> Person:
    return people.make(
        "ada", password=PASSWORD, actor="enzo", **{"rights": Rights(every_trail=True), **more}
    )


def signed_in() -> Client:
    client = Client()
    assert client.post("/sign-in/", {"username": "ada", "password": PASSWORD}).status_code == 302
    return client


def test_a_new_person_is_an_entry_that_names_rights_and_no_password(ledger: None) -> None:
    hospital = tenant_trail()
    person = ada(rights=Rights(trails=frozenset({hospital.number})))
    assert [trail.number for trail in readable_trails(person)] == [0, hospital.number]
    row = Person.objects.get(username="ada")
    body = {"actor": "enzo", "person": "ada", "every_trail": False, "trails": [hospital.number]}
    assert entries() == [
        ("person.made/v2", "person/ada", body | {"fingerprint": fingerprint_of(row.password)})
    ]
    contents = b"".join(bytes(entry.content) for entry in Entry.objects.all())
    assert PASSWORD.encode() not in contents
    assert row.password.encode() not in contents


def test_the_second_store_knows_of_it_and_the_ledger_stays_whole(
    ledger: None, settings: Any
) -> None:
    ada()
    head = Trail.objects.get(number=OPERATOR_NUMBER)
    assert SecondStore.at(settings.SECOND_STORE_DIR).heads()[OPERATOR_NUMBER] == (
        head.size,
        bytes(head.root),
    )
    seal(actor="olga")
    assert list(fsck()) == []


def test_rights_are_given_and_taken_by_entries_of_what_changed(ledger: None) -> None:
    first, second = tenant_trail("hospital").number, tenant_trail("ministry").number
    person = ada(rights=Rights(trails=frozenset({first})))
    assert people.give("ada", Rights(True, frozenset({first, second})), actor="enzo") == Rights(
        True, frozenset({second})
    )
    assert people.take("ada", Rights(True, frozenset({first})), actor="olga") == Rights(
        True, frozenset({first})
    )
    person.refresh_from_db()
    assert rights_of(person) == Rights(False, frozenset({second}))
    assert entries()[1:] == [
        (
            "person.given/v1",
            "person/ada",
            {"actor": "enzo", "person": "ada", "every_trail": True, "trails": [second]},
        ),
        (
            "person.taken/v1",
            "person/ada",
            {"actor": "olga", "person": "ada", "every_trail": True, "trails": [first]},
        ),
    ]


def test_what_changes_nothing_is_no_entry(ledger: None) -> None:
    ada()
    assert not people.give("ada", Rights(every_trail=True), actor="enzo")
    assert not people.take("ada", Rights(trails=frozenset({0})), actor="enzo")
    assert not people.reactivate("ada", actor="enzo")
    assert people.deactivate("ada", actor="enzo")
    assert not people.deactivate("ada", actor="enzo")
    assert [kind for kind, _, _ in entries()] == ["person.made/v2", "person.deactivated/v1"]


def test_one_who_was_deactivated_cannot_sign_in(ledger: None) -> None:
    ada()
    people.deactivate("ada", actor="enzo")
    answer = Client().post("/sign-in/", {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 200
    assert "No person with this name and password may sign in." in answer.content.decode()
    assert entries()[-1] == (
        "person.deactivated/v1",
        "person/ada",
        {"actor": "enzo", "person": "ada"},
    )


def test_a_stolen_session_ends_with_the_person_and_does_not_come_back(ledger: None) -> None:
    ada()
    other = cast.signed_in(cast.reader("ruth"))
    thief = signed_in()
    assert thief.get(reverse("trails")).status_code == 200
    people.deactivate("ada", actor="enzo")
    assert thief.get(reverse("trails"))["Location"].startswith("/sign-in/")
    people.reactivate("ada", actor="enzo")
    assert thief.get(reverse("trails"))["Location"].startswith("/sign-in/")
    assert signed_in().get(reverse("trails")).status_code == 200
    assert other.get(reverse("trails")).status_code == 200


def test_another_password_ends_the_sessions_of_the_old_one(ledger: None) -> None:
    ada()
    thief = signed_in()
    people.set_password("ada", "another calm sentence", actor="enzo")
    assert thief.get(reverse("trails"))["Location"].startswith("/sign-in/")
    assert not Session.objects.exists()
    assert (
        Client()
        .post("/sign-in/", {"username": "ada", "password": "another calm sentence"})
        .status_code
        == 302
    )
    fingerprint = fingerprint_of(Person.objects.get(username="ada").password)
    assert entries()[-1] == (
        "person.password_set/v2",
        "person/ada",
        {"actor": "enzo", "person": "ada", "fingerprint": fingerprint},
    )


def test_a_taken_right_is_gone_from_the_next_page_on(ledger: None) -> None:
    hospital = tenant_trail()
    ada(rights=Rights(trails=frozenset({hospital.number})))
    client = signed_in()
    assert client.get(reverse("trail", args=[hospital.number])).status_code == 200
    people.take("ada", Rights(trails=frozenset({hospital.number})), actor="enzo")
    assert client.get(reverse("trail", args=[hospital.number])).status_code == 404


def test_a_person_is_shut_out_though_the_second_store_refuses_and_the_entry_comes_later(
    ledger: None, settings: Any
) -> None:
    ada()
    client = signed_in()
    true_store, settings.SECOND_STORE_DIR = (
        settings.SECOND_STORE_DIR,
        settings.SECOND_STORE_DIR / "elsewhere",
    )
    with pytest.raises(
        NotRecordedError,
        match="ada may not sign in any more, but the operator's trail has no entry of it",
    ):
        people.deactivate("ada", actor="enzo")
    assert client.get(reverse("trails")).status_code == 302
    settings.SECOND_STORE_DIR = true_store
    assert people.deactivate("ada", actor="enzo")
    assert not people.deactivate("ada", actor="enzo")
    assert [kind for kind, _, _ in entries()] == ["person.made/v2", "person.deactivated/v1"]
    assert list(fsck()) == []


def test_a_missing_deactivation_is_recorded_before_the_person_is_let_in_again(
    ledger: None, settings: Any
) -> None:
    ada()
    true_store, settings.SECOND_STORE_DIR = (
        settings.SECOND_STORE_DIR,
        settings.SECOND_STORE_DIR / "elsewhere",
    )
    with pytest.raises(NotRecordedError):
        people.deactivate("ada", actor="enzo")
    settings.SECOND_STORE_DIR = true_store
    assert people.reactivate("ada", actor="enzo")
    assert [kind for kind, _, _ in entries()] == [
        "person.made/v2",
        "person.deactivated/v1",
        "person.reactivated/v1",
    ]
    assert list(fsck()) == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"password": "short"}, "too short"),
        ({"rights": Rights(trails=frozenset({0, 77}))}, "there is no trail 77"),
    ],
)
def test_a_refused_person_leaves_nothing(ledger: None, more: dict[str, Any], message: str) -> None:
    with pytest.raises(PersonError, match=message):
        people.make(
            "ada", **{"password": PASSWORD, "rights": Rights(True), "actor": "enzo", **more}
        )
    assert (Person.objects.count(), entries()) == (0, [])


def test_a_name_is_given_once(ledger: None) -> None:
    ada()
    people.deactivate("ada", actor="enzo")
    with pytest.raises(PersonError, match="exists"):
        ada()
    with pytest.raises(PersonError, match="was deactivated"):
        people.give("ada", Rights(trails=frozenset({1})), actor="enzo")


def test_nobody_is_made_before_the_ledger_is_open(transactional_db: None) -> None:
    with pytest.raises(LedgerMissing, match="open_ledger"):
        ada()
    assert not Person.objects.exists()


def test_nobody_is_made_in_a_restored_database(ledger: None, settings: Any) -> None:
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(OPERATOR_NUMBER, 9, bytes(32))])
    with pytest.raises(StoreMismatch):
        ada()
    assert not Person.objects.exists()


def test_the_row_does_not_stay_where_the_transaction_fails(ledger: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ada()
        raise RuntimeError
    assert (Person.objects.count(), entries()) == (0, [])
