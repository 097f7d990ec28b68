"""What a reason code says, and the reasons that judging itself gives, whatever the rule.

A rule's own reasons stand in its file, and come before these: a rule may say of one of these codes
what it means for that rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sovereignty.policy.texts import Term, _, pgettext


@dataclass(frozen=True, slots=True)
class Reason:
    """The words of one reason code.

    `title` is the reason in a few words. `sentences` have named placeholders, and are tried in turn
    until a finding has all that one names. The last one names nothing that may be absent: a finding
    about several cards lacks what they differ in. `compared_with` is the parameter that a page
    quotes beside the finding. `terms` are the words for codes in the detail, by name and code.
    """

    title: str
    sentences: tuple[str, ...]
    compared_with: str = ""
    terms: Mapping[str, Mapping[str, Term]] = field(default_factory=dict)


SEQUENCE_HOLE = Reason(
    _("Numbered records are missing"),
    (
        _(
            "%(repeated)s used a sequence number for more than one record: the "
            "numbering restarted, and a record that changes what is known of these "
            "cards may be missing."
        ),
        _(
            "A record from %(sources)s is missing. It may have changed what is known "
            "of these cards."
        ),
        _("A record is missing. It may have changed what is known of these cards."),
    ),
)
EVIDENCE_CONFLICT = _("Sources contradict each other")
EVIDENCE_BELOW_GRADE = _("Evidence weaker than the policy accepts")

OF_TOUCH_RULES: Mapping[str, Reason] = {
    "too_many_cards": Reason(
        _("More cards counted than the nodes have"),
        (_("The touch counts more cards than its nodes are known to have."),),
    ),
    "cards_unknown": Reason(
        _("Which cards is not known"),
        (
            _(
                "Only the number of cards (%(k)s) is known, not which ones, so the rule "
                "cannot be judged for them."
            ),
            _(
                "Another tenant used cards, and nobody can say which ones. These cards "
                "may be among them."
            ),
        ),
    ),
    "sequence_hole": SEQUENCE_HOLE,
    "evidence_below_grade": Reason(
        EVIDENCE_BELOW_GRADE,
        (
            _("What %(sources)s must report rests on evidence below the policy's minimum grade."),
            _("The touch itself rests on evidence below the policy's minimum grade."),
        ),
    ),
}

OF_ACCESS_RULES: Mapping[str, Reason] = {
    "evidence_below_grade": Reason(
        EVIDENCE_BELOW_GRADE,
        (_("An access by %(person)s rests on evidence below the policy's minimum grade."),),
    ),
    "access_not_covered": Reason(
        _("Accesses were not fully reported"),
        (
            _(
                "An access may be missing. Access records from %(sources)s are "
                "incomplete for this time, or rest on evidence below the policy's "
                "minimum grade. No source reports accesses to some %(unwatched)s that "
                "the tenant used, or may have used."
            ),
            _(
                "An access may be missing. Access records from %(sources)s are "
                "incomplete for this time, or rest on evidence below the policy's "
                "minimum grade."
            ),
            _(
                "An access may be missing. No source reports accesses to some "
                "%(unwatched)s that the tenant used at this time, or may have used."
            ),
            _(
                "An access may be missing. Accesses to the tenant's cards were not fully "
                "reported at this time."
            ),
        ),
        terms={"unwatched": {"cards": pgettext("of which no source reports accesses", "cards")}},
    ),
}
