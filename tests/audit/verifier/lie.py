"""How a lie is written down: what makes its case, the step that refuses it, and the words."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.tlog.trust import TrustPolicy
from audit.verifier.pin_and_head import Pin, PreviousHead
from tests.lying_log import HOSPITAL, LyingLog, Parts

LATE = 3  # the trail that honest_log opens after its first epoch
LIES: dict[str, "Lie"] = {}


@dataclass(frozen=True)
class Case:
    """A bundle, and what its reader brings."""

    parts: Parts
    trust: TrustPolicy
    pin: Pin
    previous: PreviousHead | None = None


@dataclass(frozen=True)
class Lie:
    """A lie: `make` builds its case, `step` refuses it, and the message holds `words`."""

    make: Callable[[], Case]
    step: int
    words: str


def lie(step: int, words: str) -> Callable[[Callable[[], Case]], Callable[[], Case]]:
    """Register the function as the lie of its name."""

    def register(make: Callable[[], Case]) -> Callable[[], Case]:
        if LIES.setdefault(make.__name__, Lie(make, step, words)).make is not make:
            raise ValueError(f"two lies are named {make.__name__}")
        return make

    return register


def case_of(log: LyingLog, parts: Parts | None = None, number: int = HOSPITAL) -> Case:
    """Return the case of a reader who holds the right pin and trust file."""
    return Case(log.parts(number) if parts is None else parts, log.trust(), log.pin(number))
