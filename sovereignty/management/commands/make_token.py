"""`manage.py make_token`: a machine's token, which records facts or reads one trail. It is printed
once and never again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.management.command import DocumentedCommand
from audit.management.invoker import invoker
from audit.management.rights import USAGE
from audit.models import Trail
from audit.people import tokens
from sovereignty.models import Tenant
from sovereignty.recording.admission import EVENT_KINDS

EXAMPLES = """
examples:
  a collector, which reports touches and accesses:
    python manage.py make_token collector --record --source slurm
  an asset database, which also states nodes, cards, regions and tenants:
    python manage.py make_token assets --record --source cmdb --inventory
  an administrator's own, which may speak as any source:
    python manage.py make_token importer --record --any-source
  a customer's machine, which fetches its evidence:
    python manage.py make_token siem --read --tenant st-mary
  a reader of the fleet's trail:
    python manage.py make_token auditor --read --trail 0

Whoever has the token is the machine: give each machine its own, with no more sources than it needs.
The operator's trail records who made the token and what for. list_tokens shows the tokens,
revoke_token ends one.
"""


class Command(DocumentedCommand):
    help = (
        "Make a token for a machine, which records facts or reads one trail. The token is "
        "printed once; only its hash is kept."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "label",
            metavar="LABEL",
            help="the name of the machine, as batches and lists show it",
        )
        purpose = parser.add_mutually_exclusive_group(required=True)
        purpose.add_argument(
            "--record", action="store_true", help="it records facts, with --source or --any-source"
        )
        purpose.add_argument(
            "--read", action="store_true", help="it reads one trail, with --tenant or --trail"
        )
        parser.add_argument(
            "--source",
            action="append",
            default=[],
            metavar="NAME",
            help="it may speak as this source; may be given again",
        )
        parser.add_argument(
            "--any-source",
            action="store_true",
            help="it may speak as any source: for an administrator's own",
        )
        parser.add_argument(
            "--inventory",
            action="store_true",
            help="it may also report inventory: regions, nodes, cards, tenants, workloads "
            "(with --any-source it always may)",
        )
        parser.add_argument("--tenant", metavar="KEY", help="it may read the trail of this tenant")
        parser.add_argument(
            "--trail", type=int, metavar="NUMBER", help="it may read the trail of this number"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["record"]:
            _check_record(options)
            sources = None if options["any_source"] else options["source"]
            kinds = None if sources is None or options["inventory"] else EVENT_KINDS
            token, secret = tokens.issue(
                options["label"], sources=sources, kinds=kinds, actor=invoker()
            )
            may = _may(sources, kinds is None)
        else:
            _check_read(options)
            token, secret = tokens.issue(options["label"], trail=_trail(options), actor=invoker())
            may = f"reads trail {token.trail_id}"
        self.stdout.write(secret)
        self.stderr.write(
            f"token {token.pk} ({token.name}) {may}; "
            "keep the token above now: it is shown only once"
        )


def _may(sources: list[str] | None, inventory: bool) -> str:
    if sources is None:
        return "records as any source"
    what = "events and inventory" if inventory else "events"
    return f"records {what}, as {', '.join(sorted(set(sources)))}"


def _check_record(options: dict[str, Any]) -> None:
    if options["tenant"] is not None or options["trail"] is not None:
        raise CommandError(
            "--tenant and --trail are for a token that reads (--read), got --record",
            returncode=USAGE,
        )
    if bool(options["source"]) is options["any_source"]:
        received = "both" if options["any_source"] else "neither"
        raise CommandError(
            "want --source NAME for each source that the machine speaks as, or --any-source, "
            f"got {received}",
            returncode=USAGE,
        )


def _check_read(options: dict[str, Any]) -> None:
    if options["source"] or options["any_source"] or options["inventory"]:
        raise CommandError(
            "--source, --any-source and --inventory are for a token that records (--record), "
            "got --read",
            returncode=USAGE,
        )
    if (options["tenant"] is None) is (options["trail"] is None):
        received = "neither" if options["tenant"] is None else "both"
        raise CommandError(
            f"want --tenant KEY or --trail NUMBER for a token that reads, got {received}",
            returncode=USAGE,
        )


def _trail(options: dict[str, Any]) -> int:
    """The number of the trail. Raises CommandError."""
    if options["trail"] is not None:
        if not Trail.objects.filter(number=options["trail"]).exists():
            raise CommandError(f"there is no trail {options['trail']}", returncode=USAGE)
        return int(options["trail"])
    number = Tenant.objects.filter(key=options["tenant"]).values_list("trail_id", flat=True).first()
    if number is None:
        raise CommandError(f"there is no tenant {options['tenant']!r}", returncode=USAGE)
    return number
