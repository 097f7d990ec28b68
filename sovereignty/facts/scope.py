"""What a fact speaks of: since when (`SINCE`), and of which of the families that a source declares
it reports (`REPORTS`).

A heartbeat and a reported sequence number speak of no time: a lost one hides nothing, it leaves a
gap. A correction is of its original's family. It speaks since what it replaces or puts there, and
since `from_at` where that is a heartbeat.
"""

from collections.abc import Iterable

from sovereignty.facts import kinds
from sovereignty.facts.kinds import FactFamily

# The field that says since when; a kind that is not here speaks of no time.
SINCE: dict[type[kinds.Data], str] = {
    kinds.TouchStarted: "started_at",
    kinds.TouchRecorded: "started_at",
    kinds.TouchEnded: "ended_at",
    kinds.AccessRecorded: "started_at",
    kinds.RegionDeclared: "effective_at",
    kinds.NodeRegistered: "effective_at",
    kinds.NodeMoved: "effective_at",
    kinds.CardReplaced: "effective_at",
    kinds.CardRetired: "effective_at",
    kinds.SourceDeclared: "effective_at",
    kinds.TenantDeclared: "effective_at",
    kinds.WorkloadDeclared: "effective_at",
}
# The family that a source declares it reports; a kind that is not here is of none.
REPORTS: dict[str, FactFamily] = {
    kinds.TOUCH_STARTED: "touch",
    kinds.TOUCH_RECORDED: "touch",
    kinds.TOUCH_ENDED: "touch",
    kinds.ACCESS_RECORDED: "access",
    kinds.REGION_DECLARED: "inventory",
    kinds.NODE_REGISTERED: "inventory",
    kinds.NODE_MOVED: "inventory",
    kinds.CARD_REPLACED: "inventory",
    kinds.CARD_RETIRED: "inventory",
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
