"""`python -m sovereignty.replay`: runs `command_line.py`. Ctrl-C prints one line from the start
on."""

import sys

STOPPED = 130

if __name__ == "__main__":
    try:
        # Imported here: reading the modules takes long enough for someone to press Ctrl-C in it.
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
