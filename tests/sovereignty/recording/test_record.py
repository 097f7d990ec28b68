"""One batch in, one answer a line out: duplicates, conflicts, races, receipts, and nothing of what
is refused."""

import gc
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from audit import clock
from audit.errors import LedgerMissing, StoreMismatch
from audit.log.keys import receipts_signer
from audit.models import Entry, Receipt, Trail
from audit.receipts import receipts_of
from audit.storage.second_store import SecondStore
from audit.tlog import entry as tlog_entry
from audit.tlog.merkle import root_hash
from audit.tlog.receipt import open_receipt
from sovereignty.models import Batch, Card, Fact, Tenant, Touch, Workload
from sovereignty.recording.answers import Accepted, Answers, Refusal, with_entries
from sovereignty.recording.record import record
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def test_every_line_becomes_an_entry_and_a_fact() -> None:
    answers = b.record_all(b.tenant(), b.node(), b.touch(sequence=7))
    assert [
        (line.line, line.trail, line.index) for line in answers.lines if isinstance(line, Accepted)
    ] == [
        (1, 2, 1),
        (2, 0, 1),
        (3, 2, 2),
    ]
    assert (answers.accepted, answers.duplicates, answers.refusals, answers.position) == (
        3,
        0,
        [],
        1,
    )
    touch = Fact.objects.get(kind="touch.recorded/v1")
    assert (touch.source, touch.trail_number, touch.index, touch.sequence) == ("slurm", 2, 2, 7)


def test_the_answer_holds_the_stored_entry() -> None:
    (answer,) = b.accepted(b.tenant(id="t-1"))
    stored = Entry.objects.get(trail_number=answer.trail, index=answer.index)
    assert bytes(stored.content) == answer.entry
    entry = tlog_entry.decode(answer.entry or b"")
    assert (entry.kind, entry.subject, entry.source, entry.index) == (
        "tenant.declared/v1",
        "tenant/st-mary",
        "cmdb",
        1,
    )
    assert entry.body["id"] == "t-1"


def test_the_same_fact_again_is_a_duplicate_of_its_entry() -> None:
    said = [b.tenant(), b.touch()]
    first, again = b.record_all(*said), b.record_all(*said)
    assert (again.accepted, again.duplicates, again.refusals, again.position) == (0, 2, [], None)
    places = [
        [(line.trail, line.index) for line in answers.lines if isinstance(line, Accepted)]
        for answers in (first, again)
    ]
    assert places[0] == places[1]


def test_the_same_fact_in_another_spelling_is_a_duplicate() -> None:
    said = b.tenant()
    b.accept_all(said)
    spelled = b.line(
        {
            **dict(reversed(said.items())),
            "time": "2026-01-02T13:00:00+01:00",
            "extension": "ignored",
        }
    )
    assert b.record_all(spelled).duplicates == 1


@pytest.mark.parametrize(
    "other",
    [{"time": "2026-01-02T12:00:00.001Z"}, {"sequence": 8}, {"sector": "hospital"}],
)
def test_the_same_id_with_other_content_is_a_conflict(other: dict[str, Any]) -> None:
    b.accept_all(b.tenant(id="t-1", sequence=7))
    refusal = b.refused(b.tenant(**{"id": "t-1", "sequence": 7, **other}))
    assert (refusal.field, refusal.id, refusal.retry) == ("id", "t-1", False)
    assert "conflict" in refusal.expected


def test_the_same_id_of_another_source_is_another_fact() -> None:
    b.accept_all(b.tenant(id="t-1"), b.tenant(id="t-1", source="plan"))
    assert Fact.objects.filter(fact_id="t-1").count() == 2


def test_a_line_that_repeats_an_earlier_one_is_its_duplicate() -> None:
    said = b.tenant()
    first, again, third = b.record_all(said, said, said).lines
    assert isinstance(first, Accepted) and not first.duplicate
    for repeated, number in ((again, 2), (third, 3)):
        assert isinstance(repeated, Accepted) and repeated.duplicate
        assert (repeated.line, repeated.trail, repeated.index, repeated.entry) == (
            number,
            first.trail,
            first.index,
            first.entry,
        )


def test_a_line_that_repeats_a_refused_one_is_refused_with_it() -> None:
    said = b.touch(tenant="nobody")
    assert [(line.line, line.field) for line in b.record_all(said, said).refusals] == [
        (1, "data.tenant"),
        (2, "data.tenant"),
    ]


def test_two_contents_under_one_id_in_a_batch_are_a_conflict_for_the_second() -> None:
    answers = b.record_all(b.tenant(id="t-1"), b.tenant("other", id="t-1"))
    assert answers.accepted == 1
    assert [(line.line, line.field) for line in answers.refusals] == [(2, "id")]
    assert not Trail.objects.filter(owner="tenant:other").exists()


def test_one_bad_line_does_not_sink_the_others() -> None:
    answers = b.record_all(b.tenant(), b"{", b.touch(), b.touch(tenant="nobody"), b.access())
    assert [isinstance(line, Accepted) for line in answers.lines] == [
        True,
        False,
        True,
        False,
        True,
    ]
    assert [line.line for line in answers.lines] == [1, 2, 3, 4, 5]


def test_blank_lines_are_counted_and_not_answered() -> None:
    answers = b.record_all(b"", b.tenant(), b" \r", b.region())
    assert [line.line for line in answers.lines] == [2, 4]


def test_an_unknown_tenant_may_be_tried_again_later() -> None:
    said = b.touch()
    refusal = b.refused(said)
    assert (refusal.field, refusal.retry) == ("data.tenant", True)
    b.accept_all(b.tenant(), said)


def test_a_fact_may_come_before_its_tenant_in_one_batch() -> None:
    assert b.record_all(b.touch(), b.tenant()).accepted == 2


def test_an_unknown_workload_is_created_with_unknown_class() -> None:
    b.accept_all(b.tenant(), b.touch())
    assert Workload.objects.get().key == "triage-7b"


def test_positions_are_given_in_order_without_gaps() -> None:
    for said in (b.tenant(), b.region(), b.touch(tenant="nobody"), b.node()):
        b.record_all(said)
    assert list(Batch.objects.order_by("pk").values_list("position", flat=True)) == [1, 2, 3]


def test_received_at_never_falls_though_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (2_000, 1_000, 3_000):
        monkeypatch.setattr(clock, "read_ns", lambda now=now: (b.START + b.YEAR + now) * 1_000_000)
        b.accept_all(b.tenant(), b.region())
    for trail in (0, 2):
        times = list(
            Entry.objects.filter(trail_number=trail)
            .order_by("index")
            .values_list("received_at", flat=True)
        )
        assert all(earlier <= later for earlier, later in pairwise(times))
    times = list(Batch.objects.order_by("position").values_list("received_at", flat=True))
    assert all(earlier <= later for earlier, later in pairwise(times))


def test_the_collector_of_cycles_is_left_as_it_was() -> None:
    b.record_all(b.tenant())
    assert gc.isenabled()


# Receipts


def check_receipts(answers: Answers) -> dict[int, bytes]:
    """Check each receipt as a client does: opened with the public key, its batch root made again
    from the reply's entries."""
    entries = {
        (line.trail, line.index): line.entry for line in answers.lines if isinstance(line, Accepted)
    }
    covered = set()
    for note in answers.receipts:
        receipt = open_receipt(note, [receipts_signer().verifier_key])
        places = [(receipt.trail, index) for index in range(receipt.first, receipt.size)]
        contents = [entries[place] for place in places if place in entries]
        covered.update(places)
        if len(contents) == len(places):
            assert (
                root_hash([tlog_entry.entry_leaf(content or b"") for content in contents])
                == receipt.batch_root
            )
            assert receipt.origin == settings.LOG_ORIGIN
    assert entries.keys() <= covered
    return {
        open_receipt(note, [receipts_signer().verifier_key]).trail: note
        for note in answers.receipts
    }


def test_receipts_cover_every_accepted_line_and_verify() -> None:
    answers = b.record_all(
        b.tenant(),
        b.tenant(b.NEIGHBOUR),
        b.region(),
        b.touch(),
        b.touch(tenant=b.NEIGHBOUR),
        b.touch("9"),
        b.touch(tenant="nobody"),
    )
    assert sorted(check_receipts(answers)) == [0, 2, 3]
    for trail in Trail.objects.filter(number__in=[0, 2, 3]):
        receipt = open_receipt(
            check_receipts(answers)[trail.number], [receipts_signer().verifier_key]
        )
        assert (receipt.size, receipt.root, receipt.trail_id) == (
            trail.size,
            bytes(trail.root),
            bytes(trail.trail_id),
        )


def test_a_resubmission_returns_identical_receipts_and_entries() -> None:
    said = [b.tenant(), b.tenant(b.NEIGHBOUR), b.touch(), b.touch("9", tenant=b.NEIGHBOUR)]
    first = b.record_all(*said)
    b.accept_all(b.touch("later"))
    again = b.record_all(*said)
    assert again.receipts == first.receipts
    first_lines = [line for line in first.lines if isinstance(line, Accepted)]
    again_lines = [line for line in with_entries(again.lines) if isinstance(line, Accepted)]
    assert [line.entry for line in again_lines] == [line.entry for line in first_lines]


def test_duplicates_of_several_batches_get_each_batch_s_receipt() -> None:
    said = [b.tenant(), b.touch("1"), b.touch("2")]
    firsts = [b.record_all(one) for one in said]
    again = b.record_all(*reversed(said), b.touch("3"))
    assert again.receipts[:3] == [answers.receipts[0] for answers in firsts]
    assert len(again.receipts) == 4


def test_an_index_that_no_batch_covers_has_no_receipt() -> None:
    b.accept_all(b.tenant())
    for trail, index in ((2, 0), (2, 2), (9, 1)):
        with pytest.raises(
            Receipt.DoesNotExist, match=f"no batch covers entry {index} of trail {trail}"
        ):
            receipts_of(trail, [index])


def test_a_receipt_that_was_not_signed_before_a_crash_is_signed_on_resubmission() -> None:
    said = b.tenant()
    (answer,) = b.accepted(said)
    Receipt.objects.update(note=None)
    later = b.record_all(said)
    (note,) = later.receipts
    assert open_receipt(note, [receipts_signer().verifier_key]).first == answer.index
    assert b.record_all(said).receipts == [note]


# The second store


def test_a_database_that_is_shorter_than_the_second_store_is_refused() -> None:
    b.accept_all(b.tenant(), b.touch())
    trail = Trail.objects.get(number=2)
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(2, trail.size + 1, bytes(32))])
    counts = count_rows()
    with pytest.raises(StoreMismatch):
        b.record_all(b.touch("9"))
    assert count_rows() == counts


def test_the_second_store_knows_the_heads_before_anyone_is_answered() -> None:
    b.accept_all(b.tenant(), b.touch())
    heads = SecondStore.at(settings.SECOND_STORE_DIR).heads()
    assert {trail.number: (trail.size, bytes(trail.root)) for trail in Trail.objects.all()} == dict(
        heads
    )


# Nothing of what is refused


def count_rows() -> dict[str, int]:
    """How many rows each table holds."""
    models = [
        *apps.get_app_config("audit").get_models(),
        *apps.get_app_config("sovereignty").get_models(),
    ]
    return {model._meta.db_table: model._default_manager.count() for model in models}


def refusals() -> dict[str, Callable[[], list[b.Event | bytes]]]:
    started = b.started("taken", id="start-taken")
    return {
        "malformed": lambda: [b"{"],
        "unknown tenant, new slots": lambda: [b.touch(tenant="nobody", cards=["new-1/0-7"])],
        "taken touch, new slots": lambda: [b.started("taken", cards=["new-[1-9]/0-7"])],
        "taken touch, new workload": lambda: [b.started("taken", workload="new")],
        "taken touch, new nodes": lambda: [
            b.started("taken", parts=[{"k": 2, "of": ["new-[1-9]"]}])
        ],
        "conflict that declares a tenant": lambda: [
            b.tenant("new", id="start-taken", source="slurm")
        ],
        "correction of what is unknown": lambda: [
            b.correction(b.touch("x"), replacement=b.touch("x", cards=["new-1/0"]))
        ],
        "correction of another trail": lambda: [
            b.correction(
                started,
                tenant=b.NEIGHBOUR,
                replacement=b.started("taken", tenant=b.NEIGHBOUR, cards=["new-1/0"]),
            )
        ],
        "unknown serial beside new slots": lambda: [
            b.touch("x", parts=[{"cards": ["new-1/0"]}, {"serials": ["never-seen"]}])
        ],
        "too large": lambda: [
            b.touch("x", cards=[f"n{place}-{'x' * 80}/0" for place in range(900)])
        ],
    }


@pytest.mark.parametrize("why", refusals())
def test_nothing_is_written_of_a_refused_line(why: str) -> None:
    b.accept_all(b.tenant(), b.tenant(b.NEIGHBOUR), b.started("taken", id="start-taken"))
    counts, said = count_rows(), refusals()[why]()
    answers = b.record_all(*said)
    assert len(answers.refusals) == len(said)
    assert (count_rows(), answers.receipts, answers.position) == (counts, [], None)


@pytest.mark.parametrize("why", refusals())
def test_nothing_is_left_behind_by_a_refused_line_beside_an_accepted_one(why: str) -> None:
    b.accept_all(b.tenant(), b.tenant(b.NEIGHBOUR), b.started("taken", id="start-taken"))
    nodes, trails = count_rows()["sovereignty_node"], Trail.objects.count()
    answers = b.record_all(b.touch("good", cards=["good-1/0"]), *refusals()[why]())
    assert (answers.accepted, len(answers.refusals)) == (1, len(answers.lines) - 1)
    assert (count_rows()["sovereignty_node"], Trail.objects.count(), Tenant.objects.count()) == (
        nodes + 1,
        trails,
        2,
    )
    assert not Card.objects.filter(node__name__startswith="new").exists()


# Races


needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite lets in one writer at a time"
)


def at_once(*acts: Callable[[], Answers]) -> list[Answers]:
    """Run the acts in threads that begin together."""
    barrier, found = threading.Barrier(len(acts)), [Answers()] * len(acts)

    def run(place: int, act: Callable[[], Answers]) -> None:
        barrier.wait()
        try:
            found[place] = act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@needs_postgresql
def test_one_id_raced_into_two_trails_is_accepted_in_one() -> None:
    b.accept_all(b.tenant(), b.tenant(b.NEIGHBOUR))
    for number in range(5):
        said = [
            b.lines(
                b.touch(f"{number}-{place}", tenant=of, id=f"id-{number}-{place}")
                for place in range(40)
            )
            for of in (b.HOSPITAL, b.NEIGHBOUR)
        ]
        said[1].reverse()
        found = at_once(
            *(lambda one=one: record(one, actor="enzo", channel="test") for one in said)
        )
        assert sum(answers.accepted for answers in found) == 40
        assert {refusal.field for answers in found for refusal in answers.refusals} <= {"id"}
        assert sum(len(answers.lines) for answers in found) == 80


@needs_postgresql
def test_one_batch_sent_twice_at_once_is_recorded_once() -> None:
    b.accept_all(b.tenant())
    said = b.lines(b.touch(str(place), cards=[f"raced-{place}/0"]) for place in range(30))
    found = at_once(*(lambda: record(said, actor="enzo", channel="test"),) * 4)
    assert sorted((answers.accepted, answers.duplicates) for answers in found) == [(0, 30)] * 3 + [
        (30, 0)
    ]
    assert Touch.objects.count() == 30
    assert len({tuple(answers.receipts) for answers in found}) == 1


@needs_postgresql
def test_a_tenant_declared_at_once_in_two_batches_has_one_trail() -> None:
    found = at_once(*(lambda id=id: b.record_all(b.tenant(id=id)) for id in ("t-1", "t-2")))
    assert [answers.accepted for answers in found] == [1, 1]
    assert Trail.objects.filter(owner="tenant:st-mary").count() == 1
    assert list(Batch.objects.order_by("position").values_list("position", flat=True)) == [1, 2]


def test_a_refusal_names_its_line_and_field_what_was_wanted_and_what_came() -> None:
    said = b.touch(id="x", evidence="hearsay")
    assert b.refused(b.tenant(), said) == Refusal(
        2, "x", "data.evidence", "one of planned, declared, attested, observed", "'hearsay'", False
    )


def test_nothing_is_recorded_without_an_open_ledger() -> None:
    Trail.objects.filter(number=0).update(number=99)
    with pytest.raises(LedgerMissing, match="open_ledger"):
        b.record_all(b.region())
