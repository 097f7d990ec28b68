"""The operator's own acts as sentences, for the pages of its trail: *ada was made, who may read
trails 2 and 3*.

An entry of any other kind, or one whose body is not as the kind says, has none: its kind and its
body speak for themselves.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.entry_kinds import (
    KEY_OPENED,
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
    SECOND_STORE_ADOPTED,
    TOKEN_ISSUED,
    TOKEN_REVOKED,
)


def own_words(kind: str, body: dict[str, Any]) -> str:
    """Return the sentence, in the language of the request; empty where there is none. The kinds:
    audit/FORMATS.md section 3.1."""
    said = _SENTENCES.get(kind)
    try:
        return "" if said is None else said(body)
    except (KeyError, TypeError):
        return ""


def _made(body: dict[str, Any]) -> str:
    return _("%(actor)s made the person %(person)s, who may read %(what)s") % {
        **body,
        "what": _rights(body),
    }


def _given(body: dict[str, Any]) -> str:
    return _("%(actor)s let %(person)s read %(what)s as well") % {**body, "what": _rights(body)}


def _taken(body: dict[str, Any]) -> str:
    return _("%(actor)s lets %(person)s read no longer: %(what)s") % {**body, "what": _rights(body)}


def _deactivated(body: dict[str, Any]) -> str:
    return _("%(actor)s deactivated the person %(person)s, who may no longer sign in") % body


def _reactivated(body: dict[str, Any]) -> str:
    return _("%(actor)s let %(person)s sign in again, who may read %(what)s") % {
        **body,
        "what": _rights(body),
    }


def _password_set(body: dict[str, Any]) -> str:
    return _("%(actor)s gave the person %(person)s another password") % body


def _password_rehashed(body: dict[str, Any]) -> str:
    return (
        _("%(person)s signed in, and the same password is kept under another hash from then on")
        % body
    )


def _password_told(body: dict[str, Any]) -> str:
    return (
        _("%(actor)s told which password %(person)s had by then, of which no entry had told") % body
    )


def _issued(body: dict[str, Any]) -> str:
    if body["trail"] is not None:
        return _("%(actor)s issued token %(token)s (%(label)s), which reads trail %(trail)s") % body
    if body["sources"] is None:
        return _("%(actor)s issued token %(token)s (%(label)s), which records as any source") % body
    names = ", ".join(body["sources"])
    return _("%(actor)s issued token %(token)s (%(label)s), which records as %(names)s") % {
        **body,
        "names": names,
    }


def _revoked(body: dict[str, Any]) -> str:
    return _("%(actor)s revoked token %(token)s (%(label)s)") % body


def _key(body: dict[str, Any]) -> str:
    if body["signs"] == "checkpoints":
        return _("%(actor)s opened the key %(key_id)s, which signs the log's checkpoints") % body
    return _("%(actor)s opened the key %(key_id)s, which signs receipts") % body


def _adopted(body: dict[str, Any]) -> str:
    return (
        ngettext(
            "%(actor)s filled the lost second store from this database, which held %(trails)s trail",
            "%(actor)s filled the lost second store from this database, which held %(trails)s trails",
            body["trails"],
        )
        % body
    )


def _rights(body: dict[str, Any]) -> str:
    if body["every_trail"]:
        return _("every trail")
    trails = body["trails"]
    if trails == []:
        return _("no trail")
    numbers = ", ".join(str(number) for number in trails)
    return ngettext("the trail %(numbers)s", "the trails %(numbers)s", len(trails)) % {
        "numbers": numbers
    }


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    PERSON_MADE_V1: _made,
    PERSON_MADE: _made,
    PERSON_GIVEN: _given,
    PERSON_TAKEN: _taken,
    PERSON_DEACTIVATED: _deactivated,
    PERSON_REACTIVATED: _reactivated,
    PASSWORD_SET_V1: _password_set,
    PASSWORD_SET: _password_set,
    PASSWORD_REHASHED: _password_rehashed,
    PASSWORD_RECORDED: _password_told,
    TOKEN_ISSUED: _issued,
    TOKEN_REVOKED: _revoked,
    KEY_OPENED: _key,
    SECOND_STORE_ADOPTED: _adopted,
}
