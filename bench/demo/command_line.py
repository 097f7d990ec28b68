"""`make demo`: the whole way on a fresh machine, on the embedded default: record → check → seal →
export → verify offline.

    python -m bench.demo [--no-serve] [--port 8000] [--cards 10000 --touches 100000 …]

A generated fleet with planted faults is recorded and checked; what the check found must be exactly
what was planted. One hospital's and one ministry's bundle are exported, verified by the verifier as
a process of its own, and forged copies refused. The exit code says whether all of it held.
Everything lies in `var/demo` (below DOMICILE_VAR), made anew each time.
"""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django

from bench.demo.summary import Summary, timed

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path(os.environ.get("DOMICILE_VAR") or ROOT / "var").resolve() / "demo"
OFFICER = "olga"


def run() -> int:
    """Run the demo with this process's arguments. Returns the exit code."""
    return main(sys.argv[1:])


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    os.environ.update(
        DOMICILE_VAR=str(FOLDER / "var"), DOMICILE_ORIGIN="demo.domicile.example/ledger"
    )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for name in (
        "DOMICILE_DATABASE",
        "DOMICILE_BROKER",
        "DOMICILE_SECOND_STORE",
        "DOMICILE_KEYS",
        "DOMICILE_BUNDLES",
    ):
        # the demo shows the embedded default, whatever this shell runs otherwise
        os.environ.pop(name, None)
    django.setup()
    from bench.demo import steps  # noqa: PLC0415 - models can be imported only once Django is set up with the settings above

    began = time.perf_counter()
    summary = Summary()
    steps.run(options, FOLDER, summary, timed)
    print(
        f"\n{'all of it held' if summary.held else 'NOT all of it held'}; "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )
    if not summary.held or options.no_serve:
        return 0 if summary.held else 1
    return serve(options.port, steps.officer(OFFICER, secrets.token_urlsafe(12)))


def serve(port: int, password: str) -> int:
    """Serve the demo's site until Ctrl-C. Returns the server's exit code."""
    print(
        f"\nDomicile: http://127.0.0.1:{port}/   sign in as {OFFICER} with {password}", flush=True
    )
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)], cwd=ROOT
    ) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()  # from a terminal it was sent the same Ctrl-C, and is on its way
            return server.wait()


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.demo", description="Run the main job end to end and serve the result."
    )
    parser.add_argument("--no-serve", action="store_true", help="end after the summary")
    parser.add_argument("--port", type=int, default=8000, help="where to serve (default: 8000)")
    parser.add_argument("--seed", type=int, default=1, help="another fleet (default: 1)")
    parser.add_argument("--cards", type=int, default=10_000, help="domestic cards (default: 10000)")
    parser.add_argument("--touches", type=int, default=100_000, help="touches (default: 100000)")
    parser.add_argument("--days", type=int, default=30, help="days (default: 30)")
    parser.add_argument("--tenants", type=int, default=40, help="tenants (default: 40)")
    return parser.parse_args(arguments)
