"""The base of Domicile's commands: `--help` ends with examples, line for line as they stand here.

    class Command(DocumentedCommand):
        help = "Close an epoch now. Prints the checkpoint."
        examples = EXAMPLES

The first sentence of `help` is what `manage.py help` lists.
"""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter


class DocumentedCommand(BaseCommand):
    """A command with `examples`: lines that begin with `examples:`, and what else a user needs to
    know, such as the exit codes."""

    examples: ClassVar[str]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=_Formatter, epilog=self.examples, **kwargs
        )


class _Formatter(DjangoHelpFormatter):
    """Wraps a description, which is one line, and keeps the lines of examples."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n" in text:
            return "".join(f"{indent}{line}\n" for line in text.strip("\n").split("\n"))
        return super()._fill_text(text, width, indent)
