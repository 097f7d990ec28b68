"""Facts as lines: one CloudEvents 1.0 object each, as the collectors of a real fleet would send
them.

{"specversion":"1.0","type":"domicile.touch.recorded.v1","source":"slurm/hz","id":"hz-000017-recorded",
 "time":"2025-09-16T08:00:00Z","sequence":17,"data":{"tenant":"st-mary","touch":"hz-000017", …}}
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from bench.fleet.accesses import Access
from bench.fleet.cast import DATA_CLASS, Make, Region, Tenant
from bench.fleet.estate import SLOTS, Estate, Source
from bench.fleet.faults import Move, Swap
from bench.fleet.feed import Beat, Fact
from bench.fleet.plan import CARDS_PER_NODE, DAY_S, START_S
from bench.fleet.schedule import Touch

Body = dict[str, Any]
_SINCE_MS: Final = (START_S - 30 * DAY_S) * 1000  # from when the inventory holds
# what a fact is called where its kind here is finer
_KINDS: Final = {"card.restated": "node.registered"}
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Lines:
    """Writes facts of one fleet as lines."""

    def __init__(self, estate: Estate, tenants: list[Tenant]) -> None:
        self._estate = estate
        self._tenants = tenants
        self._bodies: dict[str, Callable[[Fact], Body]] = {
            "region.declared": self._region,
            "node.registered": self._node,
            "node.moved": self._moved,
            "card.replaced": self._replaced,
            "card.restated": self._restated,
            "source.declared": self._source,
            "tenant.declared": self._tenant,
            "workload.declared": self._workload,
            "touch.started": self._started,
            "touch.ended": self._ended,
            "touch.recorded": self._recorded,
            "access.recorded": self._access,
            "heartbeat": self._heartbeat,
            "sequence.reported": self._highest,
        }

    def line(self, fact: Fact) -> str:
        """The fact as one line of JSON, without its end of line."""
        event = {
            "specversion": "1.0",
            "type": f"domicile.{_KINDS.get(fact.kind, fact.kind)}.v1",
            "source": self._estate.sources[fact.source].name,
            "id": fact.id,
            "time": _timestamp(fact.time_s),
            "sequence": fact.number,
            "data": self._bodies[fact.kind](fact),
        }
        return _JSON.encode(event)

    def _region(self, fact: Fact) -> Body:
        region: Region = fact.about
        stated = {"region": region.key, "country": region.country, "provider": region.provider}
        return stated | {"effective_at": _SINCE_MS, "evidence": "declared"}

    def _node(self, fact: Fact) -> Body:
        node = self._estate.nodes[fact.about]
        serials = [_serial(node.make, fact.about * CARDS_PER_NODE + slot) for slot in SLOTS]
        group = {"slots": f"0-{CARDS_PER_NODE - 1}", "serials": serials, **_stated(node.make)}
        stated = {
            "node": node.name,
            "region": node.region,
            "owner": "Domicile demo operator",
            "cards": [group],
        }
        return stated | {"effective_at": _SINCE_MS, "evidence": "declared"}

    def _moved(self, fact: Fact) -> Body:
        move: Move = fact.about
        node = self._estate.nodes[move.node].name
        return {
            "node": node,
            "region": move.region,
            "effective_at": move.at_s * 1000,
            "evidence": "declared",
        }

    def _replaced(self, fact: Fact) -> Body:
        swap: Swap = fact.about
        place = {
            "node": self._estate.nodes[swap.node].name,
            "slot": str(swap.slot),
            "serial": f"RMA-{swap.at_s}",
        }
        return (
            place | {"effective_at": swap.at_s * 1000, "evidence": "declared"} | _stated(swap.make)
        )

    def _restated(self, fact: Fact) -> Body:
        swap: Swap = fact.about
        group = {"slots": str(swap.slot), **_stated(swap.make)}
        node = self._estate.nodes[swap.node].name
        return {
            "node": node,
            "cards": [group],
            "effective_at": swap.at_s * 1000,
            "evidence": "declared",
        }

    def _source(self, fact: Fact) -> Body:
        source: Source = fact.about
        stated: Body = {"name": source.name, "reports": [source.reports], "sequenced": True}
        if source.nodes is not None:
            stated["cards"] = self._estate.hostlists(source.nodes)
        if source.heartbeat_s is not None:
            stated["heartbeat_ms"] = source.heartbeat_s * 1000
        if source.reach_s is not None:
            stated["reach_ms"] = source.reach_s * 1000
        return stated | {"effective_at": _SINCE_MS, "evidence": "declared"}

    def _tenant(self, fact: Fact) -> Body:
        tenant: Tenant = fact.about
        stated = {
            "tenant": tenant.key,
            "name": tenant.name,
            "home_jurisdiction": "CN",
            "controlling_jurisdiction": "CN",
        }
        sector = {} if tenant.sector is None else {"sector": tenant.sector}
        return stated | sector | {"effective_at": _SINCE_MS, "evidence": "declared"}

    def _workload(self, fact: Fact) -> Body:
        tenant, workload = fact.about
        kind = "training" if workload.startswith("foundation") else "inference"
        stated = {"tenant": tenant.key, "workload": workload, "kind": kind}
        data = {} if tenant.sector not in DATA_CLASS else {"data_class": DATA_CLASS[tenant.sector]}
        return stated | data | {"effective_at": _SINCE_MS, "evidence": "declared"}

    def _started(self, fact: Fact) -> Body:
        touch: Touch = fact.about
        return self._whose(touch) | self._what(touch) | {"started_at": touch.start_s * 1000}

    def _ended(self, fact: Fact) -> Body:
        touch: Touch = fact.about
        return self._whose(touch) | {"ended_at": touch.end_s * 1000}

    def _recorded(self, fact: Fact) -> Body:
        return self._started(fact) | self._ended(fact)

    def _whose(self, touch: Touch) -> Body:
        return {
            "tenant": self._tenants[touch.tenant].key,
            "touch": touch.id,
            "evidence": "observed",
        }

    def _what(self, touch: Touch) -> Body:
        cards = self._estate.hostlists(touch.nodes, touch.slots)
        return {"workload": touch.workload, "parts": [{"cards": cards}]}

    def _access(self, fact: Fact) -> Body:
        access: Access = fact.about
        body: Body = {
            "access": access.id,
            "tenant": self._tenants[access.tenant].key,
            "person": access.person,
            "action": access.action,
            "started_at": access.start_s * 1000,
            "office_country": access.office,
            "physical_country": access.physical,
            "employer_jurisdiction": access.employer,
            "evidence": "observed",
        }
        if access.workload is not None:
            body["workload"] = access.workload
        if access.end_s is not None:
            body["ended_at"] = access.end_s * 1000
        if access.approval is not None:
            body["approval"] = access.approval
        return body

    def _heartbeat(self, fact: Fact) -> Body:
        beat: Beat = fact.about
        body: Body = {"from_at": beat.from_s * 1000, "to_at": beat.to_s * 1000}
        if beat.missing:
            declared = self._estate.sources[beat.source].nodes or ()
            body["cards"] = self._estate.hostlists(
                tuple(node for node in declared if node not in beat.missing)
            )
        return body

    def _highest(self, fact: Fact) -> Body:
        tenant = {} if fact.trail < 0 else {"tenant": self._tenants[fact.trail].key}
        return {"highest": fact.about} | tenant


def lines(estate: Estate, tenants: list[Tenant], facts: list[Fact]) -> Iterator[str]:
    writer = Lines(estate, tenants)
    return map(writer.line, facts)


def _stated(make: Make) -> Body:
    """What was said of a card; what nobody said is left out."""
    stated = {
        "vendor": make.vendor,
        "model": make.model,
        "pci_id": make.pci_id,
        "design_country": make.design,
        "fabrication_country": make.fabrication,
        "packaging_country": make.packaging,
        "firmware_country": make.firmware,
    }
    return {word: value for word, value in stated.items() if value is not None}


def _serial(make: Make, card: int) -> str:
    return f"{make.model}-{card:06d}"


def _timestamp(time_s: int) -> str:
    day, second = divmod(time_s, DAY_S)
    return f"{_day(day)}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"


@lru_cache(maxsize=512)
def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()
