"""Verify an evidence bundle from the command line, offline: `python -m audit.verifier --help`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from audit.verifier.exit_codes import exit_code_of
from audit.verifier.input_files import read, read_trust, unreadable
from audit.verifier.pin_and_head import InputError, Pin, PreviousHead
from audit.verifier.report import Report, Status, to_json
from audit.verifier.verify import verify_bundle
from audit.verifier.wording import to_text

EXIT_CODES = {Status.PROVED: 0, Status.FAILED: 1, Status.NOT_PROVED: 3}
USAGE = 2

_DESCRIPTION = """\
Verify an evidence bundle. This needs no network and does not trust whoever made the bundle.
It trusts what you bring: the trust file (the log's keys, your witnesses, the quorum), the pin of
your trail, and a head that you kept from last time.
"""

_EPILOG = """\
examples:
  python -m audit.verifier march.zip --trust trust.txt --pin 12:3c59dc04…
      proves that march.zip holds every entry sealed in trail 12, unaltered
  python -m audit.verifier march.zip --trust trust.txt --pin 12:3c59dc04… --json > march.json
      writes the same report for a program, and keeps the head for next time
  python -m audit.verifier april.zip --trust trust.txt --pin 12:3c59dc04… --previous march.json
      also proves that april.zip continues what march.json recorded

the trust file, in the form of C2SP tlog-policy:
  log ledger.example/a+1f2e3d4c+AbC…
  witness ministry witness.ministry.example+5b2f8c01+BFg…
  witness hospital witness.hospital.example+71d0aa34+BHi…
  group both all ministry hospital
  quorum both                        or: quorum none, for a proof as shown to you

exit codes:
  0  everything that you asked for is proved
  1  the bundle is broken, or contradicts itself, the trust file, the pin or the previous head
  2  usage: an argument, the trust file or the previous head is malformed; a file cannot be opened
  3  not proved: no pin, the quorum is not met, or the bundle is older than the previous head
  4  a bug of the verifier, which says nothing about the bundle
  130, 141  you stopped it, or the output pipe was closed early; this says nothing about the bundle
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; usage errors leave through SystemExit(2)."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        pin = None if options.pin is None else Pin.parse(options.pin)
        if options.previous and pin is None:
            parser.error("--previous needs --pin: it is a head of the pinned trail")
        trust = read_trust(options.trust)
        previous = _previous(options.previous, pin) if options.previous and pin else None
        report = verify_bundle(
            options.file, trust, pin, previous, _show if sys.stderr.isatty() else None
        )
    except OSError as error:
        print(f"audit.verifier: {unreadable('bundle', options.file, error)}", file=sys.stderr)
        return USAGE
    except InputError as error:
        print(f"audit.verifier: {error}", file=sys.stderr)
        return USAGE
    _write(report, options.json)
    return EXIT_CODES[report.status]


def run() -> int:
    """Run the command line at its edge and return its exit code."""
    return exit_code_of(
        main, "audit.verifier", "this is a bug of the verifier; it says nothing about the bundle"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m audit.verifier",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="the evidence bundle")
    parser.add_argument("--trust", metavar="FILE", type=Path, required=True, help="your trust file")
    parser.add_argument(
        "--pin", metavar="NUMBER:ID", help="your trail; without it, only the log is proved"
    )
    parser.add_argument(
        "--previous", metavar="HEAD", type=Path, help="a head, or a --json report, from last time"
    )
    parser.add_argument("--json", action="store_true", help="write the report as canonical JSON")
    return parser


def _previous(path: Path, pin: Pin) -> PreviousHead:
    return read("previous head", path, lambda text: PreviousHead.parse(text, pin.number))


def _write(report: Report, as_json: bool) -> None:
    output = to_json(report) + b"\n" if as_json else to_text(report).encode()
    sys.stdout.buffer.write(output)
    sys.stdout.buffer.flush()


def _show(what: str, done: int, total: int) -> None:
    """Show progress on one line of a terminal."""
    print(
        f"\r{what}: {done} of {total}",
        end="\n" if done == total else "",
        file=sys.stderr,
        flush=True,
    )
