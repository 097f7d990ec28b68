"""`manage.py import_trace --mapping FILE [--site-plan FILE] TABLE…`: tables become facts.

The steps are in `sovereignty/collect/trace/trace.py`.
"""

import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from audit.jobs.progress import bar
from audit.management.command import DocumentedCommand
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
  look first, record nothing, and keep the facts, one JSON event a line:
    python manage.py import_trace --dry-run --out facts.ndjson \\
        --mapping sovereignty/packs/traces/mlperf.toml \\
        --site-plan sovereignty/packs/traces/mlperf-site-plan.toml \\
        demo_runs.csv.gz demo_run_nodes.csv.gz
  import; the same command again records duplicates only:
    python manage.py import_trace --mapping sovereignty/packs/traces/mlperf.toml \\
        --site-plan sovereignty/packs/traces/mlperf-site-plan.toml \\
        demo_runs.csv.gz demo_run_nodes.csv.gz
  Slurm's accounting of two months; the tables of a SQLite file:
    python manage.py import_trace --mapping sovereignty/packs/traces/slurm.toml \\
        sacct-2026-10.txt.gz sacct-2026-11.txt.gz
    python manage.py import_trace --mapping my-site.toml trace.sqlite3

A file belongs to the table of the mapping whose columns are in its header; TABLE=FILE names the
table. Refused rows are written to a file, each with its place and the reason. Facts that were
accepted stay.

exit code: 0 all became facts, except what a rule sets aside; 1 some rows or facts were refused;
2 usage, or an input cannot be read; 130 stopped by hand (what was recorded stays, and you may run
it again)
"""


class Command(DocumentedCommand):
    help = (
        "Turn tables into facts, by a mapping of TOML around SQL. The tables are CSV or TSV, "
        "either gzipped, or SQLite."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "tables", nargs="+", metavar="TABLE", help="a file of the trace, as FILE or TABLE=FILE"
        )
        parser.add_argument(
            "--mapping", type=Path, required=True, help="what the tables mean (TOML)"
        )
        parser.add_argument(
            "--site-plan", type=Path, help="facts that the tables lack, graded planned (TOML)"
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
            raise CommandError("want --dry-run with --out, got --out alone", returncode=2)
        try:
            self._import(options)
        except (TraceError, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
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
            account = import_trace(
                mapping,
                options["tables"],
                record=recorder,
                actor=options["actor"],
                plan=plan,
                tenants=self._tenants(options["dry_run"]),
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
        """The tenants in the database. A dry run needs no database, and then says so."""
        try:
            return list(Tenant.objects.values_list("key", flat=True))
        except DatabaseError:
            if not dry_run:
                raise
            self.stderr.write(
                "note: the database cannot be read: "
                "the tenants of the trace were not compared with its tenants"
            )
            return []
