"""The database and a bundle show the same of what sources told beyond their declarations, over
random histories with losses."""

from collections.abc import Set
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sovereignty.facts.kinds import FactFamily
from sovereignty.loading.observed_scope import MOST_RANGES
from sovereignty.loading.world import load_world
from sovereignty.models import Batch, Tenant
from sovereignty.plane.coverage.observed_scope import ObservedScope
from sovereignty.plane.coverage.sources import sources_of
from sovereignty.plane.world import Grade, ReportedScope, World
from sovereignty.policy.document import parse
from sovereignty.policy.evaluate import evaluate
from tests import builders as b
from tests.sovereignty import small_site as site
from tests.sovereignty.loading.test_world import loaded, replayed

pytestmark = pytest.mark.usefixtures("ledger")
TOUCH, ACCESS = frozenset[FactFamily]({"touch"}), frozenset[FactFamily]({"access"})
AT_NOON: dict[str, Any] = {"effective_at": b.START + 12 * b.HOUR, "evidence": "declared"}
SOURCES = ("scout", "gate", "dcim")
CARDS = ("hz-1/0-3", "hz-1/4-7", "hz-1/0,2", "sg-1/0-7", "hz-1/x")


DECLARED = b.stated(
    "source.declared",
    id="s-9",
    name="scout",
    reports=["touch"],
    cards=["hz-1/0-3"],
    sequenced=True,
    reach_ms=2 * b.HOUR,
)


def of_scout(kind: str, id: str, **data: Any) -> b.Event:
    """A fact of the hospital that the source told at noon."""
    return b.event(
        kind, id=id, source="scout", **{"tenant": b.HOSPITAL, "evidence": "observed"} | data
    )


def at_noon(kind: str, id: str, **data: Any) -> b.Event:
    """A statement of the source about the fleet, which holds from noon."""
    return b.event(kind, id=id, source="scout", **AT_NOON, **data)


def ran(id: str, cards: str = "hz-1/0", start: int = 10, **more: Any) -> b.Event:
    body = {
        "parts": [{"cards": [cards]}],
        "started_at": b.START + start * b.HOUR,
        "ended_at": b.START + 12 * b.HOUR,
    } | more
    return of_scout("touch.recorded", id, touch=id, workload="w", **body)


def correction(
    of: str, by: str, replacement: b.Event | None = None, source: str = "scout", **members: Any
) -> b.Event:
    """Another body in the place of the hospital's fact, or none."""
    original = b.touch(id=of, source=source)
    return b.correction(original, replacement=replacement, source=by, **members)


TOLD: dict[str, tuple[list[b.Event], ObservedScope]] = {
    "what it declared": ([ran("1")], ObservedScope(2 * b.HOUR, TOUCH)),
    "a touch told late": ([ran("1", start=1)], ObservedScope(11 * b.HOUR, TOUCH)),
    "an end told late": (
        [of_scout("touch.ended", "e", touch="1", ended_at=b.START)],
        ObservedScope(12 * b.HOUR, TOUCH),
    ),
    "an access": (
        [of_scout("access.recorded", "a", access="a", person="li", started_at=b.START)],
        ObservedScope(12 * b.HOUR, ACCESS),
    ),
    "a workload since long ago": (
        [of_scout("workload.declared", "w", workload="w", effective_at=b.START)],
        ObservedScope(12 * b.HOUR),
    ),
    "a heartbeat of a long time": (
        [b.event("heartbeat", id="h", source="scout", from_at=b.START, to_at=b.START + b.HOUR)],
        ObservedScope(),
    ),
    "other cards": ([ran("1", "sg-1/0")], ObservedScope(2 * b.HOUR, TOUCH, True)),
    "a slot that nobody declared": ([ran("1", "hz-1/x")], ObservedScope(2 * b.HOUR, TOUCH, True)),
    "a count of a node that it declared in part": (
        [ran("1", parts=[{"k": 1, "of": ["hz-1"]}])],
        ObservedScope(2 * b.HOUR, TOUCH, True),
    ),
    "a count of nobody knows which": (
        [ran("1", parts=[{"k": 1, "of": None}])],
        ObservedScope(2 * b.HOUR, TOUCH, True),
    ),
    "what it declared, by serials": (
        [
            b.stated(
                "node.registered",
                id="n-3",
                node="hz-1",
                cards=[{"slots": "0-1", "serials": ["A", "B"]}],
            ),
            ran("1", parts=[{"serials": ["B"]}]),
        ],
        ObservedScope(2 * b.HOUR, TOUCH),
    ),
    "a late touch that an administrator corrects": (
        [ran("1", "sg-1/0", 1), correction("1", "cmdb", ran("1"))],
        ObservedScope(2 * b.HOUR, TOUCH),
    ),
    "a touch that an administrator corrects later": (
        [ran("1"), correction("1", "cmdb", ran("1", start=11), time="2026-01-02T20:00:00Z")],
        ObservedScope(b.HOUR, TOUCH),
    ),
    "a late touch that an administrator retracts": (
        [ran("1", "sg-1/0", 1), correction("1", "cmdb")],
        ObservedScope(0, TOUCH),
    ),
    "a late touch that it retracts itself": (
        [ran("1", start=1), correction("1", "scout")],
        ObservedScope(11 * b.HOUR, TOUCH),
    ),
    "a touch that turns out to be late and elsewhere": (
        [ran("1"), correction("1", "cmdb", ran("1", "sg-1/0", 1))],
        ObservedScope(11 * b.HOUR, TOUCH, True),
    ),
    "another source's fact, corrected": (
        [b.touch("7", id="t-7"), correction("t-7", "scout", source="slurm")],
        ObservedScope(11 * b.HOUR, TOUCH, True),
    ),
    "a region of its own": ([at_noon("region.declared", "r", region="empty")], ObservedScope()),
    "a region with other cards": (
        [at_noon("region.declared", "r", region="cn-1")],
        ObservedScope(outside_declared_cards=True),
    ),
    "a node with other cards": (
        [at_noon("node.moved", "m", node="hz-1", region="cn-1")],
        ObservedScope(outside_declared_cards=True),
    ),
    "a node without cards": (
        [at_noon("node.moved", "m", node="hz-2", region="cn-1")],
        ObservedScope(outside_declared_cards=True),
    ),
    "a card of its own": ([at_noon("card.retired", "c", node="hz-1", slot="3")], ObservedScope()),
    "another card": (
        [at_noon("card.retired", "c", node="hz-1", slot="4")],
        ObservedScope(outside_declared_cards=True),
    ),
    "another source, declared": (
        [
            b.event(
                "source.declared", id="s", source="scout", name="new", reports=["touch"], **AT_NOON
            )
        ],
        ObservedScope(outside_declared_cards=True),
    ),
    "a neighbour's touch": ([ran("1", "sg-1/0", 1, tenant=b.NEIGHBOUR)], ObservedScope()),
}


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("together", [True, False])
def test_both_show_what_a_source_told(name: str, together: bool) -> None:
    lines, wanted = TOLD[name]
    lost = (
        b.event("sequence.reported", id="lost", source="scout", highest=2),
        b.event("sequence.reported", id="lost-2", source="scout", tenant=b.HOSPITAL, highest=2),
    )
    b.accept_all(*site.facts(), DECLARED, *lost)
    for batch in (
        [lines]
        if together and name != "what it declared, by serials"
        else [[line] for line in lines]
    ):
        b.accept_all(*batch)
    for world in (loaded(), replayed()):
        (scout,) = (
            each
            for each in sources_of(world, Grade.DECLARED, site.PERIOD[1])
            if each.name == "scout"
        )
        seen = scout.scopes.seen_by(world.tenants.index(b.HOSPITAL))
        assert replace(seen, reports=seen.reports - {"inventory"}) == wanted


@pytest.mark.parametrize(
    "declared",
    ["hz-1/0,2,4-5", f"hz-9/{','.join(str(2 * slot) for slot in range(MOST_RANGES + 1))}"],
)
@pytest.mark.parametrize(
    ("slots", "is_outside"),
    [("0", False), ("0,2", False), ("0,3", True), ("3", True), ("2,4-5", None)],
)
def test_both_tell_declared_cards_from_others_however_they_lie(
    declared: str, slots: str, is_outside: bool | None
) -> None:
    """`2,4-5` is declared in the first set alone; the second has more ranges than the database
    compares."""
    node = declared.split("/")[0]
    narrow = b.stated(
        "source.declared",
        id="s-9",
        name="scout",
        reports=["touch"],
        cards=[declared],
        sequenced=True,
    )
    b.accept_all(
        *site.facts(), narrow, b.event("sequence.reported", id="lost", source="scout", highest=2)
    )
    b.accept_all(ran("1", f"{node}/{slots}"))
    wanted = node == "hz-9" if is_outside is None else is_outside
    for world in (loaded(), replayed()):
        (scout,) = (
            each
            for each in sources_of(world, Grade.DECLARED, site.PERIOD[1])
            if each.name == "scout"
        )
        assert (
            scout.scopes.seen_by(world.tenants.index(b.HOSPITAL)).outside_declared_cards == wanted
        )


def test_what_was_told_is_read_as_of_the_position() -> None:
    b.accept_all(
        *site.facts(),
        DECLARED,
        b.event("sequence.reported", id="lost", source="scout", highest=2),
        ran("1", "sg-1/0", 1),
    )
    then = Batch.objects.latest("position").position or 0
    b.accept_all(
        correction("1", "cmdb", ran("1")),
        of_scout("access.recorded", "a", access="a", person="li", started_at=b.START),
    )
    reported = [
        (scope.max_lookback_ms, sorted(scope.reports), scope.outside_declared_cards)
        for position in (then, then + 1)
        for scope in load_world(position, site.PERIOD, Grade.DECLARED).reported_scope({"scout"})
        if scope.trail is not None
    ]
    assert reported == [(11 * b.HOUR, ["touch"], True), (12 * b.HOUR, ["access", "touch"], False)]


def test_what_a_whole_source_told_is_not_asked() -> None:
    b.accept_all(*site.facts(), DECLARED, ran("1", "sg-1/0", 1))
    asked: list[set[str]] = []

    def ask(sources: Set[str]) -> list[ReportedScope]:
        asked.append(set(sources))
        return []

    for world in (loaded(), replayed()):
        sources_of(replace(world, reported_scope=ask), Grade.DECLARED, site.PERIOD[1])
        with CaptureQueriesContext(connection) as queries:
            assert world.reported_scope(set()) == []
        assert [query for query in queries if "SELECT" in query["sql"]] == []
    assert asked == [set(), set()]


class History:
    """Facts of three sources that number all they say, declare little and lose some. Each history
    has some ways in which they say more than they declared, and no others, or one would hide
    another."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        ways = ["late", "cards", "counts", "nowhere", "kinds", "places", "corrections", "others"]
        self.ways = frozenset(self.random.sample(ways, self.random.choice([1, 1, 2, 3])))
        self.numbers: dict[tuple[str, str | None], int] = {}
        self.told: list[tuple[str, str | None, str, dict[str, Any]]] = []
        self.count = 0
        self.reports: dict[str, set[str]] = {}
        self.ids: dict[int, str] = {}

    def declarations(self) -> list[b.Event]:
        random, lines = self.random, []
        for name in SOURCES:
            for _ in range(random.choice([1, 1, 2])):
                bounds: Any = (
                    {"reach_ms": random.choice([2 * b.HOUR, 6 * b.HOUR])}
                    if random.random() < 0.8
                    else {}
                )
                bounds |= {"cards": CARDS[: random.randint(1, 2)]} if random.random() < 0.8 else {}
                reports = random.choice([["touch"], ["access"], ["inventory"], ["touch", "access"]])
                self.reports[name] = {*reports, *self.reports.get(name, ())}
                said: dict[str, Any] = {
                    "name": name,
                    "reports": reports,
                    "sequenced": True,
                    "effective_at": 0,
                    "evidence": "declared",
                }
                lines.append(
                    b.event("source.declared", id=f"declared-{self.next()}", **said, **bounds)
                )
        return lines

    def next(self) -> int:
        self.count += 1
        return self.count

    def line(
        self, kind: str, source: str, tenant: str | None, data: dict[str, Any], told_at: int
    ) -> b.Event:
        """One fact, numbered in its trail; a number is skipped now and then."""
        number = self.numbers.get((source, tenant), 0) + (2 if self.random.random() < 0.15 else 1)
        self.numbers[source, tenant] = number
        about = {} if tenant is None else {"tenant": tenant}
        said = b.event(
            kind, id=f"fact-{self.next()}", source=source, sequence=number, **about, **data
        )
        return said | {"time": f"2026-01-02T{told_at:02}:00:00Z"}

    def fact(self) -> b.Event:
        random = self.random
        source, tenant, hour = (
            random.choice(SOURCES),
            random.choice([b.HOSPITAL, b.NEIGHBOUR]),
            random.randint(1, 12),
        )
        if self.told and "corrections" in self.ways and random.random() < 0.3:
            return self.correction(source, hour)
        kinds = ["workload.declared", "heartbeat", "card.retired"]
        kinds += ["touch.recorded", "touch.started", "touch.ended"] * (
            "kinds" in self.ways or "touch" in self.reports[source]
        )
        kinds += ["access.recorded"] * ("kinds" in self.ways or "access" in self.reports[source])
        kinds += ["node.moved", "region.declared"] * ("places" in self.ways)
        kind = random.choice(kinds)
        data = self.body(kind, hour)
        where = (
            None
            if kind in ("node.moved", "card.retired", "region.declared", "heartbeat")
            else tenant
        )
        self.told.append((source, where, kind, data))
        return self.line(kind, source, where, data, hour)

    def body(self, kind: str, hour: int, of: str = "") -> dict[str, Any]:
        random, late = self.random, "late" in self.ways and self.random.random() < 0.3
        at = b.START + (random.randint(-3, 0) if late else hour - random.randint(1, 2)) * b.HOUR
        name = of or f"it-{self.next()}"
        parts: list[dict[str, Any]] = [
            {"cards": [random.choice(CARDS if "cards" in self.ways else CARDS[:1])]}
        ]
        if ("counts" in self.ways or "nowhere" in self.ways) and random.random() < 0.3:
            parts = [{"k": 1, "of": ["hz-1"] if "counts" in self.ways else None}]
        bodies: dict[str, dict[str, Any]] = {
            "touch.recorded": {
                "touch": name,
                "workload": "w",
                "parts": parts,
                "started_at": at,
                "ended_at": at + b.HOUR,
            },
            "touch.started": {"touch": name, "workload": "w", "parts": parts, "started_at": at},
            "touch.ended": {"touch": name, "ended_at": at},
            "access.recorded": {"access": name, "person": "li", "started_at": at},
            "node.moved": {
                "node": of or random.choice(["hz-1", "sg-1", "no-cards"]),
                "region": "cn-1",
                "effective_at": at,
            },
            "card.retired": {
                "node": "hz-1",
                "slot": random.choice("0123") if "cards" not in self.ways else "7",
                "effective_at": at,
            },
            "region.declared": {
                "region": of or random.choice(["cn-1", "sg-1", "empty"]),
                "country": "CN",
                "effective_at": at,
            },
            "workload.declared": {"workload": name, "effective_at": at},
        }
        if kind == "heartbeat":
            return {"from_at": at, "to_at": at + b.HOUR}
        return bodies[kind] | {"evidence": "declared"}

    def correction(self, by: str, hour: int) -> b.Event:
        source, tenant, kind, data = self.random.choice(self.told)
        names = [name for name in ("touch", "access", "node", "region", "workload") if name in data]
        number = int(self.ids[id(data)]) if id(data) in self.ids else 0
        said: dict[str, Any] = {"source": source, "id": f"fact-{number}", "reason": "wrong"}
        if self.random.random() < 0.7 and kind != "card.retired":
            about = {} if tenant is None else {"tenant": tenant}
            body = self.body(kind, hour, data[names[0]] if names else "") | about
            said["replacement"] = {"type": f"{kind}/v1", "data": body}
        line = self.line("correction", by if "others" in self.ways else source, tenant, {}, hour)
        line["data"] |= said
        return line

    def facts(self) -> list[b.Event]:
        lines = []
        for _ in range(self.random.randint(3, 25)):
            before = len(self.told)
            lines.append(self.fact())
            if len(self.told) > before:
                self.ids[id(self.told[-1][3])] = lines[-1]["id"].removeprefix("fact-")
        return lines


def shown(world: World, tenant: int) -> Any:
    """What the fleet's trail and the tenant's own show of each source's losses."""
    found = {}
    for each in sources_of(world, Grade.DECLARED, site.PERIOD[1]):
        seen = each.scopes.seen_by(tenant)
        loses = tenant in each.lost
        found[each.name] = {
            "lost": each.lost.get(tenant),
            "fleet": each.fleet_lost_from,
            "cards of the fleet's": each.fleet_lost_from is not None
            and each.widest_cards(each.scopes.fleet) is None,
            "cards": loses and each.widest_cards(seen) is None,
            "kinds": loses and [each.may_report("touch", seen), each.may_report("access", seen)],
        }
    return found


def judged(world: World) -> Any:
    """The parts of the rules that a bundle judges again."""
    position = Batch.objects.latest("position").position or 0
    found: Any = evaluate(
        world, parse(site.POLICY), period=site.PERIOD, position=position, scope=(b.HOSPITAL,)
    )
    return [
        rule for rule in found["tenants"][0]["rules"] if rule["rule"] in ("PL-01", "PL-02", "OP-01")
    ]


@pytest.mark.parametrize("seed", range(80))
def test_both_show_the_same_of_what_was_told(seed: int) -> None:
    history = History(seed)
    b.accept_all(*site.facts(), *history.declarations())
    lines = history.facts()
    cut = history.random.randint(0, len(lines))
    for batch in (lines[:cut], lines[cut:]):
        b.record_all(*batch)  # what is refused is lost: its number is missing
    first, second = loaded(), replayed()
    assert Tenant.objects.count() == 2
    assert shown(first, first.tenants.index(b.HOSPITAL)) == shown(second, 0), seed
    assert judged(first) == judged(second), seed
