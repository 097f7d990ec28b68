"""TE-01 completeness: every source that owes word of a touched card was heard at that time. RULES
section 2.

No source declared for the card → unverifiable `no_source`; none of accepted evidence grade →
`evidence_below_grade`; one of them not heard by heartbeat → `not_covered`; a number missing from
one's sequence → `sequence_hole`. Else compliant.
"""

from sovereignty.plane.coverage.of_cards import Coverage, Gap
from sovereignty.policy.rule import COMPLIANT, Company, Outcome, PlaneRule, unverifiable

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


RULE = PlaneRule(id="TE-01", version="2.2.0", reads=("coverage",), judge=judge)
