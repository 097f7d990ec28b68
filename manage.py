#!/usr/bin/env python
"""Domicile's command line: `python manage.py help`."""

import sys

from config.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
