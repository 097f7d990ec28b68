"""PL-01 region_domestic: the region of every touched card lies in an allowed country. RULES section
2.

Allowed → compliant. Not allowed → non_compliant `region_foreign`. Not known → unverifiable
`region_unknown`, `evidence_conflict` or `evidence_below_grade`. The country is that of the region
in which the card's node stood at the time.
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
    version="2.2.0",
    parameters={"allowed_countries": COUNTRIES},
    reads=("node.region", "region.country"),
    judge=judge,
)
