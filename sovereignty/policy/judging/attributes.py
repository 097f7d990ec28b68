"""The attributes of cards that rules read, as step functions: of the card, of its node, of its
node's region at the time."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from sovereignty.plane.inventory import histories
from sovereignty.plane.inventory.histories import History
from sovereignty.plane.inventory.statements import UNKNOWN, Value, resolve
from sovereignty.plane.steps import Steps, clip, combine, follow
from sovereignty.plane.strips import Column
from sovereignty.plane.world import BEGINNING, NO_NODE, Grade, Int32s, World
from sovereignty.policy.document import RuleUse
from sovereignty.policy.rule import CardRule, Outcome

_NOT_STATED: Steps[Value] = ((BEGINNING, UNKNOWN),)


class CardAttributes:
    """Judges card rules over a world's cards in one period: once per rule and history, never once
    per card."""

    def __init__(
        self, world: World, reads: Iterable[str], least: Grade, start: int, end: int
    ) -> None:
        """`reads` are all the attributes that will be asked for, as `CardRule.reads` names them."""
        self._least, self._period = least, (start, end)
        by_subject: dict[str, set[str]] = {"card": set(), "node": {"region"}, "region": set()}
        for name in reads:
            subject, attribute = name.split(".")
            by_subject[subject].add(attribute)
        self._card_classes, self._card_histories = histories.of_cards(
            world, by_subject["card"], start
        )
        node_classes, self._node_histories = histories.of_nodes(world, by_subject["node"], start)
        self._node_classes = _by_card(world.card_node, node_classes, len(self._node_histories))
        self._node_histories.append(())  # of cards that stand on no node
        self._region_histories = histories.of_regions(world)
        self._regions: dict[tuple[str, str], Steps[Value]] = {}

    def column(self, use: RuleUse, rule: CardRule) -> Column[Hashable]:
        """The rule's outcome for each class of cards over the period."""
        of_card = any(name.startswith("card.") for name in rule.reads)
        of_node = not all(name.startswith("card.") for name in rule.reads)
        class_of_card, pairs = self._pairs(of_card, of_node)
        memo: dict[tuple[Value, ...], Outcome] = {}

        def judge(values: tuple[Value, ...]) -> Outcome:
            if values not in memo:
                memo[values] = rule.judge(
                    dict(zip(rule.reads, values, strict=True)), use.parameters
                )
            return memo[values]

        steps = []
        for card, node in pairs:
            values = [clip(self._resolve(name, card, node), *self._period) for name in rule.reads]
            steps.append(combine(values, judge))
        return class_of_card, steps

    def _pairs(
        self, of_card: bool, of_node: bool
    ) -> tuple[Int32s, Sequence[tuple[History, History]]]:
        """The class of each card, by what is read of it, and each class's histories of card and
        node."""
        if not of_node:
            return self._card_classes, [(card, ()) for card in self._card_histories]
        if not of_card:
            return self._node_classes, [((), node) for node in self._node_histories]
        nodes = len(self._node_histories)
        mixed, classes = np.unique(
            self._card_classes.astype(np.int64) * nodes + self._node_classes, return_inverse=True
        )
        pairs = [
            (self._card_histories[pair // nodes], self._node_histories[pair % nodes])
            for pair in mixed.tolist()
        ]
        return classes.astype(np.int32), pairs

    def _resolve(self, name: str, card: History, node: History) -> Steps[Value]:
        subject, attribute = name.split(".")
        if subject == "card":
            return resolve(card, attribute, self._least)
        if subject == "node":
            return resolve(node, attribute, self._least)
        return follow(
            resolve(node, "region", self._least), lambda region: self._of_region(region, attribute)
        )

    def _of_region(self, region: Value, attribute: str) -> Steps[Value]:
        """The region's attribute; where the region itself is not known, for the same reason the
        attribute is not."""
        if region.text is None:
            return ((BEGINNING, region),)
        key = region.text, attribute
        if key not in self._regions:
            history = self._region_histories.get(region.text)
            self._regions[key] = (
                _NOT_STATED if history is None else resolve(history, attribute, self._least)
            )
        return self._regions[key]


def _by_card(card_node: Int32s, class_of_node: Int32s, no_node: int) -> Int32s:
    """The class of each card's node; `no_node` for a number that was never given to a slot."""
    return np.append(class_of_node, np.int32(no_node))[
        np.where(card_node == NO_NODE, len(class_of_node), card_node)
    ]
