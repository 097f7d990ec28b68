"""PL-01 region_domestic: the region of every touched card lies in an allowed country. RULES section
2.

Allowed → compliant. Not allowed → non_compliant `region_foreign`. Not known → unverifiable
`region_unknown`, `evidence_conflict` or `evidence_below_grade`. The country is that of the region
in which the card's node stood at the time.
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
from sovereignty.policy.words import COUNTRIES


def judge(values: Mapping[str, Value], parameters: Parameters) -> Outcome:
    region, country = values["node.region"], values["region.country"]
    named = {} if region.text is None else {"region": region.text}
    if country.text is None:
        return unverifiable("region_unknown" if country.why == "unknown" else country.why, **named)
    if country.text not in parameters["allowed_countries"]:
        return non_compliant("region_foreign", country=country.text, **named)
    return COMPLIANT


RULE = CardRule(
    id="PL-01",
    version="2.3.0",
    title=_("Regions are domestic"),
    statement=_("The region of every card that the workload touched lies in an allowed country."),
    reasons={
        "region_foreign": Reason(
            _("Region outside the allowed countries"),
            (
                _(
                    "The cards stood in region %(region)s in %(country)s, a country that the "
                    "policy does not allow."
                ),
                _("The cards stood in a country that the policy does not allow."),
            ),
            compared_with="allowed_countries",
        ),
        "region_unknown": Reason(
            _("Region or its country not known"),
            (
                _("Nobody stated in which country region %(region)s lies."),
                _("Nobody stated in which region the cards stood."),
            ),
            compared_with="allowed_countries",
        ),
        "evidence_conflict": Reason(
            EVIDENCE_CONFLICT,
            (
                _("Sources of equal grade disagree about the country of region %(region)s."),
                _("Sources of equal grade disagree about where the cards stood."),
            ),
        ),
        "evidence_below_grade": Reason(
            EVIDENCE_BELOW_GRADE,
            (
                _(
                    "The country of region %(region)s rests on evidence below the policy's "
                    "minimum grade."
                ),
                _(
                    "The cards' location, or the touch itself, rests on evidence below the "
                    "policy's minimum grade."
                ),
            ),
        ),
    },
    parameters={"allowed_countries": COUNTRIES},
    reads=("node.region", "region.country"),
    judge=judge,
)
