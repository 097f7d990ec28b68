"""PL-02 chip_origin_domestic: each stage of every touched card's making lies in an allowed country.
RULES section 2.

Any stage not allowed → non_compliant `chip_foreign`. Else any stage not known → unverifiable
`evidence_conflict`, `evidence_below_grade` or `chip_unknown`, the first of these that a stage has.
The detail names the first failing stage, in the policy's order, and under `<stage>_country` what is
wrong with each further one.
"""

from collections.abc import Mapping

from sovereignty.plane.inventory.statements import Value
from sovereignty.policy.rule import (
    COMPLIANT,
    CardRule,
    Outcome,
    Parameters,
    non_compliant,
    unverifiable,
)
from sovereignty.policy.words import CHIP_STAGES, COUNTRIES, STAGES

_REASONS = {
    "evidence_conflict": "evidence_conflict",
    "evidence_below_grade": "evidence_below_grade",
    "unknown": "chip_unknown",
}


def judge(values: Mapping[str, Value], parameters: Parameters) -> Outcome:
    by_stage = {stage: values[f"card.{stage}_country"] for stage in parameters["stages"]}
    allowed = parameters["allowed_countries"]
    foreign = {
        stage: value.text
        for stage, value in by_stage.items()
        if value.text is not None and value.text not in allowed
    }
    if foreign:
        (stage, country), *further = foreign.items()
        return non_compliant("chip_foreign", stage=stage, country=country, **_named(dict(further)))
    for why, reason in _REASONS.items():
        at_fault = [stage for stage, value in by_stage.items() if value.why == why]
        if at_fault:
            further_unknown = {
                stage: v.why for stage, v in by_stage.items() if v.why and stage != at_fault[0]
            }
            return unverifiable(reason, stage=at_fault[0], **_named(further_unknown))
    return COMPLIANT


def _named(by_stage: Mapping[str, str]) -> dict[str, str]:
    return {f"{stage}_country": said for stage, said in by_stage.items()}


RULE = CardRule(
    id="PL-02",
    version="2.2.0",
    parameters={"allowed_countries": COUNTRIES, "stages": CHIP_STAGES},
    reads=tuple(f"card.{stage}_country" for stage in STAGES),
    judge=judge,
)
