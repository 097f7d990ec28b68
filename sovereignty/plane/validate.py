"""Checks a world once, whole arrays at a time, before anything is computed from it."""

from collections.abc import Iterable, Iterator
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from sovereignty.plane.errors import WorldError
from sovereignty.plane.world import NO_NODE, CardRange, CardRanges, Int64s, ReportedScope, World

# Together they keep (card, time) in 62 bits, which `sharing.overlaps.Clock` packs into one integer.
MOST_CARDS = 1 << 21
LONGEST_PERIOD_MS = 1 << 41  # 69 years


def validate(world: World, start: int, end: int) -> None:
    """Check that the world can be judged over `[start, end)`, in ms UTC.

    Raises WorldError, which says what was wanted and what was got."""
    _require(0 <= start < end, "period", "a start from 0 and before its end", f"{start} to {end}")
    _require(
        end - start < LONGEST_PERIOD_MS,
        "period",
        f"at most {LONGEST_PERIOD_MS - 1} ms",
        f"{end - start} ms",
    )
    cards = len(world.card_node)
    _require(cards <= MOST_CARDS, "card_node", f"at most {MOST_CARDS} cards", str(cards))
    _require(
        len(world.card_slot) == cards,
        "card_slot",
        f"{cards} labels, one per card number",
        str(len(world.card_slot)),
    )
    _inside("card_node", world.card_node.astype(np.int64), NO_NODE, len(world.nodes))
    _touches(world)
    _runs(world)
    _parts(world)
    _subjects(world)
    _ranges(world)
    _sequences(world)
    _inside(
        "accesses.tenant",
        np.array([access.tenant for access in world.accesses], dtype=np.int64),
        0,
        len(world.tenants),
    )


def check_reported_scope(world: World, scopes: Iterable[ReportedScope]) -> None:
    """Check that what the world reads of its sources' scope names its trails and nodes. Raises
    WorldError."""
    listed = list(scopes)
    trails = [scope.trail for scope in listed if scope.trail is not None]
    _inside("reported_scope.trail", np.array(trails, dtype=np.int64), 0, len(world.tenants))
    nodes = [node for scope in listed for node in scope.nodes]
    _inside("reported_scope.nodes", np.array(nodes, dtype=np.int64), 0, len(world.nodes))


def _touches(world: World) -> None:
    touches = world.touches
    _same_length("touches", touches, len(touches.id))
    _inside("touches.tenant", touches.tenant.astype(np.int64), 0, len(world.tenants))
    _inside("touches.workload", touches.workload.astype(np.int64), 0, len(world.workloads))


def _runs(world: World) -> None:
    runs = world.runs
    _same_length("runs", runs, len(runs.touch))
    _inside("runs.touch", runs.touch.astype(np.int64), 0, len(world.touches.id))
    _inside("runs.first", runs.first, 0, len(world.card_node))
    _inside("runs.last", runs.last, 0, len(world.card_node))
    _all("runs", runs.first <= runs.last, "first <= last")
    gaps_before = np.concatenate(([0], np.cumsum(world.card_node == NO_NODE)))
    _all(
        "runs",
        gaps_before[runs.first] == gaps_before[runs.last + 1],
        "only cards that were given to a node",
    )
    touches = world.touches
    _all("runs", runs.start >= touches.start[runs.touch], "no run before its touch's start")
    _all("runs", runs.end <= touches.end[runs.touch], "no run after its touch's end")


def _parts(world: World) -> None:
    _inside(
        "parts.touch",
        np.array([part.touch for part in world.parts], dtype=np.int64),
        0,
        len(world.touches.id),
    )
    _inside("parts.k", np.array([part.k for part in world.parts], dtype=np.int64), 1, 2**31)
    nodes = [node for part in world.parts for node in part.nodes or ()]
    _inside("parts.nodes", np.array(nodes, dtype=np.int64), 0, len(world.nodes))


def _subjects(world: World) -> None:
    sizes = {
        "node": len(world.nodes),
        "card": len(world.card_node),
        "tenant": len(world.tenants),
        "workload": len(world.workloads),
    }
    by_kind: dict[str, list[int]] = {kind: [] for kind in sizes}
    for statement in world.statements:
        kind, index = statement.subject
        if isinstance(index, int):
            by_kind[kind].append(index)
    for name, indexes in by_kind.items():
        _inside(f"statements of a {name}", np.array(indexes, dtype=np.int64), 0, sizes[name])


def _ranges(world: World) -> None:
    cards = len(world.card_node)
    ranges = [
        ("statements", statement.subject[1])
        for statement in world.statements
        if statement.subject[0] == "cards"
    ]
    ranges += [
        (f"source {source.name!r}", card_range)
        for source in world.sources
        for card_range in source.cards or ()
    ]
    ranges += [
        (f"heartbeat of {name!r}", card_range) for name, card_range in _heartbeat_ranges(world)
    ]
    for where, (first, last) in ranges:
        _require(
            0 <= first <= last < cards,
            where,
            f"a range of card numbers below {cards}",
            f"{first}..{last}",
        )


def _heartbeat_ranges(world: World) -> Iterator[tuple[str, CardRange]]:
    """The card ranges of heartbeats with their source, each distinct set once: there are many
    heartbeats about few sets."""
    distinct: dict[tuple[str, CardRanges], None] = {
        (beat.source, beat.cards): None for beat in world.heard if beat.cards
    }
    for name, ranges in distinct:
        for card_range in ranges:
            yield name, card_range


def _sequences(world: World) -> None:
    seen: set[tuple[str, int | None]] = set()
    for sequence in world.sequences:
        where = f"sequence of {sequence.source!r}"
        numbers, trail = sequence.numbers, sequence.trail or 0
        _require(
            len(numbers) == len(sequence.times),
            where,
            "a time for each number",
            f"{len(sequence.times)} times",
        )
        _require(
            0 <= trail < max(len(world.tenants), 1),
            where,
            "the trail of a tenant of this world, or the fleet's",
            str(trail),
        )
        rises = bool((numbers[1:] > numbers[:-1]).all()) and (not len(numbers) or numbers[0] >= 1)
        _require(rises, where, "numbers from 1 that rise", "others")
        repeats = not len(sequence.repeated) or bool(np.isin(sequence.repeated, numbers).all())
        _require(repeats, where, "repeated numbers that are among the numbers", "others")
        key = sequence.source, sequence.trail
        _require(
            key not in seen, where, "one sequence per trail", f"another of trail {sequence.trail}"
        )
        seen.add(key)


def _same_length(where: str, columns: object, length: int) -> None:
    for column in fields(columns):  # type: ignore[arg-type]  # an instance of one of two dataclasses
        received = len(getattr(columns, column.name))
        _require(received == length, f"{where}.{column.name}", f"{length} elements", str(received))


def _inside(where: str, numbers: Int64s, low: int, high: int) -> None:
    """Check that all of `numbers` are in `[low, high)`."""
    if len(numbers) and not (low <= int(numbers.min()) and int(numbers.max()) < high):
        received = int(numbers.min()) if int(numbers.min()) < low else int(numbers.max())
        raise WorldError(f"{where}: want numbers from {low} below {high}, got {received}")


def _all(where: str, good: NDArray[np.bool_], expected: str) -> None:
    """Check that all elements are `good`; the error says the index of the first that is not."""
    if not good.all():
        raise WorldError(f"{where}: want {expected}, got another at {int(np.argmin(good))}")


def _require(good: bool, where: str, expected: str, received: str) -> None:
    if not good:
        raise WorldError(f"{where}: want {expected}, got {received}")
