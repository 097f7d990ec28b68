"""`python -m sovereignty.replay`: runs `command_line.py`."""

import sys

from audit.verifier.stoppable import run_stoppable

STOPPED = "stopped; nothing is said about the verdicts"

if __name__ == "__main__":
    sys.exit(run_stoppable("sovereignty.replay", "sovereignty.replay.command_line", STOPPED))
