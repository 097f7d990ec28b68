"""People's and tokens' part of `fsck`: whoever is let in was let in by an act on record in the
operator's trail.

    person 'eve': no entry of the operator's trail made it
    person 'ada': its password is not the one on record in the operator's trail
    token 7: it is not revoked, and the operator's trail says that it was

A row that somebody wrote past the commands shows here. What cannot be compared, because no entry
holds it, is no defect and is reported as a note (`notes`).
"""

from collections.abc import Iterator
from typing import Any

from audit.fsck.defect import Defect
from audit.models import OPERATOR_NUMBER, Person, Token
from audit.people import passwords, rights_on_record
from audit.people.people import rights_of
from audit.people.rights_on_record import RecordedPerson, RecordedRights, RecordedToken
from audit.people.tokens import fingerprint_of
from audit.storage import raw


def check_rights() -> list[Defect]:
    """Return the differences between the rows of people and tokens and the operator's trail."""
    with raw.one_snapshot():
        recorded = rights_on_record.read()
        return [*_unread(recorded), *_people(recorded), *_tokens(recorded)]


def notes() -> list[str]:
    """Return what `check_rights` cannot compare: passwords that were set before entries held
    fingerprints of them."""
    return [
        f"person {person.username!r}: no entry of the operator's trail holds its password's "
        "fingerprint, so another password would not show; `manage.py record_passwords` records it"
        for person in passwords.unrecorded()
    ]


def _unread(recorded: RecordedRights) -> Iterator[Defect]:
    for index in recorded.unread:
        text = (
            "its body is not as its kind says, or it speaks of nobody who was let in, "
            "or of another password than the one recorded before"
        )
        yield Defect(text, OPERATOR_NUMBER, index)


def _people(recorded: RecordedRights) -> Iterator[Defect]:
    people = {person.username: person for person in Person.objects.order_by("username")}
    for name, person in people.items():
        for text in _person(person, recorded.people.get(name)):
            yield Defect(f"person {name!r}: {text}")
    for name in sorted(recorded.people.keys() - people.keys()):
        yield Defect(
            f"person {name!r}: it has no row, and the operator's trail says that it was made"
        )


def _person(person: Person, recorded: RecordedPerson | None) -> Iterator[str]:
    if person.is_superuser or person.is_staff:
        yield "it is one of Django's superusers or staff, which no command makes"
    if recorded is None:
        yield "no entry of the operator's trail made it"
        return
    if person.is_active is not recorded.active:
        yield _differs("it may sign in", "it may not sign in", recorded.active)
    if recorded.fingerprint not in (None, passwords.fingerprint_of(person.password)):
        yield "its password is not the one on record in the operator's trail"
    rights = rights_of(person)
    if more := rights - recorded.rights:
        yield f"it may read {_in_words(more)}, and no entry of the operator's trail gave that"
    if less := recorded.rights - rights:
        yield f"it may not read {_in_words(less)}, and no entry of the operator's trail took that"


def _tokens(recorded: RecordedRights) -> Iterator[Defect]:
    tokens = {token.pk: token for token in Token.objects.order_by("pk")}
    for pk, token in tokens.items():
        for text in _token(token, recorded.tokens.get(pk)):
            yield Defect(f"token {pk}: {text}")
    for pk in sorted(recorded.tokens.keys() - tokens.keys()):
        yield Defect(f"token {pk}: it has no row, and the operator's trail says that it was issued")


def _token(token: Token, recorded: RecordedToken | None) -> Iterator[str]:
    if recorded is None:
        yield "no entry of the operator's trail issued it"
        return
    sources, kinds = (
        None if names is None else tuple(names) for names in (token.sources, token.kinds)
    )
    row = {
        "label": token.name,
        "purpose": token.purpose,
        "sources": sources,
        "kinds": kinds,
        "trail": token.trail_id,
        "fingerprint": fingerprint_of(bytes(token.digest)),
    }
    for name, value in row.items():
        if value != (issued := getattr(recorded, name)):
            yield (
                f"its {name} is {_shown(value)}, and the operator's trail says that it was "
                f"issued with {_shown(issued)}"
            )
    if (token.revoked_at is not None) is not recorded.revoked:
        yield _differs("it is revoked", "it is not revoked", recorded.revoked)


def _differs(yes: str, no: str, recorded: bool) -> str:
    stored, on_record = (no, yes) if recorded else (yes, no)
    return f"{stored}, and the operator's trail says that {on_record}"


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
