"""PL-03: alone on the cards."""

from typing import Any

import pytest

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.rule import COMPLIANT, Sharing, non_compliant, unverifiable
from sovereignty.policy.rules.pl_03 import judge

WHOLE = Coverage(Gap.NONE)


def test_alone_and_wholly_heard_is_compliant() -> None:
    assert judge(WHOLE, Sharing.ALONE) == COMPLIANT


def test_sharing_is_worse_than_any_gap() -> None:
    assert judge(Coverage(Gap.NO_SOURCE), Sharing.SHARED) == non_compliant("shared_card")


def test_what_may_be_shared_is_unverifiable() -> None:
    assert judge(WHOLE, Sharing.UNCERTAIN) == unverifiable("cards_unknown")


@pytest.mark.parametrize(
    ("gap", "reason"),
    [
        (Gap.NO_SOURCE, "not_covered"),
        (Gap.BELOW_GRADE, "evidence_below_grade"),
        (Gap.NOT_HEARD, "not_covered"),
        (Gap.SEQUENCE_GAP, "sequence_hole"),
    ],
)
def test_what_is_not_wholly_heard_may_hide_another_tenant(gap: Any, reason: Any) -> None:
    assert judge(Coverage(gap, ("a", "b")), Sharing.ALONE) == unverifiable(reason, sources="a, b")
