"""TE-01 completeness: every source that owes word of a touched card was heard at that time. RULES
section 2.

No source declared for the card → unverifiable `no_source`; none of accepted evidence grade →
`evidence_below_grade`; one of them not heard by heartbeat → `not_covered`; a number missing from
one's sequence → `sequence_hole`. Else compliant.
"""

from dataclasses import replace

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.reasons import SEQUENCE_HOLE, Reason
from sovereignty.policy.rule import COMPLIANT, Company, Outcome, PlaneRule, unverifiable
from sovereignty.policy.texts import _

_REASONS = {
    Gap.NO_SOURCE: "no_source",
    Gap.BELOW_GRADE: "evidence_below_grade",
    Gap.NOT_HEARD: "not_covered",
    Gap.SEQUENCE_GAP: "sequence_hole",
}


def judge(coverage: Coverage, _company: Company) -> Outcome:
    if coverage.gap is Gap.NONE:
        return COMPLIANT
    return unverifiable(_REASONS[coverage.gap], **coverage.detail())


RULE = PlaneRule(
    id="TE-01",
    version="2.3.0",
    title=_("Records are complete"),
    statement=_(
        "Every source that owes word of a card was heard for as long as the card was in use."
    ),
    reasons={
        "no_source": Reason(
            _("No source reports about the card"),
            (_("No source is declared that reports who used these cards."),),
        ),
        "not_covered": Reason(
            _("Sources did not cover this time"),
            (_("Nothing was heard from %(sources)s, which should have reported on these cards."),),
        ),
        "sequence_hole": replace(
            SEQUENCE_HOLE,
            sentences=(
                _(
                    "%(repeated)s gave a sequence number to several records, so it started its "
                    "numbers again and a record of these cards at this time may be "
                    "missing."
                ),
                _(
                    "A record of %(sources)s is missing, which may have told of these cards "
                    "at this time."
                ),
            ),
        ),
    },
    reads=("coverage",),
    judge=judge,
)
