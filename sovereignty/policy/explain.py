"""Findings as sentences that an officer can quote.

A sentence is an English message with named placeholders, and the values for them: the web
translates the message, then fills it.

    explain({"rule": "PL-01", "reason": "region_foreign", "detail": {"country": "SG", "region": "sg-1"}, …})
    → Sentence("The cards stood in region %(region)s in %(country)s, …", {"region": "sg-1", "country": "SG"})
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sovereignty.policy.errors import PolicyError


@dataclass(frozen=True, slots=True)
class Sentence:
    """`message` is the msgid; `message % values` is the sentence in English."""

    message: str
    values: Mapping[str, str | int]

    def __str__(self) -> str:
        return self.message % self.values


def gettext_noop(message: str) -> str:
    """Mark a message for translation where it stands; it is translated where it is shown."""
    return message


# By rule and reason; the messages of a reason are tried in turn until the finding has all that one
# names. The last one names nothing that may be absent: what is said of several cards together may
# lack what they differ in.
_SENTENCES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("PL-01", "region_foreign"): (
        gettext_noop(
            "The cards stood in region %(region)s in %(country)s, a country that the policy does not allow."
        ),
        gettext_noop("The cards stood in a country that the policy does not allow."),
    ),
    ("PL-01", "region_unknown"): (
        gettext_noop("Nobody has stated in which country region %(region)s lies."),
        gettext_noop("Nobody has stated in which region the cards stood."),
    ),
    ("PL-01", "evidence_conflict"): (
        gettext_noop("Sources of equal grade disagree about the country of region %(region)s."),
        gettext_noop("Sources of equal grade disagree about where the cards stood."),
    ),
    ("PL-01", "evidence_below_grade"): (
        gettext_noop(
            "The country of region %(region)s is stated only on evidence below the grade that the policy accepts."
        ),
        gettext_noop(
            "Where the cards stood, or the touch itself, is stated only on evidence below the grade that the policy accepts."
        ),
    ),
    ("PL-02", "chip_foreign"): (
        gettext_noop(
            "The chips have their %(stage)s from %(country)s, a country that the policy does not allow."
        ),
        gettext_noop("The chips come in part from a country that the policy does not allow."),
    ),
    ("PL-02", "chip_unknown"): (
        gettext_noop("Nobody has stated from which country the chips have their %(stage)s."),
        gettext_noop("Nobody has stated from which countries the chips come in full."),
    ),
    ("PL-02", "evidence_conflict"): (
        gettext_noop(
            "Sources of equal grade disagree about the country from which the chips have their %(stage)s."
        ),
        gettext_noop(
            "Sources of equal grade disagree about the countries from which the chips come."
        ),
    ),
    ("PL-02", "evidence_below_grade"): (
        gettext_noop(
            "From where the chips have their %(stage)s is stated only on evidence below the grade that the policy accepts."
        ),
        gettext_noop(
            "Whence the chips come, or the touch itself, is stated only on evidence below the grade that the policy accepts."
        ),
    ),
    ("PL-03", "shared_card"): (
        gettext_noop("Another tenant used the same cards at the same time."),
    ),
    ("PL-03", "not_covered"): (
        gettext_noop(
            "Nothing was heard from %(sources)s, so another tenant's use of these cards may be missing."
        ),
        gettext_noop(
            "No source reports who used these cards, so another tenant's use of them may be missing."
        ),
    ),
    ("PL-03", "sequence_hole"): (
        gettext_noop(
            "%(repeated)s gave a sequence number to several records, so it started its numbers again and a record of another tenant "
            "on these cards may be missing."
        ),
        gettext_noop(
            "A record of %(sources)s is missing, which may have told of another tenant on these cards."
        ),
    ),
    ("TE-01", "no_source"): (
        gettext_noop("No source is declared that reports who used these cards."),
    ),
    ("TE-01", "not_covered"): (
        gettext_noop(
            "Nothing was heard from %(sources)s, which should have reported on these cards."
        ),
    ),
    ("TE-01", "sequence_hole"): (
        gettext_noop(
            "%(repeated)s gave a sequence number to several records, so it started its numbers again and a record of these cards at "
            "this time may be missing."
        ),
        gettext_noop(
            "A record of %(sources)s is missing, which may have told of these cards at this time."
        ),
    ),
    ("OP-01", "operator_foreign"): (
        gettext_noop(
            "%(person)s reached in although the %(field)s is %(country)s, a country that the policy does not allow."
        ),
    ),
    ("OP-01", "operator_unknown"): (
        gettext_noop("%(person)s reached in, and nobody has stated the %(field)s."),
    ),
    ("OP-01", "evidence_below_grade"): (
        gettext_noop(
            "An access by %(person)s is stated only on evidence below the grade that the policy accepts."
        ),
    ),
    ("OP-01", "access_not_covered"): (
        gettext_noop(
            "An access may be missing: what %(sources)s should have told of accesses at this time is not whole, or rests on evidence "
            "below the grade that the policy accepts; and of some %(unwatched)s that the tenant used, or may have used, no source "
            "reports accesses."
        ),
        gettext_noop(
            "An access may be missing: what %(sources)s should have told of accesses at this time is not whole, or rests on evidence "
            "below the grade that the policy accepts."
        ),
        gettext_noop(
            "An access may be missing: of some %(unwatched)s that the tenant used at this time, or may have used, no source reports "
            "accesses."
        ),
        gettext_noop(
            "Accesses to the tenant's cards were not wholly reported at this time, so one may be missing."
        ),
    ),
}

_OF_ANY_RULE: Mapping[str, tuple[str, ...]] = {
    "too_many_cards": (
        gettext_noop("The touch counts more cards than the nodes that it names are known to have."),
    ),
    "cards_unknown": (
        gettext_noop(
            "Only the number of cards (%(k)s) is known and not which ones, so the rule cannot be judged for them."
        ),
        gettext_noop(
            "Another tenant used cards of which nobody can say which they were, and these may be among them."
        ),
    ),
    "sequence_hole": (
        gettext_noop(
            "%(repeated)s gave a sequence number to several records, so it started its numbers again and a record that changes what "
            "is known of these cards may be missing."
        ),
        gettext_noop(
            "A record of %(sources)s is missing, which may have changed what is known of these cards."
        ),
        gettext_noop("A record is missing, which may have changed what is known of these cards."),
    ),
    "evidence_below_grade": (
        gettext_noop(
            "What %(sources)s should report is stated only on evidence below the grade that the policy accepts."
        ),
        gettext_noop(
            "The touch itself is stated only on evidence below the grade that the policy accepts."
        ),
    ),
}

_SUMMARY = gettext_noop("%(blocks)s findings of the same kind are counted here together.")


def explain(block: Mapping[str, Any]) -> Sentence:
    """The sentence of one finding of a report. Raises PolicyError for a reason that no rule gives."""
    rule, reason = block["rule"], block["reason"]
    messages = _SENTENCES.get((rule, reason)) or _OF_ANY_RULE.get(reason)
    if messages is None:
        raise PolicyError("reason", f"a reason of {rule}", repr(reason))
    if block.get("summary"):
        return Sentence(_SUMMARY, {"blocks": block["blocks"]})
    known = {
        name: said.replace("_", " ") if name == "field" else said
        for name, said in block.get("detail", {}).items()
    }
    known |= {name: block[name] for name in ("k", "person") if name in block}
    for message in messages:
        try:
            message % known
        except KeyError:
            continue
        return Sentence(message, known)
    raise PolicyError("detail", f"what a sentence about {reason} names", repr(known))
