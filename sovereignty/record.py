"""★1 Record facts: one batch in, one answer a line out, everything or nothing of each line on disk.

The steps of a batch, in one transaction (DESIGN, section 3):

 1. parse each line; a malformed one is refused by itself
 2. resolve routes: the trail of each fact; a new tenant's trail is opened
 3. lock the trails by number
 4. read the digests of (source, id): the same again is a duplicate, the same id with other content a conflict
 5. give card numbers to slots that nobody has named before
 6. apply the facts to the projection, each accepted or refused by what is known already
 7. append the accepted to their trails, write their rows
 8. give the batch its position, and commit; the second store is told, and only then is anyone answered
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import Max

from audit import locks, rows
from audit.append import Appended, NewEntry, append, lock_trails, receipts_of
from audit.clock import now_ms
from audit.models import FLEET_NUMBER, Trail
from audit.tlog.entry import MAX_CONTENT_SIZE
from audit.trails import open_trail
from sovereignty.collect.cloudevents import Fact as NewFact
from sovereignty.collect.cloudevents import identity, parse
from sovereignty.models import ORDINAL_BITS, Batch, Fact, Tenant
from sovereignty.policy import facts
from sovereignty.policy.fact_body import encode_body
from sovereignty.policy.fact_checks import FactError
from sovereignty.project import Applied, Projection, needs_of
from sovereignty.register import Register, give
from sovereignty.serials import resolve, serials_of

MOST_LINES = 10_000  # of one batch; longer input is cut into batches by `record_stream`
ENTRY_OVERHEAD_BYTES = 512  # of the members beside body, source and subject
MOST_TRIES = 8  # a unique violation on (source, id) is a race that a retry settles
FACT_COLUMNS = (
    "key", "batch_id", "source", "fact_id", "digest", "kind", "trail_number", "index", "sequence", "occurred_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """The line is entry `index` of trail `trail`; `entry` is its exact content. `duplicate`: it was there already."""

    line: int
    id: str
    trail: int
    index: int
    entry: bytes | None
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing of the line was written. `retry`: the same line may be accepted later."""

    line: int
    id: str | None
    field: str
    wanted: str
    came: str
    retry: bool


@dataclass(slots=True)
class Answers:
    """One answer a line, in the order of the lines, and the signed receipts that cover what was accepted."""

    lines: list[Accepted | Refusal] = field(default_factory=list)
    receipts: list[bytes] = field(default_factory=list)
    position: int | None = None

    @property
    def accepted(self) -> int:
        """How many lines became new entries."""
        return sum(1 for line in self.lines if isinstance(line, Accepted) and not line.duplicate)

    @property
    def duplicates(self) -> int:
        """How many lines were there already."""
        return sum(1 for line in self.lines if isinstance(line, Accepted) and line.duplicate)

    @property
    def refusals(self) -> list[Refusal]:
        """The lines that were refused."""
        return [line for line in self.lines if isinstance(line, Refusal)]


def record_stream(lines: Iterable[bytes], *, actor: str, door: str, batch: int = MOST_LINES) -> Iterator[Answers]:
    """Record lines of any number, `batch` at a time; yields the answers of each batch once it is committed."""
    rest, first = iter(lines), 1
    while found := list(islice(rest, batch)):
        yield record(found, actor=actor, door=door, first_line=first)
        first += len(found)


def record(lines: Iterable[bytes], *, actor: str, door: str, first_line: int = 1) -> Answers:
    """Record one batch of CloudEvents, a JSON event a line; lines are counted from `first_line` in the answers.

    Returns once what it accepted is committed and in the second store. Raises StoreMismatch when the ledger refuses appends.
    """
    batch = _parse(lines, first_line)
    for attempt in range(1, MOST_TRIES + 1):
        try:
            with transaction.atomic():
                _Recording(batch, actor, door).run()
            break
        except IntegrityError:
            # Another process recorded one of these facts in another trail between our look and our write.
            if attempt == MOST_TRIES:
                raise
            batch.reset()
    return batch.answers()


@dataclass(slots=True)
class _Line:
    """One line on its way: parsed or refused, then accepted, a duplicate, or refused."""

    number: int
    fact: NewFact | None
    answer: Accepted | Refusal | None = None
    twin: _Line | None = None


@dataclass(slots=True)
class _Lines:
    lines: list[_Line]
    refused_first: set[int]
    position: int | None = None

    def reset(self) -> None:
        """Forget what an attempt decided that was rolled back."""
        for line in self.lines:
            if line.number not in self.refused_first:
                line.answer = line.twin = None

    def open(self) -> list[tuple[_Line, NewFact]]:
        """The lines that nothing has been decided about; a line that an earlier one says already waits for that one."""
        return [(line, line.fact) for line in self.lines if line.answer is None and line.fact is not None and line.twin is None]

    def settle_twins(self) -> None:
        """Answer the lines that repeat an earlier line of the batch."""
        for line in self.lines:
            if line.twin is None or line.answer is not None:
                continue
            said = line.twin.answer
            if isinstance(said, Accepted):
                line.answer = replace(said, line=line.number, entry=None, duplicate=True)
            elif isinstance(said, Refusal):
                line.answer = replace(said, line=line.number)

    def answers(self) -> Answers:
        self.settle_twins()
        found = Answers([line.answer for line in self.lines if line.answer is not None], position=self.position)
        by_trail: dict[int, list[int]] = {}
        for answer in found.lines:
            if isinstance(answer, Accepted):
                by_trail.setdefault(answer.trail, []).append(answer.index)
        found.receipts = [receipt for trail, indexes in sorted(by_trail.items()) for receipt in receipts_of(trail, indexes)]
        return found


def _parse(lines: Iterable[bytes], first_line: int) -> _Lines:
    """Step 1."""
    found: list[_Line] = []
    for number, text in enumerate(lines, first_line):
        try:
            found.append(_Line(number, parse(text)))
        except FactError as error:
            found.append(_Line(number, None, refusal(number, identity(text), error)))
    return _Lines(found, {line.number for line in found if line.answer is not None})


def refusal(line: int, fact_id: str | None, error: FactError) -> Refusal:
    """Put an error into the answer of its line."""
    return Refusal(line, fact_id, error.field, error.wanted, error.came, error.retry)


class _Recording:
    """One attempt at one batch, inside the open transaction."""

    def __init__(self, batch: _Lines, actor: str, door: str) -> None:
        self.batch, self.actor, self.door = batch, actor, door
        self.received_at = now_ms()
        self.tenants: dict[str, tuple[int, int]] = {}
        self.trails: dict[int, Trail] = {}

    def run(self) -> None:
        """Steps 2 to 8."""
        known = _known_digests(fact for _, fact in self.batch.open())
        self._route(known)
        self._lock()
        # Read again: what a racing batch has written since is seen now that its trail's lock is ours.
        self._settle(_known_digests(fact for _, fact in self.batch.open()))
        waiting = self.batch.open()
        if not waiting:
            return
        row = Batch.objects.create(received_at=self.received_at, door=self.door, actor=self.actor)
        projection, accepted = self._apply(row.pk, waiting)
        if not accepted:
            row.delete()
            return
        self._append(row.pk, accepted)
        # After the facts' own rows: with a reference still open, SQLite would look through the children at every insert.
        projection.flush()
        self._give_position(row)

    def _route(self, known: dict[tuple[str, str], _Known]) -> None:
        """Step 2: every tenant that the facts name; one that is declared here for the first time gets its trail."""
        named = {fact.tenant for _, fact in self.batch.open() if fact.tenant is not None}
        self.tenants = _read_tenants(named)
        for _, fact in self.batch.open():
            data = fact.data
            new = fact.tenant not in self.tenants
            if new and (fact.source, fact.id) not in known and isinstance(data, facts.TenantDeclared):
                self._open_tenant(data)
        for line, fact in self.batch.open():
            if fact.tenant is not None and fact.tenant not in self.tenants:
                error = FactError("data.tenant", "a tenant that is declared", repr(fact.tenant), retry=True)
                line.answer = refusal(line.number, fact.id, error)

    def _open_tenant(self, data: facts.TenantDeclared) -> None:
        nonce = bytes.fromhex(data.tenant_nonce) if data.tenant_nonce else None
        trail = open_trail(owner=f"tenant:{data.tenant}", name=data.tenant, tenant_nonce=nonce)
        tenant, _ = Tenant.objects.get_or_create(key=data.tenant, defaults={"trail": trail})
        self.tenants[data.tenant] = (tenant.pk, trail.number)

    def _lock(self) -> None:
        """Step 3. A fact that names serials also locks the fleet's trail: where a serial sits must not change meanwhile."""
        numbers = {self._trail_of(fact) for _, fact in self.batch.open()}
        if any(serials_of(fact.data) for _, fact in self.batch.open()):
            numbers.add(FLEET_NUMBER)
        self.trails = lock_trails(numbers)

    def _trail_of(self, fact: NewFact) -> int:
        return FLEET_NUMBER if fact.tenant is None else self.tenants[fact.tenant][1]

    def _settle(self, known: dict[tuple[str, str], _Known]) -> None:
        """Step 4: duplicates and conflicts, with what is stored and within the batch."""
        first: dict[tuple[str, str], _Line] = {}
        for line, fact in self.batch.open():
            identity = (fact.source, fact.id)
            if found := known.get(identity):
                line.answer = found.answer(line.number, fact)
                continue
            twin = first.setdefault(identity, line)
            if twin is line:
                continue
            if twin.fact is not None and twin.fact.digest == fact.digest:
                line.twin = twin
            else:
                line.answer = refusal(line.number, fact.id, _conflict(fact.id))

    def _apply(
        self, batch: int, waiting: Sequence[tuple[_Line, NewFact]]
    ) -> tuple[Projection, list[tuple[_Line, NewFact, Applied]]]:
        """Steps 5 and 6."""
        register = _register_for([fact.data for _, fact in waiting])
        found = [(line, fact, self._applied(batch, ordinal, line, fact)) for ordinal, (line, fact) in enumerate(waiting)]
        ready = [(line, fact, applied) for line, fact, applied in found if applied is not None]
        projection = Projection(batch, register, self.tenants)
        projection.load(applied for _, _, applied in ready)
        accepted = []
        for line, fact, applied in ready:
            try:
                projection.apply(applied)
                accepted.append((line, fact, applied))
            except FactError as error:
                line.answer = refusal(line.number, fact.id, error)
        return projection, accepted

    def _applied(self, batch: int, ordinal: int, line: _Line, fact: NewFact) -> Applied | None:
        try:
            slots = resolve(fact.data)
            _check_size(fact, slots)
        except FactError as error:
            line.answer = refusal(line.number, fact.id, error)
            return None
        return Applied(batch << ORDINAL_BITS | ordinal, fact.source, fact.id, fact.kind, fact.data, slots)

    def _append(self, batch: int, accepted: Sequence[tuple[_Line, NewFact, Applied]]) -> None:
        """Step 7: the entries, trail by trail in the order of the lines, and the facts' own rows."""
        by_trail: dict[int, list[tuple[_Line, NewFact, Applied]]] = {}
        for item in accepted:
            by_trail.setdefault(self._trail_of(item[1]), []).append(item)
        for number, items in sorted(by_trail.items()):
            added = append(self.trails[number], [_entry(fact, applied) for _, fact, applied in items], self.received_at)
            for offset, (line, fact, _) in enumerate(items):
                line.answer = Accepted(line.number, fact.id, number, added.first + offset, added.contents[offset])
            rows.insert(Fact, FACT_COLUMNS, _fact_rows(batch, number, added, items))

    def _give_position(self, row: Batch) -> None:
        """Step 8. The position lock is the last one taken and is held until the commit, so positions are ranks of commits."""
        locks.hold(locks.POSITION)
        last = Batch.objects.aggregate(Max("position"))["position__max"] or 0
        Batch.objects.filter(pk=row.pk).update(position=last + 1)
        self.batch.position = last + 1


@dataclass(frozen=True, slots=True)
class _Known:
    """A fact that is stored."""

    digest: bytes
    trail: int
    index: int

    def answer(self, line: int, fact: NewFact) -> Accepted | Refusal:
        if self.digest == fact.digest:
            return Accepted(line, fact.id, self.trail, self.index, None, duplicate=True)
        return refusal(line, fact.id, _conflict(fact.id))


def _conflict(fact_id: str) -> FactError:
    return FactError("id", "the same content as when this id was first recorded (conflict)", f"other content under {fact_id!r}")


def _known_digests(found: Iterable[NewFact]) -> dict[tuple[str, str], _Known]:
    by_source: dict[str, list[str]] = {}
    for fact in found:
        by_source.setdefault(fact.source, []).append(fact.id)
    known: dict[tuple[str, str], _Known] = {}
    for source, ids in by_source.items():
        query = rows.among(Fact.objects.filter(source=source), "fact_id", ids)
        for fact_id, digest, trail, index in query.values_list("fact_id", "digest", "trail_number", "index"):
            known[source, fact_id] = _Known(bytes(digest), trail, index)
    return known


def _read_tenants(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    query = rows.among(Tenant.objects, "key", list(keys))
    return {key: (pk, trail) for key, pk, trail in query.values_list("key", "pk", "trail_id")}


def _register_for(found: Sequence[facts.Data]) -> Register:
    """Step 5: the register, grown by the slots and nodes that these facts are the first to name."""
    needs = [needs_of(data) for data in found]
    texts = dict.fromkeys(text for slots, _ in needs for text in slots)
    nodes = dict.fromkeys(node for _, names in needs for node in names)
    register = Register.current()
    slots, lacking = register.unknown_slots(texts), register.unknown_nodes(nodes)
    return give(slots, lacking) if slots or lacking else register


def _check_size(fact: NewFact, slots: Sequence[str]) -> None:
    """An entry has at most 65,535 bytes (FORMATS, section 2.1); what surrounds the body is bounded by the facts' own limits."""
    size = len(encode_body(fact.body, fact.id, slots)) + 6 * (len(fact.subject) + len(fact.source)) + ENTRY_OVERHEAD_BYTES
    if size > MAX_CONTENT_SIZE:
        wanted = f"a fact that fits into an entry of {MAX_CONTENT_SIZE} bytes (say a larger one in several)"
        raise FactError("data", wanted, f"about {size}")


def _entry(fact: NewFact, applied: Applied) -> NewEntry:
    body = encode_body(fact.body, fact.id, applied.resolved)
    return NewEntry(fact.kind, fact.subject, fact.source, fact.sequence, fact.occurred_at, body)


def _fact_rows(
    batch: int, number: int, added: Appended, items: Sequence[tuple[_Line, NewFact, Applied]]
) -> list[tuple[object, ...]]:
    return [
        (
            applied.key, batch, fact.source, fact.id, fact.digest, fact.kind, number, added.first + offset, fact.sequence,
            fact.occurred_at,
        )
        for offset, (_, fact, applied) in enumerate(items)
    ]  # fmt: skip
