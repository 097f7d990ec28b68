"""How long a seal takes: 10,000 trails, of which 1,000 have 10 new entries each.

python -m bench.sealing                       # on SQLite and on PostgreSQL, in test databases
python -m bench.sealing postgresql:///test    # on one of them
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRIES, SHARE = 10, 10  # entries a changed trail; one of so many trails is changed
SQLITE, POSTGRESQL = "sqlite", "postgresql:///test"


def main() -> None:
    """Run the bench in a process of its own for each database."""
    parser = argparse.ArgumentParser(
        description="How long a seal takes: a tenth of the trails have 10 new entries each."
    )
    parser.add_argument(
        "databases",
        nargs="*",
        default=[SQLITE, POSTGRESQL],
        metavar="DATABASE",
        help="sqlite, or postgresql:///…",
    )
    parser.add_argument("--trails", type=int, default=10_000, help="trails (default: 10000)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="seals that are measured after the first (default: 5)"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        here(given.trails, given.rounds)
    else:
        each(
            given.databases,
            ["--here", "--trails", str(given.trails), "--rounds", str(given.rounds)],
        )


def each(urls: list[str], arguments: list[str]) -> None:
    """Run it for each database, in its own process."""
    with tempfile.TemporaryDirectory() as folder:
        # A file, because a test database of SQLite would else lie in memory.
        environment = {**os.environ, "DOMICILE_TEST_DATABASE": f"{folder}/bench.sqlite3"}
        for url in urls:
            environment["DOMICILE_DATABASE"] = (
                f"sqlite:///{folder}/none.sqlite3" if url == SQLITE else url
            )
            subprocess.run(
                [sys.executable, __file__, *arguments], check=True, env=environment, cwd=ROOT
            )


def here(trails: int, rounds: int) -> None:
    """Run it on the environment's database engine, in a test database and temporary folders."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django  # noqa: PLC0415 - the settings must be named first

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = Path(folder)
            with override_settings(KEYS_DIR=base / "keys", SECOND_STORE_DIR=base / "second-store"):
                measure(connection.vendor, trails, rounds)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure(vendor: str, trails: int, rounds: int) -> None:
    """Fill the ledger, then seal some rounds of new entries."""
    from audit.seal import seal  # noqa: PLC0415

    fill(trails)
    started = time.perf_counter()
    seal(actor="bench")
    print(
        f"{vendor}: first seal of {trails:,} new trails: "
        f"{1000 * (time.perf_counter() - started):.0f} ms",
        flush=True,
    )
    took, computed = [], []
    for _ in range(rounds):
        append_round(trails)
        started, cpu = time.perf_counter(), time.process_time()
        seal(actor="bench")
        took.append(1000 * (time.perf_counter() - started))
        computed.append(1000 * (time.process_time() - cpu))
    print(
        f"{vendor}: seal with {trails // SHARE:,} of {trails:,} trails changed by {ENTRIES} "
        "entries each: "
        f"median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms of {rounds} "
        f"(this process computed for {statistics.median(computed):.0f} ms of it)",
        flush=True,
    )


def fill(count: int) -> None:
    """Open the ledger and write `count` - 2 tenant trails in bulk, with the rows that `open_trail`
    writes one by one."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from audit.append import ENTRY_COLUMNS  # noqa: PLC0415
    from audit.models import Entry, Trail  # noqa: PLC0415
    from audit.storage import rows  # noqa: PLC0415
    from audit.storage.second_store import SecondStore  # noqa: PLC0415
    from audit.tlog.entry import entry_leaf  # noqa: PLC0415
    from audit.tlog.genesis import GENESIS_KIND, genesis  # noqa: PLC0415
    from audit.trails import open_ledger  # noqa: PLC0415

    open_ledger(actor="bench")
    now, trails, entries = 1_700_000_000_000, [], []
    for number in range(2, count):
        content = genesis(
            origin=settings.LOG_ORIGIN,
            number=number,
            name=f"t{number}",
            tenant_nonce=None,
            nonce=os.urandom(16),
            received_at=now,
        )
        leaf = entry_leaf(content)
        trails.append(
            (number, leaf, f"tenant:{number}", f"t{number}", os.urandom(32), 1, leaf, leaf, now)
        )
        entries.append((number, 0, GENESIS_KIND, now, leaf, content))
    columns = (
        "number",
        "trail_id",
        "owner",
        "name",
        "secret",
        "size",
        "root",
        "compact",
        "received_at",
    )
    with transaction.atomic():
        rows.insert(Trail, columns, trails)
        rows.insert(Entry, ENTRY_COLUMNS, entries)
    SecondStore.at(settings.SECOND_STORE_DIR).advance([(trail[0], 1, trail[1]) for trail in trails])


def append_round(count: int) -> None:
    """Append to a tenth of the trails spread over all numbers, as recorders do."""
    from django.db import transaction  # noqa: PLC0415

    from audit.append import NewEntry, append, lock_trails  # noqa: PLC0415
    from audit.clock import now_ms  # noqa: PLC0415

    body = (
        b'{"cards":"hz-a-[0001-0125]/0-7","tenant":"hospital","touch":"job-8812",'
        b'"workload":"triage-assistant"}'
    )
    new = [
        NewEntry("touch.started/v1", "touch/job-8812", "slurm/hz-a", None, 1_700_000_000_000, body)
    ] * ENTRIES
    with transaction.atomic():
        for trail in lock_trails(range(2, count, SHARE)).values():
            append(trail, new, now_ms())


if __name__ == "__main__":
    main()
