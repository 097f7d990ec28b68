"""Fsck of people and tokens: silent where the commands did everything, and each row written past
them is named."""

from collections.abc import Callable

import pytest

from audit.fsck.fsck import fsck
from audit.models import OPERATOR_NUMBER, Person, Token, Trail, TrailReader
from audit.people import people, tokens
from audit.people.rights import Rights
from tests.audit.ledger import change_row, tenant_trail

PASSWORD = "a calm and careful sentence"


@pytest.fixture
def site(ledger: None) -> None:
    """Ada reads two trails and was let in again, Ruth was shut out; token 1 records, 2 reads and is
    revoked."""
    first, second = tenant_trail("hospital").number, tenant_trail("ministry").number
    people.make("ada", password=PASSWORD, rights=Rights(True, frozenset({first})), actor="enzo")
    people.give("ada", Rights(trails=frozenset({second})), actor="enzo")
    people.take("ada", Rights(every_trail=True), actor="enzo")
    people.deactivate("ada", actor="enzo")
    people.reactivate("ada", actor="enzo")
    people.set_password("ada", "another careful sentence", actor="enzo")
    people.make("ruth", password=PASSWORD, rights=Rights(trails=frozenset({second})), actor="enzo")
    people.deactivate("ruth", actor="enzo")
    collector, _ = tokens.issue("collector", sources=["slurm", "dcgm"], actor="enzo")
    siem, _ = tokens.issue("siem", trail=first, actor="enzo")
    tokens.revoke(siem.pk, actor="enzo")
    assert (collector.name, siem.name) == ("collector", "siem")


def defects() -> list[str]:
    return [str(defect) for defect in fsck()]


def token(name: str) -> str:
    return f"token {Token.objects.get(name=name).pk}: "


def test_what_the_commands_did_is_no_defect(site: None) -> None:
    assert defects() == []


def update(name: str, /, **values: object) -> Callable[[], object]:
    return lambda: Person.objects.filter(username=name).update(**values)


def give_trail(name: str, number: int) -> Callable[[], object]:
    return lambda: TrailReader.objects.create(
        person=Person.objects.get(username=name), trail_id=number
    )


def change(name: str, /, **values: object) -> Callable[[], object]:
    return lambda: Token.objects.filter(name=name).update(**values)


PAST_THE_COMMANDS: list[tuple[str, Callable[[], object], str]] = [
    ("a person made", lambda: Person.objects.create_user("eve", password=PASSWORD),
     "person 'eve': no entry of the operator's trail made it"),
    ("a superuser", update("ada", is_superuser=True),
     "person 'ada': it is one of Django's superusers or staff, which no command makes"),
    ("a person let in again", update("ruth", is_active=True),
     "person 'ruth': it may sign in, and the operator's trail says that it may not sign in"),
    ("a person shut out", update("ada", is_active=False),
     "person 'ada': it may not sign in, and the operator's trail says that it may sign in"),
    ("every trail given", update("ada", reads_all_trails=True),
     "person 'ada': it may read every trail, and no entry of the operator's trail gave that"),
    ("a trail given", give_trail("ada", 0),
     "person 'ada': it may read trails 0, and no entry of the operator's trail gave that"),
    ("a trail taken", lambda: TrailReader.objects.filter(person__username="ruth").delete(),
     "person 'ruth': it may not read trails 3, and no entry of the operator's trail took that"),
    ("another password", update("ada", password="pbkdf2_sha256$1$salt$hash"),
     "person 'ada': its password is not the one on record in the operator's trail"),
    ("a password under one who is out", update("ruth", password="!"),
     "person 'ruth': its password is not the one on record in the operator's trail"),
    ("a person deleted", lambda: Person.objects.filter(username="ruth").delete(),
     "person 'ruth': it has no row, and the operator's trail says that it was made"),
    ("a person renamed", update("ruth", username="eve"),
     "person 'eve': no entry of the operator's trail made it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "defect"),
    [row[1:] for row in PAST_THE_COMMANDS],
    ids=[row[0] for row in PAST_THE_COMMANDS],
)
def test_a_person_changed_past_the_commands_is_named(
    site: None, act: Callable[[], object], defect: str
) -> None:
    act()
    assert defect in defects()


TOKENS: list[tuple[str, str, Callable[[], object], str]] = [
    ("revived", "siem", change("siem", revoked_at=None),
     "it is not revoked, and the operator's trail says that it is revoked"),
    ("revoked", "collector", change("collector", revoked_at=1),
     "it is revoked, and the operator's trail says that it is not revoked"),
    ("any source", "collector", change("collector", sources=None),
     "its sources is none, and the operator's trail says that it was issued with dcgm, slurm"),
    ("any kind", "collector", change("collector", kinds=["touch.ended/v1"]),
     "its kinds is touch.ended/v1, and the operator's trail says that it was issued with none"),
    ("another trail", "siem", change("siem", trail=0),
     "its trail is 0, and the operator's trail says that it was issued with 2"),
    ("renamed", "other", change("siem", name="other"),
     "its label is 'other', and the operator's trail says that it was issued with 'siem'"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "act", "defect"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS]
)
def test_a_token_changed_past_the_commands_is_named(
    site: None, name: str, act: Callable[[], object], defect: str
) -> None:
    act()
    assert token(name) + defect in defects()


def test_another_secret_put_under_a_token_is_named(site: None) -> None:
    Token.objects.filter(name="collector").update(digest=tokens.digest_of("dom_mine"))
    (defect,) = defects()
    assert defect.startswith(
        token("collector")
        + f"its fingerprint is '{tokens.fingerprint_of(tokens.digest_of('dom_mine'))}'"
    )


def test_a_token_made_past_the_commands_and_one_deleted_are_named(site: None) -> None:
    gone = Token.objects.get(name="siem").pk
    Token.objects.filter(pk=gone).delete()
    made = Token.objects.create(name="eve", digest=bytes(32), purpose=Token.RECORD, made_at=0)
    assert defects() == [
        f"token {made.pk}: no entry of the operator's trail issued it",
        f"token {gone}: it has no row, and the operator's trail says that it was issued",
    ]


def test_an_act_that_was_altered_is_named_with_its_place(site: None) -> None:
    index = Trail.objects.get(number=OPERATOR_NUMBER).size - 1
    change_row(
        "audit_entry",
        "content = %s",
        'trail_number = %s AND "index" = %s',
        b'{"body":{}}',
        OPERATOR_NUMBER,
        index,
    )
    found = defects()
    assert any(
        text.startswith(f"trail 1, entry {index}: its body is not as its kind says")
        for text in found
    )
    assert (
        token("siem") + "it is revoked, and the operator's trail says that it is not revoked"
        in found
    )
