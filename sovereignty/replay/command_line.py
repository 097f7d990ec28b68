"""Replay a bundle from the command line, offline: `python -m sovereignty.replay --help`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from audit.tlog import canonical
from audit.tlog.errors import TlogError
from audit.verifier.exit_codes import exit_code_of
from audit.verifier.input_files import read_trust, unreadable
from audit.verifier.pin_and_head import InputError, Pin
from audit.verifier.verify import verify_bundle
from audit.verifier.wording import time, to_text
from sovereignty.facts.errors import FactError
from sovereignty.policy.errors import PolicyError
from sovereignty.replay.replay import ReplayError, RuleReplay, SliceReplay, replay

PROVED, DIFFERENT, USAGE, NOT_PROVED = 0, 1, 2, 3
_EPILOG = """\
example:
  python -m sovereignty.replay march.zip --trust trust.txt --pin 12:3c59dc04…

The bundle is verified first, as `python -m audit.verifier` does; then every check's card rules and access rules are judged again
from the facts that it holds, and compared with what the check said.

exit codes:
  0  the bundle is proved, and every verdict that can be replayed is the same
  1  the bundle fails its verification, or a verdict differs
  2  usage, or a file cannot be opened
  3  the bundle is not proved, holds no check, or was checked by another version of a rule, which is then not judged again
  4  a bug of the replay: nothing is said about the verdicts
  130, 141  stopped by hand, or the output pipe was closed early: nothing is said either
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; usage errors leave through SystemExit(2)."""
    options = _parser().parse_args(arguments)
    try:
        pin = Pin.parse(options.pin)
        report = verify_bundle(options.file, read_trust(options.trust), pin)
        if not report.proved:
            sys.stdout.write(to_text(report))
            return DIFFERENT if report.failure else NOT_PROVED
        found = list(replay(options.file, report, pin.number))
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"sovereignty.replay: {unreadable('bundle', options.file, error)}", file=sys.stderr)
        return USAGE
    except InputError as error:
        print(f"sovereignty.replay: {error}", file=sys.stderr)
        return USAGE
    except (ReplayError, FactError, PolicyError, TlogError) as error:
        print(f"sovereignty.replay: {error}")
        return DIFFERENT
    if options.json:
        print(canonical.encode([_json(one) for one in found]).decode())
    else:
        print("\n".join(_lines(found)))
    if not found:
        return NOT_PROVED
    if not all(one.equal for one in found):
        return DIFFERENT
    return PROVED if all(one.whole for one in found) else NOT_PROVED


def run() -> int:
    """Run the command line at its edge and return its exit code."""
    return exit_code_of(
        main,
        "sovereignty.replay",
        "this is a bug of the replay; it says nothing about the verdicts",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sovereignty.replay",
        description="Judge a proved bundle's facts again and compare with the operator's verdicts.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="the evidence bundle")
    parser.add_argument("--trust", metavar="FILE", type=Path, required=True, help="your trust file")
    parser.add_argument("--pin", metavar="NUMBER:ID", required=True, help="your trail")
    parser.add_argument("--json", action="store_true", help="write the outcome as canonical JSON")
    return parser


def _lines(found: Sequence[SliceReplay]) -> list[str]:
    """The outcome in full sentences."""
    if not found:
        return ["The bundle is proved, but holds no check: there is nothing to replay."]
    lines: list[str] = []
    for one in found:
        lines.append(
            f"Entry {one.index}: check of {one.tenant} under policy {one.policy[:16]}… as of position {one.position}, "
            f"from {time(one.period[0])} to {time(one.period[1])}."
        )
        for rule in one.rules:
            if rule.lacking:
                ours = (
                    f"this replay has {rule.ours}" if rule.ours else "this replay has no such rule"
                )
                lines.append(
                    f"  {rule.rule}: {_said(rule)}, by its version {rule.version}; not judged again, for {ours}."
                )
            elif not rule.replayed:
                lines.append(
                    f"  {rule.rule}: {_said(rule)}, by the operator's statement; it needs other tenants' touches."
                )
            elif rule.differences:
                lines += [f"  {rule.rule}: DIFFERENT. {text}." for text in rule.differences]
            else:
                lines.append(
                    f"  {rule.rule}: {_said(rule)}; replayed, figures and findings are the same."
                )
    return [*lines, _verdict(found)]


def _said(rule: RuleReplay) -> str:
    return rule.verdict.replace("_", "-")


def _verdict(found: Sequence[SliceReplay]) -> str:
    """The closing line, as the verifier has one: how many rules' verdicts were judged again, and
    whether all came out the same."""
    rules = [rule for one in found for rule in one.rules]
    again = sum(rule.replayed for rule in rules)
    different = sum(bool(rule.differences) for rule in rules)
    judged = (
        f"{len(found)} check{'s' * (len(found) > 1)}, {again} of {len(rules)} rules judged again"
    )
    if different:
        return f"DIFFERENT: {judged}, {different} not the same."
    if lacking := sum(rule.lacking for rule in rules):
        return f"NOT WHOLLY REPLAYED: {judged}, all the same; {lacking} of another version, for the replay of its time to judge."
    return f"REPLAYED: {judged}, all the same."


def _json(one: SliceReplay) -> dict[str, object]:
    return {
        "entry": one.index,
        "equal": one.equal,
        "period": {"from": one.period[0], "to": one.period[1]},
        "policy": one.policy,
        "position": one.position,
        "rules": [
            {
                "differences": list(rule.differences),
                "ours": rule.ours,
                "replayed": rule.replayed,
                "rule": rule.rule,
                "verdict": rule.verdict,
                "version": rule.version,
            }
            for rule in one.rules
        ],
        "tenant": one.tenant,
        "whole": one.whole,
    }
