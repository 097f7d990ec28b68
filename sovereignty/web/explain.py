"""Say a finding in whole sentences with its real values, so that an officer can quote them.

Touch 8812 of workload triage-7b used 8 cards (sg-a-0001/0-7) in region sg-1, which lies in SG. The
policy allows: CN.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _

from sovereignty import hostlist
from sovereignty.policy.explain import explain
from sovereignty.web.wording import reason_of, reason_title, term

SHOWN_TEXTS = 3  # hostlists that a sentence names; the page lists all


def sentences(block: Mapping[str, Any], parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """What was found, where, and what the policy allows. `parameters` are those that the policy
    gives the rule."""
    return [*_where(block), *_what(block), *_allowed(block, parameters)]


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
        return _summary(block)
    if "access" in block:
        return [_access(block)]
    if "touch" in block:
        return [_touch(block)]
    return []


def _access(block: Mapping[str, Any]) -> str:
    if block.get("workload") is None:
        return _("Access %(access)s by %(person)s reached into the tenant as a whole.") % block
    return _("Access %(access)s by %(person)s reached into workload %(workload)s.") % block


def _touch(block: Mapping[str, Any]) -> str:
    count = cards_in(block) or 0
    if "k" in block and block["of"] is None:
        sentence = ngettext(
            "Touch %(touch)s of workload %(workload)s used %(count)d card. Its node is not known.",
            "Touch %(touch)s of workload %(workload)s used %(count)d cards. Their nodes are not "
            "known.",
            count,
        )
    elif "k" in block:
        sentence = ngettext(
            "Touch %(touch)s of workload %(workload)s used %(count)d card among those of "
            "%(cards)s. Which one is not known.",
            "Touch %(touch)s of workload %(workload)s used %(count)d cards among those of "
            "%(cards)s. Which ones is not known.",
            count,
        )
    else:
        sentence = ngettext(
            "Touch %(touch)s of workload %(workload)s used %(count)d card: %(cards)s.",
            "Touch %(touch)s of workload %(workload)s used %(count)d cards: %(cards)s.",
            count,
        )
    named = {"touch": block["touch"], "workload": block["workload"]}
    return sentence % (named | {"count": count, "cards": _named(block)})


def _summary(block: Mapping[str, Any]) -> list[str]:
    sentences = [
        ngettext(
            "This finding stands for %(blocks)d finding.",
            "This finding stands for %(blocks)d findings of the same kind.",
            block["blocks"],
        )
    ]
    if "accesses" not in block:
        sentences += [
            ngettext(
                "They concern %(touches)d touch.",
                "They concern %(touches)d touches.",
                block["touches"],
            ),
            ngettext(
                "They lie on %(cards)d card.",
                "They lie on %(cards)d different cards.",
                block["cards"],
            ),
        ]
    return [sentence % block for sentence in sentences]


def _named(block: Mapping[str, Any]) -> str:
    texts = block.get("of") or block["cards"]
    shown = ", ".join(texts[:SHOWN_TEXTS])
    return shown if len(texts) <= SHOWN_TEXTS else _("%(names)s and others") % {"names": shown}


def _allowed(block: Mapping[str, Any], parameters: Mapping[str, Sequence[str]]) -> list[str]:
    """What the policy allows, where the reason is about that."""
    reason = reason_of(block["rule"], block["reason"])
    allowed = parameters.get(reason.compared_with) if reason is not None else None
    if not allowed:
        return []
    return [_("The policy allows: %(words)s.") % {"words": ", ".join(allowed)}]


def _what(block: Mapping[str, Any]) -> list[str]:
    """What the rule says of it, and who was there too."""
    if block.get("summary"):
        return [reason_title(block["rule"], block["reason"])]
    if "other" not in block:
        return [_reason(block)]
    other = _("The other touch is %(touch)s of tenant %(tenant)s. Both names are pseudonyms.")
    return [_reason(block), other % block["other"]]


def _reason(block: Mapping[str, Any]) -> str:
    if reason_of(block["rule"], block["reason"]) is None:
        return (
            _(
                "This version does not know what rule %(rule)s means by %(reason)s. Another "
                "version made the check that found this."
            )
            % block
        )
    sentence = explain(block)
    # The messages are marked for translation where they stand, in the rule.
    values = {name: term(value) for name, value in sentence.values.items()}
    return gettext(sentence.message) % values
