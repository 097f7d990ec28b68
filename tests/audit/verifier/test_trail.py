"""Steps 6 to 9, each function by itself; `test_lies` has the whole bundles."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audit.tlog.bundle import Bundle
from audit.tlog.bundle_json import HeadProof
from audit.tlog.entry import Attachment
from audit.tlog.errors import BundleError, EntryError, HeadError, TlogError
from audit.tlog.genesis import decode_genesis
from audit.tlog.merkle import EMPTY_ROOT, Hash
from audit.verifier.log import GlobalLog, read_log
from audit.verifier.pin_and_head import Pin
from audit.verifier.trail import (
    MAX_LISTED,
    Entries,
    check_attachments,
    check_entries,
    check_genesis,
    check_heads,
)
from tests.lying_log import HOSPITAL, LyingLog, honest_log

LATE = 3  # the trail that honest_log opens after its first epoch
NUMBERS = range(4)


@pytest.fixture
def log() -> LyingLog:
    return honest_log()


@pytest.fixture
def records(log: LyingLog) -> GlobalLog:
    return read_log(log.records, ())


def entries_of(
    log: LyingLog, number: int, contents: list[bytes], previous_size: int = 0
) -> tuple[Entries, Hash | None]:
    """Work through step 8 for these contents."""
    records, pin = read_log(log.records, ()), log.pin(number)
    heads = check_heads(pin, records, log.proofs(number))
    genesis = decode_genesis(log.contents[number][0])
    return check_entries(pin, genesis, heads, contents, previous_size, lambda *_: None)


# Step 6.


@pytest.mark.parametrize("number", NUMBERS)
def test_returns_the_genesis_of_the_pinned_trail_and_of_no_other(
    log: LyingLog, records: GlobalLog, number: int
) -> None:
    genesis = check_genesis(log.pin(number), records, iter(log.contents[number]))
    assert genesis == decode_genesis(log.contents[number][0])
    for other in (n for n in NUMBERS if n != number):
        with pytest.raises(
            EntryError, match=f"its genesis has id .*, want {log.pin(number).text()[2:]}"
        ):
            check_genesis(log.pin(number), records, log.contents[other])
        with pytest.raises(EntryError, match=f"its genesis says that it is number {other}"):
            moved = Pin(number, log.trail_id(other))
            check_genesis(moved, records, log.contents[other])


def test_refuses_the_genesis_of_another_log(log: LyingLog, records: GlobalLog) -> None:
    other = LyingLog(origin="ledger.example/b")
    with pytest.raises(
        EntryError, match=r"names the log 'ledger.example/b', want 'ledger.example/a'"
    ):
        check_genesis(other.pin(), records, other.contents[HOSPITAL])


def test_refuses_a_trail_that_no_epoch_counts(log: LyingLog, records: GlobalLog) -> None:
    log.open_trail("not sealed")
    with pytest.raises(HeadError, match="so none is number 4"):
        check_genesis(log.pin(4), records, log.contents[4])


def test_refuses_a_trail_without_entries(log: LyingLog, records: GlobalLog) -> None:
    with pytest.raises(EntryError, match="want at least its genesis, got no entry"):
        check_genesis(log.pin(), records, [])


# Step 7.


@pytest.mark.parametrize("number", NUMBERS)
def test_heads_keep_those_that_changed_and_answer_for_every_epoch(
    log: LyingLog, records: GlobalLog, number: int
) -> None:
    heads = check_heads(log.pin(number), records, log.proofs(number))
    assert (heads.birth, heads.last) == (2 if number == LATE else 1, 4)
    assert heads.newest == log.head(number)
    assert [heads.at(epoch) for epoch in range(heads.birth, 5)] == [
        sealed[number] for sealed in log.heads[heads.birth - 1 :]
    ]
    assert all(heads.at(epoch) is None for epoch in range(heads.birth))
    assert len(set(heads.changed)) == len(heads.changed) == len(heads.epochs)


def altered(proof: HeadProof) -> Iterator[HeadProof]:
    """The proof with each thing that it says changed in turn."""
    path = list(proof.path)
    yield replace(proof, epoch=proof.epoch - 1)
    yield replace(proof, epoch=proof.epoch + 1)
    yield replace(proof, size=proof.size - 1)
    yield replace(proof, size=proof.size + 1)
    yield replace(proof, root=EMPTY_ROOT)
    yield replace(proof, path=[*path, EMPTY_ROOT])
    for index in range(len(path)):
        yield replace(proof, path=path[:index] + path[index + 1 :])
        yield replace(proof, path=[*path[:index], EMPTY_ROOT, *path[index + 1 :]])


@pytest.mark.parametrize("number", NUMBERS)
def test_refuses_heads_altered_dropped_or_doubled_in_any_epoch(
    log: LyingLog, records: GlobalLog, number: int
) -> None:
    honest = log.proofs(number)
    for index, proof in enumerate(honest):
        before, after = honest[:index], honest[index + 1 :]
        changed = [[*before, bad, *after] for bad in altered(proof)]
        for proofs in (*changed, [*before, *after], [*before, proof, proof, *after]):
            with pytest.raises(TlogError):
                check_heads(log.pin(number), records, proofs)


def test_refuses_the_heads_of_another_trail(log: LyingLog, records: GlobalLog) -> None:
    for number in NUMBERS:
        for other in (n for n in NUMBERS if n != number):
            with pytest.raises(TlogError):
                check_heads(log.pin(number), records, log.proofs(other))


# Step 8.


@pytest.mark.parametrize("number", NUMBERS)
def test_returns_what_the_entries_say_and_the_root_at_the_previous_size(
    log: LyingLog, number: int
) -> None:
    contents = log.contents[number]
    for size in range(len(contents) + 2):
        entries, root = entries_of(log, number, contents, size)
        reached = 0 < size <= len(contents)
        assert root == (log.head(number, size).root if reached else None)
        assert (entries.disordered, entries.first_disordered, entries.attachments) == (0, [], {})


def test_refuses_entries_dropped_doubled_or_exchanged_at_any_index(log: LyingLog) -> None:
    honest = log.contents[HOSPITAL]
    for index, content in enumerate(honest):
        before, after = honest[:index], honest[index + 1 :]
        lists = [[*before, *after], [*before, content, content, *after]]
        if index:
            lists.append([*before[:-1], content, before[-1], *after])
        for contents in lists:
            with pytest.raises(TlogError):
                entries_of(log, HOSPITAL, contents)


def test_reports_progress_up_to_the_total(log: LyingLog, records: GlobalLog) -> None:
    calls: list[tuple[str, int, int]] = []
    pin = log.pin()
    heads = check_heads(pin, records, log.proofs(HOSPITAL))
    contents = log.contents[HOSPITAL]
    check_entries(
        pin, decode_genesis(contents[0]), heads, contents, 0, lambda *call: calls.append(call)
    )
    # Once at each size that a head has: 5, 7 and 10 entries.
    assert calls == [("entries of trail 2", size, 10) for size in (5, 7, 10)]


def test_counts_disorder_whole_and_lists_its_beginning() -> None:
    entries = Entries(received_at=0)
    for index in range(1, 30):
        entries.note_disorder(index)
    assert entries.disordered == 29
    assert entries.first_disordered == list(range(1, MAX_LISTED + 1))


def test_an_attachment_may_be_named_again_with_the_same_size_only() -> None:
    entries = Entries(received_at=0)
    entries.note_attachments(3, [Attachment(bytes(32), 8, "text/plain")])
    entries.note_attachments(5, [Attachment(bytes(32), 8, "text/html")])
    assert entries.attachments == {bytes(32): 8}
    with pytest.raises(EntryError, match=r"entry 7 says that attachment 0+ has 9 bytes"):
        entries.note_attachments(7, [Attachment(bytes(32), 9, "text/plain")])


# Step 9.


def test_yields_the_attachments_that_entries_name(log: LyingLog, tmp_path: Path) -> None:
    sizes = {hashlib.sha256(data).digest(): len(data) for data in (b"one", b"second")}
    parts = log.parts()
    parts.attachments = {hashlib.sha256(data).digest(): data for data in (b"one", b"second")}
    with Bundle.open(parts.write(tmp_path / "evidence.zip")) as bundle:
        assert set(check_attachments(bundle, sizes | {bytes(32): 5})) == set(sizes)
        for sha256, size in sizes.items():
            with pytest.raises(BundleError, match="is named by no entry"):
                list(check_attachments(bundle, {k: v for k, v in sizes.items() if k != sha256}))
            with pytest.raises(BundleError, match=f"has {size} bytes, its entry says {size + 1}"):
                list(check_attachments(bundle, sizes | {sha256: size + 1}))


def test_refuses_an_attachment_of_other_bytes(log: LyingLog, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(b"one").digest()
    parts = log.parts()
    parts.attachments = {sha256: b"two"}
    path = parts.write(tmp_path / "evidence.zip")
    words = f"attachment {sha256.hex()} has SHA-256 "
    with Bundle.open(path) as bundle, pytest.raises(BundleError, match=words):
        list(check_attachments(bundle, {sha256: 3}))
