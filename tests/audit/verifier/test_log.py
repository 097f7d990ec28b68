"""Steps 2, 4 and 5, each function by itself; `test_lies` has the whole bundles."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from audit.tlog.errors import CheckpointError, HeadError, NoteError, TrustError
from audit.tlog.heads import decode_epoch_record, decode_log_genesis, encode_epoch_record
from audit.tlog.note import ML_DSA_44, Signature, Signer, VerifierKey, parse_note, write_note
from audit.tlog.trust import TrustPolicy
from audit.verifier.log import GlobalLog, check_anchor, check_checkpoint, read_log
from tests.lying_log import LyingLog, Witness, honest_log, witnesses

QUORUM = witnesses("ministry", "hospital", "press", threshold="2")


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


@pytest.fixture
def records(log: LyingLog) -> GlobalLog:
    return read_log(log.records, log.notes)


# Step 2.


def test_reads_genesis_and_epochs_with_the_roots_asked_for(log: LyingLog) -> None:
    records = read_log(iter(log.records), {1, 3})
    assert records.genesis == decode_log_genesis(log.records[0])
    assert records.epochs == [decode_epoch_record(record) for record in log.records[1:]]
    assert records.last.epoch == 4
    assert records.size == 5
    assert records.roots == {size: log.global_root(size) for size in (1, 3, 5)}


def test_has_no_root_at_a_size_that_it_does_not_reach(log: LyingLog) -> None:
    assert read_log(log.records, {0, 9}).roots == {5: log.global_root()}


def test_a_trail_is_born_in_the_first_epoch_that_counts_it(records: GlobalLog) -> None:
    assert [records.birth(number) for number in range(4)] == [1, 1, 1, 2]


def test_refuses_a_trail_that_no_epoch_counts(records: GlobalLog) -> None:
    with pytest.raises(HeadError, match="4 trails in epoch 4, so none is number 4"):
        records.birth(4)


@pytest.mark.parametrize("count", [0, 1])
def test_refuses_a_log_without_an_epoch(log: LyingLog, count: int) -> None:
    with pytest.raises(HeadError, match="at least one epoch, got"):
        read_log(log.records[:count], ())


def test_refuses_any_two_records_exchanged_dropped_or_doubled(log: LyingLog) -> None:
    honest = log.records
    for index in range(1, len(honest)):
        before, record, after = honest[:index], honest[index], honest[index + 1 :]
        with pytest.raises(HeadError):
            read_log([*before, record, record, *after], ())
        for changed in ([*before, *after], [*before[:-1], record, before[-1], *after]):
            # Without its last record a log is a shorter log, which step 5 compares with the anchor.
            if after or len(changed) == len(honest):
                with pytest.raises(HeadError):
                    read_log(changed, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"closed_ms": 0}, "epoch 3 closed at 0, not after"),
        ({"trails": 3}, "epoch 3 has 3 trails, below 4 of epoch 2"),
        ({"epoch": 9}, "want the record of epoch 3 next, got that of epoch 9"),
    ],
)
def test_refuses_a_record_that_does_not_follow_and_reads_no_further(
    log: LyingLog, change: dict[str, Any], message: str
) -> None:
    bad = encode_epoch_record(replace(decode_epoch_record(log.records[3]), **change))

    def records() -> Iterator[bytes]:
        yield from log.records[:3]
        yield bad
        raise AssertionError("read on after a bad record")

    with pytest.raises(HeadError, match=message):
        read_log(records(), ())


# Step 4.


def test_accepts_every_checkpoint_of_the_log(log: LyingLog, records: GlobalLog) -> None:
    for size, note in log.notes.items():
        check_checkpoint(note, size, records, log.trust())


def test_refuses_every_checkpoint_under_another_size(log: LyingLog, records: GlobalLog) -> None:
    for size, note in log.notes.items():
        for other in (n for n in range(7) if n != size):
            with pytest.raises(CheckpointError, match=f"want size {other}, .*, got {size}"):
                check_checkpoint(note, other, records, log.trust())


def log_of_other_records() -> LyingLog:
    """A log with the same key and origin, and another past."""
    other = LyingLog(seed=2)
    for _ in range(4):
        other.seal()
    return other


def test_refuses_every_checkpoint_of_another_log(log: LyingLog, records: GlobalLog) -> None:
    for size, note in log_of_other_records().notes.items():
        with pytest.raises(CheckpointError, match=f"want root .* of the first {size} records"):
            check_checkpoint(note, size, records, log.trust())


def test_a_checkpoint_may_lack_a_signature_by_a_known_key(
    log: LyingLog, records: GlobalLog
) -> None:
    stranger = Signer(log.origin, bytes(32))
    log.sign(keys=[stranger])
    check_checkpoint(log.notes[5], 5, records, log.trust())


def test_refuses_a_checkpoint_with_a_bad_signature_by_a_known_key(
    log: LyingLog, records: GlobalLog
) -> None:
    note = parse_note(log.notes[3])
    line = replace(note.others[0], signature=bytes(64))
    with pytest.raises(NoteError, match="signature does not verify"):
        check_checkpoint(write_note(note.text, [line]), 3, records, log.trust())


# Step 5.


def test_an_anchor_without_witnesses_has_no_quorum_time(log: LyingLog) -> None:
    anchor = check_anchor(log.notes[5], log.origin, log.trust())
    assert anchor.note == log.notes[5]
    assert (anchor.cosigned, anchor.quorum_time_ms, anchor.unchecked) == ({}, None, ())


def test_an_anchor_has_the_time_at_which_the_quorum_is_met(log: LyingLog) -> None:
    times = {"press": 1_735_700_003, "ministry": 1_735_700_001, "hospital": 1_735_700_002}
    for count, (name, time_s) in enumerate(times.items(), start=1):
        log.cosign(name, timestamp_s=time_s)
        anchor = check_anchor(log.notes[5], log.origin, log.trust(QUORUM))
        signed = list(times.items())[:count]
        assert anchor.cosigned == {Witness.named(other).key: at for other, at in signed}
        met = sorted(at for _, at in signed)[1] * 1000 if count >= 2 else None
        assert anchor.quorum_time_ms == met


def test_the_anchor_needs_every_key_of_the_log(log: LyingLog) -> None:
    second = Signer(log.origin, b"2" * 32)
    trust = TrustPolicy.parse(f"log {second.verifier_key.text()}\n{log.policy()}")
    for keys in ([log.key], [second]):
        log.sign(keys=keys)
        with pytest.raises(NoteError, match=r"not signed by the log's key ledger\.example/a"):
            check_anchor(log.notes[5], log.origin, trust)
    log.sign(keys=[log.key, second])
    assert check_anchor(log.notes[5], log.origin, trust).unchecked == ()


def test_the_anchor_names_keys_that_cannot_be_checked(log: LyingLog) -> None:
    unknown = VerifierKey(log.origin, ML_DSA_44, bytes(1312))
    trust = TrustPolicy.parse(f"log {unknown.text()}\n{log.policy()}")
    note = parse_note(log.notes[5])
    line = Signature(log.origin, unknown.key_id, bytes(2420))
    signed = write_note(note.text, [*note.others, line])
    assert check_anchor(signed, log.origin, trust).unchecked == (unknown,)


def test_the_anchor_needs_a_trust_file_that_knows_the_log(log: LyingLog) -> None:
    with pytest.raises(TrustError, match=r"policy lists no log key named ledger\.example/b"):
        check_anchor(log.notes[5], "ledger.example/b", log.trust())


def test_a_bad_cosignature_of_your_witness_fails_the_anchor(log: LyingLog) -> None:
    log.cosign("ministry")
    note = parse_note(log.notes[5])
    *lines, last = note.others
    forged = replace(last, signature=last.signature[:-1] + bytes([last.signature[-1] ^ 1]))
    with pytest.raises(NoteError, match="signature does not verify"):
        check_anchor(write_note(note.text, [*lines, forged]), log.origin, log.trust(QUORUM))
    # The same line by a witness that your trust file does not list counts for nothing.
    check_anchor(write_note(note.text, [*lines, forged]), log.origin, log.trust())
