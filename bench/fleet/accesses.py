"""People who reach into workloads: administrators at home, and one abroad."""

from dataclasses import dataclass
from random import Random

from bench.fleet.cast import ACTIONS, PEOPLE, Tenant
from bench.fleet.faults import HOSPITAL
from bench.fleet.plan import FOREIGN_OPERATOR, HOUR_S, START_S, Plan


@dataclass(frozen=True, slots=True)
class Access:
    """`end_s` None means a point in time, `workload` None the tenant's whole environment."""

    id: str
    tenant: int
    workload: str | None
    person: str
    action: str
    start_s: int
    end_s: int | None
    office: str
    physical: str
    employer: str
    approval: str | None


def accesses(plan: Plan, tenants: list[Tenant], random: Random) -> list[Access]:
    """At least one access into each tenant's workloads, in the order of their time."""
    count = max(len(tenants), plan.touches // 50)
    owners = [*range(len(tenants)), *random.choices(range(len(tenants)), k=count - len(tenants))]
    rows = [(random.randrange(START_S, plan.end_s - HOUR_S), owner, False) for owner in owners]
    rows.append((plan.moment(0.55) + random.randrange(1800), HOSPITAL, True))
    return [_access(place, row, plan, tenants, random) for place, row in enumerate(sorted(rows), 1)]


def _access(
    place: int, row: tuple[int, int, bool], plan: Plan, tenants: list[Tenant], random: Random
) -> Access:
    start, owner, fault = row
    length = random.randrange(300, HOUR_S)
    return Access(
        id=f"acc-{place:06d}",
        tenant=owner,
        workload=random.choice((None, *tenants[owner].workloads)),
        person=random.choice(PEOPLE),
        action=random.choice(ACTIONS),
        start_s=start,
        end_s=start + length if length % 4 else None,
        office="SG" if fault and plan.plants(FOREIGN_OPERATOR) else "CN",
        physical="CN",
        employer="CN",
        approval=f"chg-{place:05d}" if length % 3 else None,
    )
