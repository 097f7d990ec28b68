"""What the operator's trail tells of people and tokens: who was let in, by what, what each may read
or record, who is out again.

    told = read()
    told.people["ada"]    →    PersonTold(active=True, rights=Rights(trails=frozenset({3})), fingerprint="5f70bf18…")
    told.tokens[7]        →    TokenTold("siem", "read", sources=None, kinds=None, trail=3, …, revoked=False)

The rows of people and tokens are what lets anybody in; this is what they should be
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

_ACTS = 'SELECT "index", kind, content FROM audit_entry WHERE trail_number = %s AND (kind LIKE %s OR kind LIKE %s) ORDER BY 1'
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PersonTold:
    """`fingerprint` of the password (`audit.people.passwords`); None where no entry tells of it."""

    active: bool
    rights: Rights
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class TokenTold:
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
class Told:
    """`unread` are the indexes of entries whose body is not as their kind says, or that speak of
    nobody who was let in, or of another password than was told before them."""

    people: dict[str, PersonTold] = field(default_factory=dict)
    tokens: dict[int, TokenTold] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)


def read() -> Told:
    """Return what the operator's trail tells now."""
    return replay(
        (index, kind, bytes(content))
        for index, kind, content in raw.read(_ACTS, [OPERATOR_NUMBER, "person.%", "token.%"])
    )


def replay(entries: Iterable[tuple[int, str, bytes]]) -> Told:
    """Return what entries (index, kind, content) of the operator's trail tell, in their order."""
    told = Told()
    for index, kind, content in entries:
        try:
            _take_in(told, kind, json.loads(content)["body"])
        except (KeyError, TypeError, ValueError):
            told.unread.append(index)
    return told


def _take_in(told: Told, kind: str, body: dict[str, Any]) -> None:
    if kind.startswith("token."):
        _take_in_token(told.tokens, kind, body)
    else:
        _take_in_person(told.people, kind, body)


def _take_in_token(found: dict[int, TokenTold], kind: str, body: dict[str, Any]) -> None:
    if kind == TOKEN_ISSUED:
        sources, kinds = (
            None if body[name] is None else tuple(body[name]) for name in ("sources", "kinds")
        )
        told = TokenTold(
            body["label"],
            body["purpose"],
            sources,
            kinds,
            body["trail"],
            body["fingerprint"],
            revoked=False,
        )
        found[body["token"]] = told
    elif kind == TOKEN_REVOKED:
        found[body["token"]] = replace(found[body["token"]], revoked=True)


def _take_in_person(found: dict[str, PersonTold], kind: str, body: dict[str, Any]) -> None:
    name = body["person"]
    if kind in (PERSON_MADE, PERSON_MADE_V1):
        found[name] = PersonTold(
            True, _rights(body), _fingerprint(body) if kind == PERSON_MADE else None
        )
        return
    person = found[name]
    if kind == PERSON_GIVEN:
        found[name] = replace(person, rights=person.rights | _rights(body))
    elif kind == PERSON_TAKEN:
        found[name] = replace(person, rights=person.rights - _rights(body))
    elif kind in (PERSON_DEACTIVATED, PERSON_REACTIVATED):
        found[name] = replace(person, active=kind == PERSON_REACTIVATED)
    elif kind in (PASSWORD_SET, PASSWORD_SET_V1):
        found[name] = replace(
            person, fingerprint=_fingerprint(body) if kind == PASSWORD_SET else None
        )
    elif kind in (PASSWORD_REHASHED, PASSWORD_RECORDED):
        found[name] = replace(person, fingerprint=_followed(person.fingerprint, kind, body))


def _followed(told: str | None, kind: str, body: dict[str, Any]) -> str | None:
    """The fingerprint after an entry that says no new password, only how the same one is kept.
    Raises ValueError where it does not follow from what was told: else another password, put into
    the row, could be made good by it."""
    new = _fingerprint(body)
    if kind == PASSWORD_RECORDED:
        if told is not None:
            raise ValueError("want a password of which no entry told, got one that was told")
        return new
    was = _fingerprint(body, "was")
    if told not in (None, was):
        raise ValueError(f"want the fingerprint {told} before it, got {was}")
    return told and new  # of one that was never told, renewing its hash tells nothing either


def _fingerprint(body: dict[str, Any], name: str = "fingerprint") -> str:
    """Raises ValueError, or KeyError and TypeError, for anything but 64 hex digits."""
    found: str = body[name]
    if not _FINGERPRINT.fullmatch(found):
        raise ValueError(f"{name}: want 64 hex digits, got {found!r}")
    return found


def _rights(body: dict[str, Any]) -> Rights:
    return Rights(body["every_trail"], frozenset(body["trails"]))
