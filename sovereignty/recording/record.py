"""★1 Record facts: one batch in, one answer a line out, everything or nothing of each line on disk.

The steps of a batch, in one transaction (DESIGN, section 3):

 1. parse each line; a malformed one is refused by itself, and so is one that its sender may not
    say, that speaks of what has not happened yet, or that says another thing under an earlier
    line's id
 2. resolve routes: the trail of each fact; a new tenant's trail is opened
 3. lock the trails by number
 4. read the digests of (source, id): the same again is a duplicate, the same id with other content
    a conflict
 5. give card numbers to slots that nobody has named before
 6. apply the facts to the projection, each accepted or refused by what is known already
 7. append the accepted to their trails, write their rows and the projection's
 8. give the batch its position, and commit; the second store is told, and only then is anyone
    answered
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db import IntegrityError, transaction
from msgspec import structs

from audit.append import append_each, lock_trails
from audit.clock import now_ms
from audit.errors import LedgerMissing
from audit.models import FLEET_NUMBER, Trail
from audit.receipts import receipts_for
from audit.storage import locks, rows
from audit.tlog.entry import MAX_CONTENT_SIZE
from audit.trails import open_trail
from sovereignty.collect.cloudevents import Fact as NewFact
from sovereignty.facts import kinds
from sovereignty.facts.body import with_resolved
from sovereignty.facts.errors import FactError
from sovereignty.models import ORDINAL_BITS, Batch, Fact, Tenant
from sovereignty.projection.projection import Projection
from sovereignty.recording.admission import ANY_SENDER, Admission, Sender
from sovereignty.recording.answers import Accepted, Answers, Refusal, refusal
from sovereignty.recording.gc_pause import gc_paused
from sovereignty.recording.lines import Identity, Line, Lines, conflict, parse_lines
from sovereignty.recording.serials import moves_cards, resolve, serials_of
from sovereignty.register.new_names import MOST_NEW_NAMES, adds_to, find_new_names
from sovereignty.register.register import Register

__all__ = ["MOST_LINES", "Accepted", "Answers", "Refusal", "record", "record_parsed"]

MOST_LINES = 10_000  # of one batch; `sovereignty.recording.stream` cuts longer input into batches
ENTRY_OVERHEAD_BYTES = 512  # of the members beside body, source and subject
# Bytes of a body. Of what surrounds it, source and subject have some hundred characters each.
SURELY_FITS = MAX_CONTENT_SIZE // 2
MOST_TRIES = 8  # a unique violation on (source, id) is a race that a retry settles
_SERIALS = b'"serials":'  # in a fact that may have serials to be resolved; few do
FACT_COLUMNS = (
    "key", "batch_id", "source", "fact_id", "digest", "kind", "trail_number", "index",
    "sequence", "occurred_at",
)  # fmt: skip


def record(
    lines: Iterable[bytes],
    *,
    actor: str,
    channel: str,
    sender: Sender = ANY_SENDER,
    first_line: int = 1,
) -> Answers:
    """Record one batch of CloudEvents, a JSON event a line; lines are counted from `first_line` in
    the answers.

    `sender` says what may be sent (`sovereignty.recording.admission`). A blank line is counted and
    not answered. Returns once what it accepted is committed and in the second store. Raises
    LedgerError where the ledger refuses appends: StoreMismatch, StoreNotAdopted, StoreError,
    LedgerMissing.
    """
    with gc_paused():
        return record_parsed(
            parse_lines(lines, first_line, Admission(sender, now_ms())),
            actor=actor,
            channel=channel,
        )


def record_parsed(
    batch: Lines, *, actor: str, channel: str, committing: Callable[[], None] | None = None
) -> Answers:
    """Record lines that `parse_lines` has read; as `record`. `committing` is called when all is
    decided and written and the transaction ends, once an attempt: what it starts runs while the
    database works. The lines are let go with the answers."""
    with gc_paused():
        tries = 1
        while True:
            try:
                with transaction.atomic():
                    _Recording(batch, actor, channel).run()
                    if committing:
                        committing()
                return _with_receipts(batch.answers(), batch.first_new)
            except _RetryWithoutRefused:
                batch.start_again(without_refused=True)
            except IntegrityError:
                # Another process recorded one of these facts in another trail between our look and
                # our write.
                if tries == MOST_TRIES:
                    raise
                tries += 1
                batch.start_again(without_refused=False)


def _with_receipts(answers: Answers, first_new: Mapping[int, int]) -> Answers:
    """Add the receipts that cover what is committed. `first_new` are the indexes of the first new
    entries by trail: one stands for all of them, because one receipt covers them."""
    repeated = [
        (line.trail, line.index)
        for line in answers.lines
        if isinstance(line, Accepted) and line.duplicate
    ]
    answers.receipts = receipts_for([*first_new.items(), *repeated])
    return answers


class _RetryWithoutRefused(Exception):
    """Raised when a line was refused after it had opened a trail or been given card numbers:
    nothing of a refused line may be written, so the batch starts again without it."""


_Ready: TypeAlias = tuple[int, Line, NewFact]  # a fact that is new, with its key and its line


@dataclass(slots=True)
class _Recording:
    """One attempt at one batch, inside the open transaction."""

    batch: Lines
    actor: str
    channel: str
    received_at: int = field(default_factory=now_ms)
    tenants: dict[str, tuple[int, int]] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    trails: dict[int, Trail] = field(default_factory=dict)
    names_serials: bool = False
    waiting: list[tuple[Line, NewFact]] = field(default_factory=list)

    def run(self) -> None:
        """Steps 2 to 8."""
        self.waiting = self.batch.undecided()
        self._route()
        self._lock()
        self._settle()
        batch = (
            Batch.objects.create(
                received_at=self.received_at, door=self.channel, actor=self.actor
            ).pk
            if self.waiting
            else 0
        )
        projection, accepted = self._apply(batch)
        if self.opened and self.opened - {
            fact.tenant for _, _, fact in accepted if isinstance(fact.data, kinds.TenantDeclared)
        }:
            raise _RetryWithoutRefused
        if not accepted:
            transaction.set_rollback(True)
            return
        # The facts before what is made of them: SQLite looks through every row that waits for its
        # parent.
        self._append(batch, accepted)
        projection.flush()
        self._give_position(batch)

    def _route(self) -> None:
        """Step 2: every tenant that the facts name; one that is declared here for the first time
        gets its trail."""
        named = {fact.tenant for _, fact in self.waiting} - {None}
        self.tenants = _read_tenants(name for name in named if name is not None)
        if named <= self.tenants.keys():
            return
        unknown = [
            (line, fact)
            for line, fact in self.waiting
            if fact.tenant is not None and fact.tenant not in self.tenants
        ]
        self._open_tenants(unknown)
        for line, fact in unknown:
            if line.answer is None and fact.tenant not in self.tenants:
                error = FactError(
                    "data.tenant", "a tenant that is declared", repr(fact.tenant), retry=True
                )
                line.answer = refusal(line.number, fact.id, error)
        self._leave_answered()

    def _open_tenants(self, unknown: Sequence[tuple[Line, NewFact]]) -> None:
        known = _known_digests(unknown)
        for line, fact in unknown:
            if stored := known.get((fact.source, fact.id)):
                line.answer = stored.answer(line.number, fact)
            elif isinstance(fact.data, kinds.TenantDeclared) and fact.tenant not in self.tenants:
                self._open_tenant(fact.data)

    def _open_tenant(self, data: kinds.TenantDeclared) -> None:
        nonce = bytes.fromhex(data.tenant_nonce) if data.tenant_nonce else None
        trail = open_trail(owner=f"tenant:{data.tenant}", name=data.tenant, tenant_nonce=nonce)
        tenant, made = Tenant.objects.get_or_create(key=data.tenant, defaults={"trail": trail})
        self.tenants[data.tenant] = (tenant.pk, trail.number)
        if made:
            self.opened.add(data.tenant)

    def _lock(self) -> None:
        """Step 3. A fact that names serials also locks the fleet's trail: where a serial sits must
        not change meanwhile."""
        numbers = {self._trail_of(tenant) for tenant in {fact.tenant for _, fact in self.waiting}}
        self.names_serials = any(
            _SERIALS in fact.body for _, fact in self.waiting if fact.sole_hostlist is None
        )
        if self.names_serials:
            numbers.add(FLEET_NUMBER)
        self.trails = lock_trails(numbers)
        if missing := numbers - self.trails.keys():
            raise LedgerMissing(
                f"there is no trail {min(missing)}, want the ledger opened: "
                "run `manage.py open_ledger`"
            )

    def _trail_of(self, tenant: str | None) -> int:
        return FLEET_NUMBER if tenant is None else self.tenants[tenant][1]

    def _settle(self) -> None:
        """Step 4. Read under the trails' locks, so that what a racing batch has written to them is
        seen."""
        known = _known_digests(self.waiting)
        if known:
            for line, fact in self.waiting:
                if stored := known.get((fact.source, fact.id)):
                    line.answer = stored.answer(line.number, fact)
            self._leave_answered()

    def _leave_answered(self) -> None:
        self.waiting = [(line, fact) for line, fact in self.waiting if line.answer is None]

    def _apply(self, batch: int) -> tuple[Projection, list[_Ready]]:
        """Steps 5 and 6."""
        ready = self._ready(batch << ORDINAL_BITS)
        before = Register.current()
        new_names = find_new_names(before, [fact for _, _, fact in ready])
        if new_names.over_quota:
            ready = self._without(ready, new_names.over_quota)
        register = new_names.allocate(before, batch)
        projection = Projection(batch, register, self.tenants)
        projection.load([fact for _, _, fact in ready])
        apply = projection.apply
        for key, line, fact in ready:
            try:
                apply(key, fact)
            except FactError as error:
                line.answer = refusal(line.number, fact.id, error)
        accepted = [item for item in ready if item[1].answer is None]
        if register is not before and any(
            adds_to(before, fact.data) for _, line, fact in ready if line.answer is not None
        ):
            raise _RetryWithoutRefused
        return projection, accepted

    def _ready(self, key: int) -> list[_Ready]:
        """Give each fact that waits its key, from `key` on, and resolve what it names; a line that
        is refused is answered."""
        moving = self.names_serials and any(moves_cards(fact.data) for _, fact in self.waiting)
        ready: list[_Ready] = []
        for fact_key, (line, fact) in enumerate(self.waiting, key):
            if len(fact.body) > SURELY_FITS or (self.names_serials and _SERIALS in fact.body):
                try:
                    resolved = _resolved(fact, moving)
                    _check_entry_size(resolved)
                except FactError as error:
                    line.answer = refusal(line.number, fact.id, error)
                else:
                    ready.append((fact_key, line, resolved))
            else:
                ready.append((fact_key, line, fact))
        return ready

    def _without(self, ready: Sequence[_Ready], over_quota: Iterable[int]) -> list[_Ready]:
        """Those within the batch's quota of new names; the others are answered."""
        for index in over_quota:
            expected = (
                f"a batch that is the first to name at most {MOST_NEW_NAMES} cards and nodes; "
                "send this line in the next"
            )
            _, line, fact = ready[index]
            line.answer = refusal(
                line.number, fact.id, FactError("batch", expected, "more", retry=True)
            )
        return [item for item in ready if item[1].answer is None]

    def _append(self, batch: int, accepted: Sequence[_Ready]) -> None:
        """Step 7: the entries, trail by trail in the order of the lines, and the facts' rows."""
        by_tenant: dict[str | None, list[_Ready]] = {}
        for item in accepted:
            by_tenant.setdefault(item[2].tenant, []).append(item)
        by_trail = {self._trail_of(tenant): items for tenant, items in by_tenant.items()}
        entries = [
            (self.trails[number], [fact for _, _, fact in items])
            for number, items in sorted(by_trail.items())
        ]
        fact_rows: list[tuple[object, ...]] = []
        for added in append_each(entries, self.received_at):
            trail = added.trail_number
            self.batch.first_new[trail] = added.first
            placed = zip(by_trail[trail], added.contents, strict=True)
            for index, ((key, line, fact), content) in enumerate(placed, added.first):
                line.answer = Accepted(line.number, fact.id, trail, index, content)
                fact_rows.append(
                    (
                        key, batch, fact.source, fact.id, fact.digest, fact.kind, trail, index,
                        fact.sequence, fact.occurred_at,
                    )
                )  # fmt: skip
        rows.insert(Fact, FACT_COLUMNS, fact_rows, contended=("source", "fact_id"))

    def _give_position(self, batch: int) -> None:
        """Step 8. The position lock is the last one taken and is held until the commit, so
        positions are ranks of commits, and neither a batch's time nor that of its entries lies
        before an earlier position's."""
        locks.hold(locks.POSITION)
        last = (
            Batch.objects.filter(position__isnull=False)
            .order_by("-position")
            .values_list("position", "received_at")
            .first()
        )
        position, received_at = ((last[0] or 0), last[1]) if last else (0, 0)
        received_at = max(received_at, *(trail.received_at for trail in self.trails.values()))
        Batch.objects.filter(pk=batch).update(position=position + 1, received_at=received_at)
        self.batch.position = position + 1


@dataclass(frozen=True, slots=True)
class _Known:
    """A fact that is stored."""

    digest: bytes
    trail: int
    index: int

    def answer(self, line: int, fact: NewFact) -> Accepted | Refusal:
        if self.digest == fact.digest:
            return Accepted(line, fact.id, self.trail, self.index, None, duplicate=True)
        return refusal(line, fact.id, conflict(fact.id))


def _known_digests(waiting: Sequence[tuple[Line, NewFact]]) -> dict[Identity, _Known]:
    keys = [(fact.source, fact.id) for _, fact in waiting]
    known = rows.matching(
        Fact,
        ("source", "fact_id", "digest", "trail_number", "index"),
        ("source", "fact_id"),
        keys,
    )
    return {
        (source, fact_id): _Known(bytes(digest), trail, index)
        for source, fact_id, digest, trail, index in known
    }


def _read_tenants(keys: Iterable[str]) -> dict[str, tuple[int, int]]:
    query = Tenant.objects.filter(key__among=set(keys))
    return {key: (pk, trail) for key, pk, trail in query.values_list("key", "pk", "trail_id")}


def _resolved(fact: NewFact, moving: bool) -> NewFact:
    """The fact with the slots of the serials that it names, if it does. `moving` says that its
    batch may change where cards sit."""
    if moving and serials_of(fact.data):
        expected = (
            "serials in a batch that does not change where cards sit; send this line in the next"
        )
        raise FactError("data.parts.serials", expected, "one that does", retry=True)
    slots = resolve(fact.data)
    return (
        structs.replace(fact, resolved=slots, body=with_resolved(fact.body, slots))
        if slots
        else fact
    )


def _check_entry_size(fact: NewFact) -> None:
    """Check that an entry of at most 65,535 bytes holds the fact (FORMATS, section 2.1); what
    surrounds the body is bounded by the facts' own limits. Raises FactError."""
    size = len(fact.body) + 6 * (len(fact.subject) + len(fact.source)) + ENTRY_OVERHEAD_BYTES
    if size > MAX_CONTENT_SIZE:
        expected = (
            f"a fact that fits into an entry of {MAX_CONTENT_SIZE} bytes "
            "(say a larger one in several)"
        )
        raise FactError("data", expected, f"about {size}")
