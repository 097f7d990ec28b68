"""Tokens: a machine may record facts, or read one trail. Issuing one and revoking it are entries of
the operator's trail.

    token, secret = issue("slurm", sources=["slurm"], kinds=["heartbeat/v1"], actor="enzo")
    token, secret = issue("import", sources=None, actor="enzo")    # records as any source
    token, secret = issue("siem", trail=3, actor="enzo")           # reads trail 3
    revoke(token.pk, actor="enzo")

The secret is returned once; the database keeps its SHA-256. The ledger holds the SHA-256 of that,
so that another secret put under the token shows. Each step is one transaction under the operator
trail's lock: the row and its entry, together or not at all.
"""

import hashlib
import secrets
from collections.abc import Sequence

from django.db import transaction

from audit import operator_trail
from audit.clock import now_ms
from audit.entry_kinds import TOKEN_ISSUED, TOKEN_REVOKED
from audit.errors import NotRecordedError, TokenError
from audit.models import Token, Trail
from audit.people import rights_on_record

PREFIX = "dom_"  # so that a token that strays into a text is recognised
SECRET_BYTES = 32
LONGEST_LABEL, LONGEST_NAME, MOST_NAMES = 100, 200, 1000


def digest_of(secret: str) -> bytes:
    """Return what the database keeps of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def fingerprint_of(digest: bytes) -> str:
    """Return what the ledger holds of a secret: the SHA-256, in hex, of what is kept of it."""
    return hashlib.sha256(digest).hexdigest()


@transaction.atomic
def issue(
    label: str,
    *,
    actor: str,
    sources: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    trail: int | None = None,
) -> tuple[Token, str]:
    """Make a token, and return it with its secret. With `trail` it reads that trail; else it
    records facts of these `kinds` as one of `sources`, or any where that is None. Raises
    TokenError; LedgerMissing and the second store's errors as every append."""
    operator = operator_trail.lock()
    _check_text("label", label, LONGEST_LABEL)
    sources = None if sources is None else _checked("source", sources)
    kinds = None if kinds is None else _checked("kind", kinds)
    if trail is not None and (sources is not None or kinds is not None):
        raise TokenError(
            "want sources and kinds for a token that records, "
            "or a trail for one that reads, got both"
        )
    if trail is not None and not Trail.objects.filter(number=trail).exists():
        raise TokenError(f"there is no trail {trail}")
    secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token.objects.create(
        name=label,
        digest=digest_of(secret),
        purpose=Token.RECORD if trail is None else Token.READ,
        trail_id=trail,
        sources=sources,
        kinds=kinds,
        made_at=now_ms(),
    )
    body = {
        "fingerprint": fingerprint_of(bytes(token.digest)),
        "kinds": kinds,
        "label": label,
        "purpose": token.purpose,
        "sources": sources,
        "token": token.pk,
        "trail": trail,
    }
    operator_trail.append_act(operator, TOKEN_ISSUED, f"token/{token.pk}", body, actor=actor)
    return token, secret


def revoke(pk: int, *, actor: str) -> Token:
    """Let the token in no longer, from the next request on. A token that was revoked before stays
    as it was, without another entry. Raises TokenError where there is none; and NotRecordedError
    where the second store refuses the entry: the token is revoked all the same, and revoking it
    again later writes the entry."""
    try:
        return _revoke(pk, actor)
    except operator_trail.REFUSED as error:
        token, _ = _shut_out(pk)
        raise NotRecordedError(f"token {pk} ({token.name}) is revoked", error) from error


@transaction.atomic
def _revoke(pk: int, actor: str) -> Token:
    trail = operator_trail.lock()
    token, changed = _shut_out(pk)
    recorded = rights_on_record.read().tokens.get(pk)
    if changed or (recorded and not recorded.revoked):
        body = {"label": token.name, "token": pk}
        operator_trail.append_act(trail, TOKEN_REVOKED, f"token/{pk}", body, actor=actor)
    return token


def _shut_out(pk: int) -> tuple[Token, bool]:
    """Revoke the token's row. Returns the token, and whether it was not revoked before. Raises
    TokenError where there is none."""
    changed = Token.objects.filter(pk=pk, revoked_at__isnull=True).update(revoked_at=now_ms())
    token = Token.objects.filter(pk=pk).first()
    if token is None:
        raise TokenError(f"there is no token {pk}: list_tokens shows them")
    return token, bool(changed)


def _checked(what: str, names: Sequence[str]) -> list[str]:
    """Return the names in order, each once. Raises TokenError."""
    distinct = sorted(set(names))
    if not 1 <= len(distinct) <= MOST_NAMES:
        raise TokenError(f"want 1 to {MOST_NAMES} {what}s, got {len(distinct)}")
    for name in distinct:
        _check_text(what, name, LONGEST_NAME)
    return distinct


def _check_text(what: str, text: str, longest: int) -> None:
    """Raises TokenError for an empty or long text, and for one that a list or JSON cannot show."""
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise TokenError(
            f"{what}: want 1 to {longest} printable characters, got {text[:longest]!r}"
        )
