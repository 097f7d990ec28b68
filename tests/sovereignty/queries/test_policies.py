"""What a published policy says, also of rules that this version does not know."""

import pytest

from audit.tlog import canonical
from sovereignty.models import Policy
from sovereignty.plane.world import Grade
from sovereignty.policy.errors import PolicyError
from sovereignty.queries.policies import outline_of
from tests.sovereignty import small_site as site


def published(**changes: object) -> Policy:
    return Policy(document=canonical.encode(site.POLICY | changes))


def test_the_outline_has_title_grade_and_parameters_by_rule() -> None:
    outline = outline_of(published())
    assert (outline.title["en"], outline.least_grade) == ("At home", Grade.DECLARED)
    assert list(outline.rules) == ["OP-01", "PL-01", "PL-02", "PL-03", "TE-01"]
    assert outline.rules["PL-01"] == {"allowed_countries": ("CN",)}
    assert outline.rules["TE-01"] == {}


def test_a_rule_that_this_version_does_not_know_keeps_its_parameters() -> None:
    rules = [{"id": "XX-99", "parameters": {"owners": ["acme"]}}]
    assert outline_of(published(rules=rules)).rules == {"XX-99": {"owners": ("acme",)}}


@pytest.mark.parametrize("rules", [[], "PL-01", [{"id": "PL-01", "parameters": "CN"}]])
def test_refuses_what_is_no_list_of_rules(rules: object) -> None:
    with pytest.raises(PolicyError, match="rules"):
        outline_of(published(rules=rules))
