"""Lies that steps 2 to 5 refuse: the records, the cover, the checkpoints, the anchor."""

from dataclasses import replace

from audit.tlog.bundle_json import encode_hints
from audit.tlog.heads import LogGenesis, encode_log_genesis
from audit.tlog.merkle import EMPTY_ROOT
from audit.tlog.note import Signer, parse_note, write_note
from audit.tlog.trust import TrustPolicy
from tests.audit.verifier.lie import Case, case_of, lie
from tests.lying_log import EPOCH, FLEET, HOSPITAL, ORIGIN, LyingLog, honest_log, witnesses

# Step 2: the global log.


@lie(2, "got no record")
def no_records() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records = []
    return case_of(log, parts)


@lie(2, "got the log's genesis alone")
def no_epochs() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records = parts.records[:1]
    return case_of(log, parts)


@lie(2, "domicile/log/v1: want this title")
def log_without_genesis() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.records[0]
    return case_of(log, parts)


@lie(2, "domicile/epoch/v1: want this title")
def two_log_geneses() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records.insert(1, parts.records[0])
    return case_of(log, parts)


@lie(2, "want the record of epoch 2 next, got that of epoch 3")
def hidden_epoch() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.records[2]
    return case_of(log, parts)


@lie(2, "want the record of epoch 3 next, got that of epoch 2")
def epoch_twice() -> Case:
    log = honest_log()
    log.records.append(log.records[2])
    log.heads.append(log.heads[1])
    log.records[3], log.records[5] = log.records[5], log.records[3]
    log.sign()
    return case_of(log)


@lie(2, "epoch 5 closed at 1735689600000, not after")
def epoch_closed_before_the_last() -> Case:
    log = honest_log()
    log.seal(closed_ms=1_735_689_600_000)
    return case_of(log)


@lie(2, "epoch 5 closed at 1735691420000, not after 1735691420000 of epoch 4")
def epoch_closed_with_the_last() -> Case:
    log = honest_log()
    log.seal(closed_ms=log.clock)
    return case_of(log)


@lie(2, "epoch 5 has 3 trails, below 4 of epoch 4")
def number_of_trails_falls() -> Case:
    log = honest_log()
    log.seal(heads=[log.head(number) for number in range(3)])
    return case_of(log)


# Step 3: what the bundle says of itself.


@lie(3, "not canonical")
def cover_with_a_key_twice() -> Case:
    """One reader takes the first origin, another the last."""
    log = honest_log()
    parts = log.parts()
    cover = encode_hints(parts.hints)
    parts.raw["bundle.json"] = cover.replace(b'"origin":', b'"origin":"ledger.example/b","origin":')
    return case_of(log, parts)


@lie(3, "not JSON")
def empty_cover() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.raw["bundle.json"] = b""
    return case_of(log, parts)


@lie(3, "says origin 'ledger.example/b', the records say 'ledger.example/a'")
def another_origin_on_the_cover() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.hints = replace(parts.hints, origin="ledger.example/b")
    return case_of(log, parts)


@lie(3, "says that it reaches epoch 9, the records reach 4")
def newer_epoch_on_the_cover() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.hints = replace(parts.hints, epoch=9)
    return case_of(log, parts)


@lie(3, "says trail 1, the bundle carries the trails [0, 2]")
def another_trail_on_the_cover() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.hints = replace(parts.hints, trail=1)
    return case_of(log, parts)


@lie(3, "the bundle carries the trails [0, 1, 2]")
def foreign_trail_inside() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.entries[1] = log.contents[1]
    return case_of(log, parts)


@lie(3, "the bundle carries the trails [2]")
def fleet_trail_left_out() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.heads[FLEET], parts.entries[FLEET]
    return case_of(log, parts)


# Step 4: checkpoints.


@lie(4, "checkpoint 3: want root")
def altered_record() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records[2] = parts.records[2].replace(b"trails 4", b"trails 3")
    return case_of(log, parts)


@lie(4, "checkpoint 2: want root")
def altered_log_genesis() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records[0] = encode_log_genesis(LogGenesis(ORIGIN, 10 * EPOCH, log.trail_id(FLEET)))
    return case_of(log, parts)


@lie(4, "checkpoint 3: want root")
def split_view_of_the_global_log() -> Case:
    log = LyingLog()
    log.seal()
    forked = log.fork()
    forked.append(HOSPITAL)
    forked.seal()
    log.seal()
    log.notes[3] = forked.notes[3]
    log.seal()
    return case_of(log)


@lie(4, "want origin 'ledger.example/a', got 'ledger.example/b'")
def checkpoint_of_another_log() -> Case:
    log = honest_log()
    log.sign(origin="ledger.example/b")
    return case_of(log)


@lie(4, "want size 5, as the member is named, got 6")
def checkpoint_of_another_size() -> Case:
    log = honest_log()
    log.sign(size=6)
    return case_of(log)


@lie(4, "checkpoint 5: want a size from 1 to 4, the number of records")
def records_cut_off_the_end() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.records.pop()
    parts.hints = replace(parts.hints, epoch=3)
    return case_of(log, parts)


@lie(4, "checkpoint 0: want a size from 1 to 5")
def checkpoint_of_size_0() -> Case:
    log = honest_log()
    parts = log.parts()
    log.sign(size=0, root=EMPTY_ROOT)
    parts.checkpoints[0] = log.notes[5]
    return case_of(log, parts)


@lie(4, "checkpoint 1: want root")
def checkpoint_of_another_log_genesis() -> Case:
    log = honest_log()
    parts = log.parts()
    log.sign(size=1)
    parts.checkpoints[1] = log.notes[5]
    return case_of(log, parts)


@lie(4, "want no extension lines, got 1")
def extension_line() -> Case:
    log = honest_log()
    log.sign(extensions=("more",))
    return case_of(log)


@lie(4, "checkpoint 3: key ledger.example/a: signature does not verify")
def earlier_checkpoint_with_a_false_signature() -> Case:
    log = honest_log()
    parts = log.parts()
    (honest,) = parse_note(parts.checkpoints[3]).others
    false = replace(honest, signature=bytes(64))
    parts.checkpoints[3] = write_note(parse_note(parts.checkpoints[3]).text, [false])
    return case_of(log, parts)


@lie(4, "checkpoint 3: note has no empty line")
def checkpoint_that_is_no_note() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.checkpoints[3] = b"3\n"
    return case_of(log, parts)


@lie(4, "key witness.ministry.example: signature does not verify")
def cosignature_of_another_checkpoint() -> Case:
    log = honest_log()
    log.cosign("ministry", size=4)
    line = parse_note(log.notes[4]).others[-1]
    log.notes[5] = write_note(
        parse_note(log.notes[5]).text, [*parse_note(log.notes[5]).others, line]
    )
    return replace(case_of(log), trust=log.trust(witnesses("ministry", threshold="all")))


@lie(4, "want a time 1")
def cosignature_at_time_0() -> Case:
    log = honest_log()
    log.cosign("ministry", timestamp_s=0)
    return replace(case_of(log), trust=log.trust(witnesses("ministry", threshold="all")))


@lie(4, "signature does not verify")
def cosignature_with_its_time_moved() -> Case:
    log = honest_log()
    log.cosign("ministry", timestamp_s=1_735_700_000)
    note = parse_note(log.notes[5])
    honest, witnessed = note.others
    moved = replace(
        witnessed, signature=(1_735_600_000).to_bytes(8, "big") + witnessed.signature[8:]
    )
    log.notes[5] = write_note(note.text, [honest, moved])
    return replace(case_of(log), trust=log.trust(witnesses("ministry", threshold="all")))


# Step 5: the anchor.


@lie(5, "want a checkpoint of all 5 records, there is none")
def no_checkpoint() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.checkpoints = {}
    return case_of(log, parts)


@lie(5, "want a checkpoint of all 5 records, the newest covers 4")
def anchor_older_than_the_records() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.checkpoints[5]
    return case_of(log, parts)


@lie(5, "no signature by a known key")
def anchor_signed_by_another_key() -> Case:
    log = honest_log()
    log.sign(keys=[Signer(ORIGIN, bytes(32))])
    return case_of(log)


@lie(5, "not signed by the log's key ledger.example/a+")
def anchor_lacks_the_signature_of_one_of_two_keys() -> Case:
    log = honest_log()
    second = Signer(ORIGIN, bytes(32)).verifier_key.text()
    return replace(case_of(log), trust=TrustPolicy.parse(f"log {second}\n{log.policy()}"))


@lie(5, "policy lists no log key named ledger.example/a")
def log_that_the_trust_file_does_not_list() -> Case:
    other = LyingLog(origin="ledger.example/b")
    return replace(case_of(honest_log()), trust=other.trust())
