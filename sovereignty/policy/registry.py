"""All rules, found by looking into `rules/`: each module there holds one as RULE."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sovereignty.policy import rules
from sovereignty.policy.rule import Rule


def _found() -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for module in iter_modules(rules.__path__):
        rule: Rule = import_module(f"{rules.__name__}.{module.name}").RULE
        assert rule.id not in found, f"two rules call themselves {rule.id}"  # noqa: S101 - our own bug, not an input
        found[rule.id] = rule
    return dict(sorted(found.items()))


RULES: Mapping[str, Rule] = MappingProxyType(_found())
