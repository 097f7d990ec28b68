"""Lies that steps 8 and 9 refuse: the entries, and the attachments that they name."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from audit.tlog.entry import encode
from audit.tlog.heads import Head
from audit.tlog.merkle import Hash
from tests.audit.verifier.lie import LATE, Case, case_of, lie
from tests.lying_log import FLEET, HOSPITAL, LyingLog, Parts, honest_log

# Step 8: entries.


def with_entries(change: Callable[[LyingLog, list[bytes]], None], number: int = HOSPITAL) -> Case:
    log = honest_log()
    parts = log.parts()
    change(log, parts.entries[number])
    return case_of(log, parts)


@lie(8, "entries of trail 2: entries 0 … 4 hash to root")
def entry_changed() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3] = entries[3].replace(b"n1/0", b"n9/9")

    return with_entries(change)


@lie(8, "one of entries 7 … 9 is not the sealed one")
def newest_entry_changed() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[9] = entries[9].replace(b"n1/0", b"n9/9")

    return with_entries(change)


@lie(8, "entry 3: entry says that it has index 4, want 3")
def entry_deleted() -> Case:
    return with_entries(lambda log, entries: entries.remove(entries[3]))


@lie(8, "entry 3: entry says that it has index 4, want 3")
def entries_swapped() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3], entries[4] = entries[4], entries[3]

    return with_entries(change)


@lie(8, "entry 4: entry says that it has index 3, want 4")
def entry_twice() -> Case:
    return with_entries(lambda log, entries: entries.insert(3, entries[3]))


@lie(8, "want 10 entries, got 9")
def newest_entry_cut_off() -> Case:
    return with_entries(lambda log, entries: entries.remove(entries[-1]))


@lie(8, "want 10 entries, got more")
def entry_added() -> Case:
    return with_entries(lambda log, entries: entries.append(encode(log.entry())))


@lie(8, "entries of trail 0: want 6 entries, got 4")
def fleet_trail_cut_off() -> Case:
    """A correction of the inventory is cut off the end of the fleet trail."""

    def change(log: LyingLog, entries: list[bytes]) -> None:
        del entries[4:]

    return with_entries(change, FLEET)


@lie(8, "entry 3: entry says that it is of trail")
def entry_of_another_trail() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3] = log.contents[FLEET][3]

    return with_entries(change)


@lie(8, "entry 1: entry: JSON object lacks the members")
def two_geneses() -> Case:
    log = LyingLog()
    log.contents[HOSPITAL].append(log.contents[HOSPITAL][0])
    log.seal()
    return case_of(log)


@lie(8, "entry 3: entry: not canonical")
def entry_in_a_second_spelling() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3] = entries[3].replace(b":", b": ", 1)

    return with_entries(change)


@lie(8, "entry 3: entry: not canonical")
def entry_with_a_key_twice() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3] = entries[3].replace(b'"index":3', b'"index":2,"index":3')

    return with_entries(change)


@lie(8, "entry 3: entry: want an integer, got 3.0")
def entry_with_a_float() -> Case:
    def change(log: LyingLog, entries: list[bytes]) -> None:
        entries[3] = entries[3].replace(b'"index":3', b'"index":3.0')

    return with_entries(change)


@lie(8, "entry 3: entry: ")
def empty_line_between_entries() -> Case:
    return with_entries(lambda log, entries: entries.insert(3, b""))


@lie(8, "entry 11: entry: JSON object lacks the members")
def malformed_entry_that_was_sealed() -> Case:
    """The operator sealed bytes that no reader takes."""
    log = honest_log()
    log.append(HOSPITAL)
    log.contents[HOSPITAL].append(b"{}")
    log.seal()
    return case_of(log)


@lie(8, "want 12 entries, got 10")
def head_that_counts_entries_which_are_not_there() -> Case:
    log = honest_log()
    forged = Head(HOSPITAL, log.trail_id(HOSPITAL), 12, Hash(bytes(32)))
    log.seal(heads=[log.head(0), log.head(1), forged, log.head(LATE)])
    return case_of(log)


@lie(8, "entries 0 … 9 hash to root")
def head_of_a_root_that_no_entries_have() -> Case:
    log = LyingLog()
    log.append(HOSPITAL, 9)
    forged = replace(log.head(HOSPITAL), root=Hash(bytes(32)))
    log.seal(heads=[log.head(0), log.head(1), forged])
    return case_of(log)


# Step 9: attachments.


def with_attachment(change: Callable[[Parts, bytes], None], size: int | None = None) -> Case:
    log = honest_log()
    sha256 = hashlib.sha256(b"the text").digest()
    log.attach(HOSPITAL, b"the text", sha256, size)
    log.seal()
    parts = log.parts()
    change(parts, sha256)
    return case_of(log, parts)


@lie(9, "has SHA-256")
def attachment_changed() -> Case:
    return with_attachment(
        lambda parts, sha256: parts.attachments.update({sha256: b"another text"})
    )


@lie(9, "is named by no entry")
def attachment_that_no_entry_names() -> Case:
    return with_attachment(
        lambda parts, _: parts.attachments.update({hashlib.sha256(b"x").digest(): b"x"})
    )


@lie(9, "has 8 bytes, its entry says 7")
def attachment_of_another_size() -> Case:
    return with_attachment(lambda parts, sha256: None, size=7)


@lie(8, "says that attachment")
def attachment_of_two_sizes() -> Case:
    log = honest_log()
    log.attach(HOSPITAL, b"the text", hashlib.sha256(b"the text").digest())
    log.attach(HOSPITAL, b"the text", hashlib.sha256(b"the text").digest(), size=7)
    log.seal()
    return case_of(log)


@lie(9, "two trails give attachment")
def attachment_of_two_sizes_in_two_trails() -> Case:
    log = honest_log()
    log.attach(HOSPITAL, b"the text", hashlib.sha256(b"the text").digest())
    log.attach(FLEET, b"the text", hashlib.sha256(b"the text").digest(), size=7)
    log.seal()
    return case_of(log)
