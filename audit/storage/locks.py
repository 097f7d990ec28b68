"""The database's own locks, always taken in this order: sealing, trails by number, card numbers,
position.

On PostgreSQL each is a transaction-scoped advisory lock (trails: their rows). SQLite's BEGIN
IMMEDIATE already lets one writer in.
"""

from django.db import connection

SEALING = 0x646F6D01
CARD_NUMBERS = 0x646F6D02
POSITION = 0x646F6D03


def hold(lock: int) -> None:
    """Hold `lock` until the caller's transaction ends. Needs an open transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
