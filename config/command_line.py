"""The edge of the command line: one place where what is expected to go wrong becomes one line and
an exit code.

    python manage.py COMMAND [--traceback]

`expected.py` says which failures are expected. Any other keeps its traceback, as does every failure
under --traceback.

| exit code | |
| --- | --- |
| 0 | done |
| 1 | the act was refused or failed, or the command found what it looks for |
| 2 | usage, settings, or something that cannot be opened: a file, the database, the ledger |
| 3 | unverifiable, or not proved |
| 130 | stopped by hand; `serve` ends with 0, for it is meant to be stopped |
| 141 | the output pipe was closed early: it must not look like a breach |
"""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility, get_commands
from django.core.management.base import BaseCommand, SystemCheckError

from audit.verifier.exit_codes import output_closed
from config.checks import check_origin
from config.command_help import overview
from config.expected import explained

SETTINGS = "config.settings"
USAGE, STOPPED = 2, 130
TRACEBACK = "--traceback"
OURS = frozenset({"audit", "sovereignty"})
# Every command takes these; the help of our own, and what is said of a wrong call, leaves them out.
DJANGO_OPTIONS = set(
    {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--traceback",
        "--no-color",
        "--force-color",
    }
)
# The commands after which the origin cannot be taken back, or that give it to others.
ORIGIN_MATTERS = frozenset({"open_ledger", "seal", "serve", "show_trust"})


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns its exit code, or leaves through SystemExit with it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        # Django would keep the error of a misspelt variable for later, and show it as a traceback
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        return _say(str(error), USAGE)
    _CommandLine(list(arguments)).execute()
    return 0


class _CommandLine(ManagementUtility):
    """Django's, with Domicile's own commands in front and each command run at the edge."""

    def main_help_text(self, commands_only: bool = False) -> str:
        everything: str = super().main_help_text(commands_only)
        if commands_only:
            return everything
        return f"{overview(self.prog_name)}\n{everything if '--all' in self.argv else ''}"

    def fetch_command(self, subcommand: str) -> BaseCommand:
        if subcommand not in get_commands():
            nearest = get_close_matches(subcommand, get_commands(), n=1)
            meant = f"; did you mean {nearest[0]}?" if nearest else ""
            sys.exit(
                _say(
                    f"want one of the commands that `{self.prog_name} help` lists, "
                    f"got {subcommand!r}{meant}",
                    USAGE,
                )
            )
        command = super().fetch_command(subcommand)
        if type(command).__module__.partition(".")[0] in OURS:
            command.suppressed_base_arguments = set(DJANGO_OPTIONS)
        return _AtTheEdge(subcommand, command)


class _AtTheEdge(BaseCommand):
    """One command, whose expected failures become one line."""

    def __init__(self, name: str, command: BaseCommand) -> None:
        super().__init__()
        self._name, self._command = name, command

    def print_help(self, prog_name: str, subcommand: str) -> None:
        self._command.print_help(prog_name, subcommand)

    def run_from_argv(self, argv: list[str]) -> None:
        program, name, *rest = argv
        if name in ORIGIN_MATTERS and not {"-h", "--help"} & set(rest):
            _warn_of_origin()
        try:
            # Without a traceback asked for, Django itself prints a CommandError and leaves, with
            # the class's name in front.
            try:
                self._command.run_from_argv([program, name, TRACEBACK, *rest])
            finally:
                # also what a command wrote before it left with a code of its own
                sys.stdout.flush()
        except BrokenPipeError:
            sys.exit(output_closed(name))
        except KeyboardInterrupt:
            sys.exit(_say(f"{name}: stopped", STOPPED))
        except Exception as error:
            explanation = explained(error)
            if explanation is None or TRACEBACK in rest:
                raise
            # Django's report of its checks has lines and colours of its own.
            sys.exit(
                _say(
                    explanation.text
                    if isinstance(error, SystemCheckError)
                    else f"{name}: {explanation.text}",
                    explanation.code,
                )
            )


def _warn_of_origin() -> None:
    for message in check_origin(None):
        _say(f"warning: {message.msg} {message.hint}", 0)


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code
