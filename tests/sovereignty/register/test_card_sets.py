"""Card sets: card numbers by chunk, with a bitmap only where there are holes."""

from hypothesis import given
from hypothesis import strategies as st

from sovereignty.models import CHUNK_CARDS
from sovereignty.register.card_sets import (
    BITS_BYTES,
    CardSet,
    card_set,
    decode_bits,
    encode_bits,
    spans,
)


def test_consecutive_cards_of_a_chunk_have_no_bitmap() -> None:
    assert card_set([5, 3, 4]) == CardSet(3, [(0, 3, 5, None)])


def test_a_set_with_holes_has_one_bit_a_card() -> None:
    bits = b"\x05" + bytes(BITS_BYTES - 1)
    assert card_set([CHUNK_CARDS, CHUNK_CARDS + 2]) == CardSet(
        2, [(1, CHUNK_CARDS, CHUNK_CARDS + 2, bits)]
    )
    assert decode_bits(1, bits).tolist() == [CHUNK_CARDS, CHUNK_CARDS + 2]


def test_no_span_crosses_the_border_of_a_chunk() -> None:
    border = CHUNK_CARDS
    assert spans([border + 1, border - 1, border]) == [
        (border - 1, border - 1),
        (border, border + 1),
    ]


@given(st.integers(0, 3), st.sets(st.integers(0, CHUNK_CARDS - 1), min_size=1, max_size=60))
def test_a_bitmap_reads_back_as_the_cards_that_were_written(chunk: int, places: set[int]) -> None:
    cards = sorted(chunk * CHUNK_CARDS + place for place in places)
    assert decode_bits(chunk, encode_bits(spans(cards))).tolist() == cards


@given(st.sets(st.integers(0, 5 * CHUNK_CARDS), min_size=1, max_size=60))
def test_a_card_set_holds_its_numbers_and_no_others(cards: set[int]) -> None:
    found = card_set(cards)
    assert found.count == len(cards)
    held = set()
    for chunk, first, last, bits in found.chunks:
        inside = range(first, last + 1)
        if bits is not None:
            assert len(bits) == BITS_BYTES
            inside_bits = [
                chunk * CHUNK_CARDS + place
                for place in range(CHUNK_CARDS)
                if bits[place // 8] >> place % 8 & 1
            ]
            assert (inside_bits[0], inside_bits[-1]) == (first, last) and len(inside_bits) < len(
                inside
            )
            held.update(inside_bits)
        else:
            held.update(inside)
    assert held == cards
