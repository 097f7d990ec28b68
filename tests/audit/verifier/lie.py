"""How a lie is written down: what is told, the step that refuses it, and the words."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.tlog.trust import TrustPolicy
from audit.verifier.held import Pin, PreviousHead
from tests.lying_log import HOSPITAL, LyingLog, Parts

LATE = 3  # the trail that honest_log opens after its first epoch
LIES: dict[str, "Lie"] = {}


@dataclass(frozen=True)
class Told:
    """A bundle, and what its reader holds."""

    parts: Parts
    trust: TrustPolicy
    pin: Pin
    previous: PreviousHead | None = None


@dataclass(frozen=True)
class Lie:
    """A lie, the step that refuses it, and the words."""

    tell: Callable[[], Told]
    step: int
    words: str


def lie(step: int, words: str) -> Callable[[Callable[[], Told]], Callable[[], Told]]:
    """Register the function as the lie of its name."""

    def register(tell: Callable[[], Told]) -> Callable[[], Told]:
        if LIES.setdefault(tell.__name__, Lie(tell, step, words)).tell is not tell:
            raise ValueError(f"the lie {tell.__name__} is told twice")
        return tell

    return register


def told(log: LyingLog, parts: Parts | None = None, number: int = HOSPITAL) -> Told:
    """What is told to a reader who holds the right pin and trust file."""
    return Told(log.parts(number) if parts is None else parts, log.trust(), log.pin(number))
