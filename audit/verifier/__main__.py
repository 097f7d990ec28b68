"""`python -m audit.verifier`: runs `command_line.py`."""

import sys

from audit.verifier.stoppable import run_stoppable

STOPPED = "stopped; nothing is said about the bundle"

if __name__ == "__main__":
    sys.exit(run_stoppable("audit.verifier", "audit.verifier.command_line", STOPPED))
