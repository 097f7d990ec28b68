"""Texts of rules are marked where they stand, so that `makemessages` finds them."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.utils import translation

from sovereignty import policy
from sovereignty.policy.reasons import Reason
from sovereignty.policy.registry import RULES
from sovereignty.policy.texts import Term, _, pgettext
from sovereignty.web.wording import term

FOLDER = Path(policy.__path__[0])


def _marked() -> set[str]:
    """The texts in calls of `_`, and the words in calls of `pgettext` with their contexts."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        "\4".join(ast.literal_eval(argument) for argument in call.args)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in ("_", "pgettext")
    }


def _texts(reason: Reason) -> Iterator[str]:
    yield reason.title
    yield from reason.sentences
    for terms in reason.terms.values():
        for word in terms.values():
            yield f"{word.context}\4{word.message}"


def test_every_text_of_a_rule_is_marked() -> None:
    marked = _marked()
    for rule in RULES.values():
        assert {rule.title, rule.statement} <= marked
        for reason in (*rule.reasons.values(), *rule.given_reasons.values()):
            assert set(_texts(reason)) <= marked


def test_marking_leaves_the_english_as_it_is() -> None:
    assert _("Regions are domestic") == "Regions are domestic"
    assert pgettext("a stage", "design") == Term("a stage", "design")
    assert str(Term("a stage", "design")) == "design"


def test_a_term_is_translated_where_it_is_shown() -> None:
    with translation.override("en"):
        assert term(Term("a stage", "design")) == "design"
    assert term(8) == 8
