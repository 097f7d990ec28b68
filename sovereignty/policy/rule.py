"""What a rule is. Each file in `rules/` holds one, named RULE, with all that is said of it; adding
a policy rule is adding one file there, and its test.

- a *card rule* looks at attributes of a card and of the place it stands in, and is counted in
  card-seconds;
- a *plane rule* looks at shapes on the plane cards × time: whether sources were heard, who else was
  there;
- an *access rule* looks at one access, and is counted in accesses.

`judge` is pure and is called once per distinct set of values, never once per touch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar, Literal, TypeAlias

from sovereignty.plane.coverage.of_cards import Coverage
from sovereignty.plane.inventory.statements import Value
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.reasons import OF_ACCESS_RULES, OF_TOUCH_RULES, Reason

Words: TypeAlias = tuple[str, ...]
Parameters: TypeAlias = Mapping[str, Words]
Unit: TypeAlias = Literal["card_seconds", "accesses"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its reason code (empty when compliant). `detail` is pairs of name and value,
    sorted by name."""

    verdict: Verdict
    reason: str = ""
    detail: tuple[tuple[str, str], ...] = ()


COMPLIANT = Outcome(Verdict.COMPLIANT)


def unverifiable(reason: str, **detail: str) -> Outcome:
    return Outcome(Verdict.UNVERIFIABLE, reason, tuple(sorted(detail.items())))


def non_compliant(reason: str, **detail: str) -> Outcome:
    return Outcome(Verdict.NON_COMPLIANT, reason, tuple(sorted(detail.items())))


class Sharing(IntEnum):
    """Whether another tenant was on the cards: no, nobody can know, or yes."""

    ALONE = 0
    UNCERTAIN = 1
    SHARED = 2


@dataclass(frozen=True, slots=True)
class Parameter:
    """A list of distinct words that a policy gives a rule. `expected` describes them in messages;
    `allows` says whether a word may be one of them."""

    expected: str
    allows: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """What every rule has: its id and version, its words in English, and the parameters that a
    policy gives it. The version rises whenever the rule's word on anything may change."""

    id: str
    version: str
    title: str
    statement: str
    reasons: Mapping[str, Reason]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    given_reasons: ClassVar[Mapping[str, Reason]] = OF_TOUCH_RULES

    def reason(self, code: str) -> Reason | None:
        """The words of a reason code; None where neither the rule nor judging gives it."""
        return self.reasons.get(code) or self.given_reasons.get(code)

    @property
    def names_neighbours(self) -> bool:
        """Whether its findings say which other tenant was on the cards."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRule(_Rule):
    """`reads` names attributes: `card.<attribute>`, `node.<attribute>`, or `region.<attribute>` of
    the node's region.

    `judge` is given the value of each, and the policy's parameters. `decided_by` names those that
    decided a finding, by the finding's detail; without it, all that the rule reads did.
    """

    reads: tuple[str, ...]
    judge: Callable[[Mapping[str, Value], Parameters], Outcome]
    decided_by: Callable[[Mapping[str, str]], tuple[str, ...]] | None = None
    family: Literal["card"] = "card"
    unit: Unit = "card_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneRule(_Rule):
    """`reads` is `coverage`, or that and `sharing`; `judge` is given both (ALONE where sharing is
    not read)."""

    reads: tuple[Literal["coverage", "sharing"], ...]
    judge: Callable[[Coverage, Sharing], Outcome]
    family: Literal["plane"] = "plane"
    unit: Unit = "card_seconds"

    @property
    def names_neighbours(self) -> bool:
        return "sharing" in self.reads


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule(_Rule):
    """`reads` names fields of `world.Access`; `judge` is given their texts (None: not supplied) in
    that order."""

    reads: tuple[str, ...]
    judge: Callable[[Sequence[str | None], Parameters], Outcome]
    family: Literal["access"] = "access"
    unit: Unit = "accesses"

    given_reasons: ClassVar[Mapping[str, Reason]] = OF_ACCESS_RULES


Rule: TypeAlias = CardRule | PlaneRule | AccessRule
