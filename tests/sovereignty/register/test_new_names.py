"""A batch adds to the register what fits, and the rest is told to come again."""

import pytest

from sovereignty import hostlist
from sovereignty.facts import kinds
from sovereignty.facts.checks import sole_hostlist_of
from sovereignty.facts.fact import SourceFact
from sovereignty.models import Card, Node
from sovereignty.recording.admission import ANY_SENDER, Admission
from sovereignty.recording.answers import Refusal
from sovereignty.recording.lines import MOST_NAMED, parse_lines
from sovereignty.register.new_names import MOST_NEW_NAMES, find_new_names
from sovereignty.register.register import Register
from tests import builders as b


def touch(*cards: str) -> SourceFact:
    part = kinds.Part(cards=list(cards))
    data = kinds.TouchStarted(
        evidence="observed", parts=[part], started_at=1, tenant="a", touch="t", workload="w"
    )
    return SourceFact("slurm", "1", "touch.started/v1", data, sole_hostlist_of(data), ())


def test_names_are_counted_once() -> None:
    names = find_new_names(Register(), [touch("n[1-2]/0-3"), touch("n[1-2]/0-3"), touch("n2/2-5")])
    assert {node: list(slots) for node, slots in names.slots.items()} == {
        "n1": [*"0123"],
        "n2": [*"012345"],
    }
    assert names.over_quota == []


def test_what_does_not_fit_is_left_out_and_what_follows_fits() -> None:
    half = f"a[1-{MOST_NEW_NAMES // 200}]/0-99"
    names = find_new_names(
        Register(), [touch(half), touch("b[1-1000]/0-100"), touch("c1/0"), touch(half)]
    )
    assert names.over_quota == [1]
    assert "b1" not in names.slots
    assert list(names.slots["c1"]) == ["0"]


def test_a_hostlist_is_expanded_once_however_often_it_is_named() -> None:
    asked: list[str] = []

    def expand(text: str) -> list[tuple[str, tuple[str, ...]]]:
        asked.append(text)
        return hostlist.expand(text)

    wide = "w[1-2000]/0-100"
    names = find_new_names(
        Register(expand),
        [touch("n[1-2]/0-3"), touch("n[1-2]/0-3"), *[touch(wide)] * 20, touch(wide, "m1/0")],
    )
    assert names.over_quota == list(range(2, 23))
    assert asked.count("n[1-2]/0-3") <= 2
    assert asked.count(wide) <= 3


@pytest.mark.usefixtures("ledger")
def test_a_text_that_is_known_is_not_over_quota_with_one_that_does_not_fit() -> None:
    b.accept_all(b.tenant(), b.touch(cards=["hz-1/0"]))
    names = find_new_names(
        Register.current(), [touch("hz-1/0", "w[1-2000]/0-100"), touch("hz-1/0")]
    )
    assert names.over_quota == [0]


@pytest.mark.usefixtures("ledger")
def test_a_fact_with_too_many_new_names_is_told_to_come_again() -> None:
    wide = {
        "tenant": b.HOSPITAL,
        "touch": "wide",
        "workload": "w",
        "evidence": "observed",
        "started_at": b.START,
    }
    counted = {
        **wide,
        "touch": "counted",
        "parts": [{"k": 3, "of": [f"y[1-{MOST_NEW_NAMES + 1}]"]}],
    }
    answers = b.record_all(
        b.tenant(),
        b.event(
            "touch.started",
            **wide,
            parts=[{"cards": [f"x[1-{MOST_NEW_NAMES // 400 + 1}]/0-399"]}],
        ),
        b.event("touch.started", **counted),
        b.touch(cards=["hz-1/0"]),
    )
    assert answers.accepted == 2
    assert [(refusal.line, refusal.field, refusal.retry) for refusal in answers.refusals] == [
        (2, "batch", True),
        (3, "batch", True),
    ]
    assert (Node.objects.count(), Card.objects.count()) == (1, 1)


def test_a_batch_whose_hostlists_spell_too_much_is_cut() -> None:
    million = b.event("heartbeat", from_at=b.START, to_at=b.START + 1, cards=["n[1-2000]/0-499"])
    spelled = [
        {
            **million,
            "id": f"f-{rank}",
            "data": {**million["data"], "cards": [f"n{rank}-[1-2000]/0-499"]},
        }
        for rank in range(23)
    ]
    lines = parse_lines(
        b.lines([million, *[million] * 30, *spelled]), 1, Admission(ANY_SENDER, 2 * b.START)
    )
    assert len(lines.undecided()) == 1 + MOST_NAMED // 1_000_000
    assert {
        (line.answer.field, line.answer.retry)
        for line in lines.lines
        if isinstance(line.answer, Refusal)
    } == {("batch", True)}
