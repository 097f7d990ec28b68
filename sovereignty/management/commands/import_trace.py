"""`manage.py import_trace --mapping FILE [--site-plan FILE] TABLE…`: tables become facts.

The steps are in `sovereignty/collect/trace/trace.py`.
"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from audit.jobs.progress import bar
from sovereignty.collect.errors import TraceError
from sovereignty.collect.site_plan import read_site_plan
from sovereignty.collect.trace.account import lines, write_refused
from sovereignty.collect.trace.dry_run import DryRun
from sovereignty.collect.trace.mapping import read_mapping
from sovereignty.collect.trace.trace import Recorder, import_trace
from sovereignty.models import Tenant
from sovereignty.recording.record import record

SOME_REFUSED, STOPPED = 1, 130
EXAMPLES = """
examples:
  Look first, write nothing, and keep the facts as one JSON event a line:
    manage.py import_trace --dry-run --out facts.ndjson --mapping sovereignty/packs/traces/mlperf.toml \\
        --site-plan sovereignty/packs/traces/mlperf-site-plan.toml demo_runs.csv.gz demo_run_nodes.csv.gz

  Import; the same again gives duplicates only:
    manage.py import_trace --mapping sovereignty/packs/traces/mlperf.toml \\
        --site-plan sovereignty/packs/traces/mlperf-site-plan.toml demo_runs.csv.gz demo_run_nodes.csv.gz

  Slurm's accounting, two months of it; and the tables of a SQLite file:
    manage.py import_trace --mapping sovereignty/packs/traces/slurm.toml sacct-2026-10.txt.gz sacct-2026-11.txt.gz
    manage.py import_trace --mapping my-site.toml trace.sqlite3

A file belongs to the table of the mapping whose columns stand in its header; TABLE=FILE says which. Refused rows are written to a
file with their place and reason; facts that were accepted stay.

exit status: 0 everything that no rule sets aside became facts, 1 some rows or facts were refused, 2 usage, or an input cannot be
read, 130 stopped by hand (what was recorded stays; running it again is safe)
"""


class Command(BaseCommand):
    help = "Turn tabular traces (CSV, TSV, either gzipped, or SQLite) into facts, by a mapping of TOML around SQL."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        """Keep the examples' lines as they are."""
        parser = super().create_parser(prog_name, subcommand, epilog=EXAMPLES, **kwargs)
        parser.formatter_class = RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "tables", nargs="+", metavar="TABLE", help="a file of the trace, as FILE or TABLE=FILE"
        )
        parser.add_argument(
            "--mapping", type=Path, required=True, help="what the tables mean (TOML)"
        )
        parser.add_argument(
            "--site-plan", type=Path, help="what the tables lack, graded planned (TOML)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="record nothing; print the account"
        )
        parser.add_argument(
            "--out", type=Path, help="with --dry-run: write the facts here, one JSON event a line"
        )
        parser.add_argument(
            "--refused",
            type=Path,
            default=Path("import_trace.refused.csv"),
            help="where refused rows go (default: %(default)s)",
        )
        parser.add_argument(
            "--actor",
            default="import_trace",
            help="who imports, as the ledger names them (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["out"] is not None and not options["dry_run"]:
            raise CommandError("want --out together with --dry-run, got --out alone", returncode=2)
        try:
            self._import(options)
        except (TraceError, OSError) as fault:
            raise CommandError(str(fault), returncode=2) from fault
        except KeyboardInterrupt as stop:
            stays = (
                ""
                if options["dry_run"]
                else "; what was recorded stays, and running it again is safe"
            )
            raise CommandError(f"stopped{stays}", returncode=STOPPED) from stop

    def _import(self, options: dict[str, Any]) -> None:
        mapping = read_mapping(options["mapping"])
        plan = None if options["site_plan"] is None else read_site_plan(options["site_plan"])
        with ExitStack() as stack:
            recorder: Recorder = record
            if options["dry_run"]:
                recorder = DryRun(
                    None
                    if options["out"] is None
                    else stack.enter_context(options["out"].open("wb"))
                )
            progress = stack.enter_context(bar("import_trace", self.stderr))  # type: ignore[arg-type]  # OutputWrapper is a stream
            tenants, tables, actor = (
                self._tenants(options["dry_run"]),
                options["tables"],
                options["actor"],
            )
            account = import_trace(
                mapping,
                tables,
                record=recorder,
                actor=actor,
                plan=plan,
                tenants=tenants,
                progress=progress,
            )
        for line in lines(account, dry_run=options["dry_run"]):
            self.stdout.write(line)
        if refused := account.refused_rows:
            write_refused(options["refused"], refused)
            self.stdout.write(f"{len(refused):,} refused rows are in {options['refused']}")
        if account.refused_rows or account.refused_facts:
            sys.exit(SOME_REFUSED)

    def _tenants(self, dry_run: bool) -> list[str]:
        """The tenants that there are; a dry run needs no database, and says that it compared with
        none."""
        try:
            return list(Tenant.objects.values_list("key", flat=True))
        except DatabaseError:
            if not dry_run:
                raise
            self.stderr.write(
                "note: the database cannot be read, so no tenant of it was compared with those of the trace"
            )
            return []
