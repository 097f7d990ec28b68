"""How many witnesses must lie for two histories to be proved: as many as C1 says, and no fewer."""

from itertools import product
from pathlib import Path

import pytest

from audit.verifier.verify import verify_bundle
from tests.lying_log import HOSPITAL, LyingLog, witnesses

SHAPES = [(n, k) for n in range(1, 5) for k in range(1, n + 1)]


def two_histories() -> tuple[LyingLog, LyingLog]:
    log = LyingLog()
    log.seal()
    forked = log.fork()
    for history in (log, forked):
        history.append(HOSPITAL)
        history.seal()
    return log, forked


def both_are_proved(
    path: Path, names: list[str], threshold: int, sides: list[tuple[bool, bool]]
) -> bool:
    """Whether both histories are proved when witness i cosigns those of `sides[i]`."""
    for which, history in enumerate(two_histories()):
        history.cosign(*(name for name, side in zip(names, sides, strict=True) if side[which]))
        bundle = history.parts().write(path / "evidence.zip")
        trust = history.trust(witnesses(*names, threshold=str(threshold)))
        report = verify_bundle(bundle, trust, history.pin())
        assert report.failure is None
        if not report.proved:
            return False
    return True


@pytest.mark.parametrize(("count", "threshold"), SHAPES)
def test_the_stated_number_of_liars_is_enough_and_one_fewer_is_not(
    count: int, threshold: int, tmp_path: Path
) -> None:
    names = [f"w{number}" for number in range(count)]
    stated = LyingLog().trust(witnesses(*names, threshold=str(threshold))).colluders
    assert stated == max(0, 2 * threshold - count)

    def some_split_proves_both(liars: int) -> bool:
        honest = product([(True, False), (False, True)], repeat=count - liars)
        return any(
            both_are_proved(tmp_path, names, threshold, [(True, True)] * liars + list(split))
            for split in honest
        )

    assert some_split_proves_both(stated)
    assert stated == 0 or not some_split_proves_both(stated - 1)
