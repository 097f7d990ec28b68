"""Findings as sentences that an officer can quote.

A sentence is an English message of the rule, with named placeholders, and the values for them: the
web translates the message, then fills it.

    explain({"rule": "PL-01", "reason": "region_foreign",
             "detail": {"country": "SG", "region": "sg-1"}, …})
    → Sentence("The cards stood in region %(region)s in %(country)s, …",
               {"region": "sg-1", "country": "SG"})
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sovereignty.policy.errors import PolicyError
from sovereignty.policy.reasons import Reason
from sovereignty.policy.registry import RULES
from sovereignty.policy.texts import Term, _

_SUMMARY = _("%(blocks)s findings of the same kind are counted here together.")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`message` is the msgid; `message % values` is the sentence in English. A value that is a
    code of ours comes as its Term, to be translated too."""

    message: str
    values: Mapping[str, str | int | Term]

    def __str__(self) -> str:
        return self.message % self.values


def explain(block: Mapping[str, Any]) -> Sentence:
    """The sentence of one finding of a report. Raises PolicyError for a rule that is not known, or
    a reason that it does not give."""
    rule, code = RULES.get(block["rule"]), block["reason"]
    reason = None if rule is None else rule.reason(code)
    if reason is None:
        raise PolicyError("reason", f"a reason of {block['rule']}", repr(code))
    if block.get("summary"):
        return Sentence(_SUMMARY, {"blocks": block["blocks"]})
    values = _values(block, reason)
    for message in reason.sentences:
        try:
            message % values
        except KeyError:
            continue
        return Sentence(message, values)
    raise PolicyError("detail", f"what a sentence about {code} names", repr(dict(values)))


def _values(block: Mapping[str, Any], reason: Reason) -> Mapping[str, str | int | Term]:
    """What a sentence may name: the finding's detail, its number of cards and its person."""
    detail = {
        name: reason.terms.get(name, {}).get(value, value)
        for name, value in block.get("detail", {}).items()
    }
    return detail | {name: block[name] for name in ("k", "person") if name in block}
