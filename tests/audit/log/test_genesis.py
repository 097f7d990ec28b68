"""Opening the ledger: its trails, its keys and the entries that tell of them; done again, it does
what a crash left undone."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from audit.entry_kinds import KEY_OPENED
from audit.errors import KeyFileError, StoreError
from audit.fsck.fsck import fsck
from audit.log.keys import LOG_FILE, log_signer, receipts_signer
from audit.models import OPERATOR_NUMBER, Entry, Trail
from audit.storage.second_store import SecondStore
from audit.tlog.note import VerifierKey
from audit.trails import open_ledger
from tests.audit.ledger import dying_disk


@pytest.fixture
def nothing(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    """An empty database, and folders of its own for keys and second store."""
    settings.KEYS_DIR, settings.SECOND_STORE_DIR = tmp_path / "keys", tmp_path / "second-store"


def recorded_keys() -> list[dict[str, Any]]:
    """The bodies of the entries that tell of keys, in order."""
    entries = Entry.objects.filter(trail_number=OPERATOR_NUMBER, kind=KEY_OPENED).order_by("index")
    return [json.loads(bytes(entry.content))["body"] for entry in entries]


def test_tells_of_both_keys_by_their_public_halves(nothing: None) -> None:
    open_ledger(actor="olga")
    log, receipts = log_signer().verifier_key, receipts_signer().verifier_key
    assert recorded_keys() == [
        {
            "actor": "olga",
            "key_id": log.key_id.hex(),
            "signs": "checkpoints",
            "verifier_key": log.text(),
        },
        {
            "actor": "olga",
            "key_id": receipts.key_id.hex(),
            "signs": "receipts",
            "verifier_key": receipts.text(),
        },
    ]
    assert [VerifierKey.parse(body["verifier_key"]) for body in recorded_keys()] == [log, receipts]
    assert "PRIVATE" not in json.dumps(recorded_keys())
    assert list(fsck()) == []


def test_opening_again_tells_of_no_key_twice(nothing: None) -> None:
    open_ledger(actor="olga")
    open_ledger(actor="enzo")
    assert [body["actor"] for body in recorded_keys()] == ["olga", "olga"]


def test_tells_of_a_key_that_took_the_place_of_another(nothing: None, settings: Settings) -> None:
    open_ledger(actor="olga")
    (settings.KEYS_DIR / LOG_FILE).unlink()  # it has signed nothing yet, so a new one may be made
    open_ledger(actor="enzo")
    assert [(body["actor"], body["signs"]) for body in recorded_keys()] == [
        ("olga", "checkpoints"),
        ("olga", "receipts"),
        ("enzo", "checkpoints"),
    ]
    assert recorded_keys()[2]["verifier_key"] == log_signer().verifier_key.text()


def test_a_ledger_whose_store_was_never_told_is_told_when_it_is_opened_again(
    nothing: None, settings: Settings
) -> None:
    log_signer(), receipts_signer()  # before the disk dies
    with dying_disk(after=0), pytest.raises(StoreError):
        open_ledger(actor="olga")
    assert (Trail.objects.count(), recorded_keys()) == (2, [])
    open_ledger(actor="enzo")
    assert set(SecondStore.at(settings.SECOND_STORE_DIR).heads()) == {0, 1}
    assert [body["actor"] for body in recorded_keys()] == ["enzo", "enzo"]
    assert list(fsck()) == []


def test_a_key_that_others_can_read_opens_no_ledger(nothing: None, settings: Settings) -> None:
    log_signer()
    (settings.KEYS_DIR / LOG_FILE).chmod(0o644)
    with pytest.raises(KeyFileError, match="want 0600"):
        open_ledger(actor="olga")
    assert not Trail.objects.exists()


def test_the_command_says_trails_keys_and_origin(
    nothing: None, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("open_ledger")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["trail", "trail", "key", "key", "origin"]
    assert lines[2] == f"key {log_signer().verifier_key.text()}"
    assert recorded_keys()[0]["actor"].startswith("user:")


def test_the_command_says_why_it_opens_nothing(nothing: None, settings: Settings) -> None:
    log_signer()
    settings.LOG_ORIGIN = "another.example/ledger"
    with pytest.raises(
        KeyFileError, match=r"is the key domicile.example/ledger, want another.example/ledger"
    ):
        call_command("open_ledger")
