"""Receipts: one a batch, signed once, and only of what the second store knows."""

import pytest
from pytest_django import Settings

from audit import clock
from audit.errors import StoreError
from audit.log.keys import receipts_signer
from audit.models import Entry, Receipt, Trail
from audit.receipts import receipts_for, receipts_of
from audit.storage.second_store import SecondStore
from audit.tlog.entry import entry_leaf
from audit.tlog.merkle import Hash, root_hash
from audit.tlog.receipt import Receipt as ReceiptText
from audit.tlog.receipt import open_receipt
from tests.audit.ledger import dying_disk, tenant_trail, write


@pytest.fixture
def number(ledger: None) -> int:
    return tenant_trail().number


def opened(note: bytes) -> ReceiptText:
    """The receipt as its holder reads it, with the log's public key."""
    return open_receipt(note, [receipts_signer().verifier_key])


def ranges(notes: list[bytes]) -> list[tuple[int, int, int]]:
    return [(text.trail, text.first, text.size) for text in map(opened, notes)]


def test_a_receipt_binds_the_trail_and_the_batch(number: int, settings: Settings) -> None:
    write(number, ["a", "b"])
    (note,) = receipts_of(number, [2])
    text = opened(note)
    entries = Entry.objects.filter(trail_number=number).order_by("index")
    leaves = [entry_leaf(bytes(entry.content)) for entry in entries]
    trail = Trail.objects.get(number=number)
    assert (text.origin, text.trail, text.trail_id) == (
        settings.LOG_ORIGIN,
        number,
        bytes(trail.trail_id),
    )
    assert (text.first, text.size, text.batch_root) == (1, 3, root_hash(leaves[1:]))
    assert (text.root, text.received_at) == (root_hash(leaves), trail.received_at)


def test_it_promises_an_epoch_within_two_of_the_longest(
    number: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(number, ["a"])
    now = clock.now_ms() + 60_000
    monkeypatch.setattr(clock, "read_ns", lambda: now * 1_000_000)
    (note,) = receipts_of(number, [1])
    assert opened(note).commit_by == now + 2 * settings.LOG_MAXIMUM_MS


def test_a_receipt_is_signed_once(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    write(number, ["a", "b"])
    notes = receipts_of(number, [1])
    later = clock.read_ns() + 10**12
    monkeypatch.setattr(clock, "read_ns", lambda: later)
    assert receipts_of(number, [1]) == receipts_of(number, [2]) == notes
    assert bytes(Receipt.objects.get(trail_number=number).note or b"") == notes[0]


def test_one_receipt_covers_a_batch(number: int) -> None:
    write(number, ["a", "b"])
    write(number, ["c"])
    assert ranges(receipts_of(number, [2, 1, 2])) == [(number, 1, 3)]
    assert ranges(receipts_of(number, [3, 1])) == [(number, 1, 3), (number, 3, 4)]
    assert receipts_of(number, []) == []


def test_receipts_come_in_the_order_of_trail_and_index(number: int) -> None:
    other = tenant_trail("ministry").number
    write(other, ["a"])
    write(number, ["b"])
    write(number, ["c"])
    notes = receipts_for([(other, 1), (number, 2), (number, 1)])
    assert ranges(notes) == [(number, 1, 2), (number, 2, 3), (other, 1, 2)]


@pytest.mark.parametrize(("trail", "index"), [("tenant", 0), ("tenant", 3), ("none", 1)])
def test_refuses_an_entry_that_no_batch_covers(number: int, trail: str, index: int) -> None:
    """The genesis has no receipt, nor has what is not written."""
    write(number, ["a", "b"])
    named = number if trail == "tenant" else number + 1
    message = f"no batch covers entry {index} of trail {named}"
    with pytest.raises(Receipt.DoesNotExist, match=message):
        receipts_for([(number, 1), (named, index)])
    assert not Receipt.objects.filter(note__isnull=False).exists()


def test_a_head_that_the_second_store_missed_is_remembered_before_it_is_signed(
    number: int, settings: Settings
) -> None:
    store = SecondStore.at(settings.SECOND_STORE_DIR)
    with pytest.raises(StoreError), dying_disk(after=0):
        write(number, ["a"])
    assert store.heads()[number][0] == 1
    receipts_of(number, [1])
    trail = Trail.objects.get(number=number)
    assert store.heads()[number] == (2, Hash(bytes(trail.root)))


def test_nothing_is_signed_while_the_second_store_cannot_be_written(number: int) -> None:
    with pytest.raises(StoreError), dying_disk(after=0):
        write(number, ["a"])
    with pytest.raises(StoreError), dying_disk(after=0):
        receipts_of(number, [1])
    assert not Receipt.objects.filter(note__isnull=False).exists()
