"""Load the world: the projection as of one position, for one period, in the form that the evaluator reads.

A row is live at position P if its batch's position is at most P and it was not superseded by a batch at or before P. Batches
commit in the order of their positions, so what is read here does not depend on when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from sovereignty.columns import integers, texts
from sovereignty.models import CHUNK_CARDS, ORDINAL_BITS
from sovereignty.plane import hostlist
from sovereignty.plane.world import (
    NO_NODE,
    OPEN,
    Access,
    CardRanges,
    Grade,
    Heard,
    KPart,
    Runs,
    Sequence,
    SourceDeclaration,
    Statement,
    Touches,
    World,
)

LIVE = (
    " JOIN sovereignty_batch made ON made.id = t.made_by_id AND made.position <= %s"
    " LEFT JOIN sovereignty_batch gone ON gone.id = t.superseded_by_id AND gone.position <= %s"
    " WHERE gone.id IS NULL"
)
ORDINAL_MASK = (1 << ORDINAL_BITS) - 1
CARD_ATTRIBUTES = (
    "vendor", "model", "pci_id", "design_country", "fabrication_country", "packaging_country", "firmware_country",
)  # fmt: skip
Step = Callable[[str], None]


@dataclass(slots=True)
class Names:
    """Database keys to the world's indexes, and the register's slots."""

    tenants: dict[int, int] = field(default_factory=dict)
    workloads: dict[int, int] = field(default_factory=dict)
    nodes: dict[int, int] = field(default_factory=dict)
    trails: dict[int, int | None] = field(default_factory=dict)
    node_names: dict[str, int] = field(default_factory=dict)
    slots: dict[str, dict[str, int]] = field(default_factory=dict)


def load_world(position: int, period: tuple[int, int], step: Step = lambda name: None) -> World:
    """Return the world as of `position`, with the touches and accesses that meet `period` (from, to; milliseconds UTC).

    `step` is told what is being read, for progress. Needs one open transaction, so that every part is read from one state.
    """
    names = Names()
    step("inventory")
    nodes, card_node, card_slot = _register(position, names)
    tenants, workloads = _subjects(position, names)
    statements = [*_regions(position), *_nodes(position, names), *_cards(position), *_tenants(position, names)]
    statements += _workloads(position, names)
    step("touches")
    keys, touches = _touches(position, period, names)
    step("cards of touches")
    runs = _runs(keys, touches, period)
    parts = _parts(keys, names)
    step("sources")
    sources = _sources(position, names)
    return World(
        nodes=nodes,
        card_node=card_node,
        card_slot=card_slot,
        tenants=tenants,
        workloads=workloads,
        statements=statements,
        touches=touches,
        runs=runs,
        parts=parts,
        accesses=_accesses(position, period, names),
        sources=sources,
        heard=_heard(position, names),
        sequences=_sequences(position, names, sorted({source.name for source in sources if source.sequenced})),
    )


def _select(sql: str, params: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())


def _live(columns: str, table: str, position: int, tail: str = "", params: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a derived table `t` that are live at `position`."""
    return _select(f"SELECT {columns} FROM {table} t{LIVE}{tail}", [position, position, *params])  # noqa: S608 - our own names


def _register(position: int, names: Names) -> tuple[list[str], NDArray[np.int32], list[str | None]]:
    """Nodes and cards; a card that was first named later is a gap, or *k of its node* would be judged by cards nobody knew of."""
    nodes = _select("SELECT id, name FROM sovereignty_node ORDER BY id")
    names.nodes = {pk: place for place, (pk, _) in enumerate(nodes)}
    names.node_names = {name: place for place, (_, name) in enumerate(nodes)}
    cards = _select(
        "SELECT t.number, t.node_id, t.slot FROM sovereignty_card t "
        "JOIN sovereignty_batch made ON made.id = t.made_by_id AND made.position <= %s",
        [position],
    )
    size = max((number for number, _, _ in cards), default=-1) + 1
    card_node = np.full(size, NO_NODE, dtype=np.int32)
    card_slot: list[str | None] = [None] * size
    texts = [name for _, name in nodes]
    for number, node, slot in cards:
        place = names.nodes[node]
        card_node[number] = place
        card_slot[number] = slot
        names.slots.setdefault(texts[place], {})[slot] = number
    return texts, card_node, card_slot


def _subjects(position: int, names: Names) -> tuple[list[str], list[str]]:
    """The tenants of whom something was known at the position, and every workload."""
    tenants = _select(
        "SELECT t.id, t.key, t.trail_id FROM sovereignty_tenant t WHERE EXISTS ("
        "SELECT 1 FROM sovereignty_fact f JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s "
        "WHERE f.trail_number = t.trail_id) ORDER BY t.key",
        [position],
    )
    names.tenants = {pk: place for place, (pk, _, _) in enumerate(tenants)}
    names.trails = {0: None, **{trail: place for place, (_, _, trail) in enumerate(tenants)}}
    workloads = _select("SELECT id, key FROM sovereignty_workload ORDER BY id")
    names.workloads = {pk: place for place, (pk, _) in enumerate(workloads)}
    return [key for _, key, _ in tenants], [key for _, key in workloads]


HEAD = "t.effective_at, t.grade, t.source, made.position, t.fact_id"


def _statement(subject: Any, head: tuple[Any, ...], values: dict[str, Any], resets: bool = False) -> Statement:
    effective_at, grade, source, position, fact = head
    known = {name: value for name, value in values.items() if value is not None}
    return Statement(subject, effective_at, Grade(grade), source, _order(position, fact), known, resets)


def _order(position: int, fact: int) -> int:
    """Ledger order: the rank of the batch that says so, then the fact's place in its batch."""
    return position << ORDINAL_BITS | fact & ORDINAL_MASK


def _regions(position: int) -> Iterator[Statement]:
    for *head, region, country, territory, provider in _live(
        f"{HEAD}, t.region, t.country, t.territory, t.provider", "sovereignty_regionstatement", position
    ):
        yield _statement(("region", region), tuple(head), {"country": country, "territory": territory, "provider": provider})


def _nodes(position: int, names: Names) -> Iterator[Statement]:
    for *head, node, region, owner in _live(f"{HEAD}, t.node_id, t.region, t.owner", "sovereignty_nodestatement", position):
        yield _statement(("node", names.nodes[node]), tuple(head), {"region": region, "owner": owner})


def _cards(position: int) -> Iterator[Statement]:
    """Card statements; consecutive cards of which one fact says the same are one statement."""
    columns = ", ".join(f"t.{name}" for name in CARD_ATTRIBUTES)
    found = _live(
        f"t.card_id, {HEAD}, t.resets, t.present, {columns}",
        "sovereignty_cardstatement",
        position,
        " ORDER BY t.fact_id, made.position, t.card_id",
    )
    first = last = -1
    said: tuple[Any, ...] = ()
    for number, *rest in found:
        if tuple(rest) == said and number == last + 1:
            last = number
            continue
        if said:
            yield _card(first, last, said)
        first = last = number
        said = tuple(rest)
    if said:
        yield _card(first, last, said)


def _card(first: int, last: int, said: tuple[Any, ...]) -> Statement:
    head, (resets, present), attributes = said[:5], said[5:7], said[7:]
    values = dict(zip(CARD_ATTRIBUTES, attributes, strict=True))
    if resets and not present:
        values["present"] = "no"
    return _statement(("cards", (first, last)), head, values, bool(resets))


def _tenants(position: int, names: Names) -> Iterator[Statement]:
    attributes = ("sector", "home_jurisdiction", "controlling_jurisdiction")
    columns = ", ".join(f"t.{name}" for name in attributes)
    for *head, tenant, sector, home, controlling in _live(
        f"{HEAD}, t.tenant_id, {columns}", "sovereignty_tenantstatement", position
    ):
        values = dict(zip(attributes, (sector, home, controlling), strict=True))
        yield _statement(("tenant", names.tenants[tenant]), tuple(head), values)


def _workloads(position: int, names: Names) -> Iterator[Statement]:
    for *head, workload, kind, data_class in _live(
        f"{HEAD}, t.workload_id, t.kind, t.data_class", "sovereignty_workloadstatement", position
    ):
        yield _statement(("workload", names.workloads[workload]), tuple(head), {"kind": kind, "data_class": data_class})


MEETS = " AND t.started_at < %s AND (t.ended_at IS NULL OR t.ended_at > %s)"


def _touches(position: int, period: tuple[int, int], names: Names) -> tuple[NDArray[np.int64], Touches]:
    """The live touches that meet the period in the order of their keys; the keys beside them."""
    params = [position, position, period[1], period[0]]
    tail = f"{LIVE}{MEETS} ORDER BY t.key"
    key, tenant, workload, grade, start, end = integers(
        f"SELECT t.key, t.tenant_id, t.workload_id, t.grade, t.started_at, COALESCE(t.ended_at, {OPEN}) "  # noqa: S608
        f"FROM sovereignty_touch t{tail}",
        params,
        6,
    )
    ids = texts(f"SELECT t.touch_id FROM sovereignty_touch t{tail}", params)  # noqa: S608
    return key, Touches(
        id=ids,
        tenant=_mapped(tenant, names.tenants),
        workload=_mapped(workload, names.workloads),
        start=start,
        end=end,
        grade=grade.astype(np.int8),
    )


def _mapped(keys: NDArray[np.int64], places: dict[int, int]) -> NDArray[np.int32]:
    """Database keys as the world's indexes."""
    known = np.array(sorted(places), dtype=np.int64)
    indexes = np.array([places[key] for key in known.tolist()], dtype=np.int32)
    return indexes[np.searchsorted(known, keys)]


def _runs(keys: NDArray[np.int64], touches: Touches, period: tuple[int, int]) -> Runs:
    """Chunk rows of the loaded touches as runs of consecutive cards."""
    where = "FROM sovereignty_touchchunk t WHERE t.started_at < %s AND (t.ended_at IS NULL OR t.ended_at > %s)"
    params = [period[1], period[0]]
    whole = integers(
        f"SELECT t.touch_id, t.first_card, t.last_card, t.started_at, COALESCE(t.ended_at, {OPEN}) {where} AND t.bits IS NULL",
        params,
        5,
    )
    holed = _select(
        f"SELECT t.touch_id, t.chunk, t.bits, t.started_at, COALESCE(t.ended_at, {OPEN}) {where} AND t.bits IS NOT NULL", params
    )
    pieces = np.array([piece for row in holed for piece in _pieces(row)], dtype=np.int64).reshape(-1, 5)
    touch, first, last, start, end = (np.concatenate([column, pieces[:, place]]) for place, column in enumerate(whole))
    place = np.searchsorted(keys, touch)
    live = (
        (place < len(keys)) & (keys[np.minimum(place, len(keys) - 1)] == touch) if len(keys) else np.zeros(len(touch), dtype=bool)
    )
    return Runs(touch=place[live].astype(np.int32), first=first[live], last=last[live], start=start[live], end=end[live])


def _pieces(row: tuple[Any, ...]) -> list[tuple[int, int, int, int, int]]:
    """The runs of consecutive cards in one chunk row with holes."""
    touch, chunk, bits, start, end = row
    cards = np.flatnonzero(np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little"))
    breaks = np.flatnonzero(np.diff(cards) > 1)
    firsts = np.concatenate([cards[:1], cards[breaks + 1]]) + chunk * CHUNK_CARDS
    lasts = np.concatenate([cards[breaks], cards[-1:]]) + chunk * CHUNK_CARDS
    return [(touch, int(first), int(last), start, end) for first, last in zip(firsts, lasts, strict=True)]


def _parts(keys: NDArray[np.int64], names: Names) -> list[KPart]:
    places = {key: place for place, key in enumerate(keys.tolist())}
    found = _select("SELECT touch_id, k, nodes FROM sovereignty_touchpart ORDER BY id")
    return [KPart(places[touch], k, _node_set(nodes, names)) for touch, k, nodes in found if touch in places]


def _node_set(nodes: Any, names: Names) -> tuple[int, ...] | None:
    listed = _json(nodes)
    if not listed:
        return None
    return tuple(sorted({names.node_names[name] for text in listed for name in hostlist.expand_nodes(text)}))


def _json(value: Any) -> Any:
    """A JSON column through a bare cursor: text on both engines."""
    return msgspec.json.decode(value) if isinstance(value, str) else value


def _accesses(position: int, period: tuple[int, int], names: Names) -> list[Access]:
    columns = (
        "t.access_id, t.tenant_id, t.workload_id, t.person, t.started_at, t.ended_at, t.office_country, t.physical_country, "
        "t.employer_jurisdiction, t.approval, t.grade"
    )
    tail = " AND t.started_at < %s AND COALESCE(t.ended_at, t.started_at + 1) > %s ORDER BY made.position, t.fact_id"
    found = _live(columns, "sovereignty_access", position, tail, [period[1], period[0]])
    return [
        Access(
            id=access, tenant=names.tenants[tenant], workload=None if workload is None else names.workloads[workload], person=person,
            start=start, end=end, office_country=office, physical_country=physical, employer_jurisdiction=employer,
            approval=approval, grade=Grade(grade),
        )
        for access, tenant, workload, person, start, end, office, physical, employer, approval, grade in found
    ]  # fmt: skip


def _card_ranges(cards: Any, names: Names) -> CardRanges | None:
    listed = _json(cards)
    if listed is None:
        return None
    numbers = [names.slots[node][slot] for text in listed for node, slots in hostlist.expand(text) for slot in slots]
    return _ranges(sorted(numbers))


def _ranges(numbers: list[int]) -> CardRanges:
    """Ascending numbers as closed ranges."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number <= found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def _sources(position: int, names: Names) -> list[SourceDeclaration]:
    columns = (
        "t.name, t.effective_at, made.position, t.fact_id, t.reports, t.cards, t.heartbeat_ms, t.reach_ms, t.sequenced, t.grade"
    )
    return [
        SourceDeclaration(
            name, effective_at, _order(made, fact), frozenset(_json(reports)), _card_ranges(cards, names), heartbeat_ms, reach_ms,
            bool(sequenced), Grade(grade),
        )
        for name, effective_at, made, fact, reports, cards, heartbeat_ms, reach_ms, sequenced, grade in _live(
            columns, "sovereignty_sourcedeclaration", position, " ORDER BY made.position, t.fact_id"
        )
    ]  # fmt: skip


def _heard(position: int, names: Names) -> list[Heard]:
    found = _live("t.source, t.from_at, t.to_at, t.cards", "sovereignty_heard", position, " ORDER BY t.from_at, t.fact_id")
    return [Heard(source, from_at, to_at, _card_ranges(cards, names)) for source, from_at, to_at, cards in found]


def _sequences(position: int, names: Names, sources: list[str]) -> list[Sequence]:
    """The numbers of every sequenced source in every trail, with what the source itself reported as its highest."""
    highest: dict[tuple[str, int], int] = {}
    for source, trail, reported in _live("t.source, t.trail_number, t.highest", "sovereignty_sequencereport", position):
        highest[source, trail] = max(reported, highest.get((source, trail), 0))
    found: list[Sequence] = []
    for source in sources:
        trail, numbers, times, starts = integers(
            "SELECT f.trail_number, f.sequence, f.occurred_at, CASE WHEN f.kind = 'touch.started/v1' THEN 1 ELSE 0 END "
            "FROM sovereignty_fact f JOIN sovereignty_batch made ON made.id = f.batch_id AND made.position <= %s "
            "WHERE f.source = %s AND f.sequence >= 1",
            [position, source],
            4,
        )
        reported = {where for name, where in highest if name == source}
        for number in sorted({*np.unique(trail).tolist(), *reported}):
            chosen = trail == number
            known, first = np.unique(numbers[chosen], return_index=True)
            found.append(
                Sequence(
                    source,
                    names.trails[number],
                    known,
                    times[chosen][first],
                    highest.get((source, number), 0),
                    bool(starts[chosen].any()),
                )
            )
    return found
