"""A site small enough to judge by hand: one region at home, one abroad, two nodes, two tenants, and
sources that are heard.

All times are milliseconds from `DAY`, a day in January 2026; `events` are CloudEvents as lines for
`record`.
"""

import json
from collections.abc import Sequence
from typing import Any

from sovereignty.checking.publish import publish
from sovereignty.models import Policy, Tenant
from sovereignty.policy.document import parse
from sovereignty.recording.record import Answers, record

DAY = 1_767_312_000_000
HOUR = 3_600_000
PERIOD = (DAY, DAY + 10 * HOUR)
HOSPITAL, NEIGHBOUR = "st-mary", "qinghe"
CHIP: dict[str, Any] = {
    f"{stage}_country": "CN" for stage in ("design", "fabrication", "packaging", "firmware")
}
POLICY: dict[str, Any] = {
    "format": "domicile/policy/v1",
    "name": "home",
    "version": "1.0.0",
    "title": {"en": "At home", "zh-Hans": "境内"},
    "least_grade": "declared",
    "applies_to": None,
    "rules": [
        {"id": "PL-01", "parameters": {"allowed_countries": ["CN"]}},
        {
            "id": "PL-02",
            "parameters": {
                "allowed_countries": ["CN"],
                "stages": ["design", "fabrication", "packaging", "firmware"],
            },
        },
        {"id": "PL-03", "parameters": {}},
        {"id": "OP-01", "parameters": {"allowed_countries": ["CN"]}},
        {"id": "TE-01", "parameters": {}},
    ],
}


def event(
    kind: str, id: str, source: str = "cmdb", sequence: int | None = None, **data: Any
) -> bytes:
    """One fact as a line."""
    return _line(kind, id, source, sequence, data)


def _line(kind: str, id: str, source: str, sequence: int | None, data: dict[str, Any]) -> bytes:
    said: dict[str, Any] = {
        "specversion": "1.0", "type": f"domicile.{kind}.v1", "source": source, "id": id, "time": "2026-01-02T12:00:00Z", "data": data,
    }  # fmt: skip
    if sequence is not None:
        said["sequence"] = sequence
    return json.dumps(said).encode()


def stated(kind: str, id: str, **data: Any) -> bytes:
    """A declared statement that always held."""
    return event(kind, id, effective_at=0, evidence="declared", **data)


def site() -> list[bytes]:
    """Regions, nodes, sources that are heard without a gap, tenants."""
    return [
        stated("region.declared", "r-home", region="cn-1", country="CN"),
        stated("region.declared", "r-abroad", region="sg-1", country="SG"),
        stated(
            "node.registered", "n-1", node="hz-1", region="cn-1", cards=[{"slots": "0-7", **CHIP}]
        ),
        stated(
            "node.registered", "n-2", node="sg-1", region="sg-1", cards=[{"slots": "0-7", **CHIP}]
        ),
        stated("source.declared", "s-1", name="slurm", reports=["touch"]),
        stated("source.declared", "s-2", name="bastion", reports=["access"]),
        event("heartbeat", "h-1", source="slurm", from_at=PERIOD[0], to_at=PERIOD[1]),
        event("heartbeat", "h-2", source="bastion", from_at=PERIOD[0], to_at=PERIOD[1]),
        stated("tenant.declared", "t-1", tenant=HOSPITAL, sector="hospital"),
        stated("tenant.declared", "t-2", tenant=NEIGHBOUR, sector="hospital"),
    ]


def touch(
    id: str,
    cards: Sequence[str] = ("hz-1/0-3",),
    tenant: str = HOSPITAL,
    start: int = 1,
    end: int = 2,
    **data: Any,
) -> bytes:
    """A closed touch, its borders in hours from DAY."""
    parts = data.pop("parts", [{"cards": list(cards)}])
    return event(
        "touch.recorded", f"{tenant}-{id}", source="slurm", tenant=tenant, touch=id, workload="triage-7b", parts=parts,
        started_at=DAY + start * HOUR, ended_at=DAY + end * HOUR, evidence="observed", **data,
    )  # fmt: skip


def corrected(
    id: str, cards: Sequence[str], tenant: str = HOSPITAL, sequence: int | None = None
) -> bytes:
    """A correction that puts other cards in the place of those of a touch."""
    data = {
        "source": "slurm", "id": f"{tenant}-{id}", "tenant": tenant, "reason": "other cards",
        "replacement": {"type": "touch.recorded/v1", "data": json.loads(touch(id, cards, tenant))["data"]},
    }  # fmt: skip
    return _line("correction", f"correction-{id}", "slurm", sequence, data)


def access(id: str, country: str = "CN", tenant: str = HOSPITAL) -> bytes:
    """Somebody reached into the workload from an office in `country`."""
    return event(
        "access.recorded", id, source="bastion", tenant=tenant, access=id, workload="triage-7b", person="li", started_at=DAY + HOUR,
        office_country=country, physical_country="CN", employer_jurisdiction="CN", evidence="observed",
    )  # fmt: skip


def take(*lines: bytes) -> Answers:
    """Record the lines; every one must be accepted."""
    answers = record(lines, actor="test", door="test")
    assert answers.refusals == []
    return answers


def home_policy(**changes: Any) -> Policy:
    """Publish the policy, with changes."""
    return publish(parse(POLICY | changes), actor="test")


def tenant(key: str = HOSPITAL) -> Tenant:
    """The tenant, with its trail."""
    return Tenant.objects.select_related("trail").get(key=key)
