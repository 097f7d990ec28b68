"""Step 10: what you kept from last time is the beginning of this bundle."""

from audit.tlog.errors import CheckpointError, HeadError
from audit.tlog.merkle import Hash
from audit.verifier.log import GlobalLog
from audit.verifier.pin_and_head import Pin, PreviousHead
from audit.verifier.trail import Heads

_OLDER = "The bundle is older than what you have seen. Ask for a newer one."


def check_previous_log(previous: PreviousHead, log: GlobalLog) -> str:
    """Check that the log under your previous head is the beginning of this log. Step 10.

    Returns why this cannot be decided, or "" when it is so. Raises CheckpointError when the two
    logs contradict each other."""
    checkpoint = previous.read_checkpoint()
    if checkpoint.origin != log.genesis.origin:
        raise CheckpointError(
            f"you kept a checkpoint of {checkpoint.origin!a}, this log is {log.genesis.origin!a}"
        )
    if checkpoint.size > log.size:
        return (
            f"You kept a checkpoint of {checkpoint.size} records, but this bundle has "
            f"{log.size}. {_OLDER}"
        )
    if log.roots.get(checkpoint.size) != checkpoint.root:
        raise CheckpointError(
            f"you kept root {checkpoint.root.hex()} for the first {checkpoint.size} records, but "
            "this bundle has another root for them: the log has two histories"
        )
    return ""


def check_previous_head(previous: PreviousHead, pin: Pin, heads: Heads, root: Hash | None) -> str:
    """Check that the pinned trail had your previous head. Step 10.

    `root` is the trail's root at the size of the previous head, None if the trail is shorter.
    Returns why this cannot be decided, or "" when it is so. Raises HeadError when the head
    contradicts the trail."""
    if previous.trail_id != pin.trail_id:
        raise HeadError(
            f"you kept a head of {previous.trail_id.hex()}, your pin names {pin.trail_id.hex()}"
        )
    if root is not None and root != previous.root:
        raise HeadError(
            f"you kept root {previous.root.hex()} for the first {previous.size} entries, but this "
            f"bundle has {root.hex()}"
        )
    if previous.epoch > heads.last:
        return (
            f"You kept a head of epoch {previous.epoch}, but this bundle ends at epoch "
            f"{heads.last}. {_OLDER}"
        )
    head = heads.at(previous.epoch)
    if head is None:
        raise HeadError(
            f"you kept a head of epoch {previous.epoch}, but the trail begins in epoch "
            f"{heads.birth}"
        )
    if (head.size, head.root) != (previous.size, previous.root):
        raise HeadError(
            f"you kept {previous.size} entries in epoch {previous.epoch}, but this bundle has "
            f"{head.size} there"
        )
    return ""
