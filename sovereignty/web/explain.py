"""Say a finding in whole sentences with its real values, so that an officer can quote them.

Touch 8812 of workload triage-7b used 8 cards (sg-a-0001/0-7) in region sg-1, which lies in SG. The policy allows: CN.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sovereignty.plane import hostlist
from sovereignty.web.wording import FIELDS, REASONS, STAGES, UNKNOWN_FIELDS

ABOUT_COUNTRIES = ("region_", "chip_", "operator_")  # how the reasons begin that compare a country with the allowed ones
SHOWN_TEXTS = 3  # hostlists that a sentence names; the page lists all


def sentences(block: Mapping[str, Any], parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """What was found, where, and what the policy allows. `parameters` are those that the policy gives the rule."""
    return [*_where(block), _what(block), *_allowed(block, parameters)]


def cards_in(block: Mapping[str, Any]) -> int | None:
    """How many cards the block is about; None where it is about none."""
    if block.get("summary"):
        return block.get("cards")
    if "k" in block:
        return int(block["k"])
    if "touch" not in block:
        return None
    return sum(len(slots) for text in block["cards"] for _node, slots in hostlist.expand(text))


def _where(block: Mapping[str, Any]) -> list[str]:
    if block.get("summary"):
        return [_summary(block)]
    if "access" in block:
        values = {"access": block["access"], "person": block["person"], "workload": block.get("workload")}
        if block.get("workload") is None:
            return [_("Access %(access)s by %(person)s reached into the tenant as a whole.") % values]
        return [_("Access %(access)s by %(person)s reached into workload %(workload)s.") % values]
    if "touch" not in block:
        return []
    count = cards_in(block) or 0
    values = {"touch": block["touch"], "workload": block["workload"], "count": count, "cards": _named(block)}
    if "k" in block and block["of"] is None:
        return [ngettext(
            "Touch %(touch)s of workload %(workload)s used %(count)d card; on which node is not known.",
            "Touch %(touch)s of workload %(workload)s used %(count)d cards; on which nodes is not known.", count,
        ) % values]  # fmt: skip
    if "k" in block:
        return [ngettext(
            "Touch %(touch)s of workload %(workload)s used %(count)d card among those of %(cards)s; which one is not known.",
            "Touch %(touch)s of workload %(workload)s used %(count)d cards among those of %(cards)s; which ones is not known.",
            count,
        ) % values]  # fmt: skip
    return [ngettext(
        "Touch %(touch)s of workload %(workload)s used %(count)d card: %(cards)s.",
        "Touch %(touch)s of workload %(workload)s used %(count)d cards: %(cards)s.", count,
    ) % values]  # fmt: skip


def _summary(block: Mapping[str, Any]) -> str:
    if "accesses" in block:
        return ngettext(
            "%(blocks)d finding of this kind is told as one.",
            "%(blocks)d findings of this kind are told as one.",
            block["blocks"],
        ) % {"blocks": block["blocks"]}
    return _(
        "%(blocks)d findings of this kind are told as one: they concern %(touches)d touches and %(cards)d different cards."
    ) % {"blocks": block["blocks"], "touches": block["touches"], "cards": block["cards"]}


def _named(block: Mapping[str, Any]) -> str:
    texts = block.get("of") or block["cards"]
    shown = ", ".join(texts[:SHOWN_TEXTS])
    return shown if len(texts) <= SHOWN_TEXTS else _("%(names)s and others") % {"names": shown}


def _allowed(block: Mapping[str, Any], parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """What the policy allows, where the reason is about that."""
    countries = parameters.get("allowed_countries")
    if not countries or not str(block["reason"]).startswith(ABOUT_COUNTRIES):
        return []
    return [_("The policy allows: %(countries)s.") % {"countries": ", ".join(countries)}]


def _what(block: Mapping[str, Any]) -> str:
    detail: Mapping[str, str] = block.get("detail", {})
    values = {
        **detail,
        "stage": STAGES.get(detail.get("stage", ""), detail.get("stage", "")),
        "neighbour": block.get("other", {}).get("tenant", ""),
        "their_touch": block.get("other", {}).get("touch", ""),
    }
    template = _template(str(block["reason"]), detail, block)
    return template % values if template else str(REASONS.get(block["reason"], block["reason"]))


def _template(reason: str, detail: Mapping[str, str], block: Mapping[str, Any]) -> str:
    """The sentence of a reason, chosen by what is known. Empty where the catalogue of reasons says it all."""
    match reason:
        case "region_foreign" if "region" in detail:
            return _("They stood in region %(region)s, which lies in %(country)s.")
        case "region_foreign" if "country" in detail:
            return _("They stood in a region that lies in %(country)s.")
        case "region_unknown" if "region" in detail:
            return _("They stood in region %(region)s, and nobody stated in which country it lies.")
        case "region_unknown":
            return _("Nobody stated in which region they stood.")
        case "chip_foreign" if "country" in detail:
            return _("Their %(stage)s was in %(country)s.")
        case "chip_unknown" if "stage" in detail:
            return _("Nobody stated in which country their %(stage)s was.")
        case "shared_card" if "other" in block:
            return _("At the same time touch %(their_touch)s of another tenant, %(neighbour)s, used them too.")
        case "cards_unknown":
            return _("Which cards they were was not recorded, so another tenant may have been on them.")
        case "no_source":
            return _("No source is declared that reports what happens on them.")
        case "not_covered" if "sources" in detail:
            return _("During this time nothing was heard from %(sources)s, which owes word of them.")
        case "not_covered":
            return _("During this time no source that owes word of them was heard.")
        case "sequence_hole" if "sources" in detail:
            return _("Records are missing from the numbered sequence of %(sources)s, so another touch may be untold.")
        case "access_not_covered":
            return _("During this time no source of accesses was wholly heard, so that no access is known proves nothing.")
        case "operator_foreign" if detail.get("field") in FIELDS and "country" in detail:
            return str(FIELDS[detail["field"]])
        case "operator_unknown" if detail.get("field") in UNKNOWN_FIELDS:
            return str(UNKNOWN_FIELDS[detail["field"]])
        case "evidence_conflict":
            return _("Sources of the same standing say different things about them, so none of it counts.")
        case "evidence_below_grade":
            return _("What is known rests on evidence that is weaker than the policy accepts.")
        case _:
            return ""
