"""How long the import of the MLPerf demo cut takes, on SQLite and on PostgreSQL, and how much
memory.

    python -m bench.importing [--server postgresql://]       ('' leaves PostgreSQL out)

Each import is `manage.py import_trace` as a process of its own into a new installation. Needs the
handed-over inputs (DOMICILE_SHARED).
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
TRACES = ROOT / "sovereignty" / "packs" / "traces"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.importing", description="Times the import of a real trace."
    )
    parser.add_argument(
        "--server",
        default="postgresql://",
        help="URL up to, and without, the last slash (default: the local socket)",
    )
    asked = parser.parse_args()
    data = (
        ROOT / os.environ.get("DOMICILE_SHARED", "../shared") / "data" / "mlperf-training"
    ).resolve()
    if not data.is_dir():
        print(f"no trace at {data}: set DOMICILE_SHARED to the folder of handed-over inputs")
        return 0
    print("python -m bench.importing")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/domicile.sqlite3", Path(folder), data)
    if asked.server:
        with tempfile.TemporaryDirectory() as folder, _database(asked.server) as url:
            _measure("PostgreSQL", url, Path(folder), data)
    return 0


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"domicile_bench_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as control:
        control.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _measure(engine: str, database: str, folder: Path, data: Path) -> None:
    environment = {**os.environ, "DOMICILE_DATABASE": database, "DOMICILE_VAR": str(folder)}
    manage = [sys.executable, str(ROOT / "manage.py")]
    for command in ("migrate", "open_ledger"):
        subprocess.run([*manage, command, "-v0"], env=environment, check=True, capture_output=True)
    tables = [str(data / "demo_runs.csv.gz"), str(data / "demo_run_nodes.csv.gz")]
    mapping = [
        "--mapping",
        str(TRACES / "mlperf.toml"),
        "--site-plan",
        str(TRACES / "mlperf-site-plan.toml"),
    ]
    began = time.perf_counter()
    done = subprocess.run(
        [*manage, "import_trace", *mapping, *tables],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(
            f"import failed with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    # The largest of all children so far; the import is by far the largest of them.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{engine:>10}: {seconds:.1f} s (limit 10 s: {seconds / 10:.2f} of it), "
        f"peak {peak:.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
