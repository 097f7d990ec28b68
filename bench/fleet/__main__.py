"""`python -m bench.fleet --out FOLDER`: write a demo fleet's facts, policy and truth."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.fleet.generate import generate, write
from bench.fleet.plan import FAULTS, Plan


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        plan = Plan(
            options.seed,
            options.cards,
            options.days,
            options.touches,
            options.tenants,
            frozenset(options.without),
        )
        fleet = generate(plan)
        written = write(fleet, options.out)
    except (ValueError, FileExistsError) as error:
        print(f"bench.fleet: {error}", file=sys.stderr)
        return 2
    truth = json.loads((options.out / "truth.json").read_text(encoding="utf-8"))
    counts = truth["counts"]
    print(
        f"{counts['touches']:,} touches, {counts['card_touches']:,} card touches, "
        f"{written['facts']:,} facts"
        f" in {written['bytes']:,} bytes ({written['gzip_bytes']:,} as gzip) → {options.out}"
    )
    for fault, findings in truth["faults"].items():
        print(f"  {fault}: {len(findings):,} findings, card by card")
    return 0


def _parser() -> argparse.ArgumentParser:
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="where to write; holds no facts yet",
    )
    parser.add_argument(
        "--seed", type=int, default=usual.seed, help="the same seed gives the same bytes"
    )
    parser.add_argument(
        "--cards", type=int, default=usual.cards, help="domestic cards, a multiple of 8"
    )
    parser.add_argument("--days", type=int, default=usual.days)
    parser.add_argument("--touches", type=int, default=usual.touches)
    parser.add_argument("--tenants", type=int, default=usual.tenants)
    parser.add_argument(
        "--without", nargs="+", choices=FAULTS, default=[], metavar="FAULT", help=", ".join(FAULTS)
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
