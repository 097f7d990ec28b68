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

from sovereignty.plane.world import Report
from sovereignty.policy import facts

SINCE: dict[type[facts.Data], str] = {
    struct: "ended_at"
    if struct is facts.TouchEnded
    else "started_at"
    if "started_at" in struct.__struct_fields__
    else "effective_at"
    for struct in facts.KINDS.values()
    if not {"started_at", "ended_at", "effective_at"}.isdisjoint(struct.__struct_fields__)
}
REPORTS: dict[str, Report] = {
    kind: "touch" if kind.startswith("touch.") else "access" if kind.startswith("access.") else "inventory"
    for kind in facts.KINDS
    if kind.startswith(("touch.", "access.", "region.", "node.", "card."))
}
DECLARES_SOURCES = "source.declared/v1"  # about whatever cards the declared source is about


def since(data: facts.Data) -> int | None:
    """The earliest time of which the fact speaks, in ms; None of one that speaks of none, and of a correction."""
    field = SINCE.get(type(data))
    return None if field is None else int(getattr(data, field))


def corrected_since(bodies: Iterable[facts.Data]) -> int | None:
    """The earliest time of which a correction speaks that has to do with these bodies: a lost one may take a heartbeat back."""
    times = [body.from_at if isinstance(body, facts.Heartbeat) else since(body) for body in bodies]
    return min((time for time in times if time is not None), default=None)
