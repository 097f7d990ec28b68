"""Rules are found where they lie."""

from pathlib import Path

from sovereignty.policy import rules
from sovereignty.policy.registry import RULES


def test_every_file_is_a_rule_under_its_own_name() -> None:
    files = {
        path.stem.upper().replace("_", "-")
        for path in Path(rules.__path__[0]).glob("*.py")
        if path.stem != "__init__"
    }
    assert files == set(RULES)


def test_rules_are_sorted_and_have_versions() -> None:
    assert list(RULES) == sorted(RULES)
    assert all(rule.id == name and rule.version.count(".") == 2 for name, rule in RULES.items())


def test_each_unit_belongs_to_its_family() -> None:
    assert {(rule.family, rule.unit) for rule in RULES.values()} == {
        ("access", "accesses"),
        ("card", "card_seconds"),
        ("plane", "card_seconds"),
    }
