"""The words of verdicts, rules and reasons: every one goes through gettext, and every sentence is
whole. Rules carry their own (`sovereignty.policy.rules`); here they are translated."""

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sovereignty.policy.reasons import Reason
from sovereignty.policy.registry import RULES
from sovereignty.policy.texts import Term
from sovereignty.policy.words import STAGES
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
    UNJUDGED: _("Not judged"),
    PARTLY: _("Judged in part: the rest lies outside the check's period"),
    LATER: _("Not judged yet: recorded after the check"),
    BOUNDED: _("Not shown: it may be part of a finding that stands for many"),
    UNBROKEN: _("No finding. Whether the policy applied at that time is not shown"),
}

MEANINGS: dict[str, Promise] = {
    "non_compliant": _("The evidence shows that the rule was broken."),
    "unverifiable": _(
        "The evidence is missing, contradicts itself, or is weaker than the policy accepts. "
        "It proves nothing."
    ),
    "waived": _("The rule was not met. Two people accepted that for a stated time."),
    "compliant": _("Accepted evidence shows that the rule was met."),
    "not_applicable": _("The policy does not judge this tenant."),
}

# Of the inventory, what card rules may read.
ATTRIBUTES: dict[str, Promise] = {
    "region": _("region"),
    "owner": _("owner"),
    "country": _("country"),
    "territory": _("territory"),
    "provider": _("provider"),
    "vendor": _("vendor"),
    "model": _("model"),
    "pci_id": _("PCI id"),
    **{
        f"{stage}_country": pgettext_lazy(word.context, word.message)
        for stage, word in STAGES.items()
    },
}


def rule_title(rule: str) -> str:
    """The rule in a few words."""
    if rule not in RULES:
        return gettext("This version does not know this rule")
    return gettext(RULES[rule].title)


def rule_statement(rule: str) -> str:
    """What the rule demands, in a sentence."""
    if rule not in RULES:
        return gettext(
            "This version does not know this rule. Another version made the check that found this."
        )
    return gettext(RULES[rule].statement)


def reason_title(rule: str, code: str) -> str:
    """The reason in a few words; the code itself where this version does not know it."""
    reason = reason_of(rule, code)
    return code if reason is None else gettext(reason.title)


def reason_of(rule: str, code: str) -> Reason | None:
    return RULES[rule].reason(code) if rule in RULES else None


def term(value: object) -> object:
    """A value of a sentence; a code of ours in the language of the page."""
    return pgettext(value.context, value.message) if isinstance(value, Term) else value
