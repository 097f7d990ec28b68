"""Step 10, each function by itself; `test_lies` has the whole bundles."""

from dataclasses import replace
from typing import Any

import pytest

from audit.tlog.errors import CheckpointError, HeadError
from audit.tlog.merkle import EMPTY_ROOT
from audit.verifier.history import check_previous_head, check_previous_log
from audit.verifier.log import GlobalLog, read_log
from audit.verifier.pin_and_head import PreviousHead
from audit.verifier.trail import Heads, check_heads
from tests.lying_log import FLEET, HOSPITAL, LyingLog, honest_log

LATE = 3  # the trail that honest_log opens after its first epoch


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


@pytest.fixture
def records(log: LyingLog) -> GlobalLog:
    return read_log(log.records, log.notes)


@pytest.fixture
def heads(log: LyingLog, records: GlobalLog) -> Heads:
    return check_heads(log.pin(), records, log.proofs(HOSPITAL))


def previous(log: LyingLog, epoch: int, number: int = HOSPITAL) -> PreviousHead:
    """The head of a trail that a reader kept in this epoch."""
    head = log.heads[epoch - 1][number]
    return PreviousHead(number, head.trail_id, epoch, head.size, head.root, log.notes[epoch + 1])


def grown(log: LyingLog) -> LyingLog:
    """The same log an epoch later."""
    later = log.fork()
    later.append(HOSPITAL)
    later.seal()
    return later


# The log.


@pytest.mark.parametrize("epoch", range(1, 5))
def test_the_log_of_every_earlier_epoch_is_the_beginning(
    log: LyingLog, records: GlobalLog, epoch: int
) -> None:
    assert check_previous_log(previous(log, epoch), records) == ""


def test_a_log_that_is_shorter_than_the_kept_one_decides_nothing(
    log: LyingLog, records: GlobalLog
) -> None:
    assert check_previous_log(previous(grown(log), 5), records) == (
        "You kept a checkpoint of 6 records, but this bundle has 5. The bundle is older than what "
        "you have seen. Ask for a newer one."
    )


@pytest.mark.parametrize("epoch", range(1, 5))
def test_refuses_a_log_with_another_past(log: LyingLog, epoch: int) -> None:
    other = LyingLog(seed=2)
    for _ in range(5):
        other.seal()
    records = read_log(other.records, other.notes)
    with pytest.raises(CheckpointError, match="the log has two histories"):
        check_previous_log(previous(log, epoch), records)


def test_refuses_the_checkpoint_of_another_log(log: LyingLog, records: GlobalLog) -> None:
    other = LyingLog(origin="ledger.example/b")
    other.seal()
    with pytest.raises(
        CheckpointError,
        match=r"you kept a checkpoint of 'ledger.example/b', this log is 'ledger.example/a'",
    ):
        check_previous_log(previous(other, 1), records)


# The head.


@pytest.mark.parametrize("epoch", range(1, 5))
def test_the_head_of_every_earlier_epoch_is_the_trails(
    log: LyingLog, heads: Heads, epoch: int
) -> None:
    kept = previous(log, epoch)
    root = log.head(HOSPITAL, kept.size).root
    assert check_previous_head(kept, log.pin(), heads, root) == ""


def test_a_trail_that_ends_before_the_kept_head_decides_nothing(
    log: LyingLog, heads: Heads
) -> None:
    kept = previous(grown(log), 5)
    assert check_previous_head(kept, log.pin(), heads, None) == (
        "You kept a head of epoch 5, but this bundle ends at epoch 4. The bundle is older than "
        "what you have seen. Ask for a newer one."
    )


def test_refuses_another_root_even_in_a_bundle_that_is_older(log: LyingLog, heads: Heads) -> None:
    kept = replace(previous(grown(log), 5), size=10)
    with pytest.raises(
        HeadError, match=r"you kept root .* for the first 10 entries, but this bundle"
    ):
        check_previous_head(kept, log.pin(), heads, log.head(HOSPITAL, 10).root)


def test_refuses_the_head_of_another_trail(log: LyingLog, heads: Heads) -> None:
    kept = replace(previous(log, 4, FLEET), number=HOSPITAL)
    with pytest.raises(HeadError, match=r"you kept a head of .*, your pin names"):
        check_previous_head(kept, log.pin(), heads, None)


@pytest.mark.parametrize("change", [{"size": 9}, {"size": 11}, {"root": EMPTY_ROOT}])
def test_refuses_another_size_or_root_in_its_epoch(
    log: LyingLog, heads: Heads, change: dict[str, Any]
) -> None:
    kept = replace(previous(log, 4), **change)
    with pytest.raises(HeadError, match="in epoch 4, but this bundle has 10 there"):
        check_previous_head(kept, log.pin(), heads, None)


def test_refuses_a_head_from_before_the_trail_began(log: LyingLog, records: GlobalLog) -> None:
    pin = log.pin(LATE)
    heads = check_heads(pin, records, log.proofs(LATE))
    kept = replace(previous(log, 2, LATE), epoch=1)
    with pytest.raises(HeadError, match="a head of epoch 1, but the trail begins in epoch 2"):
        check_previous_head(kept, pin, heads, None)
