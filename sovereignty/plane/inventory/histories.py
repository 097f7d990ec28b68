"""Subjects with the same history, found once: a hundred thousand cards of a fleet have a handful of
histories.

A *history* is the statements about one subject. Two subjects share a history when the same was
stated of them, in the same order, at the same times inside the period. What took effect at or
before the period's start counts by its order alone, so nodes that were registered on different days
are alike.
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
    """Return the history class of each node, and each class's history of `attributes` from `start`
    on."""
    stated = [
        ((statement.subject[1], statement.subject[1]), statement)
        for statement in world.statements
        if statement.subject[0] == "node"
    ]
    return _classes(len(world.nodes), stated, frozenset(attributes), start)


def of_cards(world: World, attributes: Iterable[str], start: int) -> tuple[Int32s, list[History]]:
    """Return the history class of each card number, and each class's history of `attributes` from
    `start` on."""
    stated: list[tuple[CardRange, Statement]] = []
    for statement in world.statements:
        if statement.subject[0] == "cards":
            stated.append((statement.subject[1], statement))
        elif statement.subject[0] == "card":
            stated.append(((statement.subject[1], statement.subject[1]), statement))
    return _classes(len(world.card_node), stated, frozenset(attributes), start)


def of_tenants(world: World, attributes: Iterable[str], start: int) -> tuple[Int32s, list[History]]:
    """Return the history class of each tenant, and each class's history of `attributes` from
    `start` on."""
    stated = [
        ((statement.subject[1], statement.subject[1]), statement)
        for statement in world.statements
        if statement.subject[0] == "tenant"
    ]
    return _classes(len(world.tenants), stated, frozenset(attributes), start)


def of_regions(world: World) -> dict[str, History]:
    """Return each declared region's history, by its key."""
    stated: dict[str, list[Statement]] = {}
    for statement in world.statements:
        if statement.subject[0] == "region":
            stated.setdefault(statement.subject[1], []).append(statement)
    return {
        key: tuple(sorted(statements, key=_time_and_order)) for key, statements in stated.items()
    }


def _classes(
    subjects: int,
    stated: Sequence[tuple[CardRange, Statement]],
    attributes: frozenset[str],
    start: int,
) -> tuple[Int32s, list[History]]:
    """Classify `subjects` subjects by what is stated of ranges of them."""
    names = sorted(attributes)
    relevant = [
        (subject_range, statement)
        for subject_range, statement in stated
        if statement.resets or not attributes.isdisjoint(statement.values)
    ]
    relevant.sort(key=lambda pair: _time_and_order(pair[1]))
    contents: dict[tuple[object, ...], int] = {}
    content_numbers = [
        contents.setdefault(_content(statement, names), len(contents)) for _, statement in relevant
    ]
    class_of_subject, members = classify(subjects, [subject_range for subject_range, _ in relevant])
    times = [statement.effective_at for _, statement in relevant]
    numbers: dict[_Key, int] = {}
    histories: list[History] = []
    renumbered = np.zeros(len(members), dtype=np.int32)
    for class_number, positions in enumerate(members):
        key = _key(
            [times[position] for position in positions],
            [content_numbers[position] for position in positions],
            start,
        )
        if key not in numbers:
            numbers[key] = len(numbers)
            histories.append(
                tuple(
                    _moved_to(relevant[position][1], effective_at)
                    for (effective_at, _), position in zip(key, positions, strict=True)
                )
            )
        renumbered[class_number] = numbers[key]
    return renumbered[class_of_subject], histories


def _time_and_order(statement: Statement) -> tuple[int, int]:
    return statement.effective_at, statement.order


def _content(statement: Statement, names: Sequence[str]) -> tuple[object, ...]:
    """What a statement says, but not when."""
    return statement.grade, statement.source, statement.resets, *map(statement.values.get, names)


def _key(times: list[int], contents: list[int], start: int) -> _Key:
    """When what was stated. Times up to `start`, which rise, become the latest whole numbers up to
    `start` in the same order."""
    if len(times) == 1:
        return ((max(times[0], start), contents[0]),)
    distinct = sorted({time for time in times if time <= start})
    moved = {time: start - len(distinct) + 1 + rank for rank, time in enumerate(distinct)}
    return tuple(
        (moved.get(time, time), content) for time, content in zip(times, contents, strict=True)
    )


def _moved_to(statement: Statement, effective_at: int) -> Statement:
    """The statement as if it took effect at this time."""
    return Statement(
        statement.subject,
        effective_at,
        statement.grade,
        statement.source,
        statement.order,
        statement.values,
        statement.resets,
    )
