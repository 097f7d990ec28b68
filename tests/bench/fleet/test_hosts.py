import pytest

from bench.fleet.hosts import expand, fold


def test_folds_consecutive_nodes_and_slots() -> None:
    names = [f"hz-a-{number:04d}" for number in (1, 2, 3, 7, 9, 10)]
    assert fold(names, range(8)) == ["hz-a-[0001-0003,0007,0009-0010]/0-7"]


def test_writes_one_node_without_brackets() -> None:
    assert fold(["hz-a-0001"], (3,)) == ["hz-a-0001/3"]


def test_writes_one_list_a_prefix() -> None:
    assert fold(["sz-r01n15", "sz-r01n16", "sz-r02n01"], (0, 2)) == [
        "sz-r01n[15-16]/0,2",
        "sz-r02n01/0,2",
    ]


def test_refuses_to_fold_a_name_without_a_number() -> None:
    with pytest.raises(ValueError, match="'login' ends in no number"):
        fold(["login"], (0,))


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("hz-a-[0009-0010]/0-1", ["hz-a-0009/0", "hz-a-0009/1", "hz-a-0010/0", "hz-a-0010/1"]),
        ("r[1-2,7]n08/3", ["r1n08/3", "r2n08/3", "r7n08/3"]),
        ("r[1-2]n[3,5]/0", ["r1n3/0", "r1n5/0", "r2n3/0", "r2n5/0"]),
        ("a[1-2],b3/0", ["a1/0", "a2/0", "b3/0"]),
        (
            "gpu7/pci:0000:3b:00.0,pci:0000:5e:00.0",
            ["gpu7/pci:0000:3b:00.0", "gpu7/pci:0000:5e:00.0"],
        ),
    ],
)
def test_expands_what_schedulers_write(text: str, cards: list[str]) -> None:
    assert expand(text) == cards


def test_expanding_gives_back_what_was_folded() -> None:
    names = [f"gy-a-{number:04d}" for number in range(1, 400, 3)]
    cards = [card for text in fold(names, (0, 1, 5)) for card in expand(text)]
    assert cards == [f"{name}/{slot}" for name in names for slot in (0, 1, 5)]


def test_refuses_a_card_set_without_slots() -> None:
    with pytest.raises(ValueError, match="names no slots"):
        expand("hz-a-[0001-0002]")
