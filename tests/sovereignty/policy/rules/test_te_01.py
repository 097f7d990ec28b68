"""TE-01: everyone who owes word was heard."""

from typing import Any

import pytest

from sovereignty.plane.coverage.of_cards import Coverage, Whole
from sovereignty.policy.rule import COMPLIANT, Company, unverifiable
from sovereignty.policy.rules.te_01 import judge


def test_wholly_heard_is_compliant() -> None:
    assert judge(Coverage(Whole.YES), Company.ALONE) == COMPLIANT


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (Whole.NO_SOURCE, "no_source"),
        (Whole.BELOW_GRADE, "evidence_below_grade"),
        (Whole.NOT_HEARD, "not_covered"),
        (Whole.SEQUENCE_HOLE, "sequence_hole"),
    ],
)
def test_anything_less_is_unverifiable(whole: Any, reason: Any) -> None:
    assert judge(Coverage(whole, ("slurm",)), Company.ALONE) == unverifiable(
        reason, sources="slurm"
    )
