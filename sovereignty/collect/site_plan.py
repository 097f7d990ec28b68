"""A site plan: what a trace does not say (regions, origins, sectors, serials), supplied by hand and
graded *planned*.

    format = "domicile/site-plan/v1"
    source = "hz-plan"
    effective_at = 2020-01-01T00:00:00Z

    [spellings.tenant]
    Supermicro = ["SUPERMICRO"]                 # the tenant, and how else the trace spells it

    [[region]]
    region = "hz-1"
    country = "CN"
    nodes = ["hz-a-*", "hz-b-[1-40]"]           # names with * and ?, or hostlists

    [[tenant]]
    tenants = ["st-mary"]
    sector = "hospital"

    [[cards]]
    models = ["Ascend 910*"]                    # and or: nodes, slots; what is left out matches all
    design_country = "CN"
    serial = "plan-{node}-{slot}-{generation}"

Each attribute comes from the first entry that matches and states it. A plan claims no more than its
grade: a policy that asks for *declared* finds such a card unverifiable, and `expect` says which
verdicts to expect then.
"""

import re
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from audit import times
from sovereignty import hostlist
from sovereignty.collect.errors import SitePlanError
from sovereignty.collect.trace.mapping import read_toml
from sovereignty.facts import kinds

WILD = re.compile(r"[*?]")
_SERIAL = re.compile(r"([^{}]|\{(node|slot|generation)\})*")


class PlannedRegion(Struct, frozen=True, forbid_unknown_fields=True):
    region: kinds.Key
    country: kinds.Country | None = None
    nodes: list[str] = []
    owner: kinds.Word | None = None
    provider: kinds.Word | None = None
    territory: kinds.Word | None = None


class PlannedTenant(Struct, frozen=True, forbid_unknown_fields=True):
    tenants: Annotated[list[kinds.Key], Meta(min_length=1)]
    controlling_jurisdiction: kinds.Country | None = None
    home_jurisdiction: kinds.Country | None = None
    name: kinds.Word | None = None
    sector: kinds.Word | None = None


class PlannedCards(Struct, frozen=True, forbid_unknown_fields=True):
    """Cards that share attributes. `serial` is a pattern over {node}, {slot} and {generation},
    which counts a slot's cards from 1.

    With `slots` (and `nodes` as hostlists) the entry also names cards that the trace does not.
    """

    design_country: kinds.Country | None = None
    fabrication_country: kinds.Country | None = None
    firmware_country: kinds.Country | None = None
    model: kinds.Word | None = None
    models: list[str] = []
    nodes: list[str] = []
    packaging_country: kinds.Country | None = None
    pci_id: kinds.Word | None = None
    serial: kinds.Word | None = None
    slots: kinds.Slots | None = None
    vendor: kinds.Word | None = None


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict that a rule gives while an attribute is only planned."""

    reason: str
    rule: str
    verdict: Literal["non_compliant", "unverifiable", "compliant", "not_applicable"]
    why: str


class SitePlan(Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    format: Literal["domicile/site-plan/v1"]
    source: kinds.Key
    effective_at: datetime
    cards: list[PlannedCards] = []
    expect: list[Expected] = []
    region: list[PlannedRegion] = []
    spellings: dict[str, dict[str, list[str]]] = {}
    tenant: list[PlannedTenant] = []
    title: str = ""

    @cached_property
    def preferred(self) -> dict[tuple[str, str], str]:
        """The preferred spelling by (kind, spelling)."""
        return {
            (kind, other): best
            for kind, of_kind in self.spellings.items()
            for best, others in of_kind.items()
            for other in others
        }

    @cached_property
    def effective_ms(self) -> int:
        """`effective_at` in milliseconds UTC."""
        return times.millis_of(self.effective_at)

    def node_patterns(self) -> list[str]:
        """Every pattern of node names in the plan, in its order."""
        return [pattern for entry in self.region for pattern in entry.nodes] + [
            p for entry in self.cards for p in entry.nodes
        ]

    def named_nodes(self) -> list[str]:
        """The nodes that the plan names by hostlists, in its order, each once."""
        texts = [pattern for pattern in self.node_patterns() if not WILD.search(pattern)]
        return list(dict.fromkeys(node for text in texts for node in hostlist.expand_nodes(text)))


def read_site_plan(path: Path) -> SitePlan:
    """Read a site plan. Raises SitePlanError, naming the file and the place in it."""
    plan = read_toml(path, SitePlan, SitePlanError)
    if plan.effective_at.tzinfo is None or plan.effective_ms < 0:
        raise SitePlanError(
            f"{path}: want effective_at since 1970 with an offset, "
            f"as in 2020-01-01T00:00:00Z, got {plan.effective_at}"
        )
    others = [
        (kind, other)
        for kind, of_kind in plan.spellings.items()
        for spelled in of_kind.values()
        for other in spelled
    ]
    if repeated := sorted(
        {spelling for kind, spelling in others if others.count((kind, spelling)) > 1}
    ):
        raise SitePlanError(f"{path}: want each spelling once, got {', '.join(repeated)} again")
    for pattern in plan.node_patterns():
        _check_pattern(path, pattern)
    for entry in plan.cards:
        _check_cards(path, entry)
    return plan


def _check_pattern(path: Path, pattern: str) -> None:
    try:
        if not WILD.search(pattern):
            hostlist.expand_nodes(pattern)
    except hostlist.HostlistError as fault:
        raise SitePlanError(f"{path}: {fault}") from fault


def _check_cards(path: Path, entry: PlannedCards) -> None:
    try:
        if entry.slots is not None:
            hostlist.expand_slots(entry.slots)
    except hostlist.HostlistError as fault:
        raise SitePlanError(f"{path}: {fault}") from fault
    if entry.serial is not None and not _SERIAL.fullmatch(entry.serial):
        raise SitePlanError(
            f"{path}: want a serial of {{node}}, {{slot}} and {{generation}}, got {entry.serial!r}"
        )
