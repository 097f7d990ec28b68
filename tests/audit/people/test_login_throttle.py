"""How long a guesser waits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from audit import clock
from audit.models import SignInTries
from audit.people import login_throttle
from audit.people.login_throttle import (
    FORGET_MS,
    FREE,
    LONGEST_WAIT_MS,
    TooManyTries,
    forget,
    give_back,
    keys_of,
    take,
)

pytestmark = pytest.mark.django_db
MINUTE = 60_000


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The clock, in milliseconds: `time[0]`."""
    now = [1_790_000_000_000]
    monkeypatch.setattr(clock, "read_ns", lambda: now[0] * 1_000_000)
    return now


def keys(name: str = "ada", address: str = "192.0.2.7", device: str | None = None) -> list[str]:
    return keys_of(name, address, device=device)


def wait_of(of: list[str]) -> int:
    with pytest.raises(TooManyTries) as caught:
        take(of)
    return caught.value.wait_ms


def test_a_few_tries_are_free_and_then_each_waits_twice_as_long(time: list[int]) -> None:
    for _ in range(FREE["name"]):
        take(keys())
    waits = []
    for _ in range(6):
        waits.append(wait_of(keys()))
        time[0] += waits[-1]
        take(keys())
    assert waits == [minutes * MINUTE for minutes in (1, 2, 4, 8, 15, 15)]


def test_a_try_that_is_refused_prolongs_nothing(time: list[int]) -> None:
    for _ in range(FREE["name"]):
        take(keys())
    for _ in range(50):
        assert wait_of(keys()) == MINUTE - (time[0] - 1_790_000_000_000)
        time[0] += 1000
    time[0] += 10_000
    take(keys())


def test_a_right_password_starts_the_name_again_but_gives_an_address_one_try_back(
    time: list[int],
) -> None:
    for number in range(FREE["address"] - 1):
        take(keys(name=f"nobody-{number}"))
    for _ in range(5):
        take(keys(name="own"))
        give_back(keys(name="own"))
    take(keys(name="nobody"))
    assert wait_of(keys(name="own")) == MINUTE


def test_after_an_hour_of_silence_the_count_starts_again(time: list[int]) -> None:
    for _ in range(FREE["name"]):
        take(keys())
    time[0] += FORGET_MS + 1
    for _ in range(FREE["name"]):
        take(keys())
    assert wait_of(keys()) == MINUTE
    time[0] += FORGET_MS + 1
    forget()
    assert not SignInTries.objects.exists()


def test_a_clock_that_was_set_back_locks_nobody_out(time: list[int]) -> None:
    for _ in range(FREE["name"]):
        take(keys())
    time[0] -= 30 * 86_400_000
    take(keys())


def test_no_key_holds_a_name_or_an_address_in_the_clear() -> None:
    take(keys())
    take(keys(device="mark"))
    text = " ".join(SignInTries.objects.values_list("key", flat=True))
    assert not [
        word for word in ("ada", "192.0.2.7", "mark") if word in text.replace("address:", "")
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7:51234", "192.0.2.7", True),
        ("[2001:db8::1]:443", "2001:db8::2", True),
        ("[2001:db8::1]", "2001:db8::2", True),
        ("nonsense\0", "other nonsense", True),
    ],
)
def test_addresses_of_one_sender_are_counted_together(one: str, other: str, same: bool) -> None:
    assert (keys(address=one)[0] == keys(address=other)[0]) is same


def test_the_longest_wait_is_minutes_however_often_it_failed(time: list[int]) -> None:
    take(keys())
    SignInTries.objects.update(count=2**31 - 2)
    take(keys())
    assert wait_of(keys()) == LONGEST_WAIT_MS


@pytest.mark.skipif(
    connection.vendor == "sqlite",
    reason="the threads of a test share one SQLite database in memory",
)
@pytest.mark.django_db(transaction=True)
def test_tries_at_the_same_instant_are_counted_one_by_one() -> None:
    start = Barrier(12)

    def guess(_: int) -> bool:
        try:
            start.wait(10)
            login_throttle.take(keys())
        except TooManyTries:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == FREE["name"]
