"""How fast facts are recorded, against the database alone: `python bench/recording.py [--database
URL] [--http]`.

The same run, on the same machine and tables, measures in turn

    recorded   batches of 10,000 facts through `record_stream`: parsed, judged, hashed into their
               trails, projected, committed, receipted
    bare       the very rows that this wrote, COPYed (SQLite: executemany) into another copy of the
               same tables: indexes, foreign keys, triggers and commits are the same, but the rows
               lie ready in memory and nothing is asked
    over HTTP  (--http) the batches posted as NDJSON to a server process on the loopback, one after
               the other

and prints the facts a second of each, its ratio to bare, and what the second half of the batches
took against the first. One batch before the others and one after them are counted nowhere. The
first finds no cache warm, and a new server reads its code and the register on it; what it took is
printed beside. The last is there because a stream parses the next batch while it commits one: each
batch that is counted pays for one parsing. The mix: 85 % touches of one card, 13 % of a whole node,
2 % of 2 to 64 nodes; 40 tenants; 10,000 cards. A scratch database is made and dropped; each
measurement begins with a fresh copy of it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NODES, SLOTS, TENANTS = 1_250, 8, 40
BATCH = 10_000
COUNTED = slice(1, -1)  # of the batches
MONTH_MS, START_MS = 28 * 86_400_000, 1_761_955_200_000  # 2025-11-01T00:00:00Z


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="domicile-bench-") as folder:
        os.environ["DOMICILE_VAR"] = folder
        os.environ["DOMICILE_TEST_DATABASE"] = f"{folder}/bench.sqlite3"
        os.environ["DOMICILE_LOG_LEVEL"] = "ERROR"
        if arguments.database:
            os.environ["DOMICILE_DATABASE"] = arguments.database
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        sys.path.insert(0, str(ROOT))
        _measure(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="How fast facts are recorded, against the database alone."
    )
    parser.add_argument(
        "--database",
        help="as DOMICILE_DATABASE; a scratch database is made beside it (default: SQLite)",
    )
    parser.add_argument(
        "--batches", type=int, default=8, help="batches of 10,000 facts (default: 8)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each is measured, in turn (default: 3)"
    )
    parser.add_argument("--http", action="store_true", help="measure the HTTP door as well")
    parser.add_argument(
        "--profile",
        action="store_true",
        help="print where the time of recording goes, and nothing else",
    )
    return parser.parse_args()


def _measure(arguments: argparse.Namespace) -> None:
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment(debug=False)
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    scratch = Scratch(connection)
    try:
        batches = [list(_lines(Random(number), number)) for number in range(arguments.batches + 2)]
        _prepare()
        scratch.keep()
        if arguments.profile:
            _profile(batches)
        else:
            _report(arguments, batches, scratch)
    finally:
        scratch.drop()
        connection.creation.destroy_test_db("", verbosity=0)


def _report(arguments: argparse.Namespace, batches: list[list[bytes]], scratch: "Scratch") -> None:
    doors = {"recorded": _record} | ({"over HTTP": _post} if arguments.http else {})
    seconds: dict[str, list[list[float]]] = {name: [] for name in (*doors, "bare")}
    written: list[Written] = []
    for round_number in range(arguments.rounds):
        for name, door in doors.items():
            scratch.begin()
            seconds[name].append(door(batches))
            written = written or _read_rows(scratch.connection)
        scratch.begin()
        seconds["bare"].append(_bare(scratch.connection, written))
        sys.stderr.write(f"round {round_number + 1} of {arguments.rounds}\n")
    facts = arguments.batches * BATCH
    # the workloads are first
    rows = sum(len(table[1]) for batch in written[1:][COUNTED] for table in batch.values())
    print(
        f"{scratch.connection.vendor}: {facts:,} facts in {arguments.batches} batches, "
        f"{rows:,} rows, median of {arguments.rounds} rounds"
    )
    counted = {
        name: [round_seconds[COUNTED] for round_seconds in rounds]
        for name, rounds in seconds.items()
    }
    bare = [sum(round_seconds) for round_seconds in counted["bare"]]
    for name, rounds in counted.items():
        totals = [sum(round_seconds) for round_seconds in rounds]
        # of one round: the machine's pace may change
        ratios = [mine / total for mine, total in zip(bare, totals, strict=True)]
        growth = median(
            sum(round_seconds[len(round_seconds) // 2 :])
            / sum(round_seconds[: len(round_seconds) // 2])
            for round_seconds in rounds
        )
        first = (
            median(round_seconds[0] for round_seconds in seconds[name])
            * arguments.batches
            / median(totals)
        )
        print(
            f"  {name:10}{facts / median(totals):9,.0f} facts/s ({facts / max(totals):,.0f} "
            f"to {facts / min(totals):,.0f}), "
            f"{median(ratios):.2f} of bare ({min(ratios):.2f} to {max(ratios):.2f}), "
            f"second half / first half of the batches {growth:.2f}, "
            f"the batch before them {first:.2f} of one"
        )


class Scratch:
    """A database that begins anew for each measurement, as a copy of the one with the inventory in
    it; so does the second store."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.base, self.count = (
            connection,
            str(connection.settings_dict["NAME"]),
            0,
        )

    def keep(self) -> None:
        """Remember the state from which each measurement begins."""
        from django.conf import settings  # noqa: PLC0415

        self.connection.close()
        shutil.copytree(settings.SECOND_STORE_DIR, f"{settings.VAR_DIR}/kept")

    def begin(self) -> None:
        """Connect to a new copy."""
        from django.conf import settings  # noqa: PLC0415

        self.drop()
        self.count += 1
        run = f"{self.base}_run"
        if self.connection.vendor == "sqlite":
            shutil.copy(self.base, run)
        else:
            self._administer(f'CREATE DATABASE "{run}" TEMPLATE "{self.base}"')
        self.connection.settings_dict["NAME"] = run
        settings.SECOND_STORE_DIR = Path(settings.VAR_DIR) / f"second-store-{self.count}"
        shutil.copytree(f"{settings.VAR_DIR}/kept", settings.SECOND_STORE_DIR)
        self.connection.connect()

    def drop(self) -> None:
        """Drop the copy."""
        self.connection.close()
        self.connection.settings_dict["NAME"] = self.base
        if self.connection.vendor == "sqlite":
            for file in Path(self.base).parent.glob(f"{Path(self.base).name}_run*"):
                file.unlink()
        else:
            self._administer(f'DROP DATABASE IF EXISTS "{self.base}_run" WITH (FORCE)')

    def _administer(self, statement: str) -> None:
        with self.connection._nodb_cursor() as cursor:
            cursor.execute(statement)


def _lines(random: Random, batch: int) -> Iterator[bytes]:
    for number in range(BATCH):
        tenant = f"tenant-{random.randrange(TENANTS)}"
        start = START_MS + random.randrange(MONTH_MS // 2)
        touch = f"{batch * BATCH + number}"
        event = {
            "specversion": "1.0",
            "type": "domicile.touch.recorded.v1",
            "source": f"slurm/{random.randrange(4)}",
            "id": f"job-{touch}",
            "time": "2025-11-23T08:00:00.250Z",
            "sequence": batch * BATCH + number,
            "data": {
                "tenant": tenant,
                "touch": touch,
                "workload": f"model-{random.randrange(20)}",
                "evidence": "observed",
                "parts": [{"cards": [_cards(random)]}],
                "started_at": start,
                "ended_at": start + random.randrange(60_000, 7 * 86_400_000),
            },
        }
        yield json.dumps(event).encode()


def _cards(random: Random) -> str:
    draw, node = random.random(), random.randrange(NODES)
    if draw < 0.85:
        return f"hz-a-{node:04d}/{random.randrange(SLOTS)}"
    if draw < 0.98:
        return f"hz-a-{node:04d}/0-7"
    last = min(NODES - 1, node + random.randrange(1, 64))
    return f"hz-a-[{node:04d}-{last:04d}]/0-7"


def _prepare() -> None:
    """Open the ledger, declare the tenants, register the nodes."""
    from audit.trails import open_ledger  # noqa: PLC0415
    from sovereignty.recording.record import record  # noqa: PLC0415

    open_ledger(actor="bench")
    statement = {"effective_at": 0, "evidence": "declared"}
    events = [
        ("tenant.declared", {"tenant": f"tenant-{number}", **statement})
        for number in range(TENANTS)
    ]
    events += [
        (
            "node.registered",
            {
                "node": f"hz-a-{number:04d}",
                "cards": [{"slots": "0-7", "model": "H100"}],
                **statement,
            },
        )
        for number in range(NODES)
    ]
    lines = [
        json.dumps(
            {
                "specversion": "1.0",
                "type": f"domicile.{kind}.v1",
                "source": "plan",
                "id": str(index),
                "time": "2025-11-01T00:00:00Z",
                "data": data,
            }
        ).encode()
        for index, (kind, data) in enumerate(events)
    ]
    answers = record(lines, actor="bench", channel="bench")
    if answers.refusals:
        raise SystemExit(f"the inventory was refused: {answers.refusals[0]}")


def _record(batches: list[list[bytes]]) -> list[float]:
    """Record the batches as one stream; returns the seconds from answer to answer."""
    from sovereignty.recording.stream import record_stream  # noqa: PLC0415

    taken, began = [], time.perf_counter()
    for answers in record_stream(chain.from_iterable(batches), actor="bench", channel="bench"):
        now = time.perf_counter()
        taken.append(now - began)
        began = now
        if answers.accepted != BATCH:
            raise SystemExit(
                f"{len(answers.refusals)} facts were refused, the first: {answers.refusals[:1]}"
            )
    return taken


def _profile(batches: list[list[bytes]]) -> None:
    import cProfile  # noqa: PLC0415
    import pstats  # noqa: PLC0415

    _record(batches[:1])
    with cProfile.Profile() as profile:
        _record(batches[1:])
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)


def _post(batches: list[list[bytes]]) -> list[float]:
    """Post each batch to a server of its own process; returns the seconds of each."""
    token = _token()
    with subprocess.Popen(
        _server(), cwd=ROOT, env=_server_environment(), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            if server.stdout is None:
                raise SystemExit("the server has no standard output")
            address = server.stdout.readline().strip()
            client = HTTPConnection(
                "127.0.0.1", int(address.rsplit(":", 1)[1].split("/")[0]), timeout=120
            )
            return [_post_one(client, token, b"\n".join(lines)) for lines in batches]
        finally:
            server.terminate()


def _post_one(client: HTTPConnection, token: str, body: bytes) -> float:
    headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    client.request("POST", "/api/v1/facts", body, headers)
    answer = client.getresponse()
    reply = answer.read()
    taken = time.perf_counter() - began
    if answer.status != 200 or json.loads(reply)["refused"]:
        raise SystemExit(f"the server answered {answer.status}: {reply[:500]!r}")
    return taken


def _server() -> list[str]:
    return [sys.executable, "manage.py", "serve", "--port", "0"]


def _server_environment() -> dict[str, str]:
    """The server's: the scratch database and second store, and no worker."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    name = str(connection.settings_dict["NAME"])
    url = (
        f"sqlite:///{name}"
        if connection.vendor == "sqlite"
        else os.environ["DOMICILE_DATABASE"].rsplit("/", 1)[0] + f"/{name}"
    )
    more = {
        "DOMICILE_DATABASE": url,
        "DOMICILE_BROKER": "redis://127.0.0.1:1",
        "DOMICILE_SECOND_STORE": str(settings.SECOND_STORE_DIR),
    }
    return {**os.environ, **more}


def _token() -> str:
    from audit.people import tokens  # noqa: PLC0415

    _, secret = tokens.issue("bench", actor="bench")
    return secret


Table = tuple[list[int], list[tuple[Any, ...]]]  # PostgreSQL's types of the columns, and the rows
Written = dict[str, Table]


def _read_rows(connection: Any) -> list[Written]:
    """The rows that the batches wrote (the first batch is the inventory's), by batch and table, as
    they were inserted."""
    facts = "source, fact_id" if connection.vendor == "postgresql" else 'trail_number, "index"'
    tables = [{"sovereignty_workload": _select(connection, "SELECT * FROM sovereignty_workload")}]
    for (batch,) in _select(
        connection, "SELECT id FROM sovereignty_batch WHERE id > 1 ORDER BY id"
    )[1]:
        keys = f"BETWEEN {batch << 20} AND {(batch + 1 << 20) - 1}"
        of_batch = f"FROM sovereignty_fact f WHERE f.key {keys} AND f.trail_number"
        tables.append(
            {
                "sovereignty_batch": _select(
                    connection, f"SELECT * FROM sovereignty_batch WHERE id = {batch}"
                ),
                "audit_entry": _select(
                    connection,
                    "SELECT e.* FROM audit_entry e JOIN sovereignty_fact f ON f.trail_number "
                    '= e.trail_number AND f."index" = e."index" '
                    f'WHERE f.key {keys} ORDER BY e.trail_number, e."index"',
                ),
                "audit_receipt": _select(
                    connection,
                    f"SELECT * FROM audit_receipt r WHERE EXISTS (SELECT 1 {of_batch} = "
                    'r.trail_number AND f."index" = r.first) '
                    "ORDER BY r.trail_number",
                ),
                "sovereignty_fact": _select(
                    connection, f"SELECT * FROM sovereignty_fact WHERE key {keys} ORDER BY {facts}"
                ),
                "sovereignty_touch": _select(
                    connection, f"SELECT * FROM sovereignty_touch WHERE key {keys} ORDER BY key"
                ),
                "sovereignty_touchchunk": _select(
                    connection,
                    f"SELECT * FROM sovereignty_touchchunk WHERE touch_id {keys} ORDER BY "
                    "touch_id, chunk, started_at",
                ),
            }
        )
    return tables


def _select(connection: Any, statement: str) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [column[1] for column in cursor.description], cursor.fetchall()


def _bare(connection: Any, written: list[Written]) -> list[float]:
    """Write the rows, a transaction for what one batch wrote; returns the seconds of each (the
    workloads come first, unmeasured)."""
    from django.db import transaction  # noqa: PLC0415

    taken = []
    for batch in written:
        began = time.perf_counter()
        with transaction.atomic():
            for table, (types, rows) in batch.items():
                _insert(connection, table, types, rows)
        taken.append(time.perf_counter() - began)
    return taken[1:]


def _insert(connection: Any, table: str, types: list[int], rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(types))})", rows
            )
            return
        with cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)


if __name__ == "__main__":
    main()
