"""The signing keys: made once, readable by their owner alone, never replaced after they have
signed."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from audit.errors import KeyFileError
from audit.log import keys
from audit.receipts import receipts_of
from audit.seal import seal
from audit.tlog.note import Signer
from audit.tlog.trust import TrustPolicy
from tests.audit.ledger import write


def test_a_key_is_made_once(ledger: None) -> None:
    assert keys.log_signer() == keys.log_signer()
    assert keys.log_signer() != keys.receipts_signer()


def test_keys_are_named_after_the_log(ledger: None, settings: Settings) -> None:
    assert keys.log_signer().name == settings.LOG_ORIGIN
    assert keys.receipts_signer().name == f"{settings.LOG_ORIGIN}/receipts"


def test_only_the_owner_can_read_them(ledger: None, settings: Settings) -> None:
    keys.log_signer()
    path = Path(settings.KEYS_DIR) / keys.LOG_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert sorted(file.name for file in path.parent.iterdir()) == [
        keys.LOG_FILE,
        keys.RECEIPTS_FILE,
    ]


def test_refuses_a_key_that_others_can_read(ledger: None, settings: Settings) -> None:
    keys.log_signer()
    (Path(settings.KEYS_DIR) / keys.LOG_FILE).chmod(0o640)
    with pytest.raises(KeyFileError, match="has the mode 0640, want 0600"):
        keys.log_signer()


def test_refuses_the_key_of_another_log(ledger: None, settings: Settings) -> None:
    keys.log_signer()
    settings.LOG_ORIGIN = "another.example/ledger"
    with pytest.raises(
        KeyFileError, match=r"is the key domicile.example/ledger, want another.example/ledger"
    ):
        keys.log_signer()


def test_refuses_a_file_that_is_not_a_key(ledger: None, settings: Settings) -> None:
    keys.log_signer()
    (Path(settings.KEYS_DIR) / keys.LOG_FILE).write_text("nothing\n")
    with pytest.raises(KeyFileError, match=r"log\.key"):
        keys.log_signer()


def test_of_two_makers_the_first_key_stays(
    ledger: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KEYS_DIR = tmp_path / "none yet"
    link = os.link
    first: list[Signer] = []

    def late(*paths: Any) -> None:
        # Another process makes the key between our look and our link.
        monkeypatch.setattr(os, "link", link)
        first.append(keys.log_signer())
        link(*paths)

    monkeypatch.setattr(os, "link", late)
    assert [keys.log_signer()] == first


def test_a_lost_log_key_that_has_signed_is_not_replaced(ledger: None, settings: Settings) -> None:
    seal(actor="olga")
    (Path(settings.KEYS_DIR) / keys.LOG_FILE).unlink()
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        keys.log_signer()


def test_a_lost_receipts_key_that_has_signed_is_not_replaced(
    ledger: None, settings: Settings
) -> None:
    receipts_of(0, [write(0).first])
    (Path(settings.KEYS_DIR) / keys.RECEIPTS_FILE).unlink()
    with pytest.raises(KeyFileError, match="restore it from its backup"):
        keys.receipts_signer()


def test_the_trust_file_lists_both_public_keys(ledger: None, settings: Settings) -> None:
    policy = TrustPolicy.parse(keys.trust_text())
    assert list(policy.logs) == [
        keys.log_signer().verifier_key,
        keys.receipts_signer().verifier_key,
    ]


def test_show_trust_prints_the_trust_file(ledger: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("show_trust")
    assert capsys.readouterr().out == keys.trust_text()
    assert "PRIVATE" not in keys.trust_text()
