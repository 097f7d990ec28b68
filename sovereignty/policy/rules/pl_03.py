"""PL-03 tenant_exclusive: no two tenants overlap on a card. RULES section 2.

Overlap with another tenant → non_compliant `shared_card`, for both. Where a count without card
numbers (k of S, or of unknown nodes), or a slot that the inventory does not name, could hide an
overlap → unverifiable `cards_unknown`. A touch whose end is not accepted evidence counts as if it
lasted. Where the sources that report touches were not fully heard, another tenant's touch may be
missing → unverifiable `not_covered`, `evidence_below_grade` or `sequence_hole`. Else compliant.
"""

from dataclasses import replace

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.reasons import SEQUENCE_HOLE, Reason
from sovereignty.policy.rule import (
    COMPLIANT,
    Outcome,
    PlaneRule,
    Sharing,
    non_compliant,
    unverifiable,
)
from sovereignty.policy.texts import _

_REASONS = {
    Gap.NO_SOURCE: "not_covered",
    Gap.BELOW_GRADE: "evidence_below_grade",
    Gap.NOT_HEARD: "not_covered",
    Gap.SEQUENCE_GAP: "sequence_hole",
}


def judge(coverage: Coverage, sharing: Sharing) -> Outcome:
    if sharing is Sharing.SHARED:
        return non_compliant("shared_card")
    if sharing is Sharing.UNCERTAIN:
        return unverifiable("cards_unknown")
    if coverage.gap is Gap.NONE:
        return COMPLIANT
    return unverifiable(_REASONS[coverage.gap], **coverage.detail())


RULE = PlaneRule(
    id="PL-03",
    version="2.3.0",
    title=_("No other tenant on the same card"),
    statement=_("No two tenants use the same card at the same time."),
    reasons={
        "shared_card": Reason(
            _("Card shared with another tenant"),
            (_("Another tenant used the same cards at the same time."),),
        ),
        "not_covered": Reason(
            _("Sources did not cover this time"),
            (
                _(
                    "Nothing was heard from %(sources)s. Another tenant's use of these cards "
                    "may be missing."
                ),
                _(
                    "No source reports who used these cards. Another tenant's use of them "
                    "may be missing."
                ),
            ),
        ),
        "sequence_hole": replace(
            SEQUENCE_HOLE,
            sentences=(
                _(
                    "%(repeated)s used a sequence number for more than one record: the "
                    "numbering restarted, and a record of another tenant on these cards may "
                    "be missing."
                ),
                _(
                    "A record from %(sources)s is missing. It may have been about another "
                    "tenant on these cards."
                ),
            ),
        ),
    },
    reads=("coverage", "sharing"),
    judge=judge,
)
