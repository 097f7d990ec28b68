"""What the demo says of its steps: what held, what did not, how long each took."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bench.fleet.truth import FAULT_OF_REASON

_HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,}\b")


@dataclass(slots=True)
class Summary:
    """What held and what did not, line by line."""

    lines: list[tuple[bool, str]] = field(default_factory=list)

    def say(self, held: bool, text: str) -> None:
        self.lines.append((held, text))
        print(f"  {'ok  ' if held else 'FAIL'} {text}", flush=True)

    @property
    def held(self) -> bool:
        return all(held for held, _ in self.lines)


def planted(truth: dict[str, Any], report: dict[str, Any]) -> Iterator[str]:
    """Each fault: how often it is planted, card by card, and in how many findings the report tells
    that, for a finding holds all cards of one touch that share an interval."""
    rules = [rule for tenant in report["tenants"] for rule in tenant["rules"]]
    findings_of = Counter(
        FAULT_OF_REASON.get(block["reason"]) for rule in rules for block in rule["blocks"]
    )
    for fault, cards in truth["faults"].items():
        yield (
            f"{fault}: {len(cards)} card by card, told in {findings_of[fault]} "
            f"finding{'s' * (findings_of[fault] != 1)}"
        )


def readable(line: str) -> str:
    """A sentence whole, but each hash by its beginning."""
    return _HASH.sub(r"\1…", line)


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print the step, then how long it took."""
    print(f"\n== {name}", flush=True)
    began = time.perf_counter()
    yield
    print(f"   {time.perf_counter() - began:.1f} s", flush=True)
