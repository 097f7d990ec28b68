"""The operator's own acts as sentences, for the pages of its trail: *enzo created user ada, with
access to trails 2 and 3*.

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


def sentence_of(kind: str, body: dict[str, Any]) -> str:
    """Return the sentence, in the language of the request; empty where there is none. The kinds:
    audit/FORMATS.md section 3.1."""
    write = _SENTENCES.get(kind)
    try:
        return "" if write is None else write(body)
    except (KeyError, TypeError):
        return ""


def _made(body: dict[str, Any]) -> str:
    return _("%(actor)s created user %(person)s, with access to %(what)s") % _with_rights(body)


def _given(body: dict[str, Any]) -> str:
    return _("%(actor)s gave %(person)s access to %(what)s") % _with_rights(body)


def _taken(body: dict[str, Any]) -> str:
    return _("%(actor)s withdrew %(person)s's access to %(what)s") % _with_rights(body)


def _deactivated(body: dict[str, Any]) -> str:
    return _("%(actor)s deactivated user %(person)s, who can no longer sign in") % body


def _reactivated(body: dict[str, Any]) -> str:
    sentence = _("%(actor)s reactivated user %(person)s, with access to %(what)s")
    return sentence % _with_rights(body)


def _password_set(body: dict[str, Any]) -> str:
    return _("%(actor)s set a new password for %(person)s") % body


def _password_rehashed(body: dict[str, Any]) -> str:
    sentence = _("%(person)s signed in; the same password is now stored under another hash")
    return sentence % body


def _password_recorded(body: dict[str, Any]) -> str:
    sentence = _(
        "%(actor)s put %(person)s's existing password on record; no earlier entry covered it"
    )
    return sentence % body


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
    sentence = ngettext(
        "%(actor)s filled the lost second store from this database, which held %(trails)s trail",
        "%(actor)s filled the lost second store from this database, which held %(trails)s trails",
        body["trails"],
    )
    return sentence % body


def _with_rights(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "what": _rights(body)}


def _rights(body: dict[str, Any]) -> str:
    if body["every_trail"]:
        return _("every trail")
    trails = body["trails"]
    if trails == []:
        return _("no trail")
    *rest, last = map(str, trails)
    if not rest:
        return _("trail %(number)s") % {"number": last}
    return _("trails %(numbers)s and %(last)s") % {"numbers": ", ".join(rest), "last": last}


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
    PASSWORD_RECORDED: _password_recorded,
    TOKEN_ISSUED: _issued,
    TOKEN_REVOKED: _revoked,
    KEY_OPENED: _key,
    SECOND_STORE_ADOPTED: _adopted,
}
