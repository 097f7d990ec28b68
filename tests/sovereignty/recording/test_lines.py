"""The lines of a batch while they are worked on: the collector is held off, and set again as it
was."""

import gc
from threading import Event, Thread

from sovereignty.recording.gc_pause import gc_paused


def test_the_collector_is_off_inside_and_as_before_outside() -> None:
    with gc_paused():
        with gc_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_one_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with gc_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_last_thread_out_sets_it_again() -> None:
    inside, leave = Event(), Event()

    def other() -> None:
        with gc_paused():
            inside.set()
            leave.wait(10)

    with gc_paused():
        thread = Thread(target=other)
        thread.start()
        assert inside.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join(10)
    assert gc.isenabled()
