"""Facts → rows, but for touches: what is stated, who reached in, what sources declared and
reported.

A row's key is the fact that it counts as; its cause is the fact that says so now, which is a
correction's where one put it in its original's place. Rows that name a workload wait for the
workload's own key, which `flush` is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.models import FLEET_NUMBER
from audit.storage import rows
from sovereignty.facts import kinds
from sovereignty.facts.statements import ATTRIBUTES, FactStatement, statements_of
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
    WorkloadStatement,
)
from sovereignty.projection.touches import supersede
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
        "tenant_id", "workload_id", "access_id", "source", "grade", "person", "action",
        "approval", "started_at", "ended_at", "office_country", "physical_country",
        "employer_jurisdiction",
    ),
    SourceDeclaration: (
        "name", "effective_at", "grade", "reports", "cards", "heartbeat_ms", "reach_ms",
        "sequenced",
    ),
    Heard: ("source", "from_at", "to_at", "cards"),
    SequenceReport: ("source", "trail_number", "highest"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _OfWorkload:
    """A row that names the workload (tenant, name), or none where the name is empty; `row` makes
    it from the workload's primary key."""

    model: Any
    key: int
    cause: int
    workload: tuple[int, str]
    row: Callable[[int | None], tuple[Any, ...]]


@dataclass(slots=True)
class DerivedRows:
    """The rows that one batch makes and supersedes. `tenants` maps keys to (primary key, trail
    number)."""

    batch: int
    register: Register
    tenants: Mapping[str, tuple[int, int]]
    new: dict[Any, list[tuple[int, int, tuple[Any, ...]]]] = field(default_factory=dict)
    superseded: dict[Any, list[int]] = field(default_factory=dict)
    of_workloads: list[_OfWorkload] = field(default_factory=list)

    def note(self, key: int, cause: int, source: str, data: kinds.Data) -> None:
        """Note the rows of a fact of this source that is about no touch."""
        match data:
            case kinds.AccessRecorded():
                self._access(key, cause, source, data)
            case kinds.Heartbeat():
                self._add(Heard, key, cause, (source, data.from_at, data.to_at, data.cards))
            case kinds.SequenceReported():
                trail = self.tenants[data.tenant][1] if data.tenant else FLEET_NUMBER
                self._add(SequenceReport, key, cause, (source, trail, data.highest))
            case kinds.SourceDeclared():
                self._source(key, cause, data)
            case _:
                self._statements(key, cause, source, data)

    def retract(self, key: int) -> None:
        """Take back every row that counts as the fact `key`, of this batch or of an earlier one."""
        for model in COLUMNS:
            if model in self.new:
                self.new[model] = [row for row in self.new[model] if row[0] != key]
            self.superseded.setdefault(model, []).append(key)
        self.of_workloads = [row for row in self.of_workloads if row.key != key]

    def workloads(self) -> Iterable[tuple[int, str]]:
        """The (tenant, name) of each workload that the rows name."""
        return [row.workload for row in self.of_workloads if row.workload[1]]

    def flush(self, workloads: Mapping[tuple[int, str], int]) -> None:
        """Write everything that was noted. `workloads` are primary keys by (tenant, name)."""
        for noted in self.of_workloads:
            workload = workloads[noted.workload] if noted.workload[1] else None
            self._add(noted.model, noted.key, noted.cause, noted.row(workload))
        for model, keys in self.superseded.items():
            supersede(model, "fact_id", keys, self.batch)
        for model, new in self.new.items():
            rows.insert(
                model,
                (*DERIVED, *COLUMNS[model]),
                [(key, cause, self.batch, None, *row) for key, cause, row in new],
            )

    def _add(self, model: Any, key: int, cause: int, row: tuple[Any, ...]) -> None:
        self.new.setdefault(model, []).append((key, cause, row))

    def _statements(self, key: int, cause: int, source: str, data: Any) -> None:
        """What a fact states of a region, of a node and its cards, of a tenant or a workload."""
        for statement in statements_of(data):
            head = (data.effective_at, GRADES[data.evidence], source)
            values = tuple(statement.values.values())
            match statement.kind:
                case "region":
                    self._add(RegionStatement, key, cause, (*head, statement.name, *values))
                case "node":
                    node = self.register.nodes[statement.name]
                    self._add(NodeStatement, key, cause, (*head, node.pk, *values))
                case "cards":
                    self._cards(key, cause, head, statement, values)
                case "tenant":
                    tenant = self.tenants[statement.name][0]
                    self._add(TenantStatement, key, cause, (*head, tenant, *values))
                case "workload":
                    workload = self.tenants[data.tenant][0], statement.name
                    row = _workload_row(head, values)
                    self.of_workloads.append(
                        _OfWorkload(WorkloadStatement, key, cause, workload, row)
                    )

    def _cards(
        self,
        key: int,
        cause: int,
        head: tuple[Any, ...],
        statement: FactStatement,
        values: tuple[Any, ...],
    ) -> None:
        numbers = self.register.nodes[statement.name].numbers
        resets, present = statement.resets, statement.present
        serials = statement.serials or [None] * len(statement.slots)
        new = self.new.setdefault(CardStatement, [])
        for slot, serial in zip(statement.slots, serials, strict=True):
            new.append((key, cause, (*head, numbers[slot], resets, present, serial, *values)))

    def _source(self, key: int, cause: int, data: kinds.SourceDeclared) -> None:
        row = (
            data.name, data.effective_at, GRADES[data.evidence], sorted(data.reports),
            data.cards, data.heartbeat_ms, data.reach_ms, data.sequenced,
        )  # fmt: skip
        self._add(SourceDeclaration, key, cause, row)

    def _access(self, key: int, cause: int, source: str, data: kinds.AccessRecorded) -> None:
        tenant = self.tenants[data.tenant][0]
        tail = (
            data.access, source, GRADES[data.evidence], data.person, data.action,
            data.approval, data.started_at, data.ended_at, data.office_country,
            data.physical_country, data.employer_jurisdiction,
        )  # fmt: skip
        workload = tenant, data.workload or ""
        self.of_workloads.append(
            _OfWorkload(Access, key, cause, workload, lambda pk: (tenant, pk, *tail))
        )


def _workload_row(
    head: tuple[Any, ...], values: tuple[Any, ...]
) -> Callable[[int | None], tuple[Any, ...]]:
    """The row of a statement about a workload, once its primary key is known."""
    return lambda pk: (*head, pk, *values)
