"""The operator's own acts as sentences, for the pages of its trail: *ada was made, who may read
trails 2 and 3*.

An entry of any other kind, or one whose body is not as the kind says, has none: its kind and its
body speak for themselves.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


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
    "person.made/v1": _made,
    "person.made/v2": _made,
    "person.given/v1": _given,
    "person.taken/v1": _taken,
    "person.deactivated/v1": _deactivated,
    "person.reactivated/v1": _reactivated,
    "person.password_set/v1": _password_set,
    "person.password_set/v2": _password_set,
    "person.password_rehashed/v1": _password_rehashed,
    "person.password_told/v1": _password_told,
    "token.issued/v1": _issued,
    "token.revoked/v1": _revoked,
    "key.opened/v1": _key,
    "second_store.adopted/v1": _adopted,
}
