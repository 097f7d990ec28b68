"""All rules, found by looking into `rules/`: each module there holds one as RULE."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sovereignty.policy import rules
from sovereignty.policy.rule import Rule, Unit

_rules: dict[str, Rule] = {}
RULES: Mapping[str, Rule] = MappingProxyType(_rules)  # by id, in the order of ids


def discover() -> None:
    """Look into every folder of `rules.__path__` and make RULES hold what lies there."""
    found: dict[str, Rule] = {}
    for module in iter_modules(rules.__path__):
        rule: Rule = import_module(f"{rules.__name__}.{module.name}").RULE
        assert rule.id not in found, f"two rules have the id {rule.id}"  # noqa: S101 - our own bug
        found[rule.id] = rule
    _rules.clear()
    _rules.update(sorted(found.items()))


def ids_in(unit: Unit) -> list[str]:
    """The ids of the rules that count in this unit."""
    return [rule.id for rule in RULES.values() if rule.unit == unit]


discover()
