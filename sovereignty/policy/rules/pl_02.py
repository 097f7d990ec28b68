"""PL-02 chip_origin_domestic: each stage of every touched card's making lies in an allowed country.
RULES section 2.

Any stage not allowed → non_compliant `chip_foreign`. Else any stage not known → unverifiable
`evidence_conflict`, `evidence_below_grade` or `chip_unknown`, the first of these that a stage has.
The detail names the first failing stage, in the policy's order, and under `<stage>_country` what is
wrong with each further one.
"""

from collections.abc import Mapping

from sovereignty.plane.inventory.statements import Value
from sovereignty.policy.reasons import EVIDENCE_BELOW_GRADE, EVIDENCE_CONFLICT, Reason
from sovereignty.policy.rule import (
    COMPLIANT,
    CardRule,
    Outcome,
    Parameters,
    non_compliant,
    unverifiable,
)
from sovereignty.policy.texts import _
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
    return {f"{stage}_country": word for stage, word in by_stage.items()}


def decided_by(detail: Mapping[str, str]) -> tuple[str, ...]:
    """The stages that the finding names; all stages where it names none, as of a touch whose own
    evidence is too weak."""
    named = {f"{detail['stage']}_country", *detail} if "stage" in detail else None
    return tuple(
        f"card.{stage}_country" for stage in STAGES if named is None or f"{stage}_country" in named
    )


_TERMS = {"stage": STAGES}

RULE = CardRule(
    id="PL-02",
    version="2.3.0",
    title=_("Chips are of domestic origin"),
    statement=_(
        "Every card that the workload touched was designed, made, packaged and given its firmware "
        "in an allowed country."
    ),
    reasons={
        "chip_foreign": Reason(
            _("Chip made outside the allowed countries"),
            (
                _(
                    "The country of the chips' %(stage)s is %(country)s, a country that the "
                    "policy does not allow."
                ),
                _(
                    "At least one stage of the chips' making lies in a country that the "
                    "policy does not allow."
                ),
            ),
            compared_with="allowed_countries",
            terms=_TERMS,
        ),
        "chip_unknown": Reason(
            _("Origin of the chip not known"),
            (
                _("Nobody stated the country of the chips' %(stage)s."),
                _("Nobody stated every country that the chips come from."),
            ),
            compared_with="allowed_countries",
            terms=_TERMS,
        ),
        "evidence_conflict": Reason(
            EVIDENCE_CONFLICT,
            (
                _("Sources of equal grade disagree about the country of the chips' %(stage)s."),
                _("Sources of equal grade disagree about the countries that the chips come from."),
            ),
            terms=_TERMS,
        ),
        "evidence_below_grade": Reason(
            EVIDENCE_BELOW_GRADE,
            (
                _(
                    "The country of the chips' %(stage)s rests on evidence below the "
                    "policy's minimum grade."
                ),
                _(
                    "The chips' origin, or the touch itself, rests on evidence below the "
                    "policy's minimum grade."
                ),
            ),
            terms=_TERMS,
        ),
    },
    parameters={"allowed_countries": COUNTRIES, "stages": CHIP_STAGES},
    reads=tuple(f"card.{stage}_country" for stage in STAGES),
    judge=judge,
    decided_by=decided_by,
)
