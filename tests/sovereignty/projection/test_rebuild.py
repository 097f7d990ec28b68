"""The projection made again from its facts is the projection, whatever happened; and where it is
not, `--check` says what differs."""

import io
from collections.abc import Callable
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from sovereignty.models import Card, Chunk, Node, Tenant, Touch, TouchChunk, TouchEnd, Workload
from sovereignty.projection.rebuild import (
    DERIVED_TABLES,
    MOST_DIFFERENCES,
    RebuildError,
    check,
    rebuild,
)
from tests import builders as b

pytestmark = pytest.mark.usefixtures("ledger")


def history(seed: int) -> list[list[b.Event]]:
    """Batches of facts of every kind about a few subjects, with corrections of them, shuffled; many
    will be refused."""
    random = Random(seed)
    build: list[Callable[[], b.Event]] = [
        lambda: b.touch(
            touch(),
            tenant=tenant(),
            cards=cards(),
            start=time(),
            end=time() + b.DAY * random.choice([1, 40]),
        ),
        lambda: b.started(touch(), tenant=tenant(), cards=cards(), start=time()),
        lambda: b.started(
            touch(),
            tenant=tenant(),
            start=time(),
            parts=[{"cards": cards()}, {"k": 2, "of": ["hz-[1-3]"]}],
        ),
        lambda: b.touch(
            touch(), tenant=tenant(), parts=[{"serials": [random.choice(["S0", "S1", "S2"])]}]
        ),
        lambda: b.ended(touch(), tenant=tenant(), end=time() + b.DAY),
        lambda: b.ended(touch(), tenant=tenant(), end=time() + 35 * b.DAY),
        lambda: b.access(
            str(random.randrange(4)),
            tenant=tenant(),
            workload=random.choice([None, "triage-7b", "nightly"]),
        ),
        lambda: b.workload(
            random.choice(["triage-7b", "nightly"]), tenant=tenant(), effective_at=time()
        ),
        lambda: b.tenant(tenant(), effective_at=time()),
        lambda: b.region(random.choice(["cn-1", "sg"]), effective_at=time()),
        lambda: b.node(
            f"hz-{random.randrange(3)}", "0-1", serials=["S0", "S1"], effective_at=time()
        ),
        lambda: b.event(
            "card.retired",
            node="hz-1",
            slot="1",
            effective_at=time(),
            evidence="observed",
        ),
        lambda: b.source_declared(cards=cards()),
        lambda: b.heartbeat(cards=random.choice([None, cards()])),
        lambda: b.sequence_reported(random.randrange(9), tenant=random.choice([None, b.HOSPITAL])),
    ]

    def tenant() -> str:
        return random.choice([b.HOSPITAL, b.NEIGHBOUR])

    def touch() -> str:
        return f"t{random.randrange(8)}"

    def time() -> int:
        return b.START + random.randrange(50) * b.HOUR * 24

    def cards() -> list[str]:
        node = random.randrange(4)
        slots = random.choice(["0", "0-1", "0,2", "0-7", "pci:0000:3b:00.0"])
        return [f"hz-{node}/{slots}"]

    said = [random.choice(build)() for _ in range(60)]
    said += [
        b.correction(
            original,
            replacement=random.choice(
                [None, original, *(one for one in said if one["type"] == original["type"])]
            ),
        )
        for original in random.choices(said, k=40)
    ]
    random.shuffle(said)
    return [[b.tenant(b.NEIGHBOUR)], *(said[start : start + 9] for start in range(0, len(said), 9))]


def dump() -> dict[str, list[str]]:
    """Every row of every derived table, but for the keys that the database counts up."""
    found = {}
    for model in DERIVED_TABLES:
        rows = model.objects.values_list(
            *(field.attname for field in model._meta.concrete_fields if field.name != "id")
        )
        found[model._meta.db_table] = sorted(
            repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
            for row in rows
        )
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_history_rebuilt_equals_itself(seed: int) -> None:
    answers = [b.record_all(*batch) for batch in history(seed)]
    corrected = sum(answer.accepted for answer in answers)
    before = dump()
    assert check() == []
    assert rebuild() == corrected
    assert dump() == before
    assert before["sovereignty_touch"] and before["sovereignty_touchchunk"]


def test_histories_reach_what_they_should() -> None:
    """The random histories hold refusals, retractions, replacements and superseded ends, or they
    would prove little."""
    answers = [b.record_all(*batch) for seed in range(4) for batch in history(seed)]
    assert sum(len(answer.refusals) for answer in answers) > 50
    assert Touch.objects.exclude(superseded_by=None).count() > 5
    assert TouchEnd.objects.exclude(superseded_by=None).exists()
    assert TouchChunk.objects.exclude(bits=None).exists()


def test_register_tenants_and_workloads_are_kept() -> None:
    b.accept_all(b.tenant(), b.touch(cards=["hz-[1-3]/0-7"]))
    kept = [list(model.objects.order_by("pk").values()) for model in (Card, Node, Tenant, Workload)]
    rebuild()
    assert [
        list(model.objects.order_by("pk").values()) for model in (Card, Node, Tenant, Workload)
    ] == kept


def test_recording_goes_on_after_a_rebuild() -> None:
    b.accept_all(b.tenant(), b.started())
    rebuild()
    b.accept_all(b.ended())
    assert Touch.objects.get(superseded_by=None).ended_at == b.hour(2)
    assert check() == []


def test_an_empty_ledger_is_rebuilt() -> None:
    assert (rebuild(), check()) == (0, [])


def test_repairs_what_was_changed_and_names_it_first() -> None:
    b.accept_all(b.tenant(), b.touch())
    Touch.objects.update(ended_at=b.hour(1) + 1)
    missing = TouchChunk.objects.all()
    missing._raw_delete(missing.db)
    found = {(difference.table, difference.live): difference for difference in check()}
    assert found.keys() == {
        ("sovereignty_touch", True),
        ("sovereignty_touch", False),
        ("sovereignty_touchchunk", False),
    }
    assert f"ended_at={b.hour(1) + 1}" in found["sovereignty_touch", True].rows[0]
    assert f"ended_at={b.hour(2)}" in found["sovereignty_touch", False].rows[0]
    assert Touch.objects.get().ended_at == b.hour(1) + 1
    rebuild()
    assert check() == []


def test_a_row_that_is_there_twice_differs() -> None:
    b.accept_all(b.heartbeat())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sovereignty_heard (fact_id, said_by, made_by_id, source, from_at, to_at) "
            "SELECT fact_id, said_by, made_by_id, source, from_at, to_at FROM sovereignty_heard"
        )
    assert {(found.table, found.live, found.count) for found in check()} == {
        ("sovereignty_heard", True, 1),
        ("sovereignty_heard", False, 1),
    }


def test_counts_all_differences_and_shows_the_first() -> None:
    b.accept_all(
        b.tenant(),
        *(b.touch(str(place), cards=[f"hz-{place}/0"]) for place in range(MOST_DIFFERENCES + 5)),
    )
    Touch.objects.update(grade=0)
    for found in check():
        assert (found.count, len(found.rows)) == (MOST_DIFFERENCES + 5, MOST_DIFFERENCES)


def test_a_fact_that_is_no_longer_accepted_stops_the_rebuild_and_changes_nothing() -> None:
    b.accept_all(b.tenant(), b.touch(cards=["hz-1/0-1"]))
    Card.objects.filter(slot="1").delete()
    # as a register that lost a card: `current` sees that it is another one
    Chunk.objects.update(given=1)
    before = dump()
    with pytest.raises(RebuildError, match=r"was accepted once and is refused now: data\.parts"):
        rebuild()
    assert dump() == before


def test_the_command_rebuilds_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    b.accept_all(b.tenant(), b.touch())
    call_command("rebuild")
    assert "the derived tables were made again from 2 facts" in capsys.readouterr().out
    call_command("rebuild", "--check")
    assert "the derived tables are what the facts make them" in capsys.readouterr().out


def test_the_command_names_differences_and_exits_1() -> None:
    b.accept_all(b.tenant(), b.touch())
    Touch.objects.update(ended_at=b.hour(1) + 1)
    out = io.StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("rebuild", "--check", stdout=out)
    assert stopped.value.code == 1
    assert "sovereignty_touch: 1 row only in the live table, 1 shown" in out.getvalue()


def test_the_command_says_what_stopped_it() -> None:
    b.accept_all(b.tenant(), b.touch(cards=["hz-1/0-1"]))
    Card.objects.filter(slot="1").delete()
    Chunk.objects.update(given=1)
    with pytest.raises(CommandError, match="is refused now"):
        call_command("rebuild")
