"""Serials → slots, as the inventory stands when the fact that names them is recorded."""

import pytest

from sovereignty.facts.body import body_of
from sovereignty.models import Touch, TouchChunk
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def by_serial(*serials: str, **more: object) -> b.Event:
    return b.touch("by-serial", parts=[{"serials": list(serials)}], **more)  # type: ignore[arg-type]  # members of any type


def replaced(
    serial: str | None, *, slot: str = "0", at: int = b.START, node: str = "hz-1"
) -> b.Event:
    said = {
        "node": node,
        "slot": slot,
        "serial": serial,
        "effective_at": at,
        "evidence": "declared",
    }
    return b.event("card.replaced", **said)


def test_a_serial_stands_for_the_slot_in_which_its_card_sits() -> None:
    b.accept_all(b.tenant(), b.node(slots="0-1", serials=["S0", "S1"]))
    answer = b.accepted(by_serial("S1", "S0"))[0]
    assert body_of(answer.entry or b"").resolved == ["hz-1/1", "hz-1/0"]
    assert TouchChunk.objects.values_list("first_card", "last_card", "bits").get() == (0, 1, None)
    assert Touch.objects.get().cards == 2


def test_serials_may_be_declared_in_another_batch_after_the_touch_was_refused() -> None:
    b.accept_all(b.tenant())
    said = by_serial("S0")
    refusal = b.refused(said)
    assert (refusal.field, refusal.retry) == ("data.parts.serials", True)
    assert refusal.received == "'S0', one that is not known"
    b.accept_all(b.node(slots="0", serials=["S0"]))
    b.accept_all(said)


def test_a_card_s_slot_is_that_of_the_time_at_which_the_touch_began() -> None:
    b.accept_all(
        b.tenant(), b.node(slots="0", serials=["S0"]), b.node("hz-2", "0"),
        replaced("S9", at=b.START + b.DAY), replaced("S0", at=b.START + b.DAY, node="hz-2"),
    )  # fmt: skip
    early, late = b.accepted(
        b.touch("early", parts=[{"serials": ["S0"]}]),
        b.touch(
            "late",
            start=b.START + b.DAY,
            end=b.START + 2 * b.DAY,
            parts=[{"serials": ["S0"]}],
        ),
    )
    assert body_of(early.entry or b"").resolved == ["hz-1/0"]
    assert body_of(late.entry or b"").resolved == ["hz-2/0"]


def test_a_card_that_was_replaced_sits_nowhere() -> None:
    b.accept_all(b.tenant(), b.node(slots="0", serials=["S0"]), replaced(None, at=b.START))
    assert b.refused(by_serial("S0")).retry


def test_a_serial_in_two_slots_is_refused_for_now() -> None:
    b.accept_all(b.tenant(), b.node(slots="0-1", serials=["S0", "S0"]))
    assert b.refused(by_serial("S0")).received == "'S0', one that sits in 2 slots"


def test_a_card_named_by_serial_and_by_slot_is_refused() -> None:
    b.accept_all(b.tenant(), b.node(slots="0", serials=["S0"]))
    said = b.touch(parts=[{"cards": ["hz-1/0"]}, {"serials": ["S0"]}])
    assert (b.refused(said).field, b.refused(said).retry) == ("data.parts", False)


def test_the_same_serials_sent_again_are_a_duplicate_though_the_card_has_moved() -> None:
    b.accept_all(b.tenant(), b.node(slots="0", serials=["S0"]))
    said = by_serial("S0")
    b.accept_all(said)
    b.accept_all(replaced(None, at=b.START))
    assert b.record_all(said).duplicates == 1


def test_a_replacement_s_serials_are_resolved() -> None:
    said = b.touch("by-serial", cards=["hz-1/0"])
    b.accept_all(b.tenant(), b.node(slots="0-1", serials=["S0", "S1"]), said)
    answer = b.accepted(b.correction(said, replacement=by_serial("S1")))[0]
    assert body_of(answer.entry or b"").resolved == ["hz-1/1"]
    live = Touch.objects.get(superseded_by=None)
    assert (TouchChunk.objects.get(touch=live).first_card, live.cards) == (1, 1)


def test_a_replacement_with_an_unknown_serial_may_be_tried_later() -> None:
    said = b.touch("by-serial", cards=["hz-1/0"])
    b.accept_all(b.tenant(), said)
    refusal = b.refused(b.correction(said, replacement=by_serial("S1")))
    assert (refusal.field, refusal.retry) == ("data.parts.serials", True)
    assert Touch.objects.get(superseded_by=None).cards == 1


def test_serials_are_not_resolved_in_a_batch_that_moves_cards() -> None:
    b.accept_all(b.tenant(), b.node(slots="0", serials=["S0"]), b.node("hz-2", "0", serials=["S1"]))
    moved = (replaced("S1"), replaced("S0", node="hz-2"))
    answers = b.record_all(*moved, by_serial("S0"))
    assert [(refusal.field, refusal.retry) for refusal in answers.refusals] == [
        ("data.parts.serials", True)
    ]
    again = b.accepted(*moved, by_serial("S0"))[2]
    assert body_of(again.entry or b"").resolved == ["hz-2/0"]


def test_a_plan_moves_no_card_that_was_observed() -> None:
    b.accept_all(b.tenant(), b.node(slots="0", serials=["S0"], evidence="observed"))
    plan = {"effective_at": b.START, "evidence": "planned"}
    b.accept_all(
        b.event("card.retired", node="hz-1", slot="0", **plan),
        b.event(
            "node.registered",
            node="hz-2",
            cards=[{"slots": "0", "serials": ["S1"]}],
            **plan,
        ),
    )
    answer = b.accepted(by_serial("S0"))[0]
    assert body_of(answer.entry or b"").resolved == ["hz-1/0"]
