"""Names that may be one: alike but for case, spaces and punctuation, and no others."""

import pytest

from sovereignty.collect.near_names import NearNames, folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Supermicro", "SUPERMICRO"),
        ("St. Mary", "st-mary"),
        ("H3C_Krai", "h3c krai "),
        ("Straße 7", "STRASSE-7"),
        ("ＮＥＣ", "nec"),  # full width
        ("cafe\u0301", "Café"),  # an accent of its own, and one letter
    ],
)
def test_near_names_fold_to_one(one: str, other: str) -> None:
    assert folded(one) == folded(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("st-mary", "st-mary-2"), ("cafe", "café"), ("कि", "की"), ("人民医院", "人民法院")],
)
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_new_name_is_told_with_the_one_that_was_there() -> None:
    names = NearNames.beside(["Krai", "nec"])
    for name in ("krai", "KRAI", "krai", "dell", "Dell"):
        names.add(name)
    assert names.pairs == [("krai", "Krai"), ("KRAI", "Krai"), ("Dell", "dell")]


def test_what_is_there_already_is_not_told_again() -> None:
    names = NearNames.beside(["Krai", "krai"])
    names.add("krai")
    names.add("Krai")
    assert names.pairs == []


def test_names_of_punctuation_alone_are_never_near() -> None:
    names = NearNames.beside(["--"])
    names.add("..")
    assert names.pairs == []
