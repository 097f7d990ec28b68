"""The question of a check: which policy, of which tenants, over which period, as of which position;
what was left open is filled in here.

    ask(policy, tenants=["st-mary"])
        →    from st-mary's own first touch to the time of the newest position

The period of one tenant's check follows from that tenant alone: it stands in the tenant's trail,
and would tell it when others began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, Min, OuterRef, QuerySet

from audit.times import iso
from audit.tlog import canonical
from sovereignty.models import Access, Batch, Fact, Policy, Tenant, Touch

MOST_NAMED = 20  # of the tenants that exist, in a refusal


class CheckError(ValueError):
    """Raised when a question cannot be asked: an unknown tenant, an empty period, a position that
    does not exist."""


@dataclass(frozen=True, slots=True)
class Question:
    """One policy version asked of tenants (None: all), over [from, to) in milliseconds UTC, as of a
    position."""

    policy: Policy
    tenants: tuple[str, ...] | None
    period: tuple[int, int]
    position: int

    @property
    def scope(self) -> str:
        """The scope as canonical JSON."""
        return canonical.encode(None if self.tenants is None else list(self.tenants)).decode()


def ask(
    policy: Policy,
    *,
    tenants: Sequence[str] | None = None,
    period: tuple[int | None, int | None] = (None, None),
    position: int | None = None,
) -> Question:
    """Fill in what was left open: the newest position; from the first touch of `tenants` that it
    knows; to its own time.

    Where they have no touch, from the first access to them. Raises CheckError."""
    at, received_at = _position(position)
    scope = None if tenants is None else _known(tenants, at)
    start = _beginning(scope, at) if period[0] is None else period[0]
    end = received_at if period[1] is None else period[1]
    if start < 0:
        raise CheckError(f"from: want {iso(0)} or later, got {iso(start)}")
    if end > received_at:
        raise CheckError(
            f"to: want at most {iso(received_at)}, the time of position {at}, got {iso(end)}"
        )
    if start >= end:
        raise CheckError(
            f"period: want a start before its end, got one from {iso(start)} to {iso(end)}"
        )
    return Question(policy, scope, (start, end), at)


def _position(asked: int | None) -> tuple[int, int]:
    """A position that is given, and when its batch was received."""
    newest = Batch.objects.aggregate(Max("position"))["position__max"]
    if newest is None:
        raise CheckError("nothing has been recorded yet: want at least one batch of facts")
    at = newest if asked is None else asked
    received_at = Batch.objects.filter(position=at).values_list("received_at", flat=True).first()
    if received_at is None:
        raise CheckError(f"position: want 1 to {newest}, got {asked}")
    return at, received_at


def _known(asked: Sequence[str], position: int) -> tuple[str, ...]:
    """The tenants that were asked for, sorted, each once; something must be known of every one at
    the position."""
    if not asked:
        raise CheckError("tenants: want at least one, got an empty list")
    facts = Fact.objects.filter(trail_number=OuterRef("trail_id"), batch__position__lte=position)
    existing = Tenant.objects.filter(Exists(facts))
    scope = tuple(sorted(set(asked)))
    known = set(existing.filter(key__in=scope).values_list("key", flat=True))
    if lacking := [key for key in scope if key not in known]:
        received = ", ".join(repr(key) for key in lacking)
        raise CheckError(
            f"tenants: want tenants known at position {position} ({_named(existing)}), "
            f"got {received}"
        )
    return scope


def _named(tenants: QuerySet[Tenant]) -> str:
    count = tenants.count()
    named = (
        ", ".join(tenants.order_by("key").values_list("key", flat=True)[:MOST_NAMED])
        or "there are none"
    )
    return named if count <= MOST_NAMED else f"{named} and {count - MOST_NAMED} more"


def _beginning(scope: tuple[str, ...] | None, position: int) -> int:
    """The first touch of these tenants (None: of all) that is live at the position, or else the
    first access to them."""
    for recorded in (Touch.objects, Access.objects):
        live = recorded.as_of(position)
        mine = live if scope is None else live.filter(tenant__key__in=scope)
        first: int | None = mine.aggregate(first=Min("started_at"))["first"]
        if first is not None:
            return first
    whose = "any tenant" if scope is None else ", ".join(scope)
    raise CheckError(
        f"from: want a time, since position {position} knows of no touch of {whose} "
        "and no access, got none"
    )
