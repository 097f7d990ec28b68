"""OP-01: from where, and for whom, someone reached in."""

from typing import Any

import pytest

from sovereignty.policy.rule import COMPLIANT, non_compliant, unverifiable
from sovereignty.policy.rules.op_01 import judge

ALLOWED = {"allowed_countries": ("CN",)}


def test_at_home_in_every_sense_is_compliant() -> None:
    assert judge(("CN", "CN", "CN"), ALLOWED) == COMPLIANT


@pytest.mark.parametrize(
    ("countries", "field"),
    [
        (("SG", "CN", "CN"), "office_country"),
        (("CN", "SG", "CN"), "physical_country"),
        (("CN", "CN", "SG"), "employer_jurisdiction"),
        ((None, None, "SG"), "employer_jurisdiction"),
    ],
)
def test_any_foreign_sense_is_foreign_whatever_is_unknown(countries: Any, field: Any) -> None:
    assert judge(countries, ALLOWED) == non_compliant("operator_foreign", field=field, country="SG")


@pytest.mark.parametrize(
    ("countries", "field"),
    [((None, "CN", "CN"), "office_country"), (("CN", "CN", None), "employer_jurisdiction")],
)
def test_what_nobody_said_is_unverifiable(countries: Any, field: Any) -> None:
    assert judge(countries, ALLOWED) == unverifiable("operator_unknown", field=field)
