"""The SQLite in memory in which a mapping's SQL runs: what it may do, and the functions that it is
given.

    hostlist_expand('r[1-3,7]n08')         '["r1n08","r2n08","r3n08","r7n08"]', for json_each
    hostlist_count('r[1-3,7]n08')          4
    regex('gres/gpu=([0-9]+)', tres)       the first group that matched, else the match; or NULL
    time_ms(text, format [, zone])         milliseconds UTC; NULL for '', Unknown, None, N/A
    pci_slot('00000000:3B:00.0')           'pci:0000:3b:00.0', a slot; NULL for an empty address
    canonical('tenant', 'SUPERMICRO')      the spelling that the site plan prefers

Time formats: epoch_s (with decimals or not), epoch_ms, iso, or as `datetime.strptime`; zone is an
IANA name, needed where the text carries no offset. A local time that came twice or never, at a
change of the clocks, is refused.

A mapping is configuration that the operator trusts. It is still held inside the memory database:
ATTACH, PRAGMA and load_extension are refused, and so is everything else that is not on the list
below (`sqlite3_set_authorizer`).

A function given a bad value cannot raise, or one bad row would end the whole select: it answers a
*poison*, a text that names the fault and stays out of every range under arithmetic and casts, so
that the row is refused and never quietly dated 1970.
"""

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from functools import lru_cache, wraps
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from audit import times
from sovereignty import hostlist

# how schedulers write that there is no time yet
NO_TIME = frozenset({"", "unknown", "none", "n/a", "null"})
POISON = "9223372036854775807e999 "
_ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_UPDATE,
        sqlite3.SQLITE_INSERT,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_CREATE_TABLE,
        sqlite3.SQLITE_CREATE_VIEW,
        sqlite3.SQLITE_CREATE_INDEX,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_REINDEX,
    }
)
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})
_PCI = re.compile(r"(?:([0-9A-Fa-f]{4,8}):)?([0-9A-Fa-f]{2}):([0-9A-Fa-f]{2})\.([0-7])")

Scalar = str | int | float | bytes | None


def open_memory(canonical: Callable[[str, str], str]) -> sqlite3.Connection:
    """Open an empty database in memory with the functions above; `canonical(kind, spelling)` comes
    from the site plan."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA temp_store = MEMORY")
    for name, arguments, function in (
        ("hostlist_expand", 1, _hostlist_expand),
        ("hostlist_count", 1, _hostlist_count),
        ("regex", 2, _regex),
        ("time_ms", -1, _time_ms),
        ("pci_slot", 1, _pci_slot),
    ):
        connection.create_function(name, arguments, _poisoning(function), deterministic=True)
    connection.create_function(
        "canonical", 2, lambda kind, text: text if text is None else canonical(str(kind), str(text))
    )
    connection.set_authorizer(_authorize)
    return connection


def fault_of(value: object) -> str | None:
    """The fault that a poison names; None for every other value."""
    return value[len(POISON) :] if type(value) is str and value.startswith(POISON) else None


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None
) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if second in _REFUSED_FUNCTIONS else sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


class _BadValue(ValueError):
    """Raised when a function was given what it cannot use; becomes a poison."""


def _poisoning(function: Callable[..., Scalar]) -> Callable[..., Scalar]:
    @wraps(function)
    def guarded(*arguments: Any) -> Scalar:
        try:
            return function(*arguments)
        except (_BadValue, hostlist.HostlistError) as fault:
            return f"{POISON}{fault}"

    return guarded


def _hostlist_expand(text: str | None) -> str | None:
    return None if not text else json.dumps(hostlist.expand_nodes(str(text)))


def _hostlist_count(text: str | None) -> int | None:
    return None if not text else len(hostlist.expand_nodes(str(text)))


def _regex(pattern: str, text: str | None) -> str | None:
    match = None if text is None else _compiled(pattern).search(str(text))
    if match is None:
        return None
    return next((group for group in match.groups() if group is not None), match.group())


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as fault:
        raise _BadValue(f"want a regular expression, got {pattern!r}: {fault}") from fault


def _pci_slot(text: str | None) -> str | None:
    if text is None or text.strip().lower() in NO_TIME:
        return None
    match = _PCI.fullmatch(text.strip().lower().removeprefix("pci:"))
    if match is None:
        raise _BadValue(f"want a PCI address, as in 0000:3b:00.0, got {text!r}")
    domain, bus, device, function = match.groups()
    return f"pci:{int(domain or '0', 16):04x}:{bus}:{device}.{function}"


def _time_ms(text: str | int | float | None, form: str = "", zone: str | None = None) -> int | None:
    if text is None or str(text).strip().lower() in NO_TIME:
        return None
    spelled = str(text).strip()
    if form in ("epoch_s", "epoch_ms"):
        return _epoch(spelled, 1_000 if form == "epoch_s" else 1)
    try:
        if form == "iso":
            moment = datetime.fromisoformat(spelled)
        else:
            moment = datetime.strptime(spelled, form)  # noqa: DTZ007 - zoned below
    except ValueError as fault:
        raise _BadValue(f"want a time as {form}, got {spelled!r}") from fault
    if moment.tzinfo is None:
        moment = _zoned(moment, zone, spelled)
    return times.millis_of(moment.astimezone(UTC))


def _epoch(spelled: str, factor: int) -> int:
    """Whole milliseconds, rounded down."""
    try:
        return int((Decimal(spelled) * factor).to_integral_value(ROUND_FLOOR))
    except (InvalidOperation, OverflowError, ValueError) as fault:
        raise _BadValue(f"want seconds or milliseconds since 1970, got {spelled!r}") from fault


def _zoned(moment: datetime, zone: str | None, spelled: str) -> datetime:
    if zone is None:
        raise _BadValue(
            f"want an offset in the time or a zone in the mapping, got {spelled!r} and none"
        )
    try:
        local = moment.replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise _BadValue(f"want an IANA time zone, got {zone!r}") from fault
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise _BadValue(
            f"want a time that came once in {zone}, got {spelled!r}, at a change of the clocks"
        )
    return local
