"""The database and a bundle give the same world."""

from typing import Any

import pytest

from audit.models import Entry
from audit.tlog.entry import decode
from sovereignty.loading.world import load_world
from sovereignty.models import Batch, Tenant
from sovereignty.plane.world import OPEN, Grade, SequenceNumbers
from sovereignty.replay.stream import read
from sovereignty.replay.world import build
from tests import builders as b
from tests.sovereignty import small_site as site

pytestmark = pytest.mark.usefixtures("ledger")


def loaded() -> Any:
    position = Batch.objects.latest("position").position
    assert position is not None
    return load_world(position, site.PERIOD, Grade.DECLARED)


def replayed() -> Any:
    """The world that a bundle of the hospital's trail gives."""
    streams = [
        read((bytes(entry.content), decode(bytes(entry.content))) for entry in found)
        for found in (
            Entry.objects.filter(trail_number=0, index__gt=0).order_by("index"),
            Entry.objects.filter(
                trail_number=Tenant.objects.get(key=b.HOSPITAL).trail.number, index__gt=0
            ).order_by("index"),
        )
    ]
    return build(streams[0], streams[1], b.HOSPITAL)


def numbers(sequences: list[SequenceNumbers], tenant: int) -> Any:
    """By (source, whether of the fleet's trail): all that is told of its numbers, those of other
    tenants left out."""
    return {
        (each.source, each.trail is None): (
            each.numbers.tolist(),
            each.times.tolist(),
            each.highest_reported,
            each.starts,
            each.repeated.tolist(),
        )
        for each in sequences
        if each.trail in (None, tenant)
    }


def test_both_tell_of_the_same_numbers() -> None:
    b.accept_all(
        *site.facts(),
        b.stated("source.declared", id="s-3", name="slurm", reports=["touch"], sequenced=True),
    )
    second, third = (b.touch(str(n), [f"hz-1/{n + 2}"], sequence=n) for n in (2, 3))
    b.accept_all(
        b.touch("1", sequence=2, time="2026-01-02T14:00:00Z"),
        second,
        third,
    )
    b.accept_all(
        b.correction(third, replacement=b.touch("3", ["hz-1/6"]), sequence=3),
        b.correction(second, replacement=b.touch("2", ["hz-1/7"]), sequence=5),
    )
    b.accept_all(
        b.touch("4", ["hz-1/0"], start=b.hour(3), end=b.hour(4), source="scout", sequence=4)
    )
    first, again = loaded(), replayed()
    told = numbers(first.sequences, first.tenants.index(b.HOSPITAL))
    assert told == numbers(again.sequences, 0)
    assert told["slurm", False][0::4] == ([2, 3, 5], [2])
    # the earlier of the two, not the first to come
    assert told["slurm", False][1][0] < 1_767_362_400_000


def inventory(world: Any) -> Any:
    """What is said of each card, by its name."""
    name = {
        number: (world.nodes[node], world.card_slot[number])
        for number, node in enumerate(world.card_node.tolist())
        if node >= 0
    }
    found = []
    for each in world.statements:
        kind, subject = each.subject
        if kind in ("card", "cards"):
            first, last = subject if isinstance(subject, tuple) else (subject, subject)
            said = (
                each.effective_at,
                each.grade,
                each.source,
                sorted(each.values.items()),
                each.resets,
            )
            found += [(name[card], *said) for card in range(first, last + 1)]
    return sorted(found)


def test_both_tell_of_the_same_inventory() -> None:
    b.accept_all(
        *site.facts(), b.stated("card.replaced", id="cr-1", node="hz-1", slot="1", model="X")
    )
    b.accept_all(b.stated("card.retired", id="cr-2", node="hz-1", slot="2"))
    told = inventory(loaded())
    assert told == inventory(replayed())
    assert [said[4] for said in told if said[0] == ("hz-1", "2")] == [
        sorted([*site.CHIP.items(), ("present", "yes")]), [("present", "no")],
    ]  # fmt: skip


def test_both_tell_of_the_same_ends() -> None:
    start: Any = {
        "source": "slurm",
        "tenant": b.HOSPITAL,
        "workload": "w",
        "parts": [{"cards": ["hz-1/0"]}],
        "evidence": "attested",
    }
    b.accept_all(*site.facts(), b.touch("1", ["hz-1/1"]))
    for name in ("2", "3"):
        b.accept_all(
            b.event("touch.started", id=f"s-{name}", touch=name, started_at=site.PERIOD[0], **start)
        )
    b.accept_all(
        b.event(
            "touch.ended",
            id="e-2",
            source="slurm",
            tenant=b.HOSPITAL,
            touch="2",
            ended_at=site.PERIOD[0] + 1,
            evidence="planned",
        )
    )
    told = [
        sorted(
            zip(
                each.id,
                each.end.tolist(),
                each.grade.tolist(),
                each.end_grade.tolist(),
                strict=True,
            )
        )
        for each in (loaded().touches, replayed().touches)
    ]
    assert told[0] == told[1] == [
        ("1", site.PERIOD[0] + 7_200_000, 3, 3), ("2", site.PERIOD[0] + 1, 2, 0), ("3", OPEN, 2, 2),
    ]  # fmt: skip
