"""People's and tokens' part of `fsck`: whoever is let in was let in by an act that the operator's
trail tells.

    person 'eve': no entry of the operator's trail made it
    person 'ada': its password is not the one that the operator's trail tells of
    token 7: it is not revoked, and the operator's trail says that it was

A row that was written past the commands shows here. What cannot be compared, because no entry ever
told of it, is no defect and is said all the same (`notes`).
"""

from collections.abc import Iterator
from typing import Any

from audit.fsck.defect import Defect
from audit.models import OPERATOR_NUMBER, Person, Token
from audit.people import passwords, rights_on_record
from audit.people.people import rights_of
from audit.people.rights_on_record import PersonTold, TokenTold, Told
from audit.people.tokens import fingerprint_of
from audit.storage import raw


def check_rights() -> list[Defect]:
    """Return the differences between the rows of people and tokens and what the operator's trail
    tells of them."""
    with raw.one_snapshot():
        told = rights_on_record.read()
        return [*_unread(told), *_people(told), *_tokens(told)]


def notes() -> list[str]:
    """Return what `check_rights` cannot compare: passwords that were set before entries held
    fingerprints of them."""
    return [
        f"person {person.username!r}: the operator's trail was never told which password it has, so another one would not show; "
        "`manage.py tell_passwords` tells it from now on"
        for person in passwords.untold()
    ]


def _unread(told: Told) -> Iterator[Defect]:
    for index in told.unread:
        text = "its body is not as its kind says, or it speaks of nobody who was let in, or of another password than was told before"
        yield Defect(text, OPERATOR_NUMBER, index)


def _people(told: Told) -> Iterator[Defect]:
    people = {person.username: person for person in Person.objects.order_by("username")}
    for name, person in people.items():
        for text in _person(person, told.people.get(name)):
            yield Defect(f"person {name!r}: {text}")
    for name in sorted(told.people.keys() - people.keys()):
        yield Defect(
            f"person {name!r}: it has no row, and the operator's trail says that it was made"
        )


def _person(person: Person, told: PersonTold | None) -> Iterator[str]:
    if person.is_superuser or person.is_staff:
        yield "it is one of Django's superusers or staff, which no command makes"
    if told is None:
        yield "no entry of the operator's trail made it"
        return
    if person.is_active is not told.active:
        yield _differs("it may sign in", "it may not sign in", told.active)
    if told.fingerprint not in (None, passwords.fingerprint_of(person.password)):
        yield "its password is not the one that the operator's trail tells of"
    rights = rights_of(person)
    if more := rights - told.rights:
        yield f"it may read {_in_words(more)}, and no entry of the operator's trail gave that"
    if less := told.rights - rights:
        yield f"it may not read {_in_words(less)}, and no entry of the operator's trail took that"


def _tokens(told: Told) -> Iterator[Defect]:
    tokens = {token.pk: token for token in Token.objects.order_by("pk")}
    for pk, token in tokens.items():
        for text in _token(token, told.tokens.get(pk)):
            yield Defect(f"token {pk}: {text}")
    for pk in sorted(told.tokens.keys() - tokens.keys()):
        yield Defect(f"token {pk}: it has no row, and the operator's trail says that it was issued")


def _token(token: Token, told: TokenTold | None) -> Iterator[str]:
    if told is None:
        yield "no entry of the operator's trail issued it"
        return
    sources, kinds = (
        None if names is None else tuple(names) for names in (token.sources, token.kinds)
    )
    fingerprint = fingerprint_of(bytes(token.digest))
    row = {
        "label": token.name, "purpose": token.purpose, "sources": sources, "kinds": kinds, "trail": token.trail_id,
        "fingerprint": fingerprint,
    }  # fmt: skip
    for name, value in row.items():
        if value != (issued := getattr(told, name)):
            yield f"its {name} is {_shown(value)}, and the operator's trail says that it was issued with {_shown(issued)}"
    if (token.revoked_at is not None) is not told.revoked:
        yield _differs("it is revoked", "it is not revoked", told.revoked)


def _differs(yes: str, no: str, told: bool) -> str:
    return f"{no if told else yes}, and the operator's trail says that {yes if told else no}"


def _in_words(rights: Any) -> str:
    return (
        "every trail"
        if rights.every_trail
        else "trails " + ", ".join(map(str, sorted(rights.trails)))
    )


def _shown(value: Any) -> str:
    return (
        ", ".join(value) if isinstance(value, tuple) else "none" if value is None else repr(value)
    )
