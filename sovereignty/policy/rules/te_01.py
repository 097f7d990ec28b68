"""TE-01 completeness: every source that must report on a touched card was heard at that time.
RULES section 2.

No source declared for the card → unverifiable `no_source`; none of accepted evidence grade →
`evidence_below_grade`; one of them not heard by heartbeat → `not_covered`; a number missing from
one's sequence → `sequence_hole`. Else compliant.
"""

from dataclasses import replace

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.reasons import SEQUENCE_HOLE, Reason
from sovereignty.policy.rule import COMPLIANT, Outcome, PlaneRule, Sharing, unverifiable
from sovereignty.policy.texts import _

_REASONS = {
    Gap.NO_SOURCE: "no_source",
    Gap.BELOW_GRADE: "evidence_below_grade",
    Gap.NOT_HEARD: "not_covered",
    Gap.SEQUENCE_GAP: "sequence_hole",
}


def judge(coverage: Coverage, _sharing: Sharing) -> Outcome:
    if coverage.gap is Gap.NONE:
        return COMPLIANT
    return unverifiable(_REASONS[coverage.gap], **coverage.detail())


RULE = PlaneRule(
    id="TE-01",
    version="2.3.0",
    title=_("Records are complete"),
    statement=_("Every source that must report on a card was heard throughout its use."),
    reasons={
        "no_source": Reason(
            _("No source reports about the card"),
            (_("No declared source reports who used these cards."),),
        ),
        "not_covered": Reason(
            _("Sources did not cover this time"),
            (_("Nothing was heard from %(sources)s, which must report on these cards."),),
        ),
        "sequence_hole": replace(
            SEQUENCE_HOLE,
            sentences=(
                _(
                    "%(repeated)s used a sequence number for more than one record: the "
                    "numbering restarted, and a record of these cards at this time may be "
                    "missing."
                ),
                _(
                    "A record from %(sources)s is missing. It may have been about these "
                    "cards at this time."
                ),
            ),
        ),
    },
    reads=("coverage",),
    judge=judge,
)
