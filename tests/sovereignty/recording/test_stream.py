"""Many batches in a row: each answered once it is committed, whatever becomes of the next."""

import gc
from collections.abc import Iterator

import pytest

from audit.models import Trail
from sovereignty.collect.lines import StreamError
from sovereignty.models import Batch
from sovereignty.recording.stream import record_stream
from tests import builders as b

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _ledger(ledger: Trail) -> None:
    """Every test here has an open ledger."""


FIVE = b.lines([b.tenant(), b.region(), b.region("sg"), b.region("us"), b.region("de")])


def test_a_long_stream_is_recorded_in_batches_with_lines_counted_through() -> None:
    batches = list(record_stream(FIVE, actor="enzo", channel="test", batch=2))
    assert [answers.position for answers in batches] == [1, 2, 3]
    assert [line.line for answers in batches for line in answers.lines] == [1, 2, 3, 4, 5]
    assert all(answers.receipts for answers in batches)


def test_an_empty_stream_has_no_batch() -> None:
    assert list(record_stream([], actor="enzo", channel="test")) == []


def test_a_batch_of_which_nothing_is_accepted_stops_nobody() -> None:
    lines = [b"not JSON", b"{}", *FIVE]
    batches = list(record_stream(lines, actor="enzo", channel="test", batch=2))
    assert [answers.accepted for answers in batches] == [0, 2, 2, 1]
    assert [line.line for line in batches[0].refusals] == [1, 2]


@pytest.mark.parametrize("read_ahead", [True, False])
def test_what_breaks_the_stream_is_raised_after_all_lines_before_it_are_recorded(
    read_ahead: bool,
) -> None:
    def broken() -> Iterator[bytes]:
        yield from FIVE
        raise StreamError("an end", "none", 6)

    found = record_stream(broken(), actor="enzo", channel="test", batch=2, read_ahead=read_ahead)
    assert [next(found).accepted for _ in range(3)] == [2, 2, 1]
    with pytest.raises(StreamError):
        next(found)
    assert Batch.objects.count() == 3


def test_a_sender_that_pauses_holds_up_nothing_that_it_has_sent() -> None:
    taken: list[bytes] = []

    def slow() -> Iterator[bytes]:
        for line in FIVE:
            taken.append(line)
            yield line

    found = record_stream(slow(), actor="enzo", channel="test", batch=2, read_ahead=False)
    assert next(found).accepted == 2
    assert taken == FIVE[:2]
    assert [answers.accepted for answers in found] == [2, 1]


@pytest.mark.parametrize("read_ahead", [True, False])
def test_the_collector_is_held_off_no_longer_than_a_stream_that_does_not_pause(
    read_ahead: bool,
) -> None:
    found = record_stream(FIVE, actor="enzo", channel="test", batch=2, read_ahead=read_ahead)
    next(found)
    assert gc.isenabled() is not read_ahead
    found.close()  # type: ignore[attr-defined]  # a generator, of which callers only iterate
    assert gc.isenabled()


def test_a_batch_is_committed_before_it_is_answered_and_the_next_is_not() -> None:
    found = record_stream(FIVE, actor="enzo", channel="test", batch=2)
    next(found)
    assert Batch.objects.filter(position__isnull=False).count() == 1
    found.close()  # type: ignore[attr-defined]  # a generator, of which callers only iterate
    assert Batch.objects.count() == 1
