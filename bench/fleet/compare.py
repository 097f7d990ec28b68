"""A report held against the truth: `compare(report, truth)`, or `python -m bench.fleet.compare
REPORT TRUTH`.

A report's blocks (many cards, one interval) are expanded card by card; intervals that abut or
overlap become one, as in the truth, whatever detail tells them apart. Blocks that claim one card's
time twice with one detail are a difference of their own. A summary block, which stands for more
than 1,000, is held against the truth's touches, cards, borders and card-seconds.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench.fleet.hosts import expand

Document = dict[str, Any]
Subject = tuple[str | None, str | None, str | None]  # touch or access, other, card
Spans = dict[Subject, list[tuple[int, int]]]

ACCESS_RULE: Final = "OP-01"
_SEVEREST_FIRST: Final = ("non_compliant", "unverifiable", "waived", "compliant", "not_applicable")
_SUMMARY_FROM: Final = 1_001  # blocks of one verdict and reason


def compare(report: Document, truth: Document) -> list[str]:
    """Every difference, in words: where, what is expected, what was received. Empty when the report
    is exact."""
    received = {tenant["tenant"]: tenant for tenant in report["tenants"]}
    differences = list(_differ("period", truth["period"], report["period"]))
    differences += _differ(
        "tenants", sorted(truth["tenants"]), [tenant["tenant"] for tenant in report["tenants"]]
    )
    for key, expected in truth["tenants"].items():
        if key in received:
            differences += _tenant(key, expected, received[key])
    return differences


def _differ(where: str, expected: object, received: object) -> Iterator[str]:
    if expected != received:
        yield f"{where}: want {expected}, got {received}"


def _tenant(key: str, expected: Document, received: Document) -> Iterator[str]:
    for name in ("touches", "card_touches", "card_seconds"):
        yield from _differ(f"{key} {name}", expected[name], received[name])
    rules = {rule["rule"]: rule for rule in received["rules"]}
    yield from _differ(
        f"{key} rules", sorted(expected["rules"]), [rule["rule"] for rule in received["rules"]]
    )
    worst = [_worst(rule["totals"]) for rule in expected["rules"].values() if rule["totals"]]
    yield from _differ(f"{key} verdict", min(worst, key=_SEVEREST_FIRST.index), received["verdict"])
    for name, rule in expected["rules"].items():
        if name in rules:
            yield from _rule(f"{key} {name}", rule, rules[name])


def _worst(totals: dict[str, int]) -> str:
    return min(totals, key=_SEVEREST_FIRST.index)


def _rule(where: str, expected: Document, received: Document) -> Iterator[str]:
    yield from _differ(f"{where} unit", expected["unit"], received["unit"])
    yield from _differ(f"{where} totals", expected["totals"], received["totals"])
    if expected["totals"]:
        yield from _differ(f"{where} verdict", _worst(expected["totals"]), received["verdict"])
    truths: dict[tuple[str, str], list[list[Any]]] = defaultdict(list)
    for finding in expected["findings"]:
        truths[finding[0], finding[1]].append(finding[2:])
    blocks: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for block in received["blocks"]:
        blocks[block["verdict"], block["reason"]].append(block)
    for group in sorted(truths.keys() | blocks.keys()):
        yield from _group(f"{where} {group[0]} {group[1]}", truths[group], blocks[group])


def _group(where: str, truths: list[list[Any]], blocks: list[Document]) -> Iterator[str]:
    """The findings of one tenant, rule, verdict and reason."""
    if any(block.get("summary") for block in blocks):
        yield from _summary(where, truths, blocks)
        return
    expected: Spans = defaultdict(list)
    for name, other, card, from_ms, to_ms in truths:
        expected[name, other, card].append((from_ms, to_ms))
    yield from _areas(where, blocks)
    yield from _twice(where, blocks)
    received = _expanded(blocks)
    for subject in sorted(expected.keys() | received.keys(), key=str):
        label = " ".join(word for word in subject if word is not None)
        yield from _differ(
            f"{where} {label}",
            _merged(expected.get(subject, [])),
            _merged(received.get(subject, [])),
        )


def _expanded(blocks: list[Document]) -> Spans:
    spans: Spans = defaultdict(list)
    for block in blocks:
        for subject, span in _block(block):
            spans[subject].append(span)
    return spans


def _block(block: Document) -> Iterator[tuple[Subject, tuple[int, int]]]:
    """A block's cards one by one; a block without cards is an access, or a time without coverage of
    accesses."""
    if "access" in block:
        yield (block["access"], None, None), (block["at"], block["at"])
    elif "cards" not in block:
        yield (None, None, None), (block["from"], block["to"])
    else:
        other = (
            f"{block['other']['tenant']}/{block['other']['touch']}" if "other" in block else None
        )
        for hostlist in block["cards"]:
            for card in expand(hostlist):
                yield (block["touch"], other, card), (block["from"], block["to"])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for from_ms, to_ms in sorted(spans):
        if merged and from_ms <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_ms))
        else:
            merged.append((from_ms, to_ms))
    return merged


def _areas(where: str, blocks: list[Document]) -> Iterator[str]:
    """A block's card-seconds are its cards × its time, rounded up."""
    for block in blocks:
        if "cards" in block:
            cards = sum(len(expand(hostlist)) for hostlist in block["cards"])
            area = -(-cards * (block["to"] - block["from"]) // 1000)
            yield from _differ(
                f"{where} {block['touch']} card_seconds", area, block["card_seconds"]
            )


def _twice(where: str, blocks: list[Document]) -> Iterator[str]:
    """One card's time claimed by two blocks of one detail."""
    ends: dict[tuple[Subject, str], int] = {}
    for block in sorted(blocks, key=lambda block: block.get("from", 0)):
        detail = json.dumps(block.get("detail"), sort_keys=True)
        for subject, (from_ms, to_ms) in _block(block):
            if from_ms < ends.get((subject, detail), from_ms):
                yield f"{where}: {subject} at {from_ms} is claimed by two blocks"
            ends[subject, detail] = max(to_ms, ends.get((subject, detail), to_ms))


def _summary(where: str, truths: list[list[Any]], blocks: list[Document]) -> Iterator[str]:
    if len(blocks) != 1:
        yield f"{where}: want one summary block alone, got {len(blocks)} blocks"
    received = next(block for block in blocks if block.get("summary"))
    if received["blocks"] < _SUMMARY_FROM:
        yield (
            f"{where}: want a summary of {_SUMMARY_FROM:,} blocks or more, "
            f"got {received['blocks']:,}"
        )
    if not truths:
        yield f"{where}: want no findings, got {received['blocks']:,} blocks"
        return
    expected = {
        "touches": len({truth[0] for truth in truths}),
        "cards": len({truth[2] for truth in truths}),
        "from": min(truth[3] for truth in truths),
        "to": max(truth[4] for truth in truths),
        "card_seconds": sum(truth[4] - truth[3] for truth in truths) // 1000,
    }
    for name, value in expected.items():
        yield from _differ(f"{where} {name}", value, received.get(name))


def main(arguments: Sequence[str]) -> int:
    """Print every difference; 0 when there is none, 1 when there are some."""
    if len(arguments) != 2:
        print("want two files: REPORT TRUTH", file=sys.stderr)
        return 2
    report, truth = (json.loads(Path(name).read_text(encoding="utf-8")) for name in arguments)
    differences = compare(report, truth)
    for difference in differences:
        print(difference)
    print(f"{len(differences):,} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
