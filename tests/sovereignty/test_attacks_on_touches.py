"""Ways to end a touch, to hide one, or to say of a card what was taken back, each played against
the recorder, a check and a replay."""

import json
from pathlib import Path
from typing import Any

import pytest

from audit.models import Entry
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Tenant
from sovereignty.replay.command_line import main
from tests.sovereignty.replay.test_replay import exported
from tests.sovereignty.small_site import (
    CHIP,
    DAY,
    HOSPITAL,
    HOUR,
    NEIGHBOUR,
    PERIOD,
    event,
    home_policy,
    site,
    stated,
    take,
    touch,
)
from tests.sovereignty.test_attacks import rule_of

pytestmark = pytest.mark.usefixtures("ledger")
NUMBERED = stated(
    "source.declared", "s-3", name="slurm", reports=["touch"], sequenced=True, reach_ms=0
)


def started(
    id: str, cards: str, at: int, tenant: str = NEIGHBOUR, source: str = "slurm", **more: Any
) -> bytes:
    return event(
        "touch.started", f"start-{id}", source, tenant=tenant, touch=id, workload="triage-7b", parts=[{"cards": [cards]}],
        started_at=DAY + at * HOUR, evidence="observed", **more,
    )  # fmt: skip


def ended(id: str, at: int, tenant: str = NEIGHBOUR, source: str = "slurm", **more: Any) -> bytes:
    told: dict[str, Any] = {"touch": id, "ended_at": DAY + at * HOUR, "evidence": "observed"}
    return event("touch.ended", f"end-{id}", source, tenant=tenant, **told, **more)


def correction(fact: str, replacement: dict[str, Any]) -> bytes:
    """Another whole body in the place of a fact of `cmdb`."""
    said = json.loads(
        event("correction", f"of-{fact}", reason="it stood abroad", replacement=replacement)
    )
    said["data"] |= {"source": "cmdb", "id": fact}
    return json.dumps(said).encode()


def told_at(hour: int, line: bytes) -> bytes:
    return line.replace(b"T12:00:00Z", b"T%02d:00:00Z" % hour)


def test_another_source_ends_nothing() -> None:
    take(*site(), started("9", "hz-1/0", 1), touch("1", ["hz-1/0"], start=4, end=6))
    take(ended("9", 2, source="rogue"))
    assert rule_of("PL-03")["verdict"] == "non_compliant"
    take(ended("9", 8))
    assert rule_of("PL-03")["verdict"] == "non_compliant"


def test_another_source_s_start_keeps_the_true_one_out_of_nothing() -> None:
    take(*site(), touch("1", ["hz-1/0"]).replace(b'"source": "slurm"', b'"source": "rogue"'))
    take(touch("1", ["sg-1/0"]))
    assert rule_of("PL-01")["verdict"] == "non_compliant"


def test_a_correction_counts_from_its_own_place_in_the_batch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said: dict[str, Any] = {"node": "hz-9", "effective_at": DAY, "evidence": "declared"}
    foreign = {
        "type": "node.registered/v1",
        "data": {**said, "region": "sg-1", "cards": [{"slots": "0", **CHIP}]},
    }
    take(
        *site(),
        event("node.registered", "x", **said, region="cn-1", cards=[{"slots": "0", **CHIP}]),
        event("node.moved", "y", **said, region="cn-1"),
        correction("x", foreign),
    )
    take(touch("1", ["hz-9/0"]))
    assert rule_of("PL-01")["verdict"] == "non_compliant"
    assert main(exported(tmp_path)[1]) == 0
    assert "PL-01: DIFFERENT" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["card.replaced", "card.retired"])
def test_another_card_said_of_the_same_time_is_not_undone_by_what_the_same_source_said_before(
    kind: str,
) -> None:
    take(
        *site(),
        stated(
            "node.registered", "n-9", node="hz-9", region="cn-1", cards=[{"slots": "0", **CHIP}]
        ),
    )
    take(touch("1", ["hz-9/0"]))
    assert rule_of("PL-02")["verdict"] == "compliant"
    take(stated(kind, "reset", node="hz-9", slot="0"))
    assert rule_of("PL-02")["verdict"] == "unverifiable"


def test_a_lost_start_is_running_still_where_an_end_shows_that_the_source_tells_starts() -> None:
    take(*site(), NUMBERED)
    take(
        told_at(2, touch("8", ["hz-1/7"], tenant=NEIGHBOUR, sequence=2)),
        told_at(8, ended("9", 8, sequence=3)),
    )
    take(touch("1", ["hz-1/0"], start=4, end=6))
    assert rule_of("PL-03")["totals"] == {"unverifiable": 2 * 3600}


def test_an_end_whose_start_nobody_knows_leaves_the_time_before_it_unproven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(*site(), touch("1", ["hz-1/0"], start=4, end=6), touch("2", ["hz-1/0"], start=8, end=9))
    take(ended("9", 7))
    assert rule_of("PL-03")["totals"] == {"compliant": 3600, "unverifiable": 2 * 3600}
    take(ended("own", 7, tenant=HOSPITAL))
    assert main(exported(tmp_path)[1]) == 0
    assert "OP-01: DIFFERENT" not in capsys.readouterr().out
    take(started("9", "hz-1/7", 6), started("own", "hz-1/6", 6, tenant=HOSPITAL))
    assert rule_of("PL-03")["verdict"] == "compliant"


@pytest.mark.parametrize(
    "declared",
    [
        {"evidence": "planned", "effective_at": 0},
        {"evidence": "declared", "effective_at": DAY + 20 * HOUR},
        {"evidence": "declared", "effective_at": 4_102_444_800_000},
    ],
)
def test_a_plan_or_a_word_about_the_future_frees_nobody_of_its_numbers(
    declared: dict[str, Any],
) -> None:
    take(*site(), touch("1"))
    take(
        touch("2", ["hz-1/7"], tenant=NEIGHBOUR).replace(
            b'"source": "slurm"', b'"source": "scout", "sequence": 3'
        )
    )
    assert rule_of("PL-03")["verdict"] == "unverifiable"
    take(event("source.declared", "s-9", name="scout", reports=["touch"], **declared))
    assert rule_of("PL-03")["verdict"] == "unverifiable"


def test_a_source_that_only_a_neighbour_has_is_told_by_a_pseudonym() -> None:
    take(*site(), touch("1"))
    agent = [b'"source": "slurm"', b'"source": "qinghe-agent", "sequence": %d']
    take(
        *(
            touch(str(n), ["hz-1/7"], tenant=NEIGHBOUR, start=n, end=n + 1).replace(
                agent[0], agent[1] % n
            )
            for n in (2, 4)
        )
    )
    check(ask(home_policy(), period=PERIOD), actor="olga")
    told = b"".join(
        bytes(entry.content) for entry in Entry.objects.filter(trail_number=trail_of(HOSPITAL))
    )
    assert b"sequence_hole" in told
    assert b"qinghe" not in told
    own = b"".join(
        bytes(entry.content)
        for entry in Entry.objects.filter(trail_number=trail_of(NEIGHBOUR), kind="check.slice/v1")
    )
    assert b'"sources":"qinghe-agent"' in own


def trail_of(tenant: str) -> int:
    return Tenant.objects.get(key=tenant).trail_id
