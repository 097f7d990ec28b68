"""Adopting a lost second store: a person's decision, checked against what is known outside, and
told in the ledger."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from audit.adopt import adopt
from audit.entry_kinds import SECOND_STORE_ADOPTED
from audit.errors import LedgerMissing, StoreError, StoreMismatch, StoreNotAdopted
from audit.fsck.fsck import fsck
from audit.log.keys import log_signer, receipts_signer
from audit.models import Entry
from audit.seal import seal
from audit.storage.second_store import FILE_NAME, SecondStore
from audit.trails import open_ledger
from tests.audit.ledger import dying_disk, stored_heads, tenant_trail, write


@pytest.fixture
def lost(ledger: None, settings: Settings) -> SecondStore:
    """The second store of a ledger that has two epochs, lost."""
    tenant_trail()
    write(2, ["one", "two"])
    seal(actor="olga")
    write(0)
    seal(actor="olga")
    (Path(settings.SECOND_STORE_DIR) / FILE_NAME).unlink()
    return SecondStore.at(settings.SECOND_STORE_DIR)


def test_the_ledger_goes_on_from_where_it_stood(lost: SecondStore) -> None:
    assert adopt(at_least=3, actor="enzo") == 3
    write(2)
    seal(actor="olga")
    assert lost.heads() == {head.number: (head.size, head.root) for head in stored_heads()}
    assert list(fsck()) == []


def test_the_operators_trail_tells_of_it(lost: SecondStore) -> None:
    adopt(at_least=3, actor="enzo")
    entry = Entry.objects.get(kind=SECOND_STORE_ADOPTED)
    assert entry.trail_number == 1
    assert b'"body":{"actor":"enzo","checkpoint":3,"trails":3}' in bytes(entry.content)


def test_refuses_a_database_behind_what_is_known_outside(lost: SecondStore) -> None:
    with pytest.raises(StoreMismatch, match="newest checkpoint has size 3, want at least the 4"):
        adopt(at_least=4, actor="enzo")
    with pytest.raises(StoreNotAdopted):
        lost.heads()


def test_refuses_a_store_that_is_not_empty(ledger: None) -> None:
    with pytest.raises(StoreMismatch, match="is not empty"):
        adopt(at_least=0, actor="enzo")
    assert not Entry.objects.filter(kind=SECOND_STORE_ADOPTED).exists()


def test_refuses_a_database_without_a_ledger(transactional_db: None) -> None:
    with pytest.raises(LedgerMissing):
        adopt(at_least=0, actor="enzo")


def test_a_ledger_that_died_while_it_was_opened_is_adopted(
    transactional_db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.SECOND_STORE_DIR = tmp_path / "second-store"
    settings.KEYS_DIR = tmp_path / "keys"
    log_signer(), receipts_signer()  # before the disk dies
    with dying_disk(after=0), pytest.raises(StoreError):
        open_ledger(actor="olga")
    with pytest.raises(StoreNotAdopted):
        seal(actor="olga")
    assert adopt(at_least=0, actor="enzo") == 2
    assert seal(actor="olga").epoch == 1
    assert list(fsck()) == []


def test_the_command_adopts_and_says_so(
    lost: SecondStore, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("adopt_second_store", "--at-least", "3")
    assert "holds 3 trails" in capsys.readouterr().out
    with pytest.raises(StoreMismatch, match="is not empty"):
        call_command("adopt_second_store", "--at-least", "3")
