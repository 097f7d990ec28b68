"""Opening trails: numbers in order, the store told, and no second ledger over a first."""

from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings

from audit.append import lock_trails
from audit.errors import LedgerMissing, StoreMismatch
from audit.models import Entry, Trail
from audit.storage.second_store import SecondStore
from audit.tlog.entry import entry_leaf
from audit.tlog.genesis import decode_genesis
from audit.trails import open_ledger, open_trail

pytestmark = pytest.mark.usefixtures("ledger")


def store(settings: Settings) -> SecondStore:
    return SecondStore.at(settings.SECOND_STORE_DIR)


def open_one(owner: str) -> Trail:
    with transaction.atomic():
        return open_trail(owner=owner, name=owner, tenant_nonce=bytes(32))


def test_gives_the_count_as_the_number_and_the_genesis_hash_as_the_id(settings: Settings) -> None:
    trail = open_one("tenant:a")
    content = bytes(Entry.objects.get(trail_number=2, index=0).content)
    genesis = decode_genesis(content)
    assert (trail.number, trail.trail_id, trail.size) == (2, entry_leaf(content), 1)
    assert (genesis.number, genesis.origin, genesis.tenant_nonce) == (
        2,
        settings.LOG_ORIGIN,
        bytes(32),
    )
    assert store(settings).heads()[2] == (1, bytes(trail.root))


def test_an_owner_has_one_trail() -> None:
    assert open_one("tenant:a").pk == open_one("tenant:a").pk
    assert open_one("tenant:b").number == 3


def test_opening_the_ledger_again_changes_nothing() -> None:
    before = list(Trail.objects.values_list("number", "trail_id"))
    open_ledger(actor="olga")
    assert list(Trail.objects.values_list("number", "trail_id")) == before


def test_a_store_lost_later_is_not_filled_by_opening(settings: Settings, tmp_path: Path) -> None:
    open_one("tenant:a")
    settings.SECOND_STORE_DIR = tmp_path / "empty"
    open_ledger(actor="olga")
    assert store(settings).fleet() is None


def test_refuses_to_open_a_ledger_over_one_that_the_store_remembers() -> None:
    Trail.objects.all().delete()
    with pytest.raises(StoreMismatch, match="remembers a ledger, the database holds none"):
        open_ledger(actor="olga")


def test_a_restored_database_cannot_give_a_number_out_again() -> None:
    open_one("tenant:a")
    Trail.objects.filter(number=2).delete()
    with pytest.raises(StoreMismatch, match="trail 2"):
        open_one("tenant:b")


def test_no_tenant_can_stand_where_the_fleet_or_the_operator_belongs() -> None:
    Trail.objects.all().delete()
    with pytest.raises(LedgerMissing, match="the ledger is not open"):
        open_one("tenant:a")


def test_locking_a_trail_that_is_not_there_says_so() -> None:
    with pytest.raises(LedgerMissing, match="there is no trail 7"), transaction.atomic():
        lock_trails([0, 7])
