"""Step 10: what you hold from last time is the beginning of what came now."""

from audit.tlog.errors import CheckpointError, HeadError
from audit.tlog.merkle import Hash
from audit.verifier.log import GlobalLog
from audit.verifier.pin_and_head import Pin, PreviousHead
from audit.verifier.trail import Heads


def check_previous_log(previous: PreviousHead, log: GlobalLog) -> str:
    """Check the global log that you hold against the one that came. Step 10. Raises
    CheckpointError.

    Returns why nothing can be said, empty if the one is the beginning of the other."""
    checkpoint = previous.read_checkpoint()
    if checkpoint.origin != log.genesis.origin:
        raise CheckpointError(
            f"you hold a checkpoint of {checkpoint.origin!a}, this log is {log.genesis.origin!a}"
        )
    if checkpoint.size > log.size:
        return (
            f"You hold a checkpoint of {checkpoint.size} records, and this bundle ends at "
            f"{log.size}: it is older than "
            "what you have seen. Ask for a newer one."
        )
    if log.roots.get(checkpoint.size) != checkpoint.root:
        raise CheckpointError(
            f"you hold root {checkpoint.root.hex()} for the first {checkpoint.size} records, here "
            "it is another: "
            "the log has two histories"
        )
    return ""


def check_previous_head(previous: PreviousHead, pin: Pin, heads: Heads, root: Hash | None) -> str:
    """Check the head that you hold against the pinned trail's; `root` is the trail's at the held
    size, None if it does not reach it. Step 10. Raises HeadError.

    Returns why nothing can be said, empty if the head is the one of its epoch."""
    if previous.trail_id != pin.trail_id:
        raise HeadError(
            f"you hold a head of {previous.trail_id.hex()}, your pin names {pin.trail_id.hex()}"
        )
    if root is not None and root != previous.root:
        raise HeadError(
            f"you hold root {previous.root.hex()} for the first {previous.size} entries, here it "
            "is "
            f"{root.hex()}"
        )
    if previous.epoch > heads.last:
        return (
            f"You hold a head of epoch {previous.epoch}, and this bundle ends at epoch "
            f"{heads.last}: "
            "it is older than "
            "what you have seen. Ask for a newer one."
        )
    head = heads.at(previous.epoch)
    if head is None:
        raise HeadError(
            f"you hold a head of epoch {previous.epoch}, and the trail was born in epoch "
            f"{heads.birth}"
        )
    if (head.size, head.root) != (previous.size, previous.root):
        raise HeadError(
            f"you hold {previous.size} entries in epoch {previous.epoch}, here there are "
            f"{head.size}"
        )
    return ""
