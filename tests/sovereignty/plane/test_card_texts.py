"""Card numbers as texts: always those that `compress` writes."""

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from sovereignty.hostlist import compress
from sovereignty.plane.card_texts import CardTexts
from tests.sovereignty.policy.small_worlds import Maker

SLOTS = ["0", "1", "2", "10", "pci:0000:3b:00.0", "gpu0", "03", "7"]


def world() -> Any:
    nodes = ["hz-a-0001", "hz-a-0002", "r7n08"]
    return replace(
        Maker(0).world(),
        nodes=nodes,
        card_node=np.repeat(np.arange(3, dtype=np.int32), len(SLOTS)),
        card_slot=[*SLOTS * 3],
    )


def test_texts_are_those_of_compress() -> None:
    fleet, random = world(), Random(4)
    texts = CardTexts(fleet)
    for _ in range(300):
        cards = sorted(random.sample(range(24), random.randint(1, 10)))
        pairs = [(fleet.nodes[card // len(SLOTS)], SLOTS[card % len(SLOTS)]) for card in cards]
        assert texts.of(tuple((card, card) for card in cards)) == compress(pairs)


def test_a_text_may_be_changed_by_its_reader() -> None:
    texts = CardTexts(world())
    texts.of(((0, 1),)).append("scribble")
    assert texts.of(((0, 1),)) == ["hz-a-0001/0-1"]
