"""Lies that steps 6 and 7 refuse: the pin, the geneses, the heads."""

from dataclasses import replace

from audit.tlog.bundle_json import encode_head
from audit.tlog.genesis import genesis
from audit.tlog.merkle import EMPTY_ROOT, Hash
from audit.verifier.pin_and_head import Pin
from tests.audit.verifier.lie import LATE, Case, case_of, lie
from tests.lying_log import FLEET, HOSPITAL, ORIGIN, LyingLog, honest_log

# Step 6: the pin and the geneses.


@lie(6, "the bundle says that it is of 2:")
def bundle_of_another_trail() -> Case:
    log = honest_log()
    return replace(case_of(log), pin=log.pin(1))


@lie(6, "pin: your pin is 2:0000")
def unpinned_id() -> Case:
    """The operator keeps one trail for the tenant and shows the regulator another of the same
    number."""
    log = honest_log()
    return replace(case_of(log), pin=Pin(HOSPITAL, Hash(bytes(32))))


@lie(6, "genesis of trail 2: its genesis has id")
def pinned_id_on_the_cover_only() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.hints = replace(parts.hints, trail_id=Hash(bytes(32)))
    return replace(case_of(log, parts), pin=Pin(HOSPITAL, Hash(bytes(32))))


@lie(6, "pin: your pin is 0:")
def bundle_of_a_tenant_for_a_pin_of_the_fleet() -> Case:
    log = honest_log()
    return replace(case_of(log), pin=log.pin(FLEET))


@lie(6, "genesis of trail 2: its genesis has id")
def altered_genesis() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.entries[HOSPITAL][0] = parts.entries[HOSPITAL][0].replace(b"St. Anna", b"St. Emma")
    return case_of(log, parts)


@lie(6, "its genesis says that it is number 2")
def twin_slots() -> Case:
    """One genesis is put into two slots: the pin of the second names the first one's id."""
    log = honest_log()
    log.contents.append(log.contents[HOSPITAL])
    log.seal()
    return case_of(log, number=4)


@lie(6, "its genesis names the log 'ledger.example/b'")
def genesis_of_another_log() -> Case:
    log = honest_log()
    log.open_trail("stranger", origin="ledger.example/b")
    log.seal()
    return case_of(log, number=4)


@lie(6, "the log has 4 trails in epoch 4, so none is number 7")
def trail_that_the_log_does_not_count() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.hints = replace(parts.hints, trail=7)
    parts.heads[7], parts.entries[7] = parts.heads.pop(HOSPITAL), parts.entries.pop(HOSPITAL)
    return Case(parts, log.trust(), Pin(7, log.trail_id(HOSPITAL)))


@lie(6, "genesis of trail 0: its genesis has id")
def two_inventories() -> Case:
    """The regulator is shown another fleet trail than the one that the log names."""
    log, other = honest_log(), LyingLog(seed=2)
    other.append(FLEET, 6)
    parts = log.parts()
    parts.entries[FLEET] = other.contents[FLEET]
    return case_of(log, parts)


@lie(6, "the log's fleet trail is 0:")
def pin_of_another_fleet_trail() -> Case:
    log = honest_log()
    parts = log.parts(FLEET)
    parts.hints = replace(parts.hints, trail_id=Hash(bytes(32)))
    return replace(case_of(log, parts, FLEET), pin=Pin(FLEET, Hash(bytes(32))))


@lie(6, "want at least its genesis, got no entry")
def no_entries() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.entries[HOSPITAL] = []
    return case_of(log, parts)


@lie(6, "bundle has no member trails/2/entries.jsonl")
def entries_left_out() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.entries[HOSPITAL]
    return case_of(log, parts)


@lie(6, "genesis: JSON object lacks the members")
def trail_without_genesis() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.entries[HOSPITAL][0]
    return case_of(log, parts)


# Step 7: heads.


@lie(7, "heads of trail 2: epoch 3 has size 4, below 7 at epoch 2")
def head_shrinks() -> Case:
    log = LyingLog()
    log.append(HOSPITAL, 4)
    log.seal()
    log.append(HOSPITAL, 2)
    log.seal()
    log.seal(heads=[log.head(0), log.head(1), log.head(HOSPITAL, size=4)])
    return case_of(log)


@lie(7, "heads of trail 2: epoch 2 has size 4, below 5 at epoch 1")
def head_dips_and_returns() -> Case:
    """One epoch shows fewer entries, the next all of them again: a short-lived second history."""
    log = LyingLog()
    log.append(HOSPITAL, 4)
    log.seal()
    log.seal(heads=[log.head(0), log.head(1), log.head(HOSPITAL, size=4)])
    log.seal()
    return case_of(log)


@lie(7, "epoch 2 has another root for the same size 5")
def fork_of_one_epoch_and_return() -> Case:
    log = LyingLog()
    log.append(HOSPITAL, 4)
    forked = log.fork()
    log.seal()
    forked.contents[HOSPITAL].pop()
    forked.append(HOSPITAL)
    log.seal(heads=[forked.head(number) for number in range(3)])
    log.seal()
    return case_of(log)


@lie(7, "epoch 2 does not hold this head of size 5: inclusion proof leads to root")
def tenant_left_out_of_one_epoch() -> Case:
    """In epoch 2 the slot of the tenant holds a copy of another trail's head."""
    log = LyingLog()
    log.append(HOSPITAL, 4)
    log.seal()
    log.seal(heads=[log.head(0), log.head(1), replace(log.head(1), number=HOSPITAL)])
    log.heads[1] = log.heads[0]
    log.seal()
    return case_of(log)


@lie(7, "epoch 2 does not hold this head")
def number_reused() -> Case:
    """From epoch 2 on the tenant's number belongs to another trail."""
    log = LyingLog()
    log.append(HOSPITAL, 4)
    log.seal()
    taken = replace(log.head(HOSPITAL), trail_id=Hash(bytes(32)))
    log.seal(heads=[log.head(0), log.head(1), taken])
    return case_of(log)


@lie(7, "want the head of epoch 2 next, got that of epoch 3")
def late_birth() -> Case:
    log = honest_log()
    parts = log.parts(LATE)
    del parts.heads[LATE][0]
    return case_of(log, parts, LATE)


@lie(7, "want the head of epoch 3 next, got that of epoch 4")
def head_of_one_epoch_left_out() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.heads[HOSPITAL][2]
    return case_of(log, parts)


@lie(7, "want the head of epoch 2 next, got that of epoch 1")
def second_head_of_one_epoch() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL].insert(1, parts.heads[HOSPITAL][0])
    return case_of(log, parts)


@lie(7, "want a head in every epoch from 1 to 4, got none in epoch 4")
def newest_head_left_out() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL].pop()
    parts.entries[HOSPITAL] = parts.entries[HOSPITAL][:7]
    return case_of(log, parts)


@lie(7, "want no head after epoch 4, got one of epoch 5")
def head_of_the_future() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL].append(replace(parts.heads[HOSPITAL][-1], epoch=5))
    return case_of(log, parts)


@lie(7, "epoch 4 does not hold this head")
def head_of_one_epoch_replayed_in_another() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL][3] = replace(parts.heads[HOSPITAL][2], epoch=4)
    parts.entries[HOSPITAL] = parts.entries[HOSPITAL][:7]
    return case_of(log, parts)


@lie(7, "epoch 1 does not hold this head")
def heads_of_another_trail() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL] = log.proofs(1)
    return case_of(log, parts)


@lie(7, "epoch 1 does not hold this head")
def heads_of_another_log() -> Case:
    log, other = honest_log(), LyingLog(origin="ledger.example/b")
    for _ in range(4):
        other.seal()
    parts = log.parts()
    parts.heads[HOSPITAL] = other.proofs(HOSPITAL)
    return case_of(log, parts)


@lie(7, "epoch 4 does not hold this head of size 9")
def head_of_a_wrong_size() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL][3] = replace(parts.heads[HOSPITAL][3], size=9)
    parts.entries[HOSPITAL].pop()
    return case_of(log, parts)


@lie(7, "epoch 4 does not hold this head")
def head_of_a_wrong_root() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL][3] = replace(parts.heads[HOSPITAL][3], root=Hash(bytes(32)))
    return case_of(log, parts)


@lie(7, "has size 0, want at least the genesis")
def head_of_size_0() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[HOSPITAL][0] = replace(parts.heads[HOSPITAL][0], size=0, root=EMPTY_ROOT)
    return case_of(log, parts)


@lie(7, "inclusion proof has 3 hashes, want 2")
def proof_with_a_hash_too_many() -> Case:
    log = honest_log()
    parts = log.parts()
    proof = parts.heads[HOSPITAL][3]
    parts.heads[HOSPITAL][3] = replace(proof, path=[*proof.path, Hash(bytes(32))])
    return case_of(log, parts)


@lie(7, "inclusion proof has 1 hashes, want 2")
def proof_with_a_hash_too_few() -> Case:
    log = honest_log()
    parts = log.parts()
    proof = parts.heads[HOSPITAL][3]
    parts.heads[HOSPITAL][3] = replace(proof, path=proof.path[:1])
    return case_of(log, parts)


@lie(7, "epoch 4 does not hold this head")
def proof_in_another_order() -> Case:
    log = honest_log()
    parts = log.parts()
    proof = parts.heads[HOSPITAL][3]
    parts.heads[HOSPITAL][3] = replace(proof, path=list(reversed(proof.path)))
    return case_of(log, parts)


@lie(7, "epoch 1 does not hold this head")
def forged_from_the_public_log() -> Case:
    """Records and checkpoints are public; a trail is made up around them for the pin's own
    number."""
    log, made_up = honest_log(), LyingLog(seed=9)
    opened = genesis(
        origin=ORIGIN,
        number=HOSPITAL,
        name="forged",
        tenant_nonce=None,
        nonce=bytes(16),
        received_at=0,
    )
    made_up.contents[HOSPITAL] = [opened]
    for _ in range(4):
        made_up.append(HOSPITAL)
        made_up.seal()
    parts = log.parts()
    parts.hints = replace(parts.hints, trail_id=made_up.trail_id(HOSPITAL))
    parts.heads[HOSPITAL], parts.entries[HOSPITAL] = (
        made_up.proofs(HOSPITAL),
        made_up.contents[HOSPITAL],
    )
    return Case(parts, log.trust(), made_up.pin())


@lie(7, "epoch 4 does not hold this head of size 6")
def more_trails_than_leaves() -> Case:
    """The record counts trails that are not there, so that a number could be given later."""
    log = LyingLog()
    log.append(HOSPITAL, 5)
    for _ in range(3):
        log.seal()
    log.seal(trails=5)
    return case_of(log)


@lie(7, "head: not canonical")
def head_with_a_key_twice() -> Case:
    log = honest_log()
    parts = log.parts()
    lines = b"".join(encode_head(proof) + b"\n" for proof in parts.heads[HOSPITAL])
    parts.raw["trails/2/heads.jsonl"] = lines.replace(b'"size":10', b'"size":9,"size":10')
    return case_of(log, parts)


@lie(7, "bundle has no member trails/2/heads.jsonl")
def heads_left_out() -> Case:
    log = honest_log()
    parts = log.parts()
    del parts.heads[HOSPITAL]
    return case_of(log, parts)


@lie(7, "heads of trail 0: want a head in every epoch from 1 to 4, got none in epoch 4")
def fleet_trail_cut_off_with_its_head() -> Case:
    log = honest_log()
    parts = log.parts()
    parts.heads[FLEET].pop()
    parts.entries[FLEET] = parts.entries[FLEET][:4]
    return case_of(log, parts)
