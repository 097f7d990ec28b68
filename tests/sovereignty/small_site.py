"""A site small enough to judge by hand: one region at home, one abroad, two nodes, two tenants, and
sources that are heard.

    b.accept_all(*site.facts(), b.touch("1", ["sg-1/0"]))
    check(ask(site.home_policy(), period=site.PERIOD), actor="olga")

`tests/builders.py` builds the facts; their usual values are of this site.
"""

from typing import Any

from sovereignty.checking.publish import publish
from sovereignty.models import Policy, Tenant
from sovereignty.policy.document import parse
from tests import builders as b

PERIOD = (b.START, b.hour(10))
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


def facts(*, without: str | None = None) -> list[b.Event]:
    """Regions, nodes, sources that are heard without a gap, tenants. `without` names a source that
    is neither declared nor heard."""
    cards = [{"slots": "0-7", **CHIP}]
    return [
        b.region("cn-1", "CN", id="r-home"),
        b.region("sg-1", "SG", id="r-abroad"),
        b.node("hz-1", id="n-1", cards=cards),
        b.node("sg-1", id="n-2", region="sg-1", cards=cards),
        *(
            fact
            for name, family, number in (("slurm", "touch", 1), ("bastion", "access", 2))
            if name != without
            for fact in (
                b.stated("source.declared", id=f"s-{number}", name=name, reports=[family]),
                b.heartbeat(id=f"h-{number}", source=name, from_at=PERIOD[0], to_at=PERIOD[1]),
            )
        ),
        b.tenant(b.HOSPITAL, id="t-1", sector="hospital"),
        b.tenant(b.NEIGHBOUR, id="t-2", sector="hospital"),
    ]


def home_policy(**changes: Any) -> Policy:
    """Publish the policy, with changes."""
    return publish(parse(POLICY | changes), actor="test")


def tenant(key: str = b.HOSPITAL) -> Tenant:
    """The tenant, with its trail."""
    return Tenant.objects.select_related("trail").get(key=key)
