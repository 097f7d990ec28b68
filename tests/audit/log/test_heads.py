"""The heads that a seal closes: computed again from the stored bytes, or refused."""

import pytest
from django.conf import settings

from audit.errors import SealError, StoreMismatch
from audit.log.heads import TrailState, changed_heads, read_trail_states, write_heads
from audit.models import SealedHead, TrailHead
from audit.storage.second_store import SecondStore
from audit.storage.second_store_lines import Head as Remembered
from audit.tlog.heads import Head
from audit.tlog.merkle import Hash
from tests.audit.ledger import change_row, delete_row, stored_heads, tenant_trail, write

AT_INDEX = 'trail_number = %s AND "index" = %s'
ONE, OTHER = Hash(b"1" * 32), Hash(b"2" * 32)


@pytest.fixture
def number(ledger: None) -> int:
    number = tenant_trail().number
    write(number, ["a", "b", "c"])
    return number


def remembered() -> dict[int, Remembered]:
    return dict(SecondStore.at(settings.SECOND_STORE_DIR).heads())


def close(epoch: int) -> None:
    """Write the heads that changed, as a seal does."""
    write_heads(epoch, changed_heads(read_trail_states(), remembered()))


def state(size: int, root: Hash, sealed_size: int = 0, sealed_root: bytes = b"") -> TrailState:
    return TrailState(Head(7, Hash(bytes(32)), size, root), sealed_size, Hash(sealed_root))


def test_a_state_is_the_stored_head_and_the_sealed_one(number: int) -> None:
    states = read_trail_states()
    assert [state.head for state in states] == stored_heads()
    assert {(state.sealed_size, state.sealed_root, state.is_changed) for state in states} == {
        (0, b"", True)
    }
    close(1)
    write(number, ["d"])
    for state in read_trail_states():
        assert state.is_changed is (state.head.number == number)
        assert state.sealed_size == state.head.size - state.is_changed


@pytest.mark.parametrize(
    "known",
    [None, (3, ONE), (2, OTHER)],
    ids=["nothing", "the same head", "a smaller one: the database is ahead"],
)
def test_a_trail_that_has_only_grown_passes(known: Remembered | None) -> None:
    state(3, ONE).check(known)
    state(3, ONE, 3, ONE).check(known)
    state(3, ONE, 2, OTHER).check(known)


@pytest.mark.parametrize("known", [(4, ONE), (3, OTHER)], ids=["shorter", "another of its size"])
def test_refuses_a_trail_behind_the_second_store(known: Remembered) -> None:
    with pytest.raises(StoreMismatch, match="trail 7: the second store remembers size "):
        state(3, ONE).check(known)


@pytest.mark.parametrize(("size", "root"), [(4, ONE), (3, OTHER)])
def test_refuses_a_trail_behind_its_sealed_head(size: int, root: Hash) -> None:
    with pytest.raises(SealError, match=f"trail 7: sealed is size {size} under root "):
        state(3, ONE, size, root).check(None)


def test_heads_are_computed_from_the_stored_bytes(number: int) -> None:
    heads = changed_heads(read_trail_states(), remembered())
    assert [(head.number, head.compact.end, head.root) for head in heads] == [
        (head.number, head.size, head.root) for head in stored_heads()
    ]


def test_only_changed_heads_are_computed_and_written(number: int) -> None:
    close(1)
    write(number, ["d"])
    close(2)
    assert list(TrailHead.objects.filter(epoch=2).values_list("trail_number", "size")) == [
        (number, 5)
    ]
    assert TrailHead.objects.filter(epoch=1).count() == 3
    sealed = SealedHead.objects.order_by("trail_number").values_list("trail_number", "size", "root")
    assert [(number, size, bytes(root)) for number, size, root in sealed] == [
        (head.number, head.size, head.root) for head in stored_heads()
    ]
    close(3)
    assert not TrailHead.objects.filter(epoch=3).exists()


def test_refuses_an_entry_that_was_altered(number: int) -> None:
    change_row("audit_entry", "content = %s", AT_INDEX, b'{"x":1}', number, 2)
    with pytest.raises(SealError, match=f"trail {number}: the stored bytes lead to "):
        changed_heads(read_trail_states(), remembered())


@pytest.mark.parametrize("index", [0, 2, 3])
def test_refuses_a_missing_entry(number: int, index: int) -> None:
    delete_row("audit_entry", AT_INDEX, number, index)
    with pytest.raises(SealError, match=f"trail {number}: entry {index} is missing"):
        changed_heads(read_trail_states(), remembered())


def test_refuses_a_history_that_misses_the_remembered_head(number: int) -> None:
    """The database is ahead of the second store, but by another way."""
    known = remembered() | {number: (2, OTHER)}
    with pytest.raises(SealError, match=f"want root {OTHER.hex()}"):
        changed_heads(read_trail_states(), known)


def test_refuses_a_changed_compact_range_of_the_last_seal(number: int) -> None:
    close(1)
    write(number, ["d"])
    change_row("audit_sealedhead", "compact = %s", "trail_number = %s", bytes(32), number)
    with pytest.raises(SealError, match=f"trail {number}: the stored bytes lead to "):
        changed_heads(read_trail_states(), remembered())
