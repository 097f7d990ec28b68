"""Facts → projection: what one batch's accepted facts change in the derived tables, and `rebuild`
of all of it.

`Projection.apply` takes one fact at a time, in order, and either notes what it changes or refuses
it with a FactError and changes nothing; `flush` writes everything at once. `record` applies a batch
when it arrives, `rebuild` applies the same batches again in the order of their positions: one code,
so the two agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from audit.models import FLEET_NUMBER
from audit.storage import rows
from sovereignty.facts import kinds
from sovereignty.facts.checks import only_hostlist, stated, subject_of, tenant_of
from sovereignty.facts.errors import FactError
from sovereignty.facts.fact import BareFact
from sovereignty.facts.names import needs_of
from sovereignty.facts.statements import ATTRIBUTES, FactStatement, statements_of
from sovereignty.loading.originals import Original, read_originals
from sovereignty.models import (
    GRADES,
    Access,
    CardStatement,
    Heard,
    NodeStatement,
    RegionStatement,
    SequenceReport,
    SourceDeclaration,
    TenantStatement,
    Workload,
    WorkloadStatement,
)
from sovereignty.projection.touches import State, TouchKey, TouchProjection, supersede
from sovereignty.register.register import Register

DERIVED = ("fact_id", "said_by", "made_by_id", "superseded_by_id")
DATED = ("effective_at", "grade", "source")
COLUMNS: dict[Any, tuple[str, ...]] = {
    RegionStatement: (*DATED, "region", *ATTRIBUTES["region"]),
    NodeStatement: (*DATED, "node_id", *ATTRIBUTES["node"]),
    CardStatement: (*DATED, "card_id", "resets", "present", "serial", *ATTRIBUTES["cards"]),
    TenantStatement: (*DATED, "tenant_id", *ATTRIBUTES["tenant"]),
    WorkloadStatement: (*DATED, "workload_id", *ATTRIBUTES["workload"]),
    Access: (
        "tenant_id", "workload_id", "access_id", "source", "grade", "person", "action", "approval", "started_at", "ended_at",
        "office_country", "physical_country", "employer_jurisdiction",
    ),
    SourceDeclaration: (
        "name", "effective_at", "grade", "reports", "cards", "heartbeat_ms", "reach_ms", "sequenced",
    ),
    Heard: ("source", "from_at", "to_at", "cards"),
    SequenceReport: ("source", "trail_number", "highest"),
}  # fmt: skip


@dataclass(slots=True)
class Projection:
    """One batch's changes. `tenants` maps keys to (primary key, trail number) and holds every
    tenant that the facts name."""

    batch: int
    register: Register
    tenants: dict[str, tuple[int, int]]
    touches: TouchProjection = field(init=False)
    cause: int = 0  # the key of the fact that is being applied
    new: dict[Any, list[tuple[int, int, tuple[Any, ...]]]] = field(default_factory=dict)
    gone: dict[Any, list[int]] = field(default_factory=dict)
    originals: dict[tuple[str, str], Original] = field(default_factory=dict)
    applied: dict[tuple[str, str], tuple[int, BareFact]] = field(default_factory=dict)
    corrects: bool = False
    workload_rows: list[tuple[Any, int, int, int, str, Callable[[int | None], tuple[Any, ...]]]] = (
        field(default_factory=list)
    )

    def __post_init__(self) -> None:
        self.touches = TouchProjection(self.batch, self.register)

    def load(self, found: Sequence[BareFact]) -> None:
        """Read what the facts may meet in the database: touches by their ids, and the facts that
        corrections name."""
        tenants = self.tenants
        keys: list[TouchKey] = []
        named: list[tuple[str, str]] = []
        for fact in found:
            data: Any = fact.data
            if type(data) in kinds.TOUCHES:
                keys.append((tenants[data.tenant][0], fact.source, data.touch))
            elif type(data) is kinds.Correction:
                named.append((data.source, data.id))
        if named:
            self.corrects = True
            self.originals.update(read_originals(named))
            keys += [
                self._touch_key(source, original.data)
                for (source, _), original in self.originals.items()
                if self._is_touch(original)
            ]
        self.touches.load(keys)

    def apply(self, key: int, fact: BareFact) -> None:
        """Note what the fact, whose row has this key, changes. Raises FactError, and then nothing
        is changed."""
        data: Any = fact.data
        if type(data) in kinds.STARTS:
            self.touches.start(self.tenants[data.tenant][0], key, key, fact)
        elif isinstance(data, kinds.Correction):
            self._correct(key, fact, data)
        else:
            self._check_slots(data)
            self._state(key, key, fact)
        if self.corrects:
            self.applied[fact.source, fact.id] = key, fact

    def flush(self) -> None:
        """Write everything that was noted."""
        workloads = self._workloads()
        self.touches.flush(workloads)
        for model, tenant, key, cause, name, row in self.workload_rows:
            self.cause = cause
            self._add(model, key, row(workloads[tenant, name] if name else None))
        for model, keys in self.gone.items():
            supersede(model, "fact_id", keys, self.batch)
        for model, found in self.new.items():
            rows.insert(
                model,
                (*DERIVED, *COLUMNS[model]),
                [(key, cause, self.batch, None, *row) for key, cause, row in found],
            )

    def _tenant(self, key: str) -> int:
        return self.tenants[key][0]

    def _touch_key(self, source: str, data: Any) -> TouchKey:
        return self.tenants[data.tenant][0], source, data.touch

    def _is_touch(self, original: Original) -> bool:
        """Whether the original is about a touch of a tenant that this batch's facts name (a
        correction of another is refused)."""
        return isinstance(original.data, kinds.TOUCHES) and original.data.tenant in self.tenants

    def _add(self, model: Any, key: int, row: tuple[Any, ...]) -> None:
        self.new.setdefault(model, []).append((key, self.cause, row))

    def _check_slots(self, data: kinds.Data) -> None:
        """Refuse a statement about slots that got no number. (A touch is refused by
        `TouchProjection`.)"""
        if isinstance(data, kinds.STARTS):
            return
        if missing := self.register.unknown_slots(needs_of(data)[0]):
            node, slots = next(iter(missing.items()))
            raise FactError(
                "data.cards",
                "slots for which the register has room in their node's chunk",
                f"{node}/{slots[0]}",
            )

    def _state(self, key: int, cause: int, fact: BareFact) -> None:
        """Note what a fact states; `key` is the fact that it counts as, `cause` the one that says
        so now."""
        self.cause = cause
        data = fact.data
        match data:
            case kinds.TouchStarted() | kinds.TouchRecorded():
                self.touches.start(self._tenant(data.tenant), key, cause, fact)
            case kinds.TouchEnded():
                self.touches.end(self._tenant(data.tenant), key, cause, fact.source, data)
            case kinds.AccessRecorded():
                self._access_recorded(key, fact.source, data)
            case kinds.Heartbeat():
                self._heartbeat(key, fact.source, data)
            case kinds.SequenceReported():
                self._sequence_reported(key, fact.source, data)
            case kinds.SourceDeclared():
                self._source_declared(key, data)
            case _:
                self._statements(key, fact.source, data)

    def _statements(self, key: int, source: str, data: Any) -> None:
        """The rows of what a fact states of a region, a node and its cards, a tenant, a workload."""
        for statement in statements_of(data):
            head = (data.effective_at, GRADES[data.evidence], source)
            values = tuple(statement.values.values())
            match statement.kind:
                case "region":
                    self._add(RegionStatement, key, (*head, statement.name, *values))
                case "node":
                    node = self.register.nodes[statement.name]
                    self._add(NodeStatement, key, (*head, node.pk, *values))
                case "cards":
                    self._cards(key, head, statement, values)
                case "tenant":
                    tenant = self._tenant(statement.name)
                    self._add(TenantStatement, key, (*head, tenant, *values))
                case "workload":
                    tenant = self._tenant(data.tenant)
                    row = _workload_row(head, values)
                    self.workload_rows.append(
                        (WorkloadStatement, tenant, key, self.cause, statement.name, row)
                    )

    def _cards(
        self, key: int, head: tuple[Any, ...], statement: FactStatement, values: tuple[Any, ...]
    ) -> None:
        numbers = self.register.nodes[statement.name].numbers
        resets, present = statement.resets, statement.present
        serials = statement.serials or [None] * len(statement.slots)
        for slot, serial in zip(statement.slots, serials, strict=True):
            self._add(CardStatement, key, (*head, numbers[slot], resets, present, serial, *values))

    def _source_declared(self, key: int, data: kinds.SourceDeclared) -> None:
        row = (
            data.name, data.effective_at, GRADES[data.evidence], sorted(data.reports), data.cards, data.heartbeat_ms,
            data.reach_ms, data.sequenced,
        )  # fmt: skip
        self._add(SourceDeclaration, key, row)

    def _access_recorded(self, key: int, source: str, data: kinds.AccessRecorded) -> None:
        tenant = self._tenant(data.tenant)
        tail = (
            data.access, source, GRADES[data.evidence], data.person, data.action, data.approval, data.started_at, data.ended_at,
            data.office_country, data.physical_country, data.employer_jurisdiction,
        )  # fmt: skip
        self.workload_rows.append(
            (Access, tenant, key, self.cause, data.workload or "", lambda pk: (tenant, pk, *tail))
        )

    def _heartbeat(self, key: int, source: str, data: kinds.Heartbeat) -> None:
        self._add(Heard, key, (source, data.from_at, data.to_at, data.cards))

    def _sequence_reported(self, key: int, source: str, data: kinds.SequenceReported) -> None:
        trail = self.tenants[data.tenant][1] if data.tenant else FLEET_NUMBER
        self._add(SequenceReport, key, (source, trail, data.highest))

    def _correct(self, key: int, fact: BareFact, data: kinds.Correction) -> None:
        """Retract the original, or put a whole body of the same kind and subject in its place."""
        original = self._original(data.source, data.id)
        if original is None:
            raise FactError(
                "data.id",
                "a fact that is known",
                f"{data.source}/{data.id}, which is not",
                retry=True,
            )
        if original.kind == kinds.CORRECTION:
            raise FactError(
                "data.id",
                "a fact that is no correction (correct the original again)",
                "a correction",
            )
        if original.kind == kinds.SEQUENCE_REPORTED and fact.source == data.source:
            # Else a collector that lost facts could lower its own number until nothing is missing.
            raise FactError(
                "source",
                "another source than the one whose reported number is corrected",
                repr(fact.source),
            )
        trail = self.tenants[data.tenant][1] if data.tenant else FLEET_NUMBER
        if original.trail_number != trail:
            raise FactError(
                "data.tenant",
                "the original's own trail (retract, then record)",
                data.tenant or "the fleet's",
            )
        replacement = _replacement(data, original)
        if replacement is not None:
            self._check_slots(replacement)
        saved = self._retract(data.source, original, key)
        try:
            if replacement is not None:
                only = only_hostlist(replacement)
                told = BareFact(
                    data.source, data.id, original.kind, replacement, only, fact.resolved
                )
                self._state(original.key, key, told)
        except FactError:
            if saved is not None:
                self.touches.states[saved[0]] = saved[1]
            raise

    def _original(self, source: str, fact_id: str) -> Original | None:
        """The accepted fact of this identity: of this batch, or of an earlier one."""
        found = self.applied.get((source, fact_id))
        if found is None:
            return self.originals.get((source, fact_id))
        key, fact = found
        tenant = tenant_of(fact.data)
        return Original(
            key, fact.kind, self.tenants[tenant][1] if tenant else FLEET_NUMBER, fact.data
        )

    def _retract(
        self, source: str, original: Original, cause: int
    ) -> tuple[TouchKey, State] | None:
        """Take back what the original said. Returns a touch's state from before, should its
        replacement be refused."""
        data: Any = original.data
        if isinstance(data, kinds.TOUCHES):
            touch = self._touch_key(source, data)
            saved = structs.replace(self.touches.states[touch])
            forget = (
                self.touches.forget_end
                if isinstance(data, kinds.TouchEnded)
                else self.touches.forget_start
            )
            forget(*touch, original.key, cause)
            return touch, saved
        for model in COLUMNS:
            if model in self.new:
                self.new[model] = [row for row in self.new[model] if row[0] != original.key]
            self.gone.setdefault(model, []).append(original.key)
        self.workload_rows = [row for row in self.workload_rows if row[2] != original.key]
        return None

    def _workloads(self) -> dict[tuple[int, str], int]:
        """The primary keys of every workload that the batch names; one that is new is created with
        unknown class."""
        wanted = dict.fromkeys(self.touches.workloads())
        wanted.update(
            dict.fromkeys((tenant, name) for _, tenant, _, _, name, _ in self.workload_rows if name)
        )
        found = _read_workloads(wanted)
        if missing := [key for key in wanted if key not in found]:
            rows.insert(Workload, ("tenant_id", "key"), missing)
            found.update(_read_workloads(missing))
        return found


def _replacement(data: kinds.Correction, original: Original) -> kinds.Data | None:
    """The body that a correction puts in its original's place: of the same kind, about the same
    thing."""
    found = stated(data)
    if data.replacement is None or found is None:
        return None
    if data.replacement.type != original.kind:
        raise FactError("data.replacement.type", repr(original.kind), repr(data.replacement.type))
    if subject_of(found) != subject_of(original.data):
        raise FactError(
            "data.replacement.data",
            f"the original's own subject ({subject_of(original.data)})",
            subject_of(found),
        )
    return found


def _workload_row(
    head: tuple[Any, ...], values: tuple[Any, ...]
) -> Callable[[int | None], tuple[Any, ...]]:
    """The row of a statement about a workload, once its primary key is known."""
    return lambda pk: (*head, pk, *values)


def _read_workloads(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    found = rows.matching(Workload, ("tenant_id", "key", "id"), ("tenant_id", "key"), list(keys))
    return {(tenant, key): pk for tenant, key, pk in found}
