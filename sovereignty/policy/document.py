"""A policy as a document: what is judged, against which parameters, on which evidence.

    {"format": "domicile/policy/v1", "name": "cn-domestic", "version": "1.0.0",
     "least_grade": "declared", "applies_to": null,
     "title": {"en": "Domestic cards, regions and hands", "zh-Hans": "…"},
     "rules": [{"id": "PL-01", "parameters": {"allowed_countries": ["CN"]}},
               {"id": "TE-01", "parameters": {}}]}

`applies_to` null is every tenant; `{"sectors": [...]}` leaves out a tenant whose sector is known
and not listed. `summary`, texts by language as `title`, may be absent. A policy version is known by
its digest: SHA-256 of its canonical JSON (FORMATS section 2.0).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from audit.tlog import canonical
from audit.tlog.errors import CanonicalError
from sovereignty.plane.world import Grade
from sovereignty.policy.errors import PolicyError
from sovereignty.policy.registry import RULES
from sovereignty.policy.rule import Parameter, Parameters, Rule, Words

FORMAT = "domicile/policy/v1"
LONGEST = 4_000  # characters of any text in a policy
MOST_WORDS = 1_000  # words of one list

_FIELDS = frozenset({"format", "name", "version", "title", "least_grade", "rules", "applies_to"})
_OPTIONAL = frozenset({"summary"})

Texts: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule with the parameters that a policy gives it."""

    rule: Rule
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy. `rules` is in the order of rule ids; `sectors` None is every tenant;
    `digest` is in lower-case hex."""

    name: str
    version: str
    title: Texts
    summary: Texts
    least_grade: Grade
    rules: tuple[RuleUse, ...]
    sectors: frozenset[str] | None
    canonical: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What a published policy says, also of rules that this version does not know. `rules` are the
    parameters of each rule by its id, in the order of ids."""

    title: Texts
    least_grade: Grade
    rules: Mapping[str, Parameters]


def parse(document: object) -> Policy:
    """The policy that `document`, plain JSON values, describes. Raises PolicyError naming the
    field, what was expected, what was received."""
    fields = _object(document, "policy")
    _only(fields, "policy", _FIELDS, _OPTIONAL)
    if fields["format"] != FORMAT:
        raise PolicyError("format", repr(FORMAT), _shown(fields["format"]))
    sectors = _sectors(fields["applies_to"])
    rules = _rules(fields["rules"])
    content = _canonical(document)
    return Policy(
        name=_text(fields["name"], "name"),
        version=_text(fields["version"], "version"),
        title=_texts(fields["title"], "title"),
        summary=_texts(fields["summary"], "summary") if "summary" in fields else {},
        least_grade=_grade(fields["least_grade"]),
        rules=rules,
        sectors=sectors,
        canonical=content,
        digest=hashlib.sha256(content).hexdigest(),
    )


def decode(content: bytes) -> Policy:
    """The policy whose canonical JSON is `content`. Raises PolicyError, or CanonicalError for
    another spelling."""
    return parse(canonical.decode(content))


def outline(content: bytes) -> Outline:
    """The outline of a published policy, for whoever shows it and judges nothing. Raises
    PolicyError, CanonicalError."""
    fields = _object(canonical.decode(content), "policy")
    rules: dict[str, Parameters] = {}
    for number, item in enumerate(_list(fields["rules"])):
        where = f"rules[{number}]"
        stated = _object(item, where)
        given = _object(stated["parameters"], f"{where}.parameters")
        rules[_text(stated["id"], f"{where}.id")] = {
            name: _words(words, f"{where}.parameters.{name}", Parameter("words", bool))
            for name, words in given.items()
        }
    return Outline(
        _texts(fields["title"], "title"), _grade(fields["least_grade"]), dict(sorted(rules.items()))
    )


def _canonical(document: object) -> bytes:
    try:
        return canonical.encode(document)
    except CanonicalError as error:
        raise PolicyError("policy", "values that canonical JSON can spell", str(error)) from error


def _list(received: object) -> list[object]:
    if not isinstance(received, list) or not received:
        raise PolicyError("rules", "a list of at least one rule", _shown(received))
    return received


def _rules(received: object) -> tuple[RuleUse, ...]:
    uses: dict[str, RuleUse] = {}
    for number, item in enumerate(_list(received)):
        use = _rule(item, f"rules[{number}]")
        if use.rule.id in uses:
            raise PolicyError(f"rules[{number}].id", "each rule once", f"{use.rule.id!r} again")
        uses[use.rule.id] = use
    return tuple(use for _, use in sorted(uses.items()))


def _rule(received: object, where: str) -> RuleUse:
    fields = _object(received, where)
    _only(fields, where, frozenset({"id", "parameters"}))
    rule = RULES.get(_text(fields["id"], f"{where}.id"))
    if rule is None:
        raise PolicyError(f"{where}.id", f"one of {', '.join(RULES)}", _shown(fields["id"]))
    given = _object(fields["parameters"], f"{where}.parameters")
    _only(given, f"{where}.parameters", frozenset(rule.parameters))
    words = {
        name: _words(given[name], f"{where}.parameters.{name}", kind)
        for name, kind in rule.parameters.items()
    }
    return RuleUse(rule, words)


def _sectors(received: object) -> frozenset[str] | None:
    if received is None:
        return None
    fields = _object(received, "applies_to")
    _only(fields, "applies_to", frozenset({"sectors"}))
    return frozenset(_words(fields["sectors"], "applies_to.sectors", Parameter("sectors", bool)))


def _grade(received: object) -> Grade:
    for grade in Grade:
        if received == grade.name.lower():
            return grade
    raise PolicyError(
        "least_grade",
        f"one of {', '.join(grade.name.lower() for grade in Grade)}",
        _shown(received),
    )


def _words(received: object, where: str, kind: Parameter) -> Words:
    """A list of distinct words of one kind, at least one."""
    if not isinstance(received, list) or not 0 < len(received) <= MOST_WORDS:
        raise PolicyError(where, f"a list of 1 to {MOST_WORDS} {kind.expected}", _shown(received))
    for number, word in enumerate(received):
        if not isinstance(word, str) or len(word) > LONGEST or not kind.allows(word):
            raise PolicyError(f"{where}[{number}]", kind.expected, _shown(word))
        if word in received[:number]:
            raise PolicyError(f"{where}[{number}]", "each word once", f"{word!r} again")
    return tuple(received)


def _texts(received: object, where: str) -> Texts:
    fields = _object(received, where)
    if "en" not in fields:
        raise PolicyError(
            where, "a text in English, under 'en', among the languages", _shown(received)
        )
    return {language: _text(text, f"{where}.{language}") for language, text in fields.items()}


def _text(received: object, where: str) -> str:
    if not isinstance(received, str) or not 0 < len(received) <= LONGEST:
        raise PolicyError(where, f"a text of 1 to {LONGEST} characters", _shown(received))
    return received


def _object(received: object, where: str) -> dict[str, object]:
    if not isinstance(received, dict) or not all(isinstance(key, str) for key in received):
        raise PolicyError(where, "an object", _shown(received))
    return received


def _only(
    fields: Mapping[str, object],
    where: str,
    expected: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> None:
    """Raise unless every expected field is there, and no other than these and the optional ones."""
    for name in sorted(expected - fields.keys()):
        raise PolicyError(f"{where}.{name}", "this field", "nothing")
    for name in sorted(fields.keys() - expected - optional):
        raise PolicyError(f"{where}.{name}", "no such field", _shown(fields[name]))


def _shown(received: object) -> str:
    text = repr(received)
    return text if len(text) <= 80 else f"{text[:79]}…"
