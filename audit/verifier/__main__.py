"""`python -m audit.verifier`: `command_line.py`, with Ctrl-C as one line from the first moment
on."""

import sys

STOPPED = 130

if __name__ == "__main__":
    try:
        from audit.verifier.command_line import (
            run,
        )  # here: reading the modules takes long enough to be stopped in it

        code = run()
    except KeyboardInterrupt:
        after_progress = "\n" if sys.stderr.isatty() else ""
        print(
            f"{after_progress}audit.verifier: stopped; nothing is said about the bundle",
            file=sys.stderr,
        )
        code = STOPPED
    sys.exit(code)
