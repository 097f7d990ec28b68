"""Subjects with the same history, found once: a hundred thousand cards of a fleet have a handful of
histories.

Two subjects share a history when the same was said of them, in the same order, at the same times
inside the period. What took effect at or before the period's start counts by its order alone, so
nodes that were registered on different days are alike.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from sovereignty.plane.layers import classify
from sovereignty.plane.world import CardRange, Int32s, Statement, World

History: TypeAlias = tuple[Statement, ...]  # sorted by (effective_at, order)
# (effective time, number of the content) of each statement
_Key: TypeAlias = tuple[tuple[int, int], ...]


def of_nodes(world: World, attributes: Iterable[str], start: int) -> tuple[Int32s, list[History]]:
    """The history class of each node, and each class's history of `attributes` from `start` on."""
    said = [
        ((each.subject[1], each.subject[1]), each)
        for each in world.statements
        if each.subject[0] == "node"
    ]
    return _classes(len(world.nodes), said, frozenset(attributes), start)


def of_cards(world: World, attributes: Iterable[str], start: int) -> tuple[Int32s, list[History]]:
    """The history class of each card number, and each class's history of `attributes` from `start`
    on."""
    said: list[tuple[CardRange, Statement]] = []
    for each in world.statements:
        if each.subject[0] == "cards":
            said.append((each.subject[1], each))
        elif each.subject[0] == "card":
            said.append(((each.subject[1], each.subject[1]), each))
    return _classes(len(world.card_node), said, frozenset(attributes), start)


def of_tenants(world: World, attributes: Iterable[str], start: int) -> tuple[Int32s, list[History]]:
    """The history class of each tenant, and each class's history of `attributes` from `start` on."""
    said = [
        ((each.subject[1], each.subject[1]), each)
        for each in world.statements
        if each.subject[0] == "tenant"
    ]
    return _classes(len(world.tenants), said, frozenset(attributes), start)


def of_regions(world: World) -> dict[str, History]:
    """Each declared region's history, by its key."""
    said: dict[str, list[Statement]] = {}
    for each in world.statements:
        if each.subject[0] == "region":
            said.setdefault(each.subject[1], []).append(each)
    return {key: tuple(sorted(each, key=_when)) for key, each in said.items()}


def _classes(
    places: int, said: Sequence[tuple[CardRange, Statement]], attributes: frozenset[str], start: int
) -> tuple[Int32s, list[History]]:
    names = sorted(attributes)
    relevant = [
        item for item in said if item[1].resets or not attributes.isdisjoint(item[1].values)
    ]
    relevant.sort(key=lambda item: _when(item[1]))
    contents: dict[tuple[object, ...], int] = {}
    content_of = [contents.setdefault(_content(each, names), len(contents)) for _, each in relevant]
    class_of_place, members = classify(places, [card_range for card_range, _ in relevant])
    times = [each.effective_at for _, each in relevant]
    numbers: dict[_Key, int] = {}
    histories: list[History] = []
    renumbered = np.zeros(len(members), dtype=np.int32)
    for place, positions in enumerate(members):
        key = _key(
            [times[position] for position in positions],
            [content_of[position] for position in positions],
            start,
        )
        if key not in numbers:
            numbers[key] = len(numbers)
            histories.append(
                tuple(
                    _at(relevant[position][1], at)
                    for (at, _), position in zip(key, positions, strict=True)
                )
            )
        renumbered[place] = numbers[key]
    return renumbered[class_of_place], histories


def _when(statement: Statement) -> tuple[int, int]:
    return statement.effective_at, statement.order


def _content(statement: Statement, names: Sequence[str]) -> tuple[object, ...]:
    """What a statement says, but not when."""
    return statement.grade, statement.source, statement.resets, *map(statement.values.get, names)


def _key(times: list[int], contents: list[int], start: int) -> _Key:
    """When what was said. Times up to `start`, which rise, become the latest whole numbers up to
    `start` in the same order."""
    if len(times) == 1:
        return ((max(times[0], start), contents[0]),)
    distinct = sorted({at for at in times if at <= start})
    number = {at: start - len(distinct) + 1 + place for place, at in enumerate(distinct)}
    return tuple((number.get(at, at), content) for at, content in zip(times, contents, strict=True))


def _at(statement: Statement, effective_at: int) -> Statement:
    return Statement(
        statement.subject,
        effective_at,
        statement.grade,
        statement.source,
        statement.order,
        statement.values,
        statement.resets,
    )
