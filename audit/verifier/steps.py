"""The numbered steps of a verification, and how one says that it failed.

| step | what is checked                                                              | claim |
|------|------------------------------------------------------------------------------|-------|
|  1   | the container is a bundle: one strict zip file of known members              | C1    |
|  2   | the records form one global log: a genesis, then every epoch, in order       | C1    |
|  3   | what the bundle says of itself agrees with the log and the trails it carries | C1    |
|  4   | every checkpoint it carries commits to these very records                    | C1    |
|  5   | the newest covers all records, is signed by the log, cosigned by a quorum    | C1    |
|  6   | the pinned trail and the fleet trail are the ones that their geneses open    | C2    |
|  7   | each has one head in every epoch from its birth on, and none shrinks         | C4    |
|  8   | their entries are well formed and lead to each head's root                   | C2    |
|  9   | each attachment it carries is one that an entry names, unaltered             | C2    |
| 10   | what you kept from last time is the beginning of this bundle                 | C3    |

The last column names the claim that needs the step.

audit/FORMATS.md, section 8, says the same at length.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from audit.tlog.errors import TlogError

NEEDED_FOR = {
    1: "C1",
    2: "C1",
    3: "C1",
    4: "C1",
    5: "C1",
    6: "C2",
    7: "C4",
    8: "C2",
    9: "C2",
    10: "C3",
}


class StepError(TlogError):
    """Raised when a step fails: the bundle contradicts itself, the trust file, the pin or a
    previous head."""

    def __init__(self, step: int, trail: int | None, text: str) -> None:
        super().__init__(f"step {step}: {text}")
        self.step = step
        self.trail = trail

    @property
    def claim(self) -> str:
        """The statement that fails with this step."""
        return NEEDED_FOR[self.step]


@contextmanager
def step(number: int, what: str, trail: int | None = None) -> Iterator[None]:
    """Put the number of the step, and what it looks at, in front of every error of the ledger's
    formats."""
    try:
        yield
    except StepError:
        raise
    except TlogError as error:
        raise StepError(number, trail, f"{what}: {error}") from error
