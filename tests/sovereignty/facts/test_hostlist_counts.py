"""How many names a hostlist has, counted once for each text."""

import pytest

from sovereignty.facts.hostlist_counts import CARD_COUNTS, NODE_COUNTS, count_names
from sovereignty.hostlist import HostlistError


@pytest.mark.parametrize(
    ("text", "slots", "count"),
    [("hz-a-[1-4]/0-7", True, 32), ("hz-a-1/0", True, 1), ("hz-a-[1-4],hz-b-9", False, 5)],
)
def test_counts_cards_or_nodes(text: str, slots: bool, count: int) -> None:
    assert count_names(text, slots) == count
    assert (CARD_COUNTS if slots else NODE_COUNTS)[text] == count


@pytest.mark.parametrize(("text", "slots"), [("hz-a-1", True), ("hz-a-1/0", False)])
def test_keeps_nothing_of_what_it_refuses(text: str, slots: bool) -> None:
    with pytest.raises(HostlistError):
        count_names(text, slots)
    assert text not in (CARD_COUNTS if slots else NODE_COUNTS)
