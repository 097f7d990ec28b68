"""Lies that step 10 refuses: another history than the one that the reader holds."""

from dataclasses import replace

from audit.tlog.merkle import Hash
from audit.verifier.pin_and_head import PreviousHead
from tests.audit.verifier.lie import Case, case_of, lie
from tests.lying_log import HOSPITAL, LyingLog, honest_log

# Step 10: what the reader holds.


def kept(log: LyingLog) -> PreviousHead:
    head = log.head(HOSPITAL)
    return PreviousHead(
        HOSPITAL,
        head.trail_id,
        len(log.records) - 1,
        head.size,
        head.root,
        log.notes[len(log.records)],
    )


def against(log: LyingLog, previous: PreviousHead) -> Case:
    return replace(case_of(log), previous=previous)


@lie(10, "you kept root")
def fork_since_last_time() -> Case:
    log = honest_log()
    forked = log.fork()
    log.append(HOSPITAL)
    log.seal()
    forked.append(HOSPITAL)
    forked.seal()
    return against(forked, kept(log))


@lie(10, "you kept 11 entries in epoch 5, but this bundle has 10 there")
def fewer_entries_than_last_time() -> Case:
    log = honest_log()
    forked = log.fork()
    log.append(HOSPITAL)
    log.seal()
    forked.seal()
    return against(forked, kept(log))


@lie(10, "you kept 10 entries in epoch 4, but this bundle has 12 there")
def more_entries_than_last_time() -> Case:
    """Entries were slipped into an epoch that was closed."""
    log = honest_log()
    last_time = kept(log)
    log.append(HOSPITAL, 2)
    log.records.pop()
    log.heads.pop()
    log.seal()
    return against(log, last_time)


@lie(10, "the log has two histories")
def other_trails_forked_since_last_time() -> Case:
    """The own trail is the same, but the log is another: some other tenant was shown something
    else."""
    log = honest_log()
    forked = log.fork()
    log.seal()
    forked.append(1)
    forked.seal()
    return against(forked, kept(log))


@lie(10, "you kept root")
def fork_shown_in_an_older_bundle() -> Case:
    """Even a bundle that ends before the held head must not contradict it."""
    log = honest_log()
    forked = log.fork()
    log.append(HOSPITAL)
    log.seal()
    log.seal()
    forked.append(HOSPITAL)
    forked.seal()
    return against(forked, replace(kept(log), size=11, root=log.head(HOSPITAL, size=11).root))


@lie(10, "you kept a checkpoint of 'ledger.example/b'")
def checkpoint_held_of_another_log() -> Case:
    log, other = honest_log(), LyingLog(origin="ledger.example/b")
    other.seal()
    return against(log, replace(kept(log), checkpoint=other.notes[2]))


@lie(10, "you kept a head of")
def held_head_of_another_id() -> Case:
    log = honest_log()
    return against(log, replace(kept(log), trail_id=Hash(bytes(32))))


@lie(10, "but the trail begins in epoch 1")
def held_head_from_before_the_birth() -> Case:
    log = honest_log()
    return against(log, replace(kept(log), epoch=0))
