"""Replay a bundle from the command line, offline: `python -m sovereignty.replay --help`."""

import argparse
import sys
from collections.abc import Mapping, Sequence
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
from sovereignty.policy.registry import RULES
from sovereignty.policy.rule import Rule
from sovereignty.replay.replay import ReplayError, RuleReplay, SliceReplay, replay

PROVED, DIFFERENT, USAGE, NOT_PROVED = 0, 1, 2, 3
_EPILOG = """\
example:
  python -m sovereignty.replay march.zip --trust trust.txt --pin 12:3c59dc04…

The bundle is verified first, as `python -m audit.verifier` does. Then the card rules and access
rules of every check are judged again from the facts in the bundle, and compared with the check.

exit codes:
  0  the bundle is proved, and every verdict that can be replayed is the same
  1  the bundle fails its verification, or a verdict differs
  2  usage, or a file cannot be opened
  3  the bundle is not proved, holds no check, or was checked by another version of a rule, which
     is then not judged again
  4  a bug of the replay, which says nothing about the verdicts
  130, 141  you stopped it, or the output pipe was closed early; this says nothing about the
     verdicts
"""


def main(arguments: Sequence[str] | None = None, rules: Mapping[str, Rule] = RULES) -> int:
    """Run the command line and return its exit code; usage errors leave through SystemExit(2).

    `rules` are those that this replay has, by id."""
    options = _parser().parse_args(arguments)
    try:
        pin = Pin.parse(options.pin)
        proof = verify_bundle(options.file, read_trust(options.trust), pin)
        if not proof.proved:
            sys.stdout.write(to_text(proof))
            return DIFFERENT if proof.failure else NOT_PROVED
        replays = list(replay(options.file, proof, pin.number, rules))
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
        print(canonical.encode([_json(slice_replay) for slice_replay in replays]).decode())
    else:
        print("\n".join(_lines(replays)))
    if not replays:
        return NOT_PROVED
    if not all(slice_replay.equal for slice_replay in replays):
        return DIFFERENT
    return PROVED if all(slice_replay.complete for slice_replay in replays) else NOT_PROVED


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


def _lines(replays: Sequence[SliceReplay]) -> list[str]:
    """The outcome in full sentences."""
    if not replays:
        return ["The bundle is proved, but holds no check: there is nothing to replay."]
    lines: list[str] = []
    for slice_replay in replays:
        start, end = slice_replay.period
        lines.append(
            f"Entry {slice_replay.index}: check of {slice_replay.tenant} "
            f"under policy {slice_replay.policy[:16]}… as of position {slice_replay.position}, "
            f"from {time(start)} to {time(end)}."
        )
        lines += [
            f"  {rule.rule}: {text}" for rule in slice_replay.rules for text in _sentences(rule)
        ]
    return [*lines, _conclusion(replays)]


def _sentences(rule: RuleReplay) -> list[str]:
    """What the replay says of one rule; a line for each difference."""
    verdict = rule.verdict.replace("_", "-")
    if rule.has_other_version:
        ours = f"version {rule.our_version}" if rule.our_version else "no such rule"
        return [
            f"{verdict}, by version {rule.version} of the rule. "
            f"Not judged again: this replay has {ours}."
        ]
    if not rule.replayed:
        return [
            f"{verdict}, as the operator states. "
            "Not judged again: the rule needs other tenants' touches."
        ]
    if rule.differences:
        return [f"DIFFERENT. {difference}." for difference in rule.differences]
    return [f"{verdict}. Judged again: figures and findings are the same."]


def _conclusion(replays: Sequence[SliceReplay]) -> str:
    """The closing line, as the verifier has one: how many rules were judged again, and whether all
    verdicts are the same."""
    rules = [rule for slice_replay in replays for rule in slice_replay.rules]
    replayed = sum(rule.replayed for rule in rules)
    different = sum(bool(rule.differences) for rule in rules)
    checks = f"{len(replays)} check{'s' * (len(replays) > 1)}"
    judged = f"{checks}, {replayed} of {len(rules)} rules judged again"
    if different:
        return f"DIFFERENT: {judged}, {different} not the same."
    if others := sum(rule.has_other_version for rule in rules):
        return (
            f"NOT WHOLLY REPLAYED: {judged}, all the same. "
            f"{others} of another version: replay them with a release that has that version."
        )
    return f"REPLAYED: {judged}, all the same."


def _json(slice_replay: SliceReplay) -> dict[str, object]:
    return {
        "entry": slice_replay.index,
        "equal": slice_replay.equal,
        "period": {"from": slice_replay.period[0], "to": slice_replay.period[1]},
        "policy": slice_replay.policy,
        "position": slice_replay.position,
        "rules": [
            {
                "differences": list(rule.differences),
                "ours": rule.our_version,
                "replayed": rule.replayed,
                "rule": rule.rule,
                "verdict": rule.verdict,
                "version": rule.version,
            }
            for rule in slice_replay.rules
        ],
        "tenant": slice_replay.tenant,
        "whole": slice_replay.complete,
    }
