"""Tokens: issuing and revoking are entries of the operator's trail, without the secret; a revoked
one opens nothing."""

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from audit import clock
from audit.errors import LedgerMissing, NotRecordedError, StoreMismatch, TokenError
from audit.fsck.fsck import fsck
from audit.models import OPERATOR_NUMBER, Entry, Token, Trail
from audit.people import tokens
from audit.seal import seal
from tests.audit.ledger import Backup, tenant_trail


def entries() -> list[tuple[str, str, dict[str, Any]]]:
    """(kind, subject, body) of the operator's entries about tokens, in order."""
    rows = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind__startswith="token.")
    rows = rows.order_by("index")
    contents = [json.loads(bytes(content)) for content in rows.values_list("content", flat=True)]
    return [(entry["kind"], entry["subject"], entry["body"]) for entry in contents]


def asked(secret: str) -> Any:
    """An answer that any live read token gets."""
    return Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/exports/9999")


def test_a_token_s_entry_says_what_it_may_and_holds_nothing_of_the_secret(ledger: None) -> None:
    token, secret = tokens.issue("collector", sources=["slurm", "cmdb", "slurm"], actor="enzo")
    fingerprint = hashlib.sha256(hashlib.sha256(secret.encode()).digest()).hexdigest()
    body: dict[str, Any] = {
        "fingerprint": fingerprint,
        "kinds": None,
        "label": "collector",
        "purpose": "record",
        "sources": ["cmdb", "slurm"],
    }
    body |= {"token": token.pk, "trail": None}
    assert entries() == [("token.issued/v1", f"token/{token.pk}", {"actor": "enzo", **body})]
    assert token.spoken_for == frozenset({"cmdb", "slurm"})
    ledger_bytes = b"".join(bytes(entry.content) for entry in Entry.objects.all())
    digest = bytes(Token.objects.get().digest)
    assert digest == tokens.digest_of(secret)
    assert not any(text in ledger_bytes for text in (secret.encode(), digest.hex().encode()))


def test_an_administrator_s_token_and_one_that_reads(ledger: None) -> None:
    hospital = tenant_trail()
    any_source, _ = tokens.issue("import", sources=None, actor="enzo")
    reads, _ = tokens.issue("siem", trail=hospital.number, actor="enzo")
    assert (any_source.purpose, any_source.spoken_for, any_source.trail_id) == (
        Token.RECORD,
        None,
        None,
    )
    assert (reads.purpose, reads.spoken_for, reads.trail_id) == (Token.READ, None, hospital.number)
    assert [(body["sources"], body["trail"]) for _, _, body in entries()] == [
        (None, None),
        (None, hospital.number),
    ]


def test_a_stolen_token_is_revoked_once_and_answered_401_with_the_reason(ledger: None) -> None:
    hospital = tenant_trail()
    token, secret = tokens.issue("siem", trail=hospital.number, actor="enzo")
    assert asked(secret).status_code == 404
    tokens.revoke(token.pk, actor="olga")
    tokens.revoke(token.pk, actor="enzo")
    answer = asked(secret)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="domicile"')
    assert answer.json() == {
        "error": {
            "code": "token_revoked",
            "message": "this token was revoked; ask its issuer for a new one",
        }
    }
    assert entries()[1:] == [
        (
            "token.revoked/v1",
            f"token/{token.pk}",
            {"actor": "olga", "label": "siem", "token": token.pk},
        )
    ]


def test_a_wrong_secret_learns_nothing(ledger: None) -> None:
    tokens.issue("import", actor="enzo")
    answer = asked("dom_wrong")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "authentication_failed")


def test_a_database_restored_to_before_the_revocation_takes_nothing_and_is_named(
    ledger: None,
) -> None:
    token, _ = tokens.issue("collector", sources=["slurm"], actor="enzo")
    backup = Backup()
    tokens.revoke(token.pk, actor="olga")
    backup.restore()
    Token.objects.update(revoked_at=None)
    with pytest.raises(StoreMismatch, match="restored or altered"):
        tokens.issue("another", actor="enzo")
    defects = [str(defect) for defect in fsck()]
    assert any(f"trail {OPERATOR_NUMBER}" in defect for defect in defects)


def test_a_token_is_revoked_though_the_second_store_refuses_and_the_entry_comes_later(
    ledger: None, settings: Any
) -> None:
    hospital = tenant_trail()
    token, secret = tokens.issue("siem", trail=hospital.number, actor="enzo")
    true_store, settings.SECOND_STORE_DIR = (
        settings.SECOND_STORE_DIR,
        settings.SECOND_STORE_DIR / "elsewhere",
    )
    with pytest.raises(
        NotRecordedError,
        match=rf"token {token.pk} \(siem\) is revoked, but the operator's trail has no entry of it",
    ):
        tokens.revoke(token.pk, actor="enzo")
    assert asked(secret).status_code == 401
    assert entries()[1:] == []
    settings.SECOND_STORE_DIR = true_store
    assert [str(defect) for defect in fsck()] == [
        f"token {token.pk}: it is revoked, and the operator's trail says that it is not revoked"
    ]
    tokens.revoke(token.pk, actor="enzo")
    tokens.revoke(token.pk, actor="enzo")
    assert [kind for kind, _, _ in entries()[1:]] == ["token.revoked/v1"]
    assert list(fsck()) == []


def test_its_use_is_noted_every_few_minutes(ledger: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital = tenant_trail()
    _, secret = tokens.issue("siem", trail=hospital.number, actor="enzo")
    seen = []
    for minute in (0, 4, 5, 6):
        monkeypatch.setattr(
            clock, "read_ns", lambda at=minute: (1_000_000 + at * 60_000) * 1_000_000
        )
        asked(secret)
        seen.append(Token.objects.get().last_used_at)
    assert seen == [1_000_000, 1_000_000, 1_300_000, 1_300_000]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"label": ""}, "label: want 1 to 100 printable characters"),
        ({"label": "a\nb"}, "label: want"),
        ({"label": "a" * 101}, "label: want"),
        ({"sources": []}, "want 1 to 1000 sources, got 0"),
        ({"sources": [""]}, "source: want 1 to 200"),
        ({"sources": ["a\0"]}, "source: want"),
        ({"sources": ["a"], "trail": 0}, "got both"),
        ({"trail": 77}, "there is no trail 77"),
    ],
)
def test_a_refused_token_leaves_nothing(ledger: None, more: dict[str, Any], message: str) -> None:
    with pytest.raises(TokenError, match=message):
        tokens.issue(**{"label": "collector", "actor": "enzo", **more})
    assert (Token.objects.count(), entries()) == (0, [])


def test_revoking_what_is_not_there_says_so(ledger: None) -> None:
    with pytest.raises(TokenError, match="there is no token 9"):
        tokens.revoke(9, actor="enzo")


def test_the_database_refuses_sources_of_a_token_that_reads(ledger: None) -> None:
    tokens.issue("siem", trail=0, actor="enzo")
    with pytest.raises(IntegrityError):
        Token.objects.update(sources=["slurm"])


def test_no_token_before_the_ledger_is_open(transactional_db: None) -> None:
    with pytest.raises(LedgerMissing, match="open_ledger"):
        tokens.issue("collector", sources=["slurm"], actor="enzo")
    assert not Token.objects.exists()


def test_the_ledger_stays_whole(ledger: None) -> None:
    token, _ = tokens.issue("collector", sources=["slurm"], actor="enzo")
    tokens.revoke(token.pk, actor="enzo")
    seal(actor="olga")
    assert Trail.objects.get(number=OPERATOR_NUMBER).size == 5
    assert list(fsck()) == []
