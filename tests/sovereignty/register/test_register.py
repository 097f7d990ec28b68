"""Which number stands for which slot: given once, a node's numbers in one chunk, and kept through
everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sovereignty.models import CHUNK_CARDS, Card, Chunk, Node
from sovereignty.register.allocation import KEPT_FOR_LATE_SLOTS
from sovereignty.register.register import MOST_SPANS_KEPT, Register
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def numbers(node: str) -> dict[str, int]:
    return dict(
        Card.objects.filter(node__name=node).order_by("number").values_list("slot", "number")
    )


def name(*cards: str) -> None:
    """Record a touch of these cards."""
    b.accept_all(b.tenant(id="tenant"), b.touch("-".join(cards)[:150], cards=list(cards)))


def test_a_node_s_slots_get_a_block_of_consecutive_numbers() -> None:
    name("hz-1/0-3", "hz-2/0-7")
    assert list(numbers("hz-1").values()) == [0, 1, 2, 3]
    assert list(numbers("hz-2").values()) == list(range(8, 16))


def test_a_slot_that_turns_up_later_lies_beside_its_siblings() -> None:
    name("hz-1/0-3", "hz-2/0")
    name("hz-1/7")
    assert numbers("hz-1")["7"] == 4


def test_a_slot_beyond_a_full_block_stays_in_the_chunk() -> None:
    name("hz-1/0-7", "hz-2/0-7")
    name("hz-1/8-9")
    assert [numbers("hz-1")[slot] for slot in ("8", "9")] == [16, 17]
    name("hz-3/0")
    assert numbers("hz-3") == {"0": 18}


def test_a_number_is_given_once() -> None:
    name("hz-1/0-7")
    before = numbers("hz-1")
    name("hz-1/0-8", "hz-2/0")
    assert numbers("hz-1") == {**before, "8": numbers("hz-1")["8"]}
    assert Card.objects.count() == len(set(Card.objects.values_list("number", flat=True))) == 10


def test_a_block_that_does_not_fit_begins_a_new_chunk() -> None:
    name(*(f"hz-{place}/0-479" for place in range(3)))
    chunks = [
        {number // CHUNK_CARDS for number in numbers(f"hz-{place}").values()} for place in range(3)
    ]
    assert chunks == [{0}, {0}, {1}]
    assert Chunk.objects.get(number=0).used == 960 == CHUNK_CARDS - KEPT_FOR_LATE_SLOTS


def test_a_chunk_keeps_room_for_late_slots_until_it_is_full() -> None:
    name("hz-1/0-479", "hz-2/0-479")
    b.accept_all(b.touch("late", cards=[f"hz-1/{480}-{480 + KEPT_FOR_LATE_SLOTS - 1}"]))
    assert max(numbers("hz-1").values()) == CHUNK_CARDS - 1
    refusal = b.refused(b.touch("one too many", cards=["hz-2/480"]))
    assert (refusal.field, refusal.received) == ("data.parts", "'480'")
    assert b.refused(b.node("hz-2", "480")).field == "data.cards"
    assert b.refused(b.heartbeat(cards=["hz-2/480"])).field == "data.cards"
    assert not Card.objects.filter(slot="480", node__name="hz-2").exists()


def test_a_node_with_more_slots_than_a_chunk_is_refused_and_numbers_nothing() -> None:
    b.accept_all(b.tenant())
    assert b.refused(b.touch(cards=["hz-1/0-1999"])).field == "data.parts"
    assert (Node.objects.count(), Card.objects.count(), Chunk.objects.count()) == (0, 0, 0)


def test_a_node_is_registered_without_cards_and_gets_its_block_later() -> None:
    b.accept_all(
        b.tenant(),
        b.event(
            "node.moved",
            node="hz-1",
            region="cn-1",
            effective_at=0,
            evidence="declared",
        ),
    )
    assert Node.objects.values_list("block_first", "block_size").get() == (None, None)
    name("hz-1/pci:0000:3b:00.0")
    assert Node.objects.values_list("block_first", "block_size").get() == (0, 8)


def test_nodes_of_a_k_part_are_registered_without_cards() -> None:
    b.accept_all(b.tenant(), b.touch(parts=[{"k": 3, "of": ["hz-[1-4]"]}]))
    assert (Node.objects.count(), Card.objects.count()) == (4, 0)


def test_the_register_in_memory_is_read_again_when_it_has_grown() -> None:
    name("hz-1/0-7")
    first = Register.current()
    assert Register.current() is first
    name("hz-2/0-7")
    assert first.unknown_nodes(["hz-2"]) == ["hz-2"]
    assert Register.current().unknown_nodes(["hz-2"]) == []
    assert Register.current().numbers_of("hz-[1-2]/0") == [0, 8]


def test_knows_which_slots_have_no_number() -> None:
    name("hz-1/0-7")
    register = Register.current()
    assert register.unknown_slots(["hz-1/6-9", "hz-b-1/0"]) == {
        "hz-1": ["8", "9"],
        "hz-b-1": ["0"],
    }
    with pytest.raises(KeyError):
        register.cards_of("hz-1/9")


def test_what_is_remembered_of_a_node_is_bounded() -> None:
    name("hz-1/0-15")
    register = Register.current()
    for first in range(14):
        assert register.cards_of(f"hz-1/{first},{first + 2}").count == 2
    assert len(register.nodes["hz-1"].spans) <= MOST_SPANS_KEPT


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 300), st.integers(1, 200)),
        min_size=1,
        max_size=8,
    )
)
def test_no_node_ever_straddles_a_chunk(named: list[tuple[int, int, int]]) -> None:
    for node, first, count in named:
        b.record_all(
            b.tenant(id="tenant"),
            b.touch(f"{node}-{first}-{count}", cards=[f"hz-{node}/{first}-{first + count - 1}"]),
        )
    found = Register.current()
    for slots in found.nodes.values():
        assert len({number // CHUNK_CARDS for number in slots.numbers.values()}) <= 1
    given_out = [number for node in found.nodes.values() for number in node.numbers.values()]
    assert (
        len(given_out) == len(set(given_out)) == sum(Chunk.objects.values_list("given", flat=True))
    )
