"""A fleet's folder read back as a stranger would, and reports made from a truth."""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.fleet.generate import generate, write
from bench.fleet.plan import Plan

Json = dict[str, Any]
LATTICE = ("non_compliant", "unverifiable", "waived", "compliant", "not_applicable")
SMALL = {"cards": 64, "days": 6, "touches": 200, "tenants": 3}


def small(seed: int = 1, *, without: str | None = None) -> Plan:
    return Plan(seed=seed, without=frozenset([without] if without else []), **SMALL)


def written(plan: Plan, folder: Path) -> tuple[list[Json], Json]:
    """The events in the order of arrival, and the truth."""
    write(generate(plan), folder)
    return events(folder), json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def lines(folder: Path) -> list[bytes]:
    return [
        line
        for path in sorted((folder / "facts").iterdir())
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def events(folder: Path) -> list[Json]:
    return [json.loads(line) for line in lines(folder)]


def of_kind(found: list[Json], kind: str) -> list[Json]:
    return [event for event in found if event["type"] == f"domicile.{kind}.v1"]


def findings(truth: Json) -> list[Any]:
    """Every finding with its tenant and rule before it, in order."""
    found = [
        [key, rule, *finding]
        for key, tenant in truth["tenants"].items()
        for rule, part in tenant["rules"].items()
        for finding in part["findings"]
    ]
    return sorted(found, key=str)


def report(truth: Json) -> Json:
    """A correct report of that truth, its blocks made from cards with one interval."""
    tenants = [_tenant(key, tenant) for key, tenant in sorted(truth["tenants"].items())]
    return {"format": "domicile/report/v1", "period": dict(truth["period"]), "tenants": tenants}


def _tenant(key: str, tenant: Json) -> Json:
    rules = [
        {
            "rule": name,
            "unit": rule["unit"],
            "verdict": min(rule["totals"], key=LATTICE.index),
            "totals": dict(rule["totals"]),
            "blocks": _blocks(name, rule["findings"]),
        }
        for name, rule in sorted(tenant["rules"].items())
    ]
    used = {name: tenant[name] for name in ("touches", "card_touches", "card_seconds")}
    return {
        "tenant": key,
        **used,
        "verdict": min((rule["verdict"] for rule in rules), key=LATTICE.index),
        "rules": rules,
    }


def _blocks(rule: str, found: list[Any]) -> list[Json]:
    cards: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    blocks: list[Json] = []
    for verdict, reason, name, other, card, from_ms, to_ms in found:
        if card is None:
            blocks.append(
                {"rule": rule, "verdict": verdict, "reason": reason, "access": name, "at": from_ms}
            )
        else:
            cards[verdict, reason, name, other, from_ms, to_ms].append(card)
    for (verdict, reason, name, other, from_ms, to_ms), names in cards.items():
        area = len(names) * (to_ms - from_ms) // 1000
        block = {"rule": rule, "verdict": verdict, "reason": reason, "touch": name, "cards": names}
        block |= {"from": from_ms, "to": to_ms, "card_seconds": area, "detail": {}}
        if other is not None:
            block["other"] = dict(zip(("tenant", "touch"), other.split("/"), strict=True))
        blocks.append(block)
    return blocks
