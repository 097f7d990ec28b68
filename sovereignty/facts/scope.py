"""What a fact speaks of: since when, and of which of the kinds that a source declares it reports.

touch.started, touch.recorded    touch        since started_at
touch.ended                      touch        since ended_at
access.recorded                  access       since started_at
region…, node…, card…            inventory    since effective_at
source…, tenant…, workload…      no kind      since effective_at
heartbeat, sequence.reported     no kind, of no time: a lost one hides nothing, it leaves a gap
correction                       its original's kind, since what it replaces or puts there; if that is a heartbeat, since from_at
"""

from collections.abc import Iterable

from sovereignty.facts import kinds
from sovereignty.facts.kinds import FactFamily

SINCE: dict[type[kinds.Data], str] = {
    struct: "ended_at"
    if struct is kinds.TouchEnded
    else "started_at"
    if "started_at" in struct.__struct_fields__
    else "effective_at"
    for struct in kinds.KINDS.values()
    if not {"started_at", "ended_at", "effective_at"}.isdisjoint(struct.__struct_fields__)
}
REPORTS: dict[str, FactFamily] = {
    kind: "touch"
    if kind.startswith("touch.")
    else "access"
    if kind.startswith("access.")
    else "inventory"
    for kind in kinds.KINDS
    if kind.startswith(("touch.", "access.", "region.", "node.", "card."))
}


def since(data: kinds.Data) -> int | None:
    """The earliest time of which the fact speaks, in ms; None of one that speaks of none, and of a
    correction."""
    field = SINCE.get(type(data))
    return None if field is None else int(getattr(data, field))


def corrected_since(bodies: Iterable[kinds.Data]) -> int | None:
    """The earliest time of which a correction speaks that has to do with these bodies: a lost one
    may take a heartbeat back."""
    times = [body.from_at if isinstance(body, kinds.Heartbeat) else since(body) for body in bodies]
    return min((time for time in times if time is not None), default=None)
