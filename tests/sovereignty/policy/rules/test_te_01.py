"""TE-01: every source that must report was heard."""

from typing import Any

import pytest

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.rule import COMPLIANT, Sharing, unverifiable
from sovereignty.policy.rules.te_01 import judge


def test_wholly_heard_is_compliant() -> None:
    assert judge(Coverage(Gap.NONE), Sharing.ALONE) == COMPLIANT


@pytest.mark.parametrize(
    ("gap", "reason"),
    [
        (Gap.NO_SOURCE, "no_source"),
        (Gap.BELOW_GRADE, "evidence_below_grade"),
        (Gap.NOT_HEARD, "not_covered"),
        (Gap.SEQUENCE_GAP, "sequence_hole"),
    ],
)
def test_anything_less_is_unverifiable(gap: Any, reason: Any) -> None:
    assert judge(Coverage(gap, ("slurm",)), Sharing.ALONE) == unverifiable(reason, sources="slurm")
