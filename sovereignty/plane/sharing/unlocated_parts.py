"""When a tenant used cards on nodes that no fact names.

A part *k of unknown nodes* may be on any card of the fleet. While it lasts, no other tenant can be
shown to have been alone.
"""

from sovereignty.plane.intervals import as_steps, union
from sovereignty.plane.runs import EXPLICIT, Rows
from sovereignty.plane.steps import Steps
from sovereignty.plane.world import World


def unlocated_parts_of_others(
    world: World, rows: Rows, start: int, end: int
) -> list[Steps[bool]] | None:
    """Say of each tenant when in `[start, end)` another tenant's part may have been on its cards.

    Only parts of unknown nodes are looked at. Returns None where the world has none."""
    unlocated = {number for number, part in enumerate(world.parts) if not part.nodes}
    if not unlocated:
        return None
    intervals_of: dict[int, list[tuple[int, int]]] = {}
    for touch, part, row_start, row_end in zip(
        *(column.tolist() for column in (rows.touch, rows.part, rows.start, rows.end)), strict=True
    ):
        if part != EXPLICIT and part in unlocated:
            tenant = int(world.touches.tenant[touch])
            intervals_of.setdefault(tenant, []).append((row_start, row_end))
    merged = {tenant: union(intervals) for tenant, intervals in intervals_of.items()}
    return [
        as_steps(
            union(
                interval
                for other, intervals in merged.items()
                if other != tenant
                for interval in intervals
            ),
            start,
            end,
        )
        for tenant in range(len(world.tenants))
    ]
