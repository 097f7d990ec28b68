"""Ctrl-C is one line and exit code 130, from the first moment on.

A `__main__` imports nothing but this. The program's modules are read here, because reading them
takes long enough for someone to press Ctrl-C meanwhile.
"""

import sys
from importlib import import_module

STOPPED = 130


def run_stoppable(program: str, module: str, stopped: str) -> int:
    """Import `module`, call its `run` and return the exit code.

    `program` is the program's name; `stopped` is what Ctrl-C prints after it."""
    try:
        code: int = import_module(module).run()
    except KeyboardInterrupt:
        after_progress = "\n" if sys.stderr.isatty() else ""
        print(f"{after_progress}{program}: {stopped}", file=sys.stderr)
        return STOPPED
    return code
