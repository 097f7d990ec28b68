"""Card sets: card numbers as spans, and as one row a chunk with a bitmap only where there are
holes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    merged: list[Span] = []
    for number in sorted(numbers):
        if merged and merged[-1][1] == number - 1 and number % CHUNK_CARDS:
            merged[-1] = (merged[-1][0], number)
        else:
            merged.append((number, number))
    return merged


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


def _piece(chunk: int, inside: list[Span]) -> ChunkCards:
    first, last = inside[0][0], inside[-1][1]
    if last - first + 1 == _size(inside):
        return chunk, first, last, None
    return chunk, first, last, encode_bits(inside)


def encode_bits(inside: Iterable[Span]) -> bytes:
    """Return the bitmap of spans inside one chunk: bit i of byte i // 8, least significant first,
    is the chunk's i-th card."""
    mask = 0
    for first, last in inside:
        mask |= ((1 << (last - first + 1)) - 1) << (first % CHUNK_CARDS)
    return mask.to_bytes(BITS_BYTES, "little")


def decode_bits(chunk: int, bits: bytes | memoryview) -> NDArray[np.int64]:
    """Return the card numbers of a chunk's bitmap, rising."""
    places = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return np.flatnonzero(places) + chunk * CHUNK_CARDS
