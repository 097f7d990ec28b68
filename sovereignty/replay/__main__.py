"""`python -m sovereignty.replay`: `command_line.py`, with Ctrl-C as one line from the first moment
on."""

import sys

STOPPED = 130

if __name__ == "__main__":
    try:
        # here: reading the modules takes long enough to be stopped in it
        from sovereignty.replay.command_line import run

        code = run()
    except KeyboardInterrupt:
        after_progress = "\n" if sys.stderr.isatty() else ""
        print(
            f"{after_progress}sovereignty.replay: stopped; nothing is said about the verdicts",
            file=sys.stderr,
        )
        code = STOPPED
    sys.exit(code)
