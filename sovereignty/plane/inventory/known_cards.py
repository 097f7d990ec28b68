"""Which cards the inventory knows, and which slots may be aliases of them.

A card is *known* where some fact states anything of it; others were only named by a touch. A count
without card numbers, *k of S*, is judged by the known cards of S (`capacity` counts them by time).

A slot *may be an alias* while no live statement says that its card is there, on a node of which
other cards are there: it may be one of those under a second name.

    hz-a-0001 has 0-7 stated; a touch names hz-a-0001/gpu0, or hz-a-0001/7 after it was retired
    →   that slot may be an alias
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory import histories
from sovereignty.plane.inventory.statements import resolve
from sovereignty.plane.steps import Steps, clip, combine, map_steps
from sovereignty.plane.world import NO_NODE, Grade, Int32s, Int64s, Statement, World

# The first two elements of `AliasTimes.steps`: never, as most cards, and always.
NEVER, ALWAYS = 0, 1


def known_cards(world: World) -> NDArray[np.bool_]:
    """Say of each card number whether it was given to a node and some fact states anything of it,
    at whatever time and grade."""
    about_cards = (
        statement for statement in world.statements if statement.subject[0] in ("card", "cards")
    )
    known: NDArray[np.bool_] = _named_by(world, about_cards) & (world.card_node != NO_NODE)
    return known


def named_cards(world: World) -> NDArray[np.bool_]:
    """Say of each card number whether the fleet's own facts name it: the inventory, or a source's
    declaration."""
    named = known_cards(world)
    for source in world.sources:
        for first, last in source.cards or ():
            named[first : last + 1] = True
    named &= world.card_node != NO_NODE
    return named


@dataclass(frozen=True, slots=True)
class AliasTimes:
    """When each card may be an alias: over the period, `steps[kind[c]]` says it of card c.

    The first two elements of `steps` are those of NEVER and ALWAYS.
    """

    kind: Int32s
    steps: Sequence[Steps[bool]]

    @property
    def has_aliases(self) -> bool:
        """Whether some card may be an alias at some time."""
        return len(self.steps) > ALWAYS + 1


def find_alias_times(world: World, least: Grade, start: int, end: int) -> AliasTimes:
    """Find when each card may be an alias in `[start, end)`.

    A statement below the `least` grade that the policy accepts says nothing.
    """
    if _all_there(world, least, start):
        return AliasTimes(
            np.full(len(world.card_node), NEVER, dtype=np.int32),
            (((start, False),), ((start, True),)),
        )
    class_of_card, there = _times_there(world, least, start, end)
    ever_absent = np.array(
        [any(not is_there for _, is_there in steps) for steps in there], dtype=np.bool_
    )
    ever_there = np.array(
        [any(is_there for _, is_there in steps) for steps in there], dtype=np.bool_
    )
    given = world.card_node != NO_NODE
    has_cards = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
    has_cards[world.card_node[given & ever_there[class_of_card]]] = True
    candidates = np.flatnonzero(given & ever_absent[class_of_card] & has_cards[world.card_node])
    steps_of_kind: list[Steps[bool]] = [((start, False),), ((start, True),)]
    kind = np.full(len(world.card_node), NEVER, dtype=np.int32)
    kind_of_classes: dict[tuple[int, ...], int] = {}
    classes_of_candidates = _own_and_node_classes(world, class_of_card, candidates)
    for card, classes in zip(candidates.tolist(), classes_of_candidates, strict=True):
        if classes not in kind_of_classes:
            steps = combine([there[number] for number in classes], _may_be_alias)
            if steps == steps_of_kind[NEVER]:
                kind_of_classes[classes] = NEVER
            else:
                kind_of_classes[classes] = len(steps_of_kind)
                steps_of_kind.append(steps)
        kind[card] = kind_of_classes[classes]
    return AliasTimes(kind, steps_of_kind)


def _may_be_alias(are_there: tuple[bool, ...]) -> bool:
    """Whether a card may be an alias, given whether its own class and those of its node are
    there."""
    return not are_there[0] and any(are_there[1:])


def times_there(
    world: World, least: Grade, start: int, end: int
) -> tuple[Int32s, list[Steps[bool]]]:
    """Return a class of each card number, and when in `[start, end)` the cards of each class are
    there by evidence of the `least` grade or better."""
    if _all_there(world, least, start):
        return np.zeros(len(world.card_node), dtype=np.int32), [((start, True),)]
    return _times_there(world, least, start, end)


def _times_there(
    world: World, least: Grade, start: int, end: int
) -> tuple[Int32s, list[Steps[bool]]]:
    class_of_card, card_histories = histories.of_cards(world, ["present"], start)
    return class_of_card, [_there(history, least, start, end) for history in card_histories]


def _all_there(world: World, least: Grade, start: int) -> bool:
    """Whether every card is plainly there over the whole period, as in most fleets.

    Accepted evidence says so by the period's start, and no statement says otherwise. So no grade
    has to be weighed against another."""
    about_cards = [
        statement for statement in world.statements if statement.subject[0] in ("card", "cards")
    ]
    if any(
        statement.values.get("present", "no" if statement.resets else "yes") != "yes"
        for statement in about_cards
    ):
        return False
    present = (
        statement
        for statement in about_cards
        if "present" in statement.values
        and statement.grade >= least
        and statement.effective_at <= start
    )
    return bool(np.all(_named_by(world, present) | (world.card_node == NO_NODE)))


def _named_by(world: World, statements: Iterable[Statement]) -> NDArray[np.bool_]:
    """Say of each card number whether one of these statements about cards names it."""
    changes = np.zeros(len(world.card_node) + 1, dtype=np.int64)
    for _, subject in (statement.subject for statement in statements):
        first, last = subject if isinstance(subject, tuple) else (int(subject), int(subject))
        changes[first] += 1
        changes[last + 1] -= 1
    named: NDArray[np.bool_] = np.cumsum(changes[:-1]) > 0
    return named


def _there(history: histories.History, least: Grade, start: int, end: int) -> Steps[bool]:
    """When cards of this history are there."""
    present = resolve(history, "present", least)
    return clip(map_steps(present, lambda value: value.text == "yes"), start, end)


def _own_and_node_classes(
    world: World, class_of_card: Int32s, cards: Int64s
) -> list[tuple[int, ...]]:
    """Of each of `cards` its own class, and then the classes of all cards of its node, rising."""
    is_wanted = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
    is_wanted[world.card_node[cards]] = True
    beside = np.flatnonzero(is_wanted[world.card_node] & (world.card_node != NO_NODE))
    classes_of_node: dict[int, set[int]] = {}
    for node, number in np.unique(
        np.stack((world.card_node[beside], class_of_card[beside])), axis=1
    ).T.tolist():
        classes_of_node.setdefault(node, set()).add(number)
    return [
        (int(class_of_card[card]), *sorted(classes_of_node[int(world.card_node[card])]))
        for card in cards.tolist()
    ]
