"""PL-01: the country of the region."""

from typing import Any

import pytest

from sovereignty.plane.inventory.statements import BELOW_GRADE, CONFLICT, UNKNOWN, Value
from sovereignty.policy.rule import COMPLIANT, non_compliant, unverifiable
from sovereignty.policy.rules.pl_01 import judge

ALLOWED = {"allowed_countries": ("CN", "HK")}


def judged(region: Any, country: Any) -> Any:
    return judge({"node.region": region, "region.country": country}, ALLOWED)


def test_an_allowed_country_is_compliant() -> None:
    assert judged(Value("cn-1"), Value("HK")) == COMPLIANT


def test_another_country_is_foreign() -> None:
    assert judged(Value("sg-1"), Value("SG")) == non_compliant(
        "region_foreign", region="sg-1", country="SG"
    )


@pytest.mark.parametrize(
    ("country", "reason"),
    [
        (UNKNOWN, "region_unknown"),
        (CONFLICT, "evidence_conflict"),
        (BELOW_GRADE, "evidence_below_grade"),
    ],
)
def test_an_unknown_country_is_unverifiable_and_names_the_region(country: Any, reason: Any) -> None:
    assert judged(Value("r0"), country) == unverifiable(reason, region="r0")


def test_an_unknown_region_is_unverifiable() -> None:
    assert judged(UNKNOWN, UNKNOWN) == unverifiable("region_unknown")
