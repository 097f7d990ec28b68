"""The exit codes of a command line that neither a bug nor a closed pipe may turn into a verdict.

    python -m audit.verifier march.zip … | head -1

The command exits with 141 here, as a shell reports a program that SIGPIPE stopped.
"""

import os
import sys
import traceback
from collections.abc import Callable

BUG, OUTPUT_CLOSED = 4, 141


def exit_code_of(main: Callable[[], int], name: str, bug: str) -> int:
    """Run `main` and return its exit code, 4 for a bug, or 141 for a closed output pipe.

    `name` is the program's name; `bug` is the sentence printed after the traceback of a bug."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        return output_closed(name)
    except Exception:  # noqa: BLE001 - the edge
        traceback.print_exc()
        print(f"{name}: {bug}", file=sys.stderr)
        return BUG
    return code


def output_closed(name: str) -> int:
    """Say on standard error that the output pipe was closed early, and return the exit code."""
    # Send buffered output nowhere: the interpreter would complain when it flushes it at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    print(f"{name}: output pipe was closed early", file=sys.stderr)
    return OUTPUT_CLOSED
