"""The cards that the inventory knows of: those that some fact stated, against those that were only
named by a touch.

A count without card numbers, *k of S*, is judged by the known cards of S; how many of them are
there at the time, `room` tells. A card that no live statement says to be there, on a node some of
whose cards are stated to be there, may be one of those under a second name: while it is so, it is
*loose*.

    hz-a-0001 has 0-7 stated; somebody touches hz-a-0001/gpu0, or /7 after it was retired     →   that slot is loose
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.inventory import histories
from sovereignty.plane.inventory.statements import resolve
from sovereignty.plane.steps import Steps, clip, combine, map_steps
from sovereignty.plane.world import NO_NODE, Grade, Int32s, Int64s, Statement, World

# kinds of what is never loose, as most cards, and of what always is, as a count without cards
NEVER, ALWAYS = 0, 1


def known_cards(world: World) -> NDArray[np.bool_]:
    """Of each card number, whether it was given to a node and some fact states anything of it, at
    whatever time and grade."""
    said = (
        statement for statement in world.statements if statement.subject[0] in ("card", "cards")
    )
    known: NDArray[np.bool_] = _named_by(world, said) & (world.card_node != NO_NODE)
    return known


def named_cards(world: World) -> NDArray[np.bool_]:
    """Of each card number, whether the fleet's own facts name it: the inventory, or a source's
    declaration."""
    named = known_cards(world)
    for source in world.sources:
        for first, last in source.cards or ():
            named[first : last + 1] = True
    named &= world.card_node != NO_NODE
    return named


@dataclass(frozen=True, slots=True)
class Looseness:
    """`kind[c]` is the place in `steps` of when card c is loose over the period; NEVER and ALWAYS
    come first."""

    kind: Int32s
    steps: Sequence[Steps[bool]]

    @property
    def any(self) -> bool:
        return len(self.steps) > ALWAYS + 1


def looseness(world: World, least: Grade, start: int, end: int) -> Looseness:
    """When each card is loose in `[start, end)`; a statement below the `least` grade that is
    accepted says nothing."""
    if _all_there(world, least, start):
        return Looseness(
            np.full(len(world.card_node), NEVER, dtype=np.int32),
            (((start, False),), ((start, True),)),
        )
    classes, there = _times_there(world, least, start, end)
    lacking = np.array(
        [any(not is_there for _, is_there in steps) for steps in there], dtype=np.bool_
    )
    ever = np.array([any(is_there for _, is_there in steps) for steps in there], dtype=np.bool_)
    given = world.card_node != NO_NODE
    nodes = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
    nodes[world.card_node[given & ever[classes]]] = True
    odd = np.flatnonzero(given & lacking[classes] & nodes[world.card_node])
    steps_of_kind: list[Steps[bool]] = [((start, False),), ((start, True),)]
    kind = np.full(len(world.card_node), NEVER, dtype=np.int32)
    kinds: dict[tuple[int, ...], int] = {}
    for card, met in zip(odd.tolist(), _classes_met(world, classes, odd), strict=True):
        if met not in kinds:
            loose = combine(
                [there[each] for each in met], lambda says: not says[0] and any(says[1:])
            )
            kinds[met] = NEVER if loose == steps_of_kind[NEVER] else len(steps_of_kind)
            steps_of_kind += [loose] if kinds[met] else []
        kind[card] = kinds[met]
    return Looseness(kind, steps_of_kind)


def times_there(
    world: World, least: Grade, start: int, end: int
) -> tuple[Int32s, list[Steps[bool]]]:
    """A class of each card number, and when in `[start, end)` evidence of the `least` grade or
    better says that the class is there."""
    if _all_there(world, least, start):
        return np.zeros(len(world.card_node), dtype=np.int32), [((start, True),)]
    return _times_there(world, least, start, end)


def _times_there(
    world: World, least: Grade, start: int, end: int
) -> tuple[Int32s, list[Steps[bool]]]:
    classes, found = histories.of_cards(world, ["present"], start)
    return classes, [_there(history, least, start, end) for history in found]


def _all_there(world: World, least: Grade, start: int) -> bool:
    """Whether every card is plainly there over the whole period, as in most fleets: accepted
    evidence said so by its start, and nobody says otherwise, so no grade has to be weighed against
    another."""
    said = [each for each in world.statements if each.subject[0] in ("card", "cards")]
    if any(each.values.get("present", "no" if each.resets else "yes") != "yes" for each in said):
        return False
    there = (
        each
        for each in said
        if "present" in each.values and each.grade >= least and each.effective_at <= start
    )
    return bool(np.all(_named_by(world, there) | (world.card_node == NO_NODE)))


def _named_by(world: World, statements: Iterable[Statement]) -> NDArray[np.bool_]:
    """Of each card number, whether one of these statements about cards names it."""
    changes = np.zeros(len(world.card_node) + 1, dtype=np.int64)
    for _, subject in (statement.subject for statement in statements):
        first, last = subject if isinstance(subject, tuple) else (int(subject), int(subject))
        changes[first] += 1
        changes[last + 1] -= 1
    named: NDArray[np.bool_] = np.cumsum(changes[:-1]) > 0
    return named


def _there(history: histories.History, least: Grade, start: int, end: int) -> Steps[bool]:
    return clip(
        map_steps(resolve(history, "present", least), lambda value: value.text == "yes"), start, end
    )


def _classes_met(world: World, classes: Int32s, cards: Int64s) -> list[tuple[int, ...]]:
    """For each of `cards`, its own class and then the classes of all cards of its node."""
    nodes = np.zeros(len(world.nodes) + 1, dtype=np.bool_)
    nodes[world.card_node[cards]] = True
    beside = np.flatnonzero(nodes[world.card_node] & (world.card_node != NO_NODE))
    of_node: dict[int, set[int]] = {}
    for node, number in np.unique(
        np.stack((world.card_node[beside], classes[beside])), axis=1
    ).T.tolist():
        of_node.setdefault(node, set()).add(number)
    return [
        (int(classes[card]), *sorted(of_node[int(world.card_node[card])]))
        for card in cards.tolist()
    ]
