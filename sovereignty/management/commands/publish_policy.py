"""`manage.py publish_policy`: publish a version of a policy, from the packs or from a file."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import LedgerError
from sovereignty.policies import PublishError, publish
from sovereignty.policy import packs
from sovereignty.policy.document import Policy, parse
from sovereignty.policy.errors import PolicyError

EXAMPLES = """
examples:
  python manage.py publish_policy cn-domestic           one that comes with the product
  python manage.py publish_policy ./ministry.yaml       one of your own
  python manage.py publish_policy --list                what comes with the product
"""


class Command(BaseCommand):
    help = "Publish a version of a policy. A published version is immutable; the same version again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("policy", nargs="?", help="the name of a policy in the packs, or a YAML file")
        parser.add_argument("--list", action="store_true", help="name the policies in the packs and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.stdout.write("\n".join(packs.names()))
            return
        if not options["policy"]:
            raise CommandError("name a policy or a YAML file, or ask for --list", returncode=2)
        try:
            document = _read(options["policy"])
            found = publish(document, actor="command:publish_policy")
        except (LedgerError, PolicyError, PublishError, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{found.name} {found.version} is published, digest {document.digest}")


def _read(name: str) -> Policy:
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return parse(packs.read_yaml(path.read_text(encoding="utf-8")))
    return packs.read(name)
