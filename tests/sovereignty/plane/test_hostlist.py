"""Hostlists: what schedulers write, what is refused and where, and that compressing and expanding are twins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereignty.plane import hostlist
from sovereignty.plane.hostlist import (
    HostlistError,
    compress,
    compress_nodes,
    expand,
    expand_nodes,
    expand_slots,
    split,
)
from sovereignty.plane.ranges import RANGE


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("hz-a-[0001-0003]", ["hz-a-0001", "hz-a-0002", "hz-a-0003"]),
        ("r[1-3,7]n08", ["r1n08", "r2n08", "r3n08", "r7n08"]),
        ("r[1-2]n[08-09]", ["r1n08", "r1n09", "r2n08", "r2n09"]),
        ("n[08-10,099-101]", ["n08", "n09", "n10", "n099", "n100", "n101"]),
        ("n[98-101]", ["n98", "n99", "n100", "n101"]),
        ("[7]", ["7"]),
        ("login,gpu[1-2],A.b_c+d:e-f", ["login", "gpu1", "gpu2", "A.b_c+d:e-f"]),
    ],
)
def test_expands_node_sets_in_the_order_written(text: str, nodes: list[str]) -> None:
    assert expand_nodes(text) == nodes


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("0-7", ["0", "1", "2", "3", "4", "5", "6", "7"]),
        ("0,2,5-7", ["0", "2", "5", "6", "7"]),
        ("08-10", ["08", "09", "10"]),
        ("pci:0000:3b:00.0", ["pci:0000:3b:00.0"]),
        ("gpu-0,gpu-1", ["gpu-0", "gpu-1"]),
    ],
)
def test_expands_slots(text: str, slots: list[str]) -> None:
    assert expand_slots(text) == slots


def test_splits_at_the_slash() -> None:
    assert split("hz-a-[1-3]") == ("hz-a-[1-3]", None)
    assert split("hz-a-[1-3]/0-7") == ("hz-a-[1-3]", "0-7")
    assert split("node1/") == ("node1", "")


def test_expands_a_card_set() -> None:
    assert expand("r[1-3,7]n08/0,2") == [(f"r{rack}n08", ("0", "2")) for rack in (1, 2, 3, 7)]
    assert expand("node1/pci:0000:3b:00.0") == [("node1", ("pci:0000:3b:00.0",))]


def test_the_nodes_of_one_text_share_one_tuple_of_slots() -> None:
    cards = expand("hz-a-[0001-1250]/0-7")
    assert len(cards) == 1_250
    assert cards[-1] == ("hz-a-1250", ("0", "1", "2", "3", "4", "5", "6", "7"))
    assert len({id(slots) for _, slots in cards}) == 1


@pytest.mark.parametrize(
    ("text", "position", "wanted", "came"),
    [
        ("", 0, "a slash", "the end"),
        ("node1", 5, "a slash", "the end"),
        ("node1/", 6, "a name", "the end"),
        ("/0", 0, "a node name", "'/'"),
        ("a,/0", 2, "a node name", "'/'"),
        (",a/0", 0, "a node name", "','"),
        ("a b/0", 1, "a letter, a digit", "' '"),
        ("knoten-ü/0", 7, "a letter, a digit", "'ü'"),
        ("a]/0", 1, "a letter, a digit", "']'"),
        ("a[[1]]/0", 2, "a number", "'['"),
        ("a[]/0", 2, "a number", "']'"),
        ("a[1,]/0", 4, "a number", "']'"),
        ("a[1-]/0", 3, "a comma or ]", "'-'"),
        ("a[1/0", 3, "a comma or ]", "the end"),
        ("a[/0", 2, "a number", "the end"),
        ("a[x]/0", 2, "a number", "'x'"),
        ("a[٣]/0", 2, "a number", "'٣'"),
        ("a[3-1]/0", 2, "a range that rises", "3-1"),
        ("a[010-20]/0", 2, "a range that rises", "010-20"),
        ("a[8-012]/0", 2, "a range whose ends have the same padding", "8-012"),
        ("a[1234567890123456789]/0", 2, "at most 18 digits", "19"),
        ("a[1,1]/0", 0, "each node once", "'a1' again"),
        ("a1,a[1-2]/0", 3, "each node once", "'a1' again"),
        ("a/0,0", 2, "each slot once", "'0' again"),
        ("a/0-2,1", 2, "each slot once", "'1' again"),
        ("a/0,", 4, "a name", "the end"),
        ("a/7-0", 2, "a range that rises", "7-0"),
        ("a/0/1", 3, "a name", "'/'"),
        ("a/[0-7]", 2, "a name", "'['"),
        ("a/0-4096", 2, "at most 4096 more numbers", "4097"),
        ("a/x,0-4094,y", 2, "at most 4096 slots", "4097"),
        ("a[1-1000001]/0", 2, "at most 1000000 more numbers", "1000001"),
        ("a[1-1000]n[1-1000]m[1-2]/0", 20, "at most 1 more numbers", "2"),
        ("b,a[1-1000]n[1-1000]/0", 13, "at most 999 more numbers", "1000"),
        ("a" * 101 + "/0", 0, "a name of at most 100 characters", "101"),
        ("[1]" * 101 + "/0", 0, "a name of at most 100 characters", "101"),
        ("a/" + "s" * 101, 2, "a name of at most 100 characters", "101"),
    ],
)
def test_refuses_what_is_no_card_set(text: str, position: int, wanted: str, came: str) -> None:
    with pytest.raises(HostlistError) as caught:
        expand(text)
    fault = caught.value
    assert (fault.text, fault.position, fault.came) == (text, position, came)
    assert fault.wanted.startswith(wanted)


def test_an_error_names_text_position_wanted_and_came() -> None:
    with pytest.raises(HostlistError) as caught:
        expand_nodes("r[3-1]n08")
    assert str(caught.value) == "hostlist 'r[3-1]n08', position 2: want a range that rises, came 3-1"


def test_a_long_text_is_shortened_in_the_message_and_kept_in_the_error() -> None:
    text = "n" * 5_000
    with pytest.raises(HostlistError, match=r"n'… \(5000 characters\), position 0") as caught:
        expand_nodes(text)
    assert caught.value.text == text


def test_the_limit_of_nodes_is_the_callers() -> None:
    assert len(expand_nodes("a[1-10]", limit=10)) == 10
    with pytest.raises(HostlistError, match="want at most 9 more numbers, came 10"):
        expand_nodes("a[1-10]", limit=9)
    with pytest.raises(HostlistError, match="want room for 1 more nodes, came room for 0"):
        expand_nodes("a,b", limit=1)


@pytest.mark.parametrize(
    ("names", "patterns"),
    [
        ([f"hz-a-{number:04d}" for number in range(1, 1_251)], ["hz-a-[0001-1250]"]),
        (["r7n08", "r1n08", "r3n08", "r2n08"], ["r[1-3,7]n08"]),
        ([f"r{rack}n{node:02d}" for rack in (1, 2) for node in (8, 9, 10)], ["r[1-2]n[08-10]"]),
        (["r1n1", "r1n2", "r2n1"], ["r1n[1-2]", "r2n1"]),
        (["n9", "n10", "n99", "n100"], ["n[9-10,99-100]"]),
        (["n9", "n09", "n10"], ["n[9,09-10]"]),
        (["n9", "n010"], ["n[9,010]"]),
        (["n10", "n2", "login"], ["login", "n[2,10]"]),
        (["a1", "a1"], ["a1"]),
        (["u1a2b3c4d5", "u1a2b3c4d6", "u2a2b3c4d5"], ["u1a2b3c4d[5-6]", "u2a2b3c4d5"]),
        (["x1234567890123456789n1", "x1234567890123456789n2"], ["x1234567890123456789n[1-2]"]),
        ([], []),
    ],
)
def test_writes_node_sets_canonically(names: list[str], patterns: list[str]) -> None:
    assert compress_nodes(names) == patterns
    assert sorted(node for pattern in patterns for node in expand_nodes(pattern)) == sorted(set(names))


def test_writes_nodes_with_the_same_slots_together() -> None:
    pairs = [(f"n{node}", str(slot)) for node in (1, 2, 3) for slot in range(8)]
    assert compress([*pairs, ("n4", "0"), ("n4", "pci:0000:3b:00.0")]) == ["n4/0,pci:0000:3b:00.0", "n[1-3]/0-7"]


def test_a_set_too_large_for_one_text_becomes_several() -> None:
    nodes = [f"n{number}" for number in range(0, 60_000, 2)]
    texts = compress((node, "0") for node in nodes)
    assert len(texts) > 1
    assert max(map(len, texts)) <= 32_000
    assert sorted(node for text in texts for node, _ in expand(text)) == sorted(nodes)


def test_slots_too_many_for_one_text_become_several() -> None:
    slots = [f"pci:{bus:04x}:3b:00.0" for bus in range(500)] + [str(slot) for slot in range(5_000)]
    texts = compress(("n1", slot) for slot in slots)
    assert max(len(text) for text in texts) <= hostlist.LONGEST_SLOTS + len("n1/")
    assert sorted(slot for text in texts for _, some in expand(text) for slot in some) == sorted(slots)


def test_writes_the_longest_numbers_as_they_are() -> None:
    pairs = {("n1", "1234567890123456789"), ("n1", "1234567890123456790")}
    assert compress(pairs) == ["n1/1234567890123456789,1234567890123456790"]


@pytest.mark.parametrize(
    ("pair", "wanted"),
    [
        (("n 1", "0"), "a name of letters"),
        (("", "0"), "a name of letters"),
        (("n1", ""), "a name of letters"),
        (("n1", "0/1"), "a name of letters"),
        (("n1", "0-7"), "a slot name that does not read as a range"),
        (("n" * 101, "0"), "a name of at most 100 characters"),
    ],
)
def test_refuses_names_that_cannot_stand_in_a_hostlist(pair: tuple[str, str], wanted: str) -> None:
    with pytest.raises(HostlistError, match=f"want {wanted}"):
        compress([pair])


def test_refuses_to_write_more_nodes_than_one_text_may_hold() -> None:
    with pytest.raises(HostlistError, match="want at most 1000000 nodes, came 1000001"):
        compress_nodes(str(number) for number in range(1_000_001))


numbers = st.one_of(st.integers(0, 12), st.integers(0, 1_100)).map(str)
padded = st.tuples(numbers, st.integers(1, 4)).map(lambda pair: pair[0].zfill(pair[1]))
names = st.one_of(
    st.lists(st.one_of(padded, st.sampled_from(["r", "n", "-", "hz-a-"])), min_size=1, max_size=9).map("".join),
    st.text("09aZ._+:-", min_size=1, max_size=40),
)
slot_names = st.one_of(padded, names).filter(lambda name: RANGE.fullmatch(name) is None)


@given(st.sets(st.tuples(names, slot_names), max_size=60))
def test_expanding_what_was_compressed_gives_the_set_again(pairs: set[tuple[str, str]]) -> None:
    texts = compress(pairs)
    expanded = [(node, slot) for text in texts for node, slots in expand(text) for slot in slots]
    assert len(expanded) == len(pairs)
    assert set(expanded) == pairs
    assert compress(expanded) == texts


@given(st.sets(st.tuples(st.integers(1, 12), st.integers(1, 120)), min_size=1, max_size=200))
def test_a_grid_of_nodes_survives_the_round_trip(grid: set[tuple[int, int]]) -> None:
    nodes = {f"r{rack}n{node:02d}" for rack, node in grid}
    assert sorted(node for text in compress_nodes(nodes) for node in expand_nodes(text)) == sorted(nodes)


@given(st.text("a1[],-/0 9é", max_size=30))
def test_any_text_expands_or_is_refused_with_a_position_inside_it(text: str) -> None:
    try:
        cards = expand(text)
    except HostlistError as fault:
        assert 0 <= fault.position <= len(text)
    else:
        assert cards
