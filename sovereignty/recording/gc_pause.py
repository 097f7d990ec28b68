"""A pause of the cyclic garbage collector over work whose many objects all live until its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


@contextmanager
def gc_paused() -> Iterator[None]:
    """Hold off the cyclic collector: a batch's objects, a hundred thousand of them, all live until
    its answers are made, and walking them again and again to find nothing costs as much as hashing
    them. Threads may be inside at once: the last one out sets the collector as the first one found
    it."""
    _held.enter()
    try:
        yield
    finally:
        _held.leave()


@dataclass(slots=True)
class _Held:
    """How many hold the collector off, and whether it was on before the first of them."""

    lock: Lock = field(default_factory=Lock)
    count: int = 0
    was_on: bool = False

    def enter(self) -> None:
        with self.lock:
            if not self.count:
                self.was_on = gc.isenabled()
                gc.disable()
            self.count += 1

    def leave(self) -> None:
        with self.lock:
            self.count -= 1
            if not self.count and self.was_on:
                gc.enable()


_held = _Held()
