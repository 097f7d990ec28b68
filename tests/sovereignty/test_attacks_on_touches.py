"""Ways to end a touch, to hide one, or to say of a card what was taken back, each played against
the recorder, a check and a replay."""

from pathlib import Path
from typing import Any

import pytest

from audit.models import Entry
from sovereignty.checking.check import check
from sovereignty.checking.question import ask
from sovereignty.models import Tenant
from sovereignty.replay.command_line import main
from tests import builders as b
from tests.sovereignty import small_site as site
from tests.sovereignty.replay.test_replay import exported
from tests.sovereignty.test_attacks import rule_of

pytestmark = pytest.mark.usefixtures("ledger")
NUMBERED = b.stated(
    "source.declared", id="s-3", name="slurm", reports=["touch"], sequenced=True, reach_ms=0
)


def started(
    id: str, cards: str, at: int, tenant: str = b.NEIGHBOUR, source: str = "slurm", **more: Any
) -> b.Event:
    return b.event(
        "touch.started",
        id=f"start-{id}",
        source=source,
        tenant=tenant,
        touch=id,
        workload="triage-7b",
        parts=[{"cards": [cards]}],
        started_at=b.START + at * b.HOUR,
        evidence="observed",
        **more,
    )


def ended(
    id: str, at: int, tenant: str = b.NEIGHBOUR, source: str = "slurm", **more: Any
) -> b.Event:
    told: dict[str, Any] = {"touch": id, "ended_at": b.START + at * b.HOUR, "evidence": "observed"}
    return b.event("touch.ended", id=f"end-{id}", source=source, tenant=tenant, **told, **more)


def told_at(hour: int, event: b.Event) -> b.Event:
    return event | {"time": f"2026-01-02T{hour:02}:00:00Z"}


def test_another_source_ends_nothing() -> None:
    b.accept_all(
        *site.facts(),
        started("9", "hz-1/0", 1),
        b.touch("1", ["hz-1/0"], start=b.hour(4), end=b.hour(6)),
    )
    b.accept_all(ended("9", 2, source="rogue"))
    assert rule_of("PL-03")["verdict"] == "non_compliant"
    b.accept_all(ended("9", 8))
    assert rule_of("PL-03")["verdict"] == "non_compliant"


def test_another_source_s_start_keeps_the_true_one_out_of_nothing() -> None:
    b.accept_all(*site.facts(), b.touch("1", ["hz-1/0"], source="rogue"))
    b.accept_all(b.touch("1", ["sg-1/0"]))
    assert rule_of("PL-01")["verdict"] == "non_compliant"


def test_a_correction_counts_from_its_own_place_in_the_batch(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved: dict[str, Any] = {"node": "hz-9", "effective_at": b.START, "evidence": "declared"}
    cards = [{"slots": "0", **site.CHIP}]
    home, foreign = (
        b.event("node.registered", **moved, region=region, cards=cards)
        for region in ("cn-1", "sg-1")
    )
    b.accept_all(
        *site.facts(),
        home,
        b.event("node.moved", **moved, region="cn-1"),
        b.correction(home, replacement=foreign),
    )
    b.accept_all(b.touch("1", ["hz-9/0"]))
    assert rule_of("PL-01")["verdict"] == "non_compliant"
    assert main(exported(tmp_path)[1]) == 0
    assert "PL-01: DIFFERENT" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["card.replaced", "card.retired"])
def test_another_card_said_of_the_same_time_is_not_undone_by_what_the_same_source_said_before(
    kind: str,
) -> None:
    b.accept_all(
        *site.facts(),
        b.stated(
            "node.registered",
            id="n-9",
            node="hz-9",
            region="cn-1",
            cards=[{"slots": "0", **site.CHIP}],
        ),
    )
    b.accept_all(b.touch("1", ["hz-9/0"]))
    assert rule_of("PL-02")["verdict"] == "compliant"
    b.accept_all(b.stated(kind, id="reset", node="hz-9", slot="0"))
    assert rule_of("PL-02")["verdict"] == "unverifiable"


def test_a_lost_start_is_running_still_where_an_end_shows_that_the_source_tells_starts() -> None:
    b.accept_all(*site.facts(), NUMBERED)
    b.accept_all(
        told_at(2, b.touch("8", ["hz-1/7"], tenant=b.NEIGHBOUR, sequence=2)),
        told_at(8, ended("9", 8, sequence=3)),
    )
    b.accept_all(b.touch("1", ["hz-1/0"], start=b.hour(4), end=b.hour(6)))
    assert rule_of("PL-03")["totals"] == {"unverifiable": 2 * 3600}


def test_an_end_whose_start_nobody_knows_leaves_the_time_before_it_unproven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    b.accept_all(
        *site.facts(),
        b.touch("1", ["hz-1/0"], start=b.hour(4), end=b.hour(6)),
        b.touch("2", ["hz-1/0"], start=b.hour(8), end=b.hour(9)),
    )
    b.accept_all(ended("9", 7))
    assert rule_of("PL-03")["totals"] == {"compliant": 3600, "unverifiable": 2 * 3600}
    b.accept_all(ended("own", 7, tenant=b.HOSPITAL))
    assert main(exported(tmp_path)[1]) == 0
    assert "OP-01: DIFFERENT" not in capsys.readouterr().out
    b.accept_all(started("9", "hz-1/7", 6), started("own", "hz-1/6", 6, tenant=b.HOSPITAL))
    assert rule_of("PL-03")["verdict"] == "compliant"


@pytest.mark.parametrize(
    "declared",
    [
        {"evidence": "planned", "effective_at": 0},
        {"evidence": "declared", "effective_at": b.START + 20 * b.HOUR},
        {"evidence": "declared", "effective_at": 4_102_444_800_000},
    ],
)
def test_a_plan_or_a_word_about_the_future_frees_nobody_of_its_numbers(
    declared: dict[str, Any],
) -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    b.accept_all(b.touch("2", ["hz-1/7"], tenant=b.NEIGHBOUR, source="scout", sequence=3))
    assert rule_of("PL-03")["verdict"] == "unverifiable"
    b.accept_all(b.event("source.declared", id="s-9", name="scout", reports=["touch"], **declared))
    assert rule_of("PL-03")["verdict"] == "unverifiable"


def test_a_source_that_only_a_neighbour_has_is_told_by_a_pseudonym() -> None:
    b.accept_all(*site.facts(), b.touch("1"))
    b.accept_all(
        *(
            b.touch(
                str(n),
                ["hz-1/7"],
                tenant=b.NEIGHBOUR,
                start=b.hour(n),
                end=b.hour(n + 1),
                source="qinghe-agent",
                sequence=n,
            )
            for n in (2, 4)
        )
    )
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")
    told = b"".join(
        bytes(entry.content) for entry in Entry.objects.filter(trail_number=trail_of(b.HOSPITAL))
    )
    assert b"sequence_hole" in told
    assert b"qinghe" not in told
    own = b"".join(
        bytes(entry.content)
        for entry in Entry.objects.filter(trail_number=trail_of(b.NEIGHBOUR), kind="check.slice/v1")
    )
    assert b'"sources":"qinghe-agent"' in own


def trail_of(tenant: str) -> int:
    return Tenant.objects.get(key=tenant).trail_id
