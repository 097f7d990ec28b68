"""PL-03 tenant_exclusive: no two tenants overlap on a card. RULES section 2.

Overlap with another tenant → non_compliant `shared_card`, for both. Where a count without card
numbers (k of S, or of unknown nodes), or a slot that the inventory does not name, could hide an
overlap → unverifiable `cards_unknown`. A touch whose end is not accepted evidence is company as if
it lasted. Where the sources that report touches were not wholly heard, another tenant's touch may
be missing → unverifiable `not_covered`, `evidence_below_grade` or `sequence_hole`. Else compliant.
"""

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.rule import (
    COMPLIANT,
    Company,
    Outcome,
    PlaneRule,
    non_compliant,
    unverifiable,
)

_REASONS = {
    Gap.NO_SOURCE: "not_covered",
    Gap.BELOW_GRADE: "evidence_below_grade",
    Gap.NOT_HEARD: "not_covered",
    Gap.SEQUENCE_GAP: "sequence_hole",
}


def judge(coverage: Coverage, company: Company) -> Outcome:
    if company is Company.SHARED:
        return non_compliant("shared_card")
    if company is Company.UNCERTAIN:
        return unverifiable("cards_unknown")
    if coverage.gap is Gap.NONE:
        return COMPLIANT
    return unverifiable(_REASONS[coverage.gap], **coverage.detail())


RULE = PlaneRule(id="PL-03", version="2.2.0", reads=("coverage", "company"), judge=judge)
