"""OP-01 operator_jurisdiction: whoever reached in did so from allowed countries, in every sense.
RULES section 2.

Office, physical presence and employer's jurisdiction each: any not allowed → non_compliant
`operator_foreign`; else any not known → unverifiable `operator_unknown`; else compliant. The detail
names the first failing field and its country. Times in which sources of accesses were not all heard
about the tenant's cards are items of their own, `access_not_covered`, and their detail names the
sources (`policy.accesses`).
"""

from collections.abc import Mapping, Sequence

from sovereignty.policy.reasons import Reason
from sovereignty.policy.rule import (
    COMPLIANT,
    AccessRule,
    Outcome,
    Parameters,
    non_compliant,
    unverifiable,
)
from sovereignty.policy.texts import Term, _, pgettext
from sovereignty.policy.words import COUNTRIES

FIELDS: Mapping[str, Term] = {
    "office_country": pgettext("of an operator", "office country"),
    "physical_country": pgettext("of an operator", "physical country"),
    "employer_jurisdiction": pgettext("of an operator", "employer jurisdiction"),
}


def judge(countries: Sequence[str | None], parameters: Parameters) -> Outcome:
    by_field = dict(zip(FIELDS, countries, strict=True))
    for name, country in by_field.items():
        if country is not None and country not in parameters["allowed_countries"]:
            return non_compliant("operator_foreign", field=name, country=country)
    for name, country in by_field.items():
        if country is None:
            return unverifiable("operator_unknown", field=name)
    return COMPLIANT


RULE = AccessRule(
    id="OP-01",
    version="2.3.0",
    title=_("Operators are domestic in every respect"),
    statement=_(
        "Everybody who reached in did so from an allowed country: by office, by "
        "physical presence, and by the employer's jurisdiction."
    ),
    reasons={
        "operator_foreign": Reason(
            _("Operator outside the allowed countries"),
            (
                _(
                    "%(person)s reached in. The %(field)s is %(country)s, a country that the "
                    "policy does not allow."
                ),
            ),
            compared_with="allowed_countries",
            terms={"field": FIELDS},
        ),
        "operator_unknown": Reason(
            _("Operator's country not known"),
            (_("%(person)s reached in. Nobody stated the %(field)s."),),
            compared_with="allowed_countries",
            terms={"field": FIELDS},
        ),
    },
    parameters={"allowed_countries": COUNTRIES},
    reads=tuple(FIELDS),
    judge=judge,
)
