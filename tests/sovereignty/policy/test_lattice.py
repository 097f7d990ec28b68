"""The order of verdicts."""

from itertools import product
from typing import Any

import pytest

from sovereignty.policy.errors import PolicyError
from sovereignty.policy.lattice import Verdict, parse, rounds_down, worst

ORDER = ["non_compliant", "unverifiable", "waived", "compliant", "not_applicable"]


def test_the_worst_comes_first() -> None:
    assert [verdict.word for verdict in sorted(Verdict, reverse=True)] == ORDER


def test_parse_reads_what_word_writes() -> None:
    assert [parse(word).word for word in ORDER] == ORDER


@pytest.mark.parametrize("word", ["", "Compliant", "satisfied", "NON_COMPLIANT"])
def test_refuses_another_word(word: Any) -> None:
    with pytest.raises(PolicyError, match="verdict: want one of not_applicable, compliant, waived"):
        parse(word)


def test_what_is_bad_or_waived_is_rounded_up_and_all_else_down() -> None:
    assert [verdict.word for verdict in Verdict if rounds_down(verdict)] == [
        "not_applicable",
        "compliant",
    ]


def test_of_nothing_the_worst_is_not_applicable() -> None:
    assert worst([]) is Verdict.NOT_APPLICABLE


def test_worst_is_a_lattice_and_unverifiable_hides_behind_no_good_verdict() -> None:
    for a, b, c in product(Verdict, repeat=3):
        assert worst([a, b]) is worst([b, a])
        assert worst([a, worst([b, c])]) is worst([worst([a, b]), c])
        assert worst([a, a]) is a
        assert worst([a, b]) in (a, b)
        if Verdict.UNVERIFIABLE in (a, b, c):
            assert worst([a, b, c]) in (Verdict.UNVERIFIABLE, Verdict.NON_COMPLIANT)
