"""What a fact states: of which subject, which attributes, from `effective_at` on.

The projection stores this as rows, a replay judges by it, so both know one meaning of a kind:

    node.registered hz-1, region cn-1, slots 0-7 by Acme
        →    FactStatement("node", "hz-1", {"region": "cn-1", "owner": None})
             FactStatement("cards", "hz-1", {"vendor": "Acme", …}, slots=["0", … "7"], present=True)

The kinds that tell what happened (touches, accesses, heartbeats) state nothing, and neither does a
source's declaration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sovereignty.facts import kinds
from sovereignty.facts.checks import slots_of

SubjectKind: TypeAlias = Literal["region", "node", "cards", "tenant", "workload"]

# By the kind of the subject: what facts may state of it. A card's serial is stated beside these.
CARD_ATTRIBUTES = (
    "vendor",
    "model",
    "pci_id",
    "design_country",
    "fabrication_country",
    "packaging_country",
    "firmware_country",
)
ATTRIBUTES: dict[SubjectKind, tuple[str, ...]] = {
    "region": ("country", "territory", "provider"),
    "node": ("region", "owner"),
    "cards": CARD_ATTRIBUTES,
    "tenant": ("name", "sector", "home_jurisdiction", "controlling_jurisdiction"),
    "workload": ("kind", "data_class"),
}


@dataclass(frozen=True, slots=True)
class FactStatement:
    """What one fact states of one subject. `name` is the region's, the tenant's or the workload's
    key, or the node's name; of "cards" it is the node in whose `slots` they sit.

    `values` has every attribute of `ATTRIBUTES`, in that order; None is one that the fact leaves
    open. `serials` are in the order of the slots, or empty where none is stated. `present` is false
    of cards that were retired. `resets` says that other cards (or none) sit in the slots from here
    on."""

    kind: SubjectKind
    name: str
    values: Mapping[str, str | None]
    slots: Sequence[str] = ()
    serials: Sequence[str | None] = ()
    present: bool = True
    resets: bool = False


def statements_of(data: kinds.Data) -> list[FactStatement]:
    """Return what a fact of this `data` states; nothing, for kinds that state nothing."""
    match data:
        case kinds.RegionDeclared():
            return [FactStatement("region", data.region, _values("region", data))]
        case kinds.NodeRegistered():
            node = FactStatement("node", data.node, _values("node", data))
            return [node, *(_cards_of(data.node, group) for group in data.cards)]
        case kinds.NodeMoved():
            return [FactStatement("node", data.node, _values("node", data))]
        case kinds.CardReplaced():
            values, serials = _values("cards", data), [data.serial]
            return [FactStatement("cards", data.node, values, [data.slot], serials, resets=True)]
        case kinds.CardRetired():
            values = _values("cards", data)
            return [
                FactStatement("cards", data.node, values, [data.slot], present=False, resets=True)
            ]
        case kinds.TenantDeclared():
            return [FactStatement("tenant", data.tenant, _values("tenant", data))]
        case kinds.WorkloadDeclared():
            return [FactStatement("workload", data.workload, _values("workload", data))]
    return []


def _cards_of(node: str, group: kinds.CardGroup) -> FactStatement:
    return FactStatement(
        "cards", node, _values("cards", group), slots_of(group), group.serials or ()
    )


def _values(kind: SubjectKind, data: Any) -> dict[str, str | None]:
    """The attributes of a subject of this kind; what the fact's kind has no field for is open."""
    return {name: getattr(data, name, None) for name in ATTRIBUTES[kind]}
