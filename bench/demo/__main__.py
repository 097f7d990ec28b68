"""`python -m bench.demo`: runs `command_line.py`."""

import sys

from audit.verifier.stoppable import run_stoppable

if __name__ == "__main__":
    sys.exit(run_stoppable("demo", "bench.demo.command_line", "stopped"))
