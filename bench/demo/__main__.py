"""`python -m bench.demo`: `command_line.py`, with Ctrl-C as one line from the first moment on."""

import sys

STOPPED = 130

if __name__ == "__main__":
    try:
        # here: reading Django takes long enough to be stopped in it
        from bench.demo.command_line import main

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        after_progress = "\n" if sys.stderr.isatty() else ""
        print(f"{after_progress}demo: stopped", file=sys.stderr)
        code = STOPPED
    sys.exit(code)
