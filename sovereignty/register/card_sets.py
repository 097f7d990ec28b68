"""Card sets: card numbers as spans, and as one row a chunk with a bitmap only where there are
holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sovereignty.models import CHUNK_CARDS

BITS_BYTES = CHUNK_CARDS // 8
Span = tuple[int, int]  # first and last card number
ChunkCards = tuple[int, int, int, bytes | None]  # (chunk, first card, last card, bits)


@dataclass(frozen=True, slots=True)
class CardSet:
    """Cards as the plane stores them: how many, and a piece for each chunk."""

    count: int
    chunks: list[ChunkCards]


def spans(numbers: Iterable[int]) -> list[Span]:
    """Put distinct numbers into the fewest spans, in order, none of them over a chunk's border."""
    found: list[Span] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1 and number % CHUNK_CARDS:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def card_set(numbers: Iterable[int]) -> CardSet:
    """Put distinct card numbers into chunk pieces: (chunk, first, last, bits), bits only where the
    set has holes."""
    return set_of(spans(numbers))


def set_of(disjoint: list[Span]) -> CardSet:
    if len(disjoint) == 1:
        ((first, last),) = disjoint
        return CardSet(last - first + 1, [(first // CHUNK_CARDS, first, last, None)])
    by_chunk: dict[int, list[Span]] = {}
    for span in sorted(disjoint):
        by_chunk.setdefault(span[0] // CHUNK_CARDS, []).append(span)
    return CardSet(_size(disjoint), [_piece(chunk, inside) for chunk, inside in by_chunk.items()])


def _size(disjoint: list[Span]) -> int:
    return sum([last - first + 1 for first, last in disjoint])


def _piece(chunk: int, found: list[Span]) -> ChunkCards:
    first, last = found[0][0], found[-1][1]
    if last - first + 1 == _size(found):
        return chunk, first, last, None
    mask = 0
    for start, end in found:
        mask |= ((1 << (end - start + 1)) - 1) << (start % CHUNK_CARDS)
    return chunk, first, last, mask.to_bytes(BITS_BYTES, "little")
