"""What the operator's trail tells of people and tokens: who was let in, what each may read or record, and who is out again.

    told = read()
    told.people["ada"]    →    PersonTold(active=True, rights=Rights(trails=frozenset({3})))
    told.tokens[7]        →    TokenTold("siem", "read", sources=None, kinds=None, trail=3, …, revoked=False)

The rows of people and tokens are what lets anybody in; this is what they should be (`audit.fsck_rights`). FORMATS.md section 3.1.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from audit import stored
from audit.models import OPERATOR_NUMBER
from audit.rights import Rights

MADE, GIVEN, TAKEN = "person.made/v1", "person.given/v1", "person.taken/v1"
DEACTIVATED, REACTIVATED = "person.deactivated/v1", "person.reactivated/v1"
PASSWORD_SET = "person.password_set/v1"  # noqa: S105 - the name of a kind
ISSUED, REVOKED = "token.issued/v1", "token.revoked/v1"

_ACTS = 'SELECT "index", kind, content FROM audit_entry WHERE trail_number = %s AND (kind LIKE %s OR kind LIKE %s) ORDER BY 1'


@dataclass(frozen=True, slots=True)
class PersonTold:
    active: bool
    rights: Rights


@dataclass(frozen=True, slots=True)
class TokenTold:
    """`purpose`, `sources`, `kinds` and `trail` as in the token's row (`audit.models.Token`); `fingerprint` of the secret."""

    label: str
    purpose: str
    sources: tuple[str, ...] | None
    kinds: tuple[str, ...] | None
    trail: int | None
    fingerprint: str
    revoked: bool


@dataclass(slots=True)
class Told:
    """`unread` are the indexes of entries whose body is not as their kind says, or that speak of nobody who was let in."""

    people: dict[str, PersonTold] = field(default_factory=dict)
    tokens: dict[int, TokenTold] = field(default_factory=dict)
    unread: list[int] = field(default_factory=list)


def read() -> Told:
    """Return what the operator's trail tells now."""
    return replay(
        (index, kind, bytes(content)) for index, kind, content in stored.read(_ACTS, [OPERATOR_NUMBER, "person.%", "token.%"])
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
    if kind == ISSUED:
        sources, kinds = (None if body[name] is None else tuple(body[name]) for name in ("sources", "kinds"))
        told = TokenTold(body["label"], body["purpose"], sources, kinds, body["trail"], body["fingerprint"], revoked=False)
        found[body["token"]] = told
    elif kind == REVOKED:
        found[body["token"]] = replace(found[body["token"]], revoked=True)


def _take_in_person(found: dict[str, PersonTold], kind: str, body: dict[str, Any]) -> None:
    name = body["person"]
    if kind == MADE:
        found[name] = PersonTold(True, _rights(body))
        return
    person = found[name]
    if kind == GIVEN:
        found[name] = replace(person, rights=person.rights | _rights(body))
    elif kind == TAKEN:
        found[name] = replace(person, rights=person.rights - _rights(body))
    elif kind in (DEACTIVATED, REACTIVATED):
        found[name] = replace(person, active=kind == REACTIVATED)


def _rights(body: dict[str, Any]) -> Rights:
    return Rights(body["every_trail"], frozenset(body["trails"]))
