"""The words of verdicts, rules and reasons: every one goes through gettext, and every sentence is
whole."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sovereignty.queries.judgements import BOUNDED, LATER, PARTLY, UNBROKEN, UNJUDGED

VERDICTS: dict[str, Promise] = {
    "non_compliant": _("Non-compliant"),
    "unverifiable": _("Unverifiable"),
    "waived": _("Waived"),
    "compliant": _("Compliant"),
    "not_applicable": _("Not applicable"),
}

# What stands where no verdict can be shown (`queries.judgements`).
NO_VERDICT: dict[str, Promise] = {
    UNJUDGED: _("not judged"),
    PARTLY: _("judged in part: the rest lies outside the check's period"),
    LATER: _("Not judged yet: recorded after the check"),
    BOUNDED: _("Not shown: it may be part of a finding that stands for many"),
    UNBROKEN: _("No finding; whether the policy applied at that time is not shown"),
}

MEANINGS: dict[str, Promise] = {
    "non_compliant": _("The evidence shows that the rule was broken."),
    "unverifiable": _(
        "The evidence is missing, contradicts itself, or is weaker than the policy accepts. It proves nothing."
    ),
    "waived": _("The rule was not met, and two people accepted that for a stated time."),
    "compliant": _("Accepted evidence shows that the rule was met."),
    "not_applicable": _("The policy does not judge this tenant."),
}

RULES: dict[str, Promise] = {
    "PL-01": _("Regions are domestic"),
    "PL-02": _("Chips are of domestic origin"),
    "PL-03": _("No other tenant on the same card"),
    "OP-01": _("Operators are domestic in every sense"),
    "TE-01": _("Records are complete"),
}

STATEMENTS: dict[str, Promise] = {
    "PL-01": _("The region of every card that the workload touched lies in an allowed country."),
    "PL-02": _(
        "Every card that the workload touched was designed, made, packaged and given its firmware in an allowed country."
    ),
    "PL-03": _("No two tenants use the same card at the same time."),
    "OP-01": _(
        "Whoever reached in did so from an allowed country: by office, by presence, and by the employer's jurisdiction."
    ),
    "TE-01": _(
        "Every source that owes word of a card was heard for as long as the card was in use."
    ),
}

REASONS: dict[str, Promise] = {
    "region_foreign": _("Region outside the allowed countries"),
    "region_unknown": _("Region or its country not known"),
    "chip_foreign": _("Chip made outside the allowed countries"),
    "chip_unknown": _("Origin of the chip not known"),
    "shared_card": _("Card shared with another tenant"),
    "cards_unknown": _("Which cards is not known"),
    "too_many_cards": _("More cards counted than the nodes have"),
    "no_source": _("No source reports about the card"),
    "not_covered": _("Sources did not cover this time"),
    "sequence_hole": _("Numbered records are missing"),
    "operator_foreign": _("Operator outside the allowed countries"),
    "operator_unknown": _("Where the operator was is not known"),
    "access_not_covered": _("Accesses were not fully reported"),
    "evidence_conflict": _("Sources contradict each other"),
    "evidence_below_grade": _("Evidence weaker than the policy accepts"),
}

STAGES: dict[str, Promise] = {
    "design": pgettext_lazy("stage of a chip's making", "design"),
    "fabrication": pgettext_lazy("stage of a chip's making", "fabrication"),
    "packaging": pgettext_lazy("stage of a chip's making", "packaging"),
    "firmware": pgettext_lazy("stage of a chip's making", "firmware"),
}

# Of the inventory, those that decide findings.
ATTRIBUTES: dict[str, Promise] = {
    "region": _("region"),
    "country": _("country"),
    **{f"{stage}_country": word for stage, word in STAGES.items()},
}

# As `policy.explain` names them in its sentences.
FIELDS: dict[str, Promise] = {
    "office country": pgettext_lazy("of an operator", "office country"),
    "physical country": pgettext_lazy("of an operator", "physical country"),
    "employer jurisdiction": pgettext_lazy("of an operator", "employer jurisdiction"),
}

# Of what no source reports accesses, as `policy.accesses` writes it.
UNWATCHED: dict[str, Promise] = {
    "cards": pgettext_lazy("of which no source reports accesses", "cards")
}
