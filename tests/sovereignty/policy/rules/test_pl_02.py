"""PL-02: where each stage of the chip took place."""

from typing import Any

from sovereignty.plane.inventory.statements import BELOW_GRADE, CONFLICT, UNKNOWN, Value
from sovereignty.policy.rule import COMPLIANT, non_compliant, unverifiable
from sovereignty.policy.rules.pl_02 import judge

ALL = ("design", "fabrication", "packaging", "firmware")


def judged(*values: Any, stages: Any = ALL) -> Any:
    attributes = {f"card.{stage}_country": value for stage, value in zip(ALL, values, strict=True)}
    return judge(attributes, {"allowed_countries": ("CN",), "stages": stages})


CN, US, TW = Value("CN"), Value("US"), Value("TW")


def test_all_stages_at_home_are_compliant() -> None:
    assert judged(CN, CN, CN, CN) == COMPLIANT


def test_a_foreign_stage_is_named() -> None:
    assert judged(CN, TW, CN, CN) == non_compliant(
        "chip_foreign", stage="fabrication", country="TW"
    )


def test_further_foreign_stages_are_named_too() -> None:
    wanted = non_compliant("chip_foreign", stage="design", country="US", fabrication_country="TW")
    assert judged(US, TW, CN, UNKNOWN) == wanted


def test_foreign_is_worse_than_unknown() -> None:
    assert judged(UNKNOWN, CN, CN, US).verdict.word == "non_compliant"


def test_an_unknown_stage_is_unverifiable() -> None:
    assert judged(CN, CN, UNKNOWN, CN) == unverifiable("chip_unknown", stage="packaging")


def test_conflict_and_grade_are_told_before_what_nobody_said() -> None:
    assert judged(UNKNOWN, BELOW_GRADE, CONFLICT, CN) == unverifiable(
        "evidence_conflict",
        stage="packaging",
        design_country="unknown",
        fabrication_country="evidence_below_grade",
    )
    assert judged(UNKNOWN, BELOW_GRADE, CN, CN) == unverifiable(
        "evidence_below_grade", stage="fabrication", design_country="unknown"
    )


def test_only_the_policys_stages_are_judged_in_its_order() -> None:
    assert judged(US, CN, CN, CN, stages=("firmware", "packaging")) == COMPLIANT
    assert judged(US, CN, CN, TW, stages=("firmware", "design")).detail == (
        ("country", "TW"),
        ("design_country", "US"),
        ("stage", "firmware"),
    )
