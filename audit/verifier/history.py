"""Step 10: what you hold from last time is the beginning of what came now."""

from audit.tlog.errors import CheckpointError, HeadError
from audit.tlog.merkle import Hash
from audit.verifier.held import Pin, PreviousHead
from audit.verifier.log import GlobalLog
from audit.verifier.trail import Heads


def check_held_log(held: PreviousHead, log: GlobalLog) -> str:
    """Check the global log that you hold against the one that came. Step 10. Raises
    CheckpointError.

    Returns why nothing can be said, empty if the one is the beginning of the other."""
    checkpoint = held.read_checkpoint()
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


def check_held_head(held: PreviousHead, pin: Pin, heads: Heads, root: Hash | None) -> str:
    """Check the head that you hold against the pinned trail's; `root` is the trail's at the held
    size, None if it does not reach it. Step 10. Raises HeadError.

    Returns why nothing can be said, empty if the head is the one of its epoch."""
    if held.trail_id != pin.trail_id:
        raise HeadError(
            f"you hold a head of {held.trail_id.hex()}, your pin names {pin.trail_id.hex()}"
        )
    if root is not None and root != held.root:
        raise HeadError(
            f"you hold root {held.root.hex()} for the first {held.size} entries, here it is "
            f"{root.hex()}"
        )
    if held.epoch > heads.last:
        return (
            f"You hold a head of epoch {held.epoch}, and this bundle ends at epoch {heads.last}: "
            "it is older than "
            "what you have seen. Ask for a newer one."
        )
    head = heads.at(held.epoch)
    if head is None:
        raise HeadError(
            f"you hold a head of epoch {held.epoch}, and the trail was born in epoch {heads.birth}"
        )
    if (head.size, head.root) != (held.size, held.root):
        raise HeadError(
            f"you hold {held.size} entries in epoch {held.epoch}, here there are {head.size}"
        )
    return ""
