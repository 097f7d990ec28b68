"""The people, tokens and rights that the operator's trail has on record: who was let in, by what,
what each may read or record, and who is out again.

    recorded = read()
    recorded.people["ada"]    →    RecordedPerson(active=True, rights=…, fingerprint="5f70bf18…")
    recorded.tokens[7]        →    RecordedToken("siem", "read", trail=3, …, revoked=False)

The rows of people and tokens let people in; the record says what those rows should be
(`audit.fsck.rights`). FORMATS.md section 3.1.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from audit.entry_kinds import (
    PASSWORD_RECORDED,
    PASSWORD_REHASHED,
    PASSWORD_SET,
    PASSWORD_SET_V1,
    PERSON_DEACTIVATED,
    PERSON_GIVEN,
    PERSON_MADE,
    PERSON_MADE_V1,
    PERSON_REACTIVATED,
    PERSON_TAKEN,
    TOKEN_ISSUED,
    TOKEN_REVOKED,
)
from audit.models import OPERATOR_NUMBER
from audit.people.rights import Rights
from audit.storage import raw

_ACTS = (
    'SELECT "index", kind, content FROM audit_entry '
    "WHERE trail_number = %s AND (kind LIKE %s OR kind LIKE %s) ORDER BY 1"
)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RecordedPerson:
    """`fingerprint` of the password (`audit.people.passwords`); None where no entry holds one."""

    active: bool
    rights: Rights
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class RecordedToken:
    """`purpose`, `sources`, `kinds` and `trail` as in the token's row (`audit.models.Token`);
    `fingerprint` of the secret."""

    label: str
    purpose: str
    sources: tuple[str, ...] | None
    kinds: tuple[str, ...] | None
    trail: int | None
    fingerprint: str
    revoked: bool


@dataclass(slots=True)
class RecordedRights:
    """People by name and tokens by number.

    `unread` are the indexes of entries that cannot be taken in: the body is not as the kind says,
    or it speaks of nobody who was let in, or of another password than the one recorded before."""

    people: dict[str, RecordedPerson] = field(default_factory=dict)
    tokens: dict[int, RecordedToken] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)


def read() -> RecordedRights:
    """Return what the operator's trail has on record now."""
    return replay(
        (index, kind, bytes(content))
        for index, kind, content in raw.read(_ACTS, [OPERATOR_NUMBER, "person.%", "token.%"])
    )


def replay(entries: Iterable[tuple[int, str, bytes]]) -> RecordedRights:
    """Return what entries (index, kind, content) of the operator's trail record, in their order."""
    recorded = RecordedRights()
    for index, kind, content in entries:
        try:
            _take_in(recorded, kind, json.loads(content)["body"])
        except (KeyError, TypeError, ValueError):
            recorded.unread.append(index)
    return recorded


def _take_in(recorded: RecordedRights, kind: str, body: dict[str, Any]) -> None:
    if kind.startswith("token."):
        _take_in_token(recorded.tokens, kind, body)
    else:
        _take_in_person(recorded.people, kind, body)


def _take_in_token(tokens: dict[int, RecordedToken], kind: str, body: dict[str, Any]) -> None:
    if kind == TOKEN_ISSUED:
        tokens[body["token"]] = RecordedToken(
            body["label"],
            body["purpose"],
            _names(body["sources"]),
            _names(body["kinds"]),
            body["trail"],
            body["fingerprint"],
            revoked=False,
        )
    elif kind == TOKEN_REVOKED:
        tokens[body["token"]] = replace(tokens[body["token"]], revoked=True)


def _take_in_person(people: dict[str, RecordedPerson], kind: str, body: dict[str, Any]) -> None:
    name = body["person"]
    if kind in (PERSON_MADE, PERSON_MADE_V1):
        fingerprint = _fingerprint(body) if kind == PERSON_MADE else None
        people[name] = RecordedPerson(True, _rights(body), fingerprint)
        return
    person = people[name]
    if kind == PERSON_GIVEN:
        people[name] = replace(person, rights=person.rights | _rights(body))
    elif kind == PERSON_TAKEN:
        people[name] = replace(person, rights=person.rights - _rights(body))
    elif kind in (PERSON_DEACTIVATED, PERSON_REACTIVATED):
        people[name] = replace(person, active=kind == PERSON_REACTIVATED)
    elif kind in (PASSWORD_SET, PASSWORD_SET_V1):
        fingerprint = _fingerprint(body) if kind == PASSWORD_SET else None
        people[name] = replace(person, fingerprint=fingerprint)
    elif kind in (PASSWORD_REHASHED, PASSWORD_RECORDED):
        people[name] = replace(person, fingerprint=_following(person.fingerprint, kind, body))


def _following(recorded: str | None, kind: str, body: dict[str, Any]) -> str | None:
    """Return the fingerprint after an entry that says how the same password is kept, not a new
    password.

    Raises ValueError where it does not follow from the recorded one: else somebody could put
    another password into the row and make it good by such an entry."""
    new = _fingerprint(body)
    if kind == PASSWORD_RECORDED:
        if recorded is not None:
            raise ValueError("want a password that is not on record, got one that is")
        return new
    was = _fingerprint(body, "was")
    if recorded not in (None, was):
        raise ValueError(f"want the fingerprint {recorded} before it, got {was}")
    # The renewed hash of a password that is not on record does not put it on record.
    return recorded and new


def _fingerprint(body: dict[str, Any], name: str = "fingerprint") -> str:
    """Raises ValueError, or KeyError and TypeError, for anything but 64 hex digits."""
    text: str = body[name]
    if not _FINGERPRINT.fullmatch(text):
        raise ValueError(f"{name}: want 64 hex digits, got {text!r}")
    return text


def _names(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _rights(body: dict[str, Any]) -> Rights:
    return Rights(body["every_trail"], frozenset(body["trails"]))
