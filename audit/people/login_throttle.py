"""Make the guessing of passwords slow: who fails too often waits, by the name tried and by the
address tried from.

    keys = keys_of("ada", "192.0.2.7", device=None)
    take(keys)         # with each try, before the password is checked
    give_back(keys)    # when the password was right

A few tries are free. Each further try is followed by a wait that doubles from a minute to a quarter
of an hour. A try during a wait is refused without a look at the password, and prolongs nothing. So
a stranger can make a name wait for minutes. A browser in which that person has signed in before has
a count of its own, under neither name nor address, so nobody is locked out of it by others: these
are the device cookies of OWASP ("Slow Down Online Guessing Attacks with Device Cookies"), which
`audit.web.caller` sets.

The count goes up before the password is checked, in one transaction under the row's lock: tries
sent at the same instant to several web processes are counted one by one.
"""

import hashlib
import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import transaction

from audit import clock
from audit.errors import LedgerError
from audit.models import SignInTries

FREE = {"name": 5, "address": 20, "device": 5}
FIRST_WAIT_MS, LONGEST_WAIT_MS = 60_000, 15 * 60_000
# After so long without a try the count starts again.
FORGET_MS = 60 * 60_000
# A household has this network of addresses to itself.
IPV6_NETWORK = 64
# The port, as some proxies write it into X-Forwarded-For.
_PORT = re.compile(r"^\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?\Z|^([0-9.]+):[0-9]+\Z")


class TooManyTries(LedgerError):
    """Raised when a try must wait; `wait_ms` says how long."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"too many tries to sign in: want a wait of {wait_ms} ms, got another try")
        self.wait_ms = wait_ms


def keys_of(name: str, address: str, *, device: str | None) -> list[str]:
    """Return the keys that a try counts under: the browser where it is known, else the name and the
    address."""
    if device is not None:
        return [_key("device", device)]
    return [_key("address", _network(address)), _key("name", name)]


@transaction.atomic
def take(keys: Sequence[str]) -> None:
    """Count a try under each key. Raises TooManyTries, and counts nothing, where one of them must
    wait."""
    SignInTries.objects.bulk_create([SignInTries(key=key) for key in keys], ignore_conflicts=True)
    rows = _locked(keys)
    # Read the clock under the lock: before it, the time may be earlier than that of the try that
    # held the lock.
    now = clock.now_ms()
    # A wait longer than the longest comes from a clock that was set back since.
    if wait_ms := max(
        (row.until - now for row in rows if 0 < row.until - now <= LONGEST_WAIT_MS), default=0
    ):
        raise TooManyTries(wait_ms)
    for row in rows:
        count = (0 if row.last_at < now - FORGET_MS else row.count) + 1
        row.count, row.last_at, row.until = count, now, now + _wait_ms(row.key, count)
        row.save(update_fields=["count", "last_at", "until"])


@transaction.atomic
def give_back(keys: Sequence[str]) -> None:
    """Take back a try that was right: name and browser start again. An address gets only this try
    back: else whoever has a password could use it to go on guessing others."""
    for row in _locked(keys):
        if row.key.startswith("address:"):
            row.count, row.until = max(0, row.count - 1), 0
            row.save(update_fields=["count", "until"])
        else:
            row.delete()


def forget() -> None:
    """Delete the counts that are too old to matter."""
    SignInTries.objects.filter(last_at__lt=clock.now_ms() - FORGET_MS).delete()


def _locked(keys: Sequence[str]) -> list[SignInTries]:
    # Lock in one order everywhere: two tries that share a name and an address must not wait for
    # each other.
    return list(SignInTries.objects.select_for_update().filter(key__in=keys).order_by("key"))


def _wait_ms(key: str, count: int) -> int:
    beyond = count - FREE[key.partition(":")[0]]
    return 0 if beyond < 0 else min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(beyond, 8))


def _key(kind: str, text: str) -> str:
    return f"{kind}:{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def _network(address: str) -> str:
    """Return the address as it is counted: without a port, and IPv6 by its network, because one
    sender has all the addresses in it. All text that is no address counts as one sender: whoever
    can write text there would have as many addresses as it likes."""
    bare = _PORT.sub(r"\1\2", address.strip())
    try:
        parsed = ip_address(bare)
    except ValueError:
        return "no address"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, IPV6_NETWORK), strict=False))
    return str(parsed)
