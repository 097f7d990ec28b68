"""Small traces for tests: a mapping and tables given as text, imported through the dry run, which
keeps the facts."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sovereignty.collect.site_plan import read_site_plan
from sovereignty.collect.trace.account import Account
from sovereignty.collect.trace.dry_run import DryRun
from sovereignty.collect.trace.mapping import read_mapping
from sovereignty.collect.trace.trace import import_trace

PACKS = Path(__file__).resolve().parents[3] / "sovereignty" / "packs" / "traces"

ONE_TABLE = r'''
format = "domicile/trace/v1"
source = "test"

[tables.jobs]
columns = ["job", "node", "slots", "start", "end"]
derive = { started_at = "time_ms(start, 'epoch_s')", ended_at = "time_ms(\"end\", 'epoch_s')" }

[touch]
select = """
  SELECT row_id, 'ada' AS tenant, job AS touch, job AS workload, started_at,
         ended_at, 'observed' AS evidence, node, slots
  FROM jobs
"""
'''


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import said and made; `events` are the CloudEvents, in their order."""

    account: Account
    events: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The `data` of each fact of a kind, as in `touch.recorded`."""
        return [event["data"] for event in self.events if event["type"] == f"domicile.{kind}.v1"]

    def refused(self) -> list[tuple[int, str]]:
        """Line and reason of each refused row."""
        return [(row.line, row.reason) for row in self.account.refused_rows]


def write(folder: Path, name: str, text: str) -> Path:
    """Write a file of the test and return its path."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def imported(
    folder: Path, mapping: str | Path, tables: dict[str, str], plan: str | None = None
) -> Imported:
    """Import tables, given as text by file name, by a mapping given as text or as a file."""
    files = [write(folder, name, text) for name, text in tables.items()]
    return imported_files(folder, mapping, files, plan)


def imported_files(
    folder: Path, mapping: str | Path, files: list[Path], plan: str | Path | None = None
) -> Imported:
    """As `imported`, from files."""
    out = io.BytesIO()
    account = import_trace(
        read_mapping(
            mapping if isinstance(mapping, Path) else write(folder, "mapping.toml", mapping)
        ),
        files,
        record=DryRun(out),
        actor="enzo",
        plan=None
        if plan is None
        else read_site_plan(plan if isinstance(plan, Path) else write(folder, "plan.toml", plan)),
    )
    return Imported(account, [json.loads(line) for line in out.getvalue().splitlines()])
