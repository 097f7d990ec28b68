"""When somebody used cards on nodes that nobody named.

A part *k of unknown nodes* may be on any card of the fleet, so while it lasts nobody of another
tenant can be shown to have been alone.
"""

from sovereignty.plane.intervals import as_steps, union
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import World


def company_of_unknown_nodes(
    world: World, rows: Rows, start: int, end: int
) -> list[Steps[bool]] | None:
    """Of each tenant, when in `[start, end)` another one may have been on its cards from unknown
    nodes; None if that is never."""
    nowhere = [number for number, part in enumerate(world.parts) if not part.nodes]
    if not nowhere:
        return None
    unplaced = set(nowhere)
    by_tenant: dict[int, list[tuple[int, int]]] = {}
    for touch, part, at, to in zip(
        *(column.tolist() for column in (rows.touch, rows.part, rows.start, rows.end)), strict=True
    ):
        if part != EXPLICIT and part in unplaced:
            by_tenant.setdefault(int(world.touches.tenant[touch]), []).append((at, to))
    merged = {tenant: union(found) for tenant, found in by_tenant.items()}
    return [
        as_steps(
            union(each for other, found in merged.items() if other != tenant for each in found),
            start,
            end,
        )
        for tenant in range(len(world.tenants))
    ]
