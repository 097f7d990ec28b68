#!/usr/bin/env python
"""Domicile's command line: `python manage.py help`."""

import sys

STOPPED = 130

if __name__ == "__main__":
    try:
        # here: reading Django takes long enough to be stopped in it
        from config.command_line import main

        code = main(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write(f"{' '.join(sys.argv[1:2]) or 'manage.py'}: stopped\n")
        code = STOPPED
    sys.exit(code)
