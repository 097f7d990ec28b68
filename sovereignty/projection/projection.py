"""Facts → projection: what one batch's accepted facts change in the derived tables.

`Projection.apply` takes one fact at a time, in order. It either notes what the fact changes, or
refuses it with a FactError and changes nothing; `flush` writes everything at once. `record` applies
a batch when it arrives, and `rebuild` applies the same batches again in the order of their
positions: one code, so the two agree. `touches` and `derived_rows` hold what is noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from audit.models import FLEET_NUMBER
from audit.storage import rows
from sovereignty.facts import kinds
from sovereignty.facts.checks import sole_hostlist_of, tenant_of
from sovereignty.facts.errors import FactError
from sovereignty.facts.fact import SourceFact
from sovereignty.facts.names import named_slots_and_nodes
from sovereignty.loading.originals import Original, read_originals
from sovereignty.models import Workload
from sovereignty.projection.corrections import check_original, replacement_of
from sovereignty.projection.derived_rows import DerivedRows
from sovereignty.projection.touches import State, TouchKey, TouchProjection
from sovereignty.register.register import Register


@dataclass(slots=True)
class Projection:
    """One batch's changes. `tenants` maps keys to (primary key, trail number) and holds every
    tenant that the facts name."""

    batch: int
    register: Register
    tenants: dict[str, tuple[int, int]]
    touches: TouchProjection = field(init=False)
    rows: DerivedRows = field(init=False)
    originals: dict[tuple[str, str], Original] = field(default_factory=dict)
    applied: dict[tuple[str, str], tuple[int, SourceFact]] = field(default_factory=dict)
    corrects: bool = False

    def __post_init__(self) -> None:
        self.touches = TouchProjection(self.batch, self.register)
        self.rows = DerivedRows(self.batch, self.register, self.tenants)

    def load(self, facts: Sequence[SourceFact]) -> None:
        """Read what the facts may meet in the database: touches by their ids, and the facts that
        corrections name."""
        tenants = self.tenants
        keys: list[TouchKey] = []
        corrected: list[tuple[str, str]] = []
        for fact in facts:
            data: Any = fact.data
            if type(data) in kinds.TOUCHES:
                keys.append((tenants[data.tenant][0], fact.source, data.touch))
            elif type(data) is kinds.Correction:
                corrected.append((data.source, data.id))
        if corrected:
            self.corrects = True
            self.originals.update(read_originals(corrected))
            keys += [
                self._touch_key(source, original.data)
                for (source, _), original in self.originals.items()
                if self._is_touch(original)
            ]
        self.touches.load(keys)

    def apply(self, key: int, fact: SourceFact) -> None:
        """Note what the fact, whose row has this key, changes. Raises FactError, and then nothing
        is changed."""
        data: Any = fact.data
        if type(data) in kinds.STARTS:
            self.touches.start(self.tenants[data.tenant][0], key, key, fact)
        elif isinstance(data, kinds.Correction):
            self._correct(key, fact, data)
        else:
            self._check_slots(data)
            self._note(key, key, fact)
        if self.corrects:
            self.applied[fact.source, fact.id] = key, fact

    def flush(self) -> None:
        """Write everything that was noted."""
        workloads = self._workloads()
        self.touches.flush(workloads)
        self.rows.flush(workloads)

    def _touch_key(self, source: str, data: Any) -> TouchKey:
        return self.tenants[data.tenant][0], source, data.touch

    def _is_touch(self, original: Original) -> bool:
        """Whether the original is about a touch of a tenant that this batch's facts name (a
        correction of another is refused)."""
        return isinstance(original.data, kinds.TOUCHES) and original.data.tenant in self.tenants

    def _trail(self, tenant: str | None) -> int:
        return self.tenants[tenant][1] if tenant else FLEET_NUMBER

    def _check_slots(self, data: kinds.Data) -> None:
        """Refuse a statement about slots that got no number. (A touch is refused by
        `TouchProjection`.)"""
        if isinstance(data, kinds.STARTS):
            return
        if missing := self.register.unknown_slots(named_slots_and_nodes(data)[0]):
            node, slots = next(iter(missing.items()))
            expected = "slots for which the register has room in their node's chunk"
            raise FactError("data.cards", expected, f"{node}/{slots[0]}")

    def _note(self, key: int, cause: int, fact: SourceFact) -> None:
        """Note what a fact changes; `key` is the fact that it counts as, `cause` the one that says
        so now."""
        data = fact.data
        match data:
            case kinds.TouchStarted() | kinds.TouchRecorded():
                self.touches.start(self.tenants[data.tenant][0], key, cause, fact)
            case kinds.TouchEnded():
                self.touches.end(self.tenants[data.tenant][0], key, cause, fact.source, data)
            case _:
                self.rows.note(key, cause, fact.source, data)

    def _correct(self, key: int, fact: SourceFact, data: kinds.Correction) -> None:
        """Retract the original, or put another body in its place."""
        known = self._original(data.source, data.id)
        original = check_original(fact.source, data, known, self._trail(data.tenant))
        replacement = replacement_of(data, original)
        if replacement is not None:
            self._check_slots(replacement)
        saved = self._retract(data.source, original, key)
        if replacement is None:
            return
        sole_hostlist = sole_hostlist_of(replacement)
        corrected = SourceFact(
            data.source, data.id, original.kind, replacement, sole_hostlist, fact.resolved
        )
        try:
            self._note(original.key, key, corrected)
        except FactError:
            if saved is not None:
                self.touches.states[saved[0]] = saved[1]
            raise

    def _original(self, source: str, fact_id: str) -> Original | None:
        """The accepted fact of this identity: of this batch, or of an earlier one."""
        applied = self.applied.get((source, fact_id))
        if applied is None:
            return self.originals.get((source, fact_id))
        key, fact = applied
        return Original(key, fact.kind, self._trail(tenant_of(fact.data)), fact.data)

    def _retract(
        self, source: str, original: Original, cause: int
    ) -> tuple[TouchKey, State] | None:
        """Take back what the original said. Returns a touch's state from before, should its
        replacement be refused."""
        data: Any = original.data
        if not isinstance(data, kinds.TOUCHES):
            self.rows.retract(original.key)
            return None
        touch = self._touch_key(source, data)
        saved = structs.replace(self.touches.states[touch])
        forget = (
            self.touches.forget_end
            if isinstance(data, kinds.TouchEnded)
            else self.touches.forget_start
        )
        forget(*touch, original.key, cause)
        return touch, saved

    def _workloads(self) -> dict[tuple[int, str], int]:
        """The primary keys of every workload that the batch names; one that is new is created with
        unknown class."""
        named = dict.fromkeys(self.touches.workloads())
        named.update(dict.fromkeys(self.rows.workloads()))
        workloads = _read_workloads(named)
        if missing := [key for key in named if key not in workloads]:
            rows.insert(Workload, ("tenant_id", "key"), missing)
            workloads.update(_read_workloads(missing))
        return workloads


def _read_workloads(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    known = rows.matching(Workload, ("tenant_id", "key", "id"), ("tenant_id", "key"), list(keys))
    return {(tenant, key): pk for tenant, key, pk in known}
