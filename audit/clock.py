"""The clock: the one place that reads the time of day. Milliseconds since 1970 UTC, as everywhere
in the ledger.

A test that needs another time replaces `read_ns`; callers write `clock.now_ms()`.
"""

from time import time_ns as read_ns

__all__ = ["now_ms", "read_ns"]


def now_ms() -> int:
    """Return the time now, in milliseconds since 1970 UTC. It can step backwards, as any machine's
    clock."""
    return read_ns() // 1_000_000
