"""The operator's own acts in words, on the pages of its trail."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from audit import queries
from audit.models import OPERATOR_NUMBER, Person, Trail
from audit.people import passwords, people, tokens
from audit.people.rights import Rights
from audit.people.sentences import sentence_of
from tests import cast, hashers
from tests.audit.ledger import tenant_trail, write

pytestmark = pytest.mark.usefixtures("ledger")


def sentences() -> list[str]:
    """What the operator's trail says, oldest first, behind its genesis and the keys."""
    lines = queries.entries_before(Trail.objects.get(number=OPERATOR_NUMBER), None)
    return [line.sentence for line in reversed(lines)][3:]


def act(settings: Settings) -> None:
    """Every act on a person and a token."""
    settings.PASSWORD_HASHERS = hashers.BEFORE
    trail = tenant_trail().number
    people.make(
        "ada", password=cast.PASSWORD, rights=Rights(trails=frozenset({0, trail})), actor="enzo"
    )
    people.give("ada", Rights(every_trail=True), actor="enzo")
    people.take("ada", Rights(every_trail=True), actor="enzo")
    people.set_password("ada", cast.PASSWORD, actor="enzo")
    settings.PASSWORD_HASHERS = hashers.AFTER
    passwords.renew_hash(Person.objects.get(username="ada"), cast.PASSWORD)
    people.deactivate("ada", actor="enzo")
    people.reactivate("ada", actor="enzo")
    collector, _ = tokens.issue("collector", sources=["slurm", "cmdb"], actor="enzo")
    tokens.issue("import", actor="enzo")
    tokens.issue("siem", trail=trail, actor="enzo")
    tokens.revoke(collector.pk, actor="olga")


def test_every_act_is_a_sentence(settings: Settings) -> None:
    act(settings)
    lines = sentences()
    assert lines[:7] == [
        "enzo created user ada, with access to trails 0 and 2",
        "enzo gave ada access to every trail",
        "enzo withdrew ada's access to every trail",
        "enzo set a new password for ada",
        "ada signed in; the same password is now stored under another hash",
        "enzo deactivated user ada, who can no longer sign in",
        "enzo reactivated user ada, with access to trails 0 and 2",
    ]
    assert [text.partition(" (")[2] for text in lines[7:]] == [
        "collector), which records as cmdb, slurm",
        "import), which records as any source",
        "siem), which reads trail 2",
        "collector)",
    ]


def test_acts_of_before_and_passwords_recorded_late_are_sentences_too() -> None:
    made = {"actor": "enzo", "person": "ada", "every_trail": True, "trails": []}
    assert (
        sentence_of("person.made/v1", made) == "enzo created user ada, with access to every trail"
    )
    ada = {"actor": "enzo", "person": "ada"}
    assert sentence_of("person.password_set/v1", ada) == "enzo set a new password for ada"
    assert (
        sentence_of("person.password_told/v1", ada)
        == "enzo put ada's existing password on record; no earlier entry covered it"
    )


def test_trails_are_listed_as_one_says_them() -> None:
    made = {"actor": "enzo", "person": "ada", "every_trail": False}
    assert (
        sentence_of("person.made/v2", made | {"trails": [2]})
        == "enzo created user ada, with access to trail 2"
    )
    assert (
        sentence_of("person.made/v2", made | {"trails": []})
        == "enzo created user ada, with access to no trail"
    )
    assert sentence_of("person.made/v2", made | {"trails": [2, 3, 5]}).endswith("trails 2, 3 and 5")
    assert sentence_of("person.made/v2", made | {"trails": None}) == ""
    held = "enzo filled the lost second store from this database, which held "
    assert (
        sentence_of("second_store.adopted/v1", {"actor": "enzo", "trails": 1}) == f"{held}1 trail"
    )
    assert (
        sentence_of("second_store.adopted/v1", {"actor": "enzo", "trails": 3}) == f"{held}3 trails"
    )


def test_the_pages_show_them(settings: Settings) -> None:
    act(settings)
    officer = cast.signed_in(Person.objects.create_user("olga", reads_all_trails=True))
    page = officer.get(reverse("trail", args=[OPERATOR_NUMBER])).content.decode()
    assert all(escape(text) in page for text in sentences())
    assert "which signs the log&#x27;s checkpoints" in page
    entry = officer.get(reverse("entry", args=[OPERATOR_NUMBER, 3])).content.decode()
    assert sentences()[0] in entry


def test_what_a_source_says_has_no_words_of_ours() -> None:
    write(OPERATOR_NUMBER, ["person"])
    assert sentences() == [""]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"actor": "enzo"},
        {"actor": "enzo", "person": "ada", "every_trail": False, "trails": None},
    ],
)
def test_a_body_of_another_shape_has_none(body: dict[str, Any]) -> None:
    assert sentence_of("person.made/v2", body) == ""


def test_the_genesis_has_none() -> None:
    line = queries.entry_line(Trail.objects.get(number=OPERATOR_NUMBER), 0)
    assert line is not None
    assert line.sentence == ""
