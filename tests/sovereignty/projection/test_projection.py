"""Facts → projection: touches in any order, their cards by chunk and month, and corrections of
every kind."""

from collections.abc import Callable
from typing import Any

import pytest

from sovereignty.models import (
    Access,
    Card,
    CardStatement,
    Heard,
    NodeStatement,
    RegionStatement,
    SequenceReport,
    SourceDeclaration,
    TenantStatement,
    Touch,
    TouchChunk,
    TouchEnd,
    TouchPart,
    Workload,
    WorkloadStatement,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True)
def _tenants(ledger: None) -> None:
    b.accept_all(b.tenant(), b.tenant(b.NEIGHBOUR))


def live() -> Touch:
    return Touch.objects.get(superseded_by=None)


def pieces(touch: Touch) -> list[tuple[int, int, bool, int, int | None]]:
    """(first card, last card, has holes, from, to) of a touch's rows."""
    rows = TouchChunk.objects.filter(touch=touch).order_by("chunk", "started_at")
    return [
        (row.first_card, row.last_card, row.bits is not None, row.started_at, row.ended_at)
        for row in rows
    ]


# Touches


def test_a_closed_touch_is_one_block() -> None:
    b.accept_all(b.touch(cards=["hz-[1-2]/0-7"]))
    touch = live()
    assert (touch.started_at, touch.ended_at, touch.cards, touch.source) == (
        b.hour(1),
        b.hour(2),
        16,
        "slurm",
    )
    assert (touch.tenant.key, touch.workload.key, touch.grade) == (b.HOSPITAL, "triage-7b", 3)
    assert pieces(touch) == [(0, 15, False, b.hour(1), b.hour(2))]


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("end_first", [True, False])
def test_start_and_end_come_in_any_order(end_first: bool, one_batch: bool) -> None:
    said = [b.started(), b.ended()]
    said = said[::-1] if end_first else said
    for batch in [said] if one_batch else [[one] for one in said]:
        b.accept_all(*batch)
    assert pieces(live()) == [(0, 3, False, b.hour(1), b.hour(2))]
    assert TouchEnd.objects.get().ended_at == b.hour(2)


def test_an_open_touch_has_no_end_until_it_is_told() -> None:
    b.accept_all(b.started())
    opened = live()
    assert pieces(opened) == [(0, 3, False, b.hour(1), None)]
    b.accept_all(b.ended())
    assert live().pk != opened.pk and live().fact_id == opened.fact_id
    opened.refresh_from_db()
    assert opened.superseded_by is not None and opened.superseded_by.position == 3


def test_the_same_touch_id_of_two_tenants_is_two_touches() -> None:
    b.accept_all(b.touch("1"), b.touch("1", tenant=b.NEIGHBOUR))
    assert Touch.objects.filter(superseded_by=None).count() == 2


@pytest.mark.parametrize(
    ("before", "said", "field"),
    [
        ([b.started()], b.started(), "data.touch"),
        ([b.started()], b.touch(), "data.touch"),
        ([b.touch()], b.started(), "data.touch"),
        ([b.touch()], b.ended(), "data.touch"),
        ([b.ended()], b.ended(end=b.hour(1) + 5), "data.touch"),
        ([b.ended()], b.touch(), "data.ended_at"),
        ([b.ended(end=b.hour(1))], b.started(), "data.started_at"),
        ([b.started()], b.ended(end=b.hour(1)), "data.ended_at"),
        ([b.started(start=0)], b.ended(), "data.ended_at"),
        ([b.ended()], b.started(start=0), "data.started_at"),
    ],
)
@pytest.mark.parametrize("one_batch", [True, False])
def test_refuses_a_second_start_or_end_and_an_end_before_the_start(
    before: list[b.Event], said: b.Event, field: str, one_batch: bool
) -> None:
    if one_batch:
        answers = b.record_all(*before, said)
        assert (answers.accepted, [refusal.field for refusal in answers.refusals]) == (
            len(before),
            [field],
        )
    else:
        b.accept_all(*before)
        assert b.refused(said).field == field


def test_a_touch_is_cut_at_month_borders_in_utc() -> None:
    february, march = b.START + 30 * b.DAY, b.START + 58 * b.DAY
    b.accept_all(b.touch(start=february - 1, end=march + 1, cards=["hz-1/0"]))
    assert [piece[3:] for piece in pieces(live())] == [
        (february - 1, february),
        (february, march),
        (march, march + 1),
    ]


def test_a_touch_that_ends_at_a_border_is_not_cut_there() -> None:
    february = b.START + 30 * b.DAY
    b.accept_all(
        b.touch(start=february - 1, end=february), b.touch("2", start=february, end=february + 1)
    )
    assert TouchChunk.objects.count() == 2


def test_an_open_touch_over_a_border_is_cut_once_it_has_ended() -> None:
    b.accept_all(b.started(cards=["hz-1/0"]))
    assert len(pieces(live())) == 1
    b.accept_all(b.ended(end=b.START + 40 * b.DAY))
    assert len(pieces(live())) == 2


def test_a_set_with_holes_is_a_bitmap_and_one_without_is_not() -> None:
    b.accept_all(b.touch(cards=["hz-1/0-7"]), b.touch("2", cards=["hz-1/0,2,7"]))
    (row,) = TouchChunk.objects.exclude(bits=None)
    assert (row.first_card, row.last_card, bytes(row.bits or b"")) == (
        0,
        7,
        bytes([0b10000101]) + bytes(127),
    )


def test_cards_of_several_chunks_are_several_rows() -> None:
    b.accept_all(b.touch(cards=["hz-[001-130]/0-7"]))
    assert [piece[:3] for piece in pieces(live())] == [(0, 959, False), (1024, 1103, False)]
    assert live().cards == 1040


def test_parts_are_put_together() -> None:
    b.accept_all(b.touch(cards=["hz-1/0-1", "hz-1/4"]))
    said = b.touch(
        "2",
        parts=[{"cards": ["hz-1/0"]}, {"k": 3, "of": ["hz-[1-2]"]}, {"k": 2, "of": None}],
    )
    b.accept_all(said)
    touch = Touch.objects.get(touch_id="2")
    assert touch.cards == 6
    assert list(TouchPart.objects.filter(touch=touch).order_by("pk").values_list("k", "nodes")) == [
        (3, ["hz-[1-2]"]),
        (2, None),
    ]


def test_k_of_s_is_never_stored_as_occupied_cards() -> None:
    b.accept_all(b.node(), b.touch(parts=[{"k": 8, "of": ["hz-1"]}]))
    assert (TouchChunk.objects.count(), live().cards) == (0, 8)


def test_an_ended_touch_keeps_its_cards_and_parts() -> None:
    parts = [{"cards": ["hz-1/0,2"]}, {"k": 1, "of": None}]
    b.accept_all(b.node(), b.started(parts=parts))
    b.accept_all(b.ended())
    assert [piece[:3] for piece in pieces(live())] == [(0, 2, True)]
    assert TouchPart.objects.filter(touch=live()).count() == 1


# Statements


def test_inventory_becomes_dated_statements() -> None:
    retired = {"node": "hz-1", "slot": "0", "effective_at": b.START + 9, "evidence": "observed"}
    b.accept_all(
        b.region(), b.node(slots="0-1", serials=["S0", "S1"]), b.event("card.retired", **retired)
    )
    assert RegionStatement.objects.values_list(
        "region", "country", "grade", "effective_at"
    ).get() == ("cn-1", "CN", 1, 0)
    assert NodeStatement.objects.values_list("node__name", "region").get() == ("hz-1", "cn-1")
    cards = CardStatement.objects.order_by("pk").values_list(
        "card_id", "serial", "resets", "present"
    )
    assert list(cards) == [(0, "S0", False, True), (1, "S1", False, True), (0, None, True, False)]


def test_what_sources_and_tenants_say_becomes_rows() -> None:
    b.accept_all(
        b.source_declared(cards=["hz-1/0-7"]),
        b.heartbeat(),
        b.sequence_reported(7),
        b.sequence_reported(8, tenant=None),
        b.workload(),
        b.access(workload="triage-7b"),
        b.access("a-2", workload=None),
    )
    assert SourceDeclaration.objects.values_list("reports", "cards", "sequenced").get() == (
        ["touch"],
        ["hz-1/0-7"],
        True,
    )
    assert Heard.objects.values_list("from_at", "to_at", "cards").get() == (
        b.START,
        b.START + b.HOUR,
        None,
    )
    assert sorted(SequenceReport.objects.values_list("trail_number", "highest")) == [(0, 8), (2, 7)]
    assert WorkloadStatement.objects.values_list("workload__key", "kind").get() == (
        "triage-7b",
        "inference",
    )
    assert list(Access.objects.order_by("access_id").values_list("workload__key", flat=True)) == [
        "triage-7b",
        None,
    ]
    assert Workload.objects.count() == 1


# Corrections

STATEMENTS: dict[str, tuple[Callable[..., b.Event], dict[str, Any], Any, str, Any]] = {
    "region": (b.region, {"country": "SG"}, RegionStatement, "country", "SG"),
    "node": (b.node, {"region": "sg"}, NodeStatement, "region", "sg"),
    "tenant": (
        lambda **more: b.tenant(b.HOSPITAL, **more),
        {"sector": "bank"},
        TenantStatement,
        "sector",
        "bank",
    ),
    "workload": (b.workload, {"kind": "training"}, WorkloadStatement, "kind", "training"),
    "access": (b.access, {"person": "olga"}, Access, "person", "olga"),
    "source": (
        b.source_declared,
        {"reports": ["access"]},
        SourceDeclaration,
        "reports",
        ["access"],
    ),
    "heartbeat": (b.heartbeat, {"to_at": b.START + 1}, Heard, "to_at", b.START + 1),
}


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_is_retracted(kind: str, one_batch: bool) -> None:
    build, _, model, _, _ = STATEMENTS[kind]
    said = build()
    taken_back = b.correction(said)
    before = model.objects.filter(superseded_by=None).count()
    for batch in [[said, taken_back]] if one_batch else [[said], [taken_back]]:
        b.accept_all(*batch)
    assert model.objects.filter(superseded_by=None).count() == before
    assert model.objects.count() == before + (0 if one_batch else 1)


@pytest.mark.parametrize("one_batch", [True, False])
@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_is_replaced(kind: str, one_batch: bool) -> None:
    build, data, model, column, value = STATEMENTS[kind]
    said = build()
    replaced = b.correction(said, replacement=build(**data))
    for batch in [[said, replaced]] if one_batch else [[said], [replaced]]:
        b.accept_all(*batch)
    assert getattr(model.objects.filter(superseded_by=None).latest("pk"), column) == value
    assert model.objects.filter(superseded_by=None).latest("pk").fact.fact_id == said["id"]


def test_a_sequence_report_is_replaced() -> None:
    said = b.sequence_reported(7)
    b.accept_all(said, b.correction(said, replacement=b.sequence_reported(5), source="operator"))
    assert SequenceReport.objects.get(superseded_by=None).highest == 5


@pytest.mark.parametrize("by", [None, 5])
def test_a_source_does_not_take_back_its_own_number(by: int | None) -> None:
    said = b.sequence_reported(7)
    b.accept_all(said)
    (refusal,) = b.record_all(
        b.correction(said, replacement=b.sequence_reported(by) if by else None)
    ).refusals
    assert (refusal.field, refusal.retry) == ("source", False)
    assert SequenceReport.objects.get(superseded_by=None).highest == 7


def test_a_replaced_card_is_replaced_again() -> None:
    data = {
        "node": "hz-1",
        "slot": "0",
        "effective_at": b.START,
        "evidence": "declared",
        "serial": "S1",
    }
    said = b.event("card.replaced", **data)
    b.accept_all(said)
    b.accept_all(
        b.correction(said, replacement=b.event("card.replaced", **data | {"serial": "S2"}))
    )
    b.accept_all(
        b.correction(said, replacement=b.event("card.replaced", **data | {"serial": "S3"}))
    )
    assert CardStatement.objects.get(superseded_by=None).serial == "S3"
    assert CardStatement.objects.count() == 3


def test_a_retracted_fact_may_be_put_back_by_a_replacement() -> None:
    said = b.region()
    b.accept_all(said, b.correction(said))
    b.accept_all(b.correction(said, replacement=b.region(country="SG")))
    assert RegionStatement.objects.get(superseded_by=None).country == "SG"


@pytest.mark.parametrize("one_batch", [True, False])
def test_a_touch_is_retracted_and_its_id_is_free_again(one_batch: bool) -> None:
    said = b.touch()
    taken_back, again = b.correction(said), b.touch(cards=["hz-1/7"])
    for batch in [[said, taken_back, again]] if one_batch else [[said], [taken_back], [again]]:
        b.accept_all(*batch)
    ((first, last, *_),) = pieces(live())
    assert first == last == Card.objects.get(slot="7").number
    assert live().cards == 1


def test_a_closed_touch_is_replaced() -> None:
    said = b.touch()
    b.accept_all(said)
    b.accept_all(b.correction(said, replacement=b.touch(cards=["hz-1/0-7"], end=b.hour(1) + 5)))
    assert pieces(live()) == [(0, 7, False, b.hour(1), b.hour(1) + 5)]
    assert live().fact.fact_id == said["id"]


def test_a_start_is_retracted_and_the_end_waits_for_another() -> None:
    start = b.started()
    b.accept_all(start, b.ended())
    b.accept_all(b.correction(start))
    assert not Touch.objects.filter(superseded_by=None).exists()
    assert TouchEnd.objects.get(superseded_by=None).ended_at == b.hour(2)
    b.accept_all(b.started(cards=["hz-1/0"]))
    assert live().ended_at == b.hour(2)


def test_a_start_is_replaced_and_keeps_its_end() -> None:
    start = b.started()
    b.accept_all(start, b.ended())
    b.accept_all(b.correction(start, replacement=b.started(start=b.hour(1) + 1)))
    assert (live().started_at, live().ended_at) == (b.hour(1) + 1, b.hour(2))


def test_an_end_is_retracted_and_the_touch_is_open_again() -> None:
    end = b.ended()
    b.accept_all(b.started(), end)
    b.accept_all(b.correction(end))
    assert live().ended_at is None
    assert not TouchEnd.objects.filter(superseded_by=None).exists()
    b.accept_all(b.ended(end=b.hour(1) + 2))
    assert live().ended_at == b.hour(1) + 2


@pytest.mark.parametrize("one_batch", [True, False])
def test_an_end_is_replaced(one_batch: bool) -> None:
    end = b.ended()
    replaced = b.correction(end, replacement=b.ended(end=b.hour(1) + 2))
    for batch in [[b.started(), end, replaced]] if one_batch else [[b.started(), end], [replaced]]:
        b.accept_all(*batch)
    assert live().ended_at == TouchEnd.objects.get(superseded_by=None).ended_at == b.hour(1) + 2


@pytest.mark.parametrize("wrong", [b.ended(end=b.hour(1)), b.ended(end=b.hour(1) - 1)])
def test_a_refused_replacement_leaves_the_end_as_it_was(wrong: b.Event) -> None:
    end = b.ended()
    b.accept_all(b.started(), end)
    assert b.refused(b.correction(end, replacement=wrong), b.region()).field == "data.ended_at"
    assert live().ended_at == TouchEnd.objects.get(superseded_by=None).ended_at == b.hour(2)


def test_a_refused_replacement_leaves_the_start_as_it_was() -> None:
    start = b.started()
    b.accept_all(start, b.ended())
    assert (
        b.refused(
            b.correction(start, replacement=b.started(start=b.hour(1) + b.DAY)), b.region()
        ).field
        == "data.started_at"
    )
    assert live().started_at == b.hour(1)


def test_a_refused_replacement_leaves_a_statement_of_the_same_batch_as_it_was() -> None:
    b.accept_all(b.node("hz-1", "0-479"), b.node("hz-2", "0-479"))
    b.accept_all(b.node("hz-1", "480-543"))
    said = b.node("hz-2", "0", region="cn-1")
    assert (
        b.refused(said, b.correction(said, replacement=b.node("hz-2", "480-511"))).field
        == "data.cards"
    )
    assert NodeStatement.objects.filter(fact__fact_id=said["id"], superseded_by=None).count() == 1


def test_the_original_of_a_correction_may_come_later() -> None:
    said = b.touch()
    correction = b.correction(said)
    refusal = b.refused(correction)
    assert (refusal.field, refusal.retry) == ("data.id", True)
    b.accept_all(said, correction)
    assert not Touch.objects.filter(superseded_by=None).exists()


@pytest.mark.parametrize(
    ("original", "correction", "field"),
    [
        (b.touch("1"), {"tenant": b.NEIGHBOUR}, "data.tenant"),
        (b.touch("1"), {"tenant": None}, "data.tenant"),
        (b.region(), {"tenant": b.HOSPITAL}, "data.tenant"),
        (
            b.touch("1"),
            {"replacement": b.touch("1", tenant=b.NEIGHBOUR)},
            "data.replacement.data.tenant",
        ),
        (b.touch("1"), {"replacement": b.touch("2")}, "data.replacement.data"),
        (b.touch("1"), {"replacement": b.started("1")}, "data.replacement.type"),
        (b.touch("1"), {"replacement": b.region(), "tenant": None}, "data.tenant"),
        (b.touch("1"), {"replacement": b.touch("1", end=b.hour(1))}, "data.ended_at"),
        (
            b.touch("1"),
            {"replacement": b.touch("1", colour="red")},
            "data.replacement.data.colour",
        ),
    ],
)
def test_refuses_a_correction_that_changes_trail_subject_or_kind(
    original: b.Event, correction: dict[str, Any], field: str
) -> None:
    b.accept_all(original)
    said = b.correction(original, **correction)
    assert (b.refused(said).field, b.refused(said).retry) == (field, False)


def test_refuses_a_correction_of_a_correction() -> None:
    said = b.touch()
    first = b.correction(said)
    b.accept_all(said, first)
    assert b.refused(b.correction(first)).field == "data.id"
    assert b.refused(b.correction(said, replacement=first)).field == "data.replacement.type"


def test_many_corrections_in_one_batch_take_effect_in_order() -> None:
    said = [b.touch(str(place), cards=[f"hz-{place}/0"]) for place in range(20)]
    b.accept_all(*said)
    b.accept_all(
        *(b.correction(one) for one in said),
        *(b.correction(one, replacement=one) for one in said[:5]),
    )
    assert sorted(Touch.objects.filter(superseded_by=None).values_list("touch_id", flat=True)) == [
        "0",
        "1",
        "2",
        "3",
        "4",
    ]
