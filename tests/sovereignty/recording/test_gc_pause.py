"""The pause of the cyclic garbage collector: whoever leaves last sets it as it was."""

import gc
from collections.abc import Iterator

import pytest

from sovereignty.recording.gc_pause import gc_paused


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    was_on = gc.isenabled()
    yield
    (gc.enable if was_on else gc.disable)()


def test_pauses_until_the_last_one_is_out() -> None:
    gc.enable()
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_leaves_a_collector_off_that_was_off() -> None:
    gc.disable()
    with gc_paused():
        pass
    assert not gc.isenabled()


def test_resumes_after_an_error() -> None:
    gc.enable()
    with pytest.raises(ZeroDivisionError), gc_paused():
        1 / 0  # noqa: B018 - it raises
    assert gc.isenabled()
