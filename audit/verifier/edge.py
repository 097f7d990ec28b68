"""The edge of a command line: neither a bug nor a reader that goes away may look like a verdict.

python -m audit.verifier march.zip … | head -1      exit code 141, as of a program that the shell
stops for it
"""

import os
import sys
import traceback
from collections.abc import Callable

OUR_BUG, UNREAD = 4, 141


def run_at_the_edge(main: Callable[[], int], name: str, bug: str) -> int:
    """Run `main` and return its exit code. `name` is the program's, `bug` what is said when it is
    at fault."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        return unread(name)
    except Exception:  # noqa: BLE001 - the edge
        traceback.print_exc()
        print(f"{name}: {bug}", file=sys.stderr)
        return OUR_BUG
    return code


def unread(name: str) -> int:
    """Say that nobody reads standard output to its end, and return the exit code for it."""
    # What is still held back goes nowhere, or the interpreter would complain of it at its own end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    print(f"{name}: nobody reads the output to its end", file=sys.stderr)
    return UNREAD
