"""TE-01 completeness: every source that owes word of a touched card was heard at that time. RULES
section 2.

No source declared for the card → unverifiable `no_source`; none of accepted evidence grade →
`evidence_below_grade`; one of them not heard by heartbeat → `not_covered`; a number missing from
one's sequence → `sequence_hole`. Else compliant.
"""

from sovereignty.plane.coverage.of_cards import Coverage, Whole
from sovereignty.policy.rule import COMPLIANT, Company, Outcome, PlaneRule, unverifiable

_REASONS = {
    Whole.NO_SOURCE: "no_source",
    Whole.BELOW_GRADE: "evidence_below_grade",
    Whole.NOT_HEARD: "not_covered",
    Whole.SEQUENCE_HOLE: "sequence_hole",
}


def judge(coverage: Coverage, _company: Company) -> Outcome:
    if coverage.whole is Whole.YES:
        return COMPLIANT
    return unverifiable(_REASONS[coverage.whole], **coverage.detail())


RULE = PlaneRule(id="TE-01", version="2.2.0", reads=("coverage",), judge=judge)
