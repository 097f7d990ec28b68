"""Import a trace: tables in, facts out, and an account in which every row and every fact has one
fate.

 1. load the tables into a database in memory (`tables`)
 2. compute derived columns, set rows aside by the mapping's rules (`rows`)
 3. make the facts, in the order in which they depend on each other: regions, nodes and cards,
    sources, tenants, workloads; then touches and accesses; a site plan's words follow each fact
    that they add to (`inventory`, `touches`, `facts`)
 4. record them, a batch at a time, through the record step that the caller passes
 5. settle what became of each row, and check that the account adds up (`account`)

The facts' ids come from their content, so importing the same tables again yields duplicates and
nothing else.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import Protocol

from audit.jobs.progress import Progress, silent
from sovereignty import hostlist
from sovereignty.collect.near_names import NearNames
from sovereignty.collect.planned_facts import (
    change_events,
    node_events,
    region_events,
    tenant_events,
)
from sovereignty.collect.site_plan import SitePlan
from sovereignty.collect.trace.account import Account
from sovereignty.collect.trace.events import Event, encode, kind_of, numbered
from sovereignty.collect.trace.facts import other_facts
from sovereignty.collect.trace.inventory import Change, inventory
from sovereignty.collect.trace.mapping import Mapping
from sovereignty.collect.trace.rows import Fates, accounts, noted, prepare, settle
from sovereignty.collect.trace.sql import open_memory
from sovereignty.collect.trace.tables import load
from sovereignty.collect.trace.touches import Figures, Unmade, touches
from sovereignty.facts import kinds

BATCH = 5_000  # facts of one transaction
BEFORE_TOUCHES = (
    "region.declared/v1",
    "node.moved/v1",
    "card.retired/v1",
    "source.declared/v1",
    "tenant.declared/v1",
    "workload.declared/v1",
)
AFTER_TOUCHES = tuple(kind for kind in kinds.KINDS if kind not in BEFORE_TOUCHES)


class Refusal(Protocol):
    """Why the record step refused a line."""

    @property
    def id(self) -> str | None: ...
    @property
    def field(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def received(self) -> str: ...


class Answers(Protocol):
    """What the record step answers to a batch."""

    @property
    def accepted(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def refusals(self) -> Sequence[Refusal]: ...


class Recorder(Protocol):
    """The record step (`sovereignty.recording.record.record`), or a stand-in for a dry run."""

    def __call__(self, lines: Iterable[bytes], *, actor: str, channel: str) -> Answers: ...


@dataclass(slots=True)
class Spellings:
    """Merges spellings as the site plan says, and remembers which were seen before and after, by
    kind."""

    preferred: dict[tuple[str, str], str]
    seen: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)

    def __call__(self, kind: str, spelling: str) -> str:
        best = self.preferred.get((kind, spelling), spelling)
        before, after = self.seen.setdefault(kind, (set(), set()))
        before.add(spelling)
        after.add(best)
        return best

    def counts(self) -> dict[str, tuple[int, int]]:
        """Distinct spellings before and after, by kind."""
        return {kind: (len(before), len(after)) for kind, (before, after) in self.seen.items()}


def import_trace(
    mapping: Mapping,
    given: Iterable[str | Path],
    *,
    record: Recorder,
    actor: str,
    plan: SitePlan | None = None,
    tenants: Iterable[str] = (),
    progress: Progress = silent,
) -> Account:
    """Import tables (`FILE` or `TABLE=FILE`) by a mapping, and a site plan for what they lack.
    Returns the account.

    `tenants` are the names of those that there are: the account tells of new ones that are nearly
    the same (`near_names`).

    Raises TableError, MappingError or SitePlanError before anything is recorded, but for SQL that
    fails on later rows: what was recorded by then stays, and a second import finds it as
    duplicates.
    """
    started = time.monotonic()
    spellings = Spellings({} if plan is None else plan.preferred)
    with closing(open_memory(spellings)) as connection:
        loaded = load(connection, mapping, map(str, given), progress)  # 1
        prepare(connection, mapping)  # 2
        notes = noted(connection, mapping)
        account = Account(
            expected=[] if plan is None else list(plan.expect), tenants=NearNames.beside(tenants)
        )
        fates = {name: Fates() for name in mapping.tables}
        events = _made(_facts(connection, mapping, plan, account.figures), fates)  # 3
        if mapping.sequenced:
            events = numbered(events, mapping.source)
        table = mapping.touch.rows or mapping.first_table()
        total = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        done = 0
        while batch := list(islice(events, BATCH)):
            _record(batch, record, actor, account, fates)  # 4
            done = max(done, max((len(fate.used) for fate in fates.values()), default=0))
            progress(min(done, total), total, "recording facts")
        settle(connection, mapping, fates)  # 5
        account.tables = accounts(connection, mapping, loaded, notes)
    account.spellings = spellings.counts()
    account.seconds = time.monotonic() - started
    account.check()
    return account


def _facts(
    connection: Connection, mapping: Mapping, plan: SitePlan | None, figures: Figures
) -> Iterator[Event | Unmade]:
    """Every fact of the trace and of the plan, in the order in which they depend on each other."""
    described: set[str] = set()
    if plan is not None:
        yield from region_events(plan)
    for sighted in inventory(connection, mapping):
        if isinstance(sighted, Change):
            described.add(sighted.node)
            yield from () if plan is None else change_events(plan, sighted)
        else:
            yield sighted
    for kind in BEFORE_TOUCHES:
        for event in other_facts(connection, mapping, kind):
            yield event
            if (
                plan is not None
                and isinstance(event, Event)
                and isinstance(event.data, kinds.TenantDeclared)
            ):
                yield from tenant_events(plan, event.data.tenant)
    touched: dict[str, None] = {}
    for event in touches(connection, mapping, figures):
        yield event
        if plan is not None and isinstance(event, Event):
            touched |= dict.fromkeys(
                node for node in _nodes_of(event.data) if node not in described
            )
    if plan is not None:
        named = dict.fromkeys(node for node in plan.named_nodes() if node not in described)
        yield from node_events(plan, named | touched)
    for kind in AFTER_TOUCHES:
        yield from other_facts(connection, mapping, kind)


def _nodes_of(data: kinds.Data) -> Iterator[str]:
    """The nodes that a touch names, of its cards and of its counts."""
    if not isinstance(data, kinds.TouchStarted | kinds.TouchRecorded):
        return
    for part in data.parts:
        texts = (
            part.cards
            if isinstance(part.cards, list)
            else part.of
            if isinstance(part.of, list)
            else []
        )
        for text in texts:
            yield from hostlist.expand_nodes(hostlist.split(text)[0])


def _made(events: Iterable[Event | Unmade], fates: dict[str, Fates]) -> Iterator[Event]:
    """The events; rows that did not become one are noted as refused, the others as used."""
    for event in events:
        if isinstance(event, Unmade):
            for row in event.rows:
                fates[event.table].refused.setdefault(row, event.reason)
        else:
            if event.rows:
                fates[event.table].used.extend(event.rows)
            yield event


def _record(
    batch: list[Event], record: Recorder, actor: str, account: Account, fates: dict[str, Fates]
) -> None:
    answers = record(map(encode, batch), actor=actor, channel="import_trace")
    account.accepted += answers.accepted
    account.duplicates += answers.duplicates
    for kind, count in Counter(kind_of(event.data) for event in batch).items():
        account.made[kind] = account.made.get(kind, 0) + count
    by_id = {event.id: event for event in batch} if answers.refusals else {}
    refused = {refusal.id for refusal in answers.refusals}
    for event in batch:
        if isinstance(event.data, kinds.TenantDeclared) and event.id not in refused:
            account.tenants.add(event.data.tenant)
    for refusal in answers.refusals:
        reason = f"{refusal.field}: want {refusal.expected}, got {refusal.received}"
        account.refused_facts.append(f"{refusal.id}: {reason}")
        if refused_event := by_id.get(refusal.id or ""):
            for row in refused_event.rows:
                fates[refused_event.table].refused.setdefault(row, reason)
