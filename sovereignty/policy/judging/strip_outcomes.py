"""The outcome of every touch rule for one strip, for a set of strips of which k cards are meant,
and for evidence below grade."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.coverage import of_cards
from sovereignty.plane.coverage.of_cards import Coverage
from sovereignty.plane.inventory.known_cards import known_cards
from sovereignty.plane.steps import Steps, combine
from sovereignty.plane.world import Int32s, World
from sovereignty.policy.judging.mixtures import CARDS_UNKNOWN, mixed
from sovereignty.policy.lattice import Verdict
from sovereignty.policy.rule import CardRule, Outcome, PlaneRule, Sharing, unverifiable

TouchRule: TypeAlias = CardRule | PlaneRule
Outcomes: TypeAlias = tuple[Outcome, ...]  # one for each touch rule

BELOW_GRADE = unverifiable("evidence_below_grade")
TOO_MANY_CARDS = unverifiable("too_many_cards")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one strip at one time: the outcome of each card rule by its id, and the
    coverage."""

    card_rules: tuple[tuple[str, Outcome], ...]
    coverage: Coverage


def judge(rules: Sequence[TouchRule], readings: Sequence[Reading]) -> Outcomes:
    """The outcome of each rule for cards of one reading; or, of several readings, for k of their
    cards, nobody knows which."""
    covered = of_cards.worst(reading.coverage for reading in readings)
    by_rule = [dict(_with_sequence_gaps(reading)) for reading in readings]
    return tuple(
        rule.judge(covered, Sharing.ALONE)
        if isinstance(rule, PlaneRule)
        else mixed(outcomes[rule.id] for outcomes in by_rule)
        for rule in rules
    )


def lower(outcomes: Outcomes, to: Outcome) -> Outcomes:
    """The outcomes for a touch of which nothing is compliant, because its evidence is below the
    least grade or contradicts itself."""
    return tuple(to if outcome.verdict == Verdict.COMPLIANT else outcome for outcome in outcomes)


class PartStrips:
    """Finds the strip of each k-of-S part, making one for each set of strips that the known cards
    of S span."""

    def __init__(
        self, world: World, strip_of_card: Int32s, readings: Sequence[Steps[Reading]]
    ) -> None:
        self._readings = readings
        known = known_cards(world)
        pairs = np.unique(np.stack((world.card_node[known], strip_of_card[known])), axis=1)
        self._strips: list[set[int]] = [set() for _ in world.nodes]
        for node, strip in pairs.T.tolist():
            self._strips[node].add(strip)

    def judge(
        self,
        world: World,
        rules: Sequence[TouchRule],
        overfull: NDArray[np.bool_],
        judged: list[Steps[Outcomes]],
        start: int,
    ) -> Int32s:
        """The strip of each part, as an index of `judged`, to which new strips are added.
        `overfull` says of each touch whether it counts more cards than its nodes have."""
        unknown, too_many = len(judged), len(judged) + 1
        judged += [
            ((start, tuple(outcome for _ in rules)),) for outcome in (CARDS_UNKNOWN, TOO_MANY_CARDS)
        ]
        numbers: dict[frozenset[int], int] = {}
        chosen = []
        for part in world.parts:
            if not part.nodes or overfull[part.touch]:
                chosen.append(too_many if part.nodes else unknown)
                continue
            kinds = frozenset(strip for node in part.nodes for strip in self._strips[node])
            if kinds not in numbers:
                numbers[kinds] = len(judged)
                readings = [self._readings[kind] for kind in sorted(kinds)]
                judged.append(combine(readings, lambda several: judge(rules, several)))
            chosen.append(numbers[kinds])
        return np.array(chosen, dtype=np.int32)


def _with_sequence_gaps(reading: Reading) -> list[tuple[str, Outcome]]:
    """Where an inventory statement may be lost, no card rule is compliant."""
    if not reading.coverage.inventory:
        return list(reading.card_rules)
    gap = unverifiable("sequence_hole", **reading.coverage.inventory_detail())
    return [
        (rule, gap if outcome.verdict == Verdict.COMPLIANT else outcome)
        for rule, outcome in reading.card_rules
    ]
