"""A policy as a document: what is judged, against which parameters, on which evidence.

    {"format": "domicile/policy/v1", "name": "cn-domestic", "version": "1.0.0", "least_grade": "declared",
     "title": {"en": "Domestic cards, regions and hands", "zh-Hans": "…"}, "applies_to": null,
     "rules": [{"id": "PL-01", "parameters": {"allowed_countries": ["CN"]}}, {"id": "TE-01", "parameters": {}}]}

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


def parse(document: object) -> Policy:
    """The policy that `document`, plain JSON values, describes. Raises PolicyError naming the
    field, what was wanted, what came."""
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


def _canonical(document: object) -> bytes:
    try:
        return canonical.encode(document)
    except CanonicalError as error:
        raise PolicyError("policy", "values that canonical JSON can spell", str(error)) from error


def _rules(came: object) -> tuple[RuleUse, ...]:
    if not isinstance(came, list) or not came:
        raise PolicyError("rules", "a list of at least one rule", _shown(came))
    uses: dict[str, RuleUse] = {}
    for number, item in enumerate(came):
        use = _rule(item, f"rules[{number}]")
        if use.rule.id in uses:
            raise PolicyError(f"rules[{number}].id", "each rule once", f"{use.rule.id!r} again")
        uses[use.rule.id] = use
    return tuple(use for _, use in sorted(uses.items()))


def _rule(came: object, where: str) -> RuleUse:
    fields = _object(came, where)
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


def _sectors(came: object) -> frozenset[str] | None:
    if came is None:
        return None
    fields = _object(came, "applies_to")
    _only(fields, "applies_to", frozenset({"sectors"}))
    return frozenset(_words(fields["sectors"], "applies_to.sectors", Parameter("sectors", bool)))


def _grade(came: object) -> Grade:
    for grade in Grade:
        if came == grade.name.lower():
            return grade
    raise PolicyError(
        "least_grade", f"one of {', '.join(grade.name.lower() for grade in Grade)}", _shown(came)
    )


def _words(came: object, where: str, kind: Parameter) -> Words:
    """A list of distinct words of one kind, at least one."""
    if not isinstance(came, list) or not 0 < len(came) <= MOST_WORDS:
        raise PolicyError(where, f"a list of 1 to {MOST_WORDS} {kind.wanted}", _shown(came))
    for number, word in enumerate(came):
        if not isinstance(word, str) or len(word) > LONGEST or not kind.allows(word):
            raise PolicyError(f"{where}[{number}]", kind.wanted, _shown(word))
        if word in came[:number]:
            raise PolicyError(f"{where}[{number}]", "each word once", f"{word!r} again")
    return tuple(came)


def _texts(came: object, where: str) -> Texts:
    fields = _object(came, where)
    if "en" not in fields:
        raise PolicyError(where, "a text in English, under 'en', among the languages", _shown(came))
    return {language: _text(text, f"{where}.{language}") for language, text in fields.items()}


def _text(came: object, where: str) -> str:
    if not isinstance(came, str) or not 0 < len(came) <= LONGEST:
        raise PolicyError(where, f"a text of 1 to {LONGEST} characters", _shown(came))
    return came


def _object(came: object, where: str) -> dict[str, object]:
    if not isinstance(came, dict) or not all(isinstance(key, str) for key in came):
        raise PolicyError(where, "an object", _shown(came))
    return came


def _only(
    fields: Mapping[str, object],
    where: str,
    wanted: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> None:
    """Every wanted field, and no other than these and the optional ones."""
    for name in sorted(wanted - fields.keys()):
        raise PolicyError(f"{where}.{name}", "this field", "nothing")
    for name in sorted(fields.keys() - wanted - optional):
        raise PolicyError(f"{where}.{name}", "no such field", _shown(fields[name]))


def _shown(came: object) -> str:
    text = repr(came)
    return text if len(text) <= 80 else f"{text[:79]}…"
