"""One fleet from its plan, and its folder:

facts/0001-inventory.ndjson.gz   regions, sources, nodes, tenants, workloads: to be recorded first
facts/0002.ndjson.gz …           the rest in order of arrival, at most 10,000 facts a file
policy.yaml                      the policy that the truth is told by
truth.json                       what a correct check says (`bench.fleet.truth`)
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from bench.fleet import events, policy
from bench.fleet.accesses import Access, accesses
from bench.fleet.cast import ABROAD, DOMESTIC, Tenant, tenants
from bench.fleet.estate import Estate, build
from bench.fleet.faults import Move, Swap, gap, script
from bench.fleet.feed import Fact, Feed, feed
from bench.fleet.jobs import ask, pools
from bench.fleet.plan import Plan
from bench.fleet.schedule import Touch, schedule
from bench.fleet.story import Stories
from bench.fleet.truth import tell

BATCH: Final = 10_000  # facts a file


@dataclass(frozen=True, slots=True)
class Fleet:
    plan: Plan
    estate: Estate
    tenants: list[Tenant]
    touches: list[Touch]
    accesses: list[Access]
    changes: list[Move | Swap]
    feed: Feed

    def stories(self) -> Stories:
        return Stories(self.plan, self.estate, self.changes, self.feed.beats, self.feed.holes)

    def truth(self, shortcut: bool = True) -> dict[str, Any]:
        return tell(
            self.plan,
            self.estate,
            self.tenants,
            self.touches,
            self.accesses,
            self.stories(),
            shortcut,
        )


def generate(plan: Plan) -> Fleet:
    """The fleet of a plan. Every purpose has random numbers of its own, so that a fault left out
    moves no others.

    Raises ValueError when the jobs do not fit.
    """
    estate = build(plan, _random(plan, "estate"))
    cast = tenants(plan.tenants)
    scripted = script(plan, estate, cast, _random(plan, "script"))
    rooms = pools(estate)
    # a session more or less is no job more or less
    told = sum(not touch.at_once for touch in scripted.touches)
    jobs = ask(plan, plan.touches - told, cast, rooms, _random(plan, "jobs"))
    own = {region.key: estate.source(f"slurm/{region.prefix}") for region in (*DOMESTIC, ABROAD)}
    scheduled = schedule(plan, jobs, rooms, own)
    silence = gap(plan, estate, cast, scheduled, _random(plan, "gap"))
    touches = sorted([*scheduled, *scripted.touches], key=lambda touch: touch.start_s)
    _name(estate, touches)
    hands = accesses(plan, cast, _random(plan, "accesses"))
    changes: list[Move | Swap] = [*scripted.moves, *scripted.swaps]
    told_facts = feed(plan, estate, cast, touches, hands, changes, silence, _random(plan, "feed"))
    return Fleet(plan, estate, cast, touches, hands, changes, told_facts)


def write(fleet: Fleet, folder: Path) -> dict[str, int]:
    """Write the folder, which must not hold facts yet; returns the number of facts, their bytes,
    and their bytes as gzip.

    Raises FileExistsError when there is a `facts` folder already.
    """
    facts = folder / "facts"
    facts.mkdir(parents=True)
    written = {"facts": 0, "bytes": 0, "gzip_bytes": 0}
    stream = fleet.feed.stream
    batches = [("0001-inventory", fleet.feed.inventory)]
    batches += [
        (f"{place + 2:04d}", stream[at : at + BATCH])
        for place, at in enumerate(range(0, len(stream), BATCH))
    ]
    for name, batch in batches:
        text = _lines(fleet, batch)
        packed = gzip.compress(text, compresslevel=4, mtime=0)
        (facts / f"{name}.ndjson.gz").write_bytes(packed)
        written["facts"] += len(batch)
        written["bytes"] += len(text)
        written["gzip_bytes"] += len(packed)
    (folder / "policy.yaml").write_text(policy.text(), encoding="utf-8")
    (folder / "truth.json").write_text(
        json.dumps(fleet.truth(), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return written


def _lines(fleet: Fleet, facts: list[Fact]) -> bytes:
    lines = events.lines(fleet.estate, fleet.tenants, facts)
    return "".join(f"{line}\n" for line in lines).encode()


def _random(plan: Plan, purpose: str) -> Random:
    return Random(f"{plan.seed}/{purpose}")


def _name(estate: Estate, touches: list[Touch]) -> None:
    """Number the touches of each scheduler, by their beginning."""
    counts = [0] * len(estate.sources)
    for touch in touches:
        counts[touch.source] += 1
        touch.id = (
            f"{estate.sources[touch.source].name.removeprefix('slurm/')}-{counts[touch.source]:06d}"
        )
