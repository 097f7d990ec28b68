"""What is true of one card over the period, cut wherever anything about it changes.

Own and naive: a set of border times, and each question asked anew between two of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.fleet.cast import ALLOWED, COUNTRY, Make
from bench.fleet.estate import Estate
from bench.fleet.faults import Move, Swap
from bench.fleet.feed import Beat, Hole
from bench.fleet.plan import CARDS_PER_NODE, START_S, Plan

Finding = tuple[str, str]  # verdict and reason
COMPLIANT = ("compliant", "")
NOT_COVERED = ("unverifiable", "not_covered")
SEQUENCE_HOLE = ("unverifiable", "sequence_hole")


@dataclass(frozen=True, slots=True)
class Piece:
    """What each rule says of a touch that has the card to itself over `[from_s, to_s)`."""

    from_s: int
    to_s: int
    region: Finding  # PL-01
    origin: Finding  # PL-02
    alone: Finding  # PL-03
    complete: Finding  # TE-01

    def clear(self) -> bool:
        return self.region == self.origin == self.alone == self.complete == COMPLIANT


class Stories:
    """The pieces of every card of a fleet."""

    def __init__(
        self,
        plan: Plan,
        estate: Estate,
        changes: list[Move | Swap],
        beats: list[Beat],
        holes: list[Hole],
    ) -> None:
        self._plan, self._estate = plan, estate
        self._moves = [change for change in changes if isinstance(change, Move)]
        self._swaps = [change for change in changes if isinstance(change, Swap)]
        self._beats = {
            source: [beat for beat in beats if beat.source == source]
            for source in range(len(estate.sources))
        }
        self._holes = holes

    def of_node(self, node: int) -> Iterator[list[Piece]]:
        """The pieces of each card of the node, slot by slot."""
        owing = [
            place
            for place, source in enumerate(self._estate.sources)
            if source.reports == "touch" and (source.nodes is None or node in source.nodes)
        ]
        silent = [window for source in owing for window in self._silent(source, node)]
        holes = [(hole.from_s, hole.to_s) for hole in self._holes if hole.source in owing]
        moves = sorted((move.at_s, move.region) for move in self._moves if move.node == node)
        for slot in range(CARDS_PER_NODE):
            swaps = sorted(
                (
                    (swap.at_s, swap.make)
                    for swap in self._swaps
                    if (swap.node, swap.slot) == (node, slot)
                ),
                key=lambda swap: swap[0],
            )
            yield list(self._pieces(node, moves, swaps, silent, holes, bool(owing)))

    def _pieces(
        self,
        node: int,
        moves: list[tuple[int, str]],
        swaps: list[tuple[int, Make]],
        silent: list[tuple[int, int]],
        holes: list[tuple[int, int]],
        owed: bool,
    ) -> Iterator[Piece]:
        record = self._estate.nodes[node]
        times = {at for at, _ in (*moves, *swaps)} | {
            at for window in (*silent, *holes) for at in window
        }
        inside = {at for at in times if START_S < at < self._plan.end_s}
        for from_s, to_s in pairwise(sorted({START_S, self._plan.end_s} | inside)):
            region = [record.region, *(region for at, region in moves if at <= from_s)][-1]
            make = [record.make, *(make for at, make in swaps if at <= from_s)][-1]
            heard = owed and not _within(silent, from_s)
            alone = SEQUENCE_HOLE if _within(holes, from_s) else COMPLIANT
            alone = alone if heard else NOT_COVERED
            complete = alone if owed else ("unverifiable", "no_source")
            yield Piece(from_s, to_s, _region(region), _origin(make), alone, complete)

    def _silent(self, source: int, node: int) -> list[tuple[int, int]]:
        """Where in the period the source was not heard about the node."""
        heard = sorted((b.from_s, b.to_s) for b in self._beats[source] if node not in b.missing)
        gaps, until = [], START_S
        for from_s, to_s in [*heard, (self._plan.end_s, self._plan.end_s)]:
            if from_s > until:
                gaps.append((until, from_s))
            until = max(until, to_s)
        return gaps


def _within(windows: list[tuple[int, int]], at_s: int) -> bool:
    return any(from_s <= at_s < to_s for from_s, to_s in windows)


def _region(region: str) -> Finding:
    return COMPLIANT if COUNTRY[region] in ALLOWED else ("non_compliant", "region_foreign")


def _origin(make: Make) -> Finding:
    if any(country is not None and country not in ALLOWED for country in make.stages()):
        return "non_compliant", "chip_foreign"
    return ("unverifiable", "chip_unknown") if None in make.stages() else COMPLIANT
