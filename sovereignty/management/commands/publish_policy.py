"""`manage.py publish_policy`: publish a version of a policy, from the packs or from a file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from audit.management.command import DocumentedCommand
from audit.management.table import table
from sovereignty.checking.publish import PublishError, publish
from sovereignty.policy import packs
from sovereignty.policy.document import Policy, parse
from sovereignty.policy.errors import PolicyError

FILES = (".yaml", ".yml")


EXAMPLES = """
examples:
  python manage.py publish_policy --list             the policies that come with the product
  python manage.py publish_policy cn-domestic        one of those
  python manage.py publish_policy ./ministry.yaml    one of your own
  python manage.py check_policy --list               the published policies

exit code:
  0  it is published, now or before
  1  this name and version is published with another content: give yours a new version
  2  it cannot be read, or is no policy; one line names the file, the field, and what is wrong
"""


class Command(DocumentedCommand):
    help = (
        "Publish a version of a policy. A published version is immutable; publishing the same "
        "again changes nothing."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "policy",
            nargs="?",
            metavar="POLICY",
            help="the name of a policy that comes with the product, or a YAML file",
        )
        parser.add_argument(
            "--list",
            action="store_true",
            help="name the policies that come with the product and stop",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        document = _read(options["policy"])
        try:
            published = publish(document, actor="command:publish_policy")
        except PublishError as error:
            raise CommandError(f"{options['policy']}: {error}") from error
        self.stdout.write(
            f"{published.name} {published.version} is published, digest {document.digest}"
        )

    def _list(self) -> None:
        policies = [packs.read(name) for name in packs.names()]
        for line in table(
            ("POLICY", "VERSION", "TITLE"),
            [(policy.name, policy.version, policy.title["en"]) for policy in policies],
        ):
            self.stdout.write(line)


def _read(name: str | None) -> Policy:
    """The policy of that name or in that file. Raises CommandError."""
    if name in packs.names():
        return packs.read(name)
    if name is None or not name.endswith(FILES):
        known = ", ".join(packs.names())
        received = "nothing" if name is None else repr(name)
        raise CommandError(
            f"POLICY: want one of {known}, or a file that ends in .yaml or .yml, got {received}",
            returncode=2,
        )
    try:
        return parse(packs.read_yaml(Path(name).read_text(encoding="utf-8")))
    except PolicyError as error:
        raise CommandError(f"{name}: {' '.join(str(error).split())}", returncode=2) from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{name}: want UTF-8 text, got {error.object[error.start]:#04x} at byte {error.start}",
            returncode=2,
        ) from error
