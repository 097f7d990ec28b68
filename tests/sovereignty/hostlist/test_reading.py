"""Reading hostlists: what schedulers write, what is refused and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereignty.hostlist import HostlistError, expand, expand_nodes, expand_slots, split


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
        ("8-10", ["8", "9", "10"]),
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
    ("text", "position", "expected", "received"),
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
def test_refuses_what_is_no_card_set(
    text: str, position: int, expected: str, received: str
) -> None:
    with pytest.raises(HostlistError) as caught:
        expand(text)
    fault = caught.value
    assert (fault.text, fault.position, fault.received) == (text, position, received)
    assert fault.expected.startswith(expected)


def test_an_error_names_text_position_wanted_and_came() -> None:
    with pytest.raises(HostlistError) as caught:
        expand_nodes("r[3-1]n08")
    assert str(caught.value) == "hostlist 'r[3-1]n08', position 2: want a range that rises, got 3-1"


def test_a_long_text_is_shortened_in_the_message_and_kept_in_the_error() -> None:
    text = "n" * 5_000
    with pytest.raises(HostlistError, match=r"n'… \(5000 characters\), position 0") as caught:
        expand_nodes(text)
    assert caught.value.text == text


def test_the_limit_of_nodes_is_the_callers() -> None:
    assert len(expand_nodes("a[1-10]", limit=10)) == 10
    with pytest.raises(HostlistError, match="want at most 9 more numbers, got 10"):
        expand_nodes("a[1-10]", limit=9)
    with pytest.raises(HostlistError, match="want room for 1 more nodes, got room for 0"):
        expand_nodes("a,b", limit=1)


@given(st.text("a1[],-/0 9é", max_size=30))
def test_any_text_expands_or_is_refused_with_a_position_inside_it(text: str) -> None:
    try:
        cards = expand(text)
    except HostlistError as fault:
        assert 0 <= fault.position <= len(text)
    else:
        assert cards
