"""★3a Append: what it writes, in which order, what a rollback leaves, and what it refuses."""

from collections.abc import Sequence

import pytest
from django.db import transaction
from pytest_django import Settings

from audit.append import NewEntry, append, append_each, lock_trails
from audit.errors import LedgerMissing, StoreMismatch, StoreNotAdopted
from audit.models import FLEET_NUMBER, OPERATOR_NUMBER, Entry, Receipt, Trail
from audit.storage.second_store import SecondStore
from audit.storage.second_store_lines import Head
from audit.tlog import canonical
from audit.tlog.compact import CompactRange
from audit.tlog.entry import decode, entry_leaf
from audit.tlog.errors import EntryError
from audit.tlog.merkle import Hash, root_hash
from tests.audit.ledger import Backup, new_entry, tenant_trail, write

TOO_LARGE = 1 << 20


class Undone(Exception):
    """Raised by a test to roll its transaction back."""


@pytest.fixture
def number(ledger: None) -> int:
    return tenant_trail().number


def contents(number: int) -> list[bytes]:
    """The stored contents of a trail, in the order of their indexes."""
    entries = Entry.objects.filter(trail_number=number).order_by("index")
    return [bytes(content) for content in entries.values_list("content", flat=True)]


def texts(stored: Sequence[bytes]) -> list[object]:
    return [decode(content).body["text"] for content in stored]


def remembered(settings: Settings, number: int) -> Head:
    return SecondStore.at(settings.SECOND_STORE_DIR).heads()[number]


def stored_head(number: int) -> Head:
    trail = Trail.objects.get(number=number)
    return trail.size, Hash(bytes(trail.root))


def test_gives_the_next_indexes_in_the_order_of_the_entries(number: int) -> None:
    first = write(number, ["a", "b", "c"])
    second = write(number, ["d", "e"])
    assert [(added.first, added.size) for added in (first, second)] == [(1, 4), (4, 6)]
    stored = contents(number)
    assert stored[1:] == first.contents + second.contents
    assert texts(stored[1:]) == ["a", "b", "c", "d", "e"]
    assert [decode(content).index for content in stored[1:]] == [1, 2, 3, 4, 5]


def test_the_row_of_an_entry_says_what_its_content_says(number: int) -> None:
    write(number, ["a"], received_at=Trail.objects.get(number=number).received_at + 7)
    entry = Entry.objects.get(trail_number=number, index=1)
    content = decode(bytes(entry.content))
    assert (entry.kind, entry.received_at) == (content.kind, content.received_at)
    assert bytes(entry.leaf_hash) == entry_leaf(bytes(entry.content))
    assert content.trail == bytes(Trail.objects.get(number=number).trail_id)


def test_equal_entries_have_different_nonces(number: int) -> None:
    added = write(number, ["same", "same"])
    first, second = map(decode, added.contents)
    assert first.body == second.body
    assert first.nonce != second.nonce


def test_moves_the_head_to_the_root_of_all_entries(number: int) -> None:
    for size in range(1, 6):
        write(number, ["a"] * size)
        leaves = [entry_leaf(content) for content in contents(number)]
        trail = Trail.objects.get(number=number)
        assert (trail.size, bytes(trail.root)) == (len(leaves), root_hash(leaves))
        assert CompactRange.decode(0, trail.size, bytes(trail.compact)).root() == root_hash(leaves)


def test_writes_one_receipt_row_a_batch(number: int) -> None:
    write(number, ["a", "b"])
    write(number, ["c"])
    leaves = [entry_leaf(content) for content in contents(number)]
    rows = Receipt.objects.filter(trail_number=number).order_by("size")
    assert [
        (row.first, row.size, bytes(row.batch_root), bytes(row.root), row.note) for row in rows
    ] == [
        (1, 3, root_hash(leaves[1:3]), root_hash(leaves[:3]), None),
        (3, 4, root_hash(leaves[3:4]), root_hash(leaves[:4]), None),
    ]


def test_appends_to_several_trails_at_once(number: int) -> None:
    other = tenant_trail("ministry").number
    with transaction.atomic():
        trails = lock_trails([other, number])
        news = [(trails[other], [new_entry("a")]), (trails[number], [new_entry("b")] * 2)]
        added = append_each(news, 5)
    assert [(batch.trail_number, batch.first, batch.size) for batch in added] == [
        (other, 1, 2),
        (number, 1, 3),
    ]
    assert texts(contents(other)[1:]) == ["a"]
    assert texts(contents(number)[1:]) == ["b", "b"]


def test_received_times_never_decrease(number: int) -> None:
    begun = Trail.objects.get(number=number).received_at
    write(number, ["a"], received_at=begun + 1_000)
    write(number, ["b"], received_at=begun + 10)
    times = [decode(content).received_at for content in contents(number)[1:]]
    assert times == [begun + 1_000, begun + 1_000]
    assert Trail.objects.get(number=number).received_at == begun + 1_000


def test_locks_each_trail_once_in_the_order_of_the_numbers(number: int) -> None:
    """Two appends that lock the same trails in one order cannot wait for each other."""
    other = tenant_trail("ministry").number
    with transaction.atomic():
        trails = lock_trails([other, FLEET_NUMBER, number, other])
    assert list(trails) == [FLEET_NUMBER, number, other]
    assert [trail.number for trail in trails.values()] == [FLEET_NUMBER, number, other]


def test_the_second_store_is_written_after_the_commit(number: int, settings: Settings) -> None:
    before = remembered(settings, number)
    with transaction.atomic():
        trail = lock_trails([number])[number]
        append(trail, [new_entry("a")], 5)
        append(trail, [new_entry("b")], 5)
        assert remembered(settings, number) == before
    assert remembered(settings, number) == stored_head(number)
    assert stored_head(number)[0] == before[0] + 2


def test_a_rollback_leaves_nothing(number: int, settings: Settings) -> None:
    before = stored_head(number)
    with pytest.raises(Undone), transaction.atomic():
        append(lock_trails([number])[number], [new_entry("a")], 5)
        raise Undone
    assert stored_head(number) == remembered(settings, number) == before
    assert len(contents(number)) == before[0]
    assert not Receipt.objects.filter(trail_number=number).exists()


def test_refuses_an_entry_that_is_too_large_and_writes_none_of_its_batch(
    number: int, settings: Settings
) -> None:
    before = stored_head(number)
    body = canonical.encode({"text": "x" * TOO_LARGE})
    large = NewEntry("note.made/v1", "note", "olga", None, 5, body)
    with pytest.raises(EntryError), transaction.atomic():
        append(lock_trails([number])[number], [new_entry("a"), large], 5)
    assert stored_head(number) == remembered(settings, number) == before
    assert len(contents(number)) == before[0]


def test_refuses_a_trail_that_is_not_there(number: int) -> None:
    with pytest.raises(LedgerMissing, match="there is no trail 99"), transaction.atomic():
        lock_trails([number, 99])


@pytest.mark.django_db
@pytest.mark.parametrize("number", [FLEET_NUMBER, OPERATOR_NUMBER])
def test_refuses_a_ledger_that_is_not_open(number: int) -> None:
    with pytest.raises(LedgerMissing, match="the ledger is not open"), transaction.atomic():
        lock_trails([number])


def test_refuses_a_database_that_is_behind_the_second_store(number: int) -> None:
    """A restored database would give out the same index twice."""
    write(number, ["a"])
    backup = Backup()
    write(number, ["b"])
    backup.restore()
    with pytest.raises(StoreMismatch, match=f"trail {number}: "), transaction.atomic():
        lock_trails([number])


def test_refuses_an_empty_second_store(number: int, settings: Settings) -> None:
    settings.SECOND_STORE_DIR = settings.SECOND_STORE_DIR / "elsewhere"
    with pytest.raises(StoreNotAdopted), transaction.atomic():
        lock_trails([number])


def test_refuses_a_trail_that_moved_without_its_lock(number: int) -> None:
    with pytest.raises(RuntimeError, match="did not hold its lock"), transaction.atomic():
        trail = lock_trails([number])[number]
        Trail.objects.filter(number=number).update(size=trail.size + 1)
        append(trail, [new_entry("a")], 5)
    assert Trail.objects.get(number=number).size == 1
