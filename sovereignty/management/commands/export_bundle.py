"""`manage.py export_bundle`: write a tenant's evidence bundle to a file, and print how its reader
checks it."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from audit import times
from audit.exporting.period import PeriodError, export_params
from audit.jobs.queue import run_here
from audit.log.genesis import check_settings
from audit.management.command import DocumentedCommand
from audit.models import Trail
from audit.storage import durable
from sovereignty.models import Tenant

EXAMPLES = """
examples:
  python manage.py export_bundle --tenant st-mary -o st-mary.zip
  python manage.py export_bundle --tenant st-mary --from 2026-10-01 --to 2026-11-01 -o october.zip
  python manage.py export_bundle --trail 0 -o fleet.zip

The bundle holds the whole history of the trail up to the newest sealed epoch. The period is what a
report on the bundle covers. Give the trust file (`manage.py show_trust`) and the pin to the reader
by another way than the bundle: they are what it is checked with.
"""


class Command(DocumentedCommand):
    help = (
        "Export a tenant's trail as an evidence bundle, as a job. The verifier has proved the "
        "bundle before you get it."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--tenant", metavar="KEY", help="the tenant's key")
        whose.add_argument(
            "--trail",
            metavar="NUMBER",
            type=int,
            help="any trail by its number: 0 is the fleet's, 1 the operator's",
        )
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE.zip",
            type=Path,
            required=True,
            help="the file to write; an existing one is replaced",
        )
        parser.add_argument(
            "--from", dest="start", metavar="TIME", help="start of the period (ISO 8601), with --to"
        )
        parser.add_argument("--to", dest="end", metavar="TIME", help="its end, exclusive")

    def handle(self, *args: Any, **options: Any) -> None:
        trail = _trail(options["tenant"], options["trail"])
        output: Path = options["output"]
        if not output.parent.is_dir():
            raise CommandError(
                f"--output: want a file in a folder that exists, got {output}", returncode=2
            )
        if output.is_dir():
            raise CommandError(
                f"--output: want the name of a file, got the folder {output}", returncode=2
            )
        params = _params(trail, options["start"], options["end"])
        check_settings()  # before a job is made that could only fail
        job = run_here("export", params, actor="command:export_bundle", trail=trail)
        _copy(Path(settings.BUNDLES_DIR) / job.result["file"], output)
        self._print_result(job.result, output)

    def _print_result(self, result: dict[str, Any], output: Path) -> None:
        self.stdout.write(f"{output}: {result['size']:,} bytes, up to epoch {result['epoch']}")
        if unsealed := result["unsealed"]:
            are = (
                "1 entry of the trail is"
                if unsealed == 1
                else f"{unsealed:,} entries of the trail are"
            )
            self.stdout.write(
                f"{are} not sealed yet, and not in the bundle: "
                "run `python manage.py seal`, then export again"
            )
        self.stdout.write(f"sha256  {result['sha256']}")
        self.stdout.write(f"pin     {result['pin']}")
        self.stdout.write("check it with:")
        self.stdout.write("  python manage.py show_trust > trust.txt")
        self.stdout.write(
            f"  python -m audit.verifier {output} --trust trust.txt --pin {result['pin']}"
        )


def _trail(tenant: str | None, number: int | None) -> Trail:
    if number is not None:
        trail = Trail.objects.filter(number=number).first()
        if trail is None:
            raise CommandError(
                f"--trail: want one of 0 to {Trail.objects.count() - 1}, got {number}",
                returncode=2,
            )
        return trail
    row = Tenant.objects.select_related("trail").filter(key=tenant).first()
    if row is None:
        raise CommandError(f"--tenant: want one of {_known()}, got {tenant!r}", returncode=2)
    return row.trail


def _known() -> str:
    keys = list(Tenant.objects.order_by("key").values_list("key", flat=True)[:10])
    more = Tenant.objects.count() - len(keys)
    return (
        ", ".join(keys) + (f" and {more} more" if more else "")
        if keys
        else "a tenant's key, and there is no tenant yet"
    )


def _params(trail: Trail, start: str | None, end: str | None) -> dict[str, int]:
    try:
        return export_params(trail, _time("--from", start), _time("--to", end))
    except PeriodError as error:
        raise CommandError(f"{'--to' if error.end else '--from'}: {error}", returncode=2) from error


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return times.parse(text)
    except ValueError as error:
        raise CommandError(f"{option}: {error}", returncode=2) from error


def _copy(source: Path, output: Path) -> None:
    """Copy the bundle, whole or not at all."""
    with source.open("rb") as bundle, durable.replacing(output) as file:
        copyfileobj(bundle, file)
