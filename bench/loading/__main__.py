"""How long a check of a large month takes when its world has to be read first.

    python -m bench.loading [--touches 1000000] [--database postgresql://]

The month of `bench.planes` is copied straight into a database of its own on the PostgreSQL server,
and a process of its own then reads the world and judges it by the five rules. Compared with a bare
COPY of the touch and chunk tables to nowhere, in the same process.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import numpy as np
import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
POSITION = 1


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.loading",
        description="Times reading and judging a month from PostgreSQL.",
    )
    parser.add_argument(
        "--touches", type=int, default=1_000_000, help="touches of the month (default: 1000000)"
    )
    parser.add_argument(
        "--database",
        default="postgresql://",
        help="the server: a URL up to, and without, the last slash (default: the local socket)",
    )
    parser.add_argument("--fill", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.fill or asked.one:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        fill(asked.touches) if asked.fill else print(json.dumps(measure()))
        return 0
    print(f"python -m bench.loading --touches {asked.touches}", flush=True)
    rounds = [_round(asked.database, touches) for touches in (asked.touches // 2, asked.touches)]
    print(f"doubling the touches takes {rounds[1]['s'] / rounds[0]['s']:.2f} times as long")
    return 0


def _round(server: str, touches: int) -> dict[str, float]:
    with _database(server) as url, tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DOMICILE_DATABASE": url, "DOMICILE_VAR": folder}
        command = [sys.executable, "-m", "bench.loading", "--touches", str(touches)]
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
        )
        subprocess.run([*command, "--fill"], cwd=ROOT, env=environment, check=True)
        done = subprocess.run(
            [*command, "--one"],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"{touches:>10,} touches: read {figures['load_s']:.2f} s ({figures['ratio']:.1f} times a "
        "bare COPY of the same tables), "
        f"judged {figures['judge_s']:.2f} s, together {figures['s']:.2f} s; "
        f"peak {figures['peak_mib']:.0f} MiB",
        flush=True,
    )
    return figures


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"domicile_bench_{os.getpid()}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as control:
        control.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            control.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(touches: int) -> None:
    """Copy the month into the tables: register, statements, sources, sequence numbers, touches and
    their chunk rows."""
    from bench.loading import rows  # noqa: PLC0415 - models can be imported only once Django is set up

    rows.fill(touches)


def measure() -> dict[str, float]:
    """Read and judge once, in this process; then the bare COPY of the two large tables."""
    from django.db import connection, transaction  # noqa: PLC0415

    from bench.planes import END, START  # noqa: PLC0415
    from sovereignty.loading.world import load_world  # noqa: PLC0415
    from sovereignty.policy import packs  # noqa: PLC0415
    from sovereignty.policy.evaluate import evaluate  # noqa: PLC0415

    policy = packs.read("cn-domestic")
    began = time.perf_counter()
    with transaction.atomic():
        world = load_world(POSITION, (START, END), policy.least_grade)
    loaded = time.perf_counter()
    report = evaluate(world, policy, period=(START, END), position=POSITION)
    judged = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with connection.cursor() as cursor:
        for table in ("sovereignty_touch", "sovereignty_touchchunk"):
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:
                for _ in copy:
                    pass
    bare = time.perf_counter() - judged
    if not report["tenants"] or not np.any(world.touches.tenant):
        raise RuntimeError("nothing was judged: the tables were not filled")
    return {
        "load_s": loaded - began,
        "judge_s": judged - loaded,
        "s": judged - began,
        "ratio": (loaded - began) / bare,
        "peak_mib": peak,
    }


if __name__ == "__main__":
    sys.exit(main())
