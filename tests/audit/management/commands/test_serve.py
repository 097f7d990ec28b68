"""`manage.py serve`: one real process that serves, works, keeps the beat, and stops when asked."""

import json
import re
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.installation import Installation, until

ADDRESS = re.compile(r"Domicile is at (http://127\.0\.0\.1:(\d+)/)")


@contextmanager
def _serving(
    installation: Installation,
    ports: set[int],
    *,
    stop: signal.Signals,
    stderr: IO[str] | None = None,
    **more: str,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yield the address of a server that is up, and stop it at the end by the signal `stop`. `more`
    is of its environment."""
    with installation.start("serve", "--port", "0", stderr=stderr, **more) as server:
        try:
            assert server.stdout is not None
            address = ADDRESS.match(server.stdout.readline())
            assert address, "the server did not say where it is"
            ports.add(int(address[2]))
            yield address[1], server
        finally:
            server.send_signal(stop)


def _said_after_its_address(server: subprocess.Popen[str]) -> str:
    """Stop the server and return what else it wrote to its standard output."""
    assert server.stdout is not None
    server.terminate()
    return server.stdout.read()


def _fetch(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def _queue(installation: Installation, folder: Path, **params: object) -> int:
    folder.mkdir()
    given = json.dumps({"folder": str(folder), "units": 2} | params)
    return int(
        installation.python(
            f"from audit.jobs import queue; print(queue.enqueue('mark', {given}, actor='olga').pk)"
        )
    )


def _state(installation: Installation, job: int) -> str:
    return str(installation.sql(f"SELECT state FROM audit_job WHERE id = {job}")[0][0])


def test_serves_pages_and_does_a_job_whose_message_was_lost(
    installation: Installation, open_ports: set[int], tmp_path: Path
) -> None:
    with _serving(installation, open_ports, stop=signal.SIGTERM) as (address, server):
        status, page = _fetch(f"{address}no-such-page")
        assert status == 404
        assert "There is nothing at this address." in page
        # Queued by another process, whose memory:// nobody listens to: the sweep finds the job in
        # the database.
        job = _queue(installation, tmp_path / "marks")
        until(lambda: _state(installation, job) == "done", "the job to be done", server)
    assert server.returncode == 0
    assert (tmp_path / "marks" / "attempts").read_text() == "1\n"


@pytest.mark.crash
def test_stopped_by_ctrl_c_it_stops_its_runners_and_their_jobs_wait(
    installation: Installation, open_ports: set[int], tmp_path: Path
) -> None:
    job = _queue(installation, tmp_path / "marks", at=1, act="hang")
    with _serving(installation, open_ports, stop=signal.SIGINT) as (_, server):
        until((tmp_path / "marks" / "hanging").exists, "the runner to hang", server)
    assert server.returncode == 0
    assert _state(installation, job) == "queued"


DEAD_BROKER = "redis://127.0.0.1:1/0"  # nobody listens there
NO_JOBS = (
    "This process runs no jobs. Checks, seals and exports wait for workers and a beat: `celery"
)


def test_with_a_broker_says_that_others_must_work_though_the_broker_is_down(
    installation: Installation, open_ports: set[int]
) -> None:
    with _serving(installation, open_ports, stop=signal.SIGTERM, DOMICILE_BROKER=DEAD_BROKER) as (
        address,
        server,
    ):
        assert _fetch(f"{address}no-such-page")[0] == 404
        assert _said_after_its_address(server).startswith(NO_JOBS)


def test_without_a_broker_says_nothing_of_workers(
    installation: Installation, open_ports: set[int]
) -> None:
    with _serving(installation, open_ports, stop=signal.SIGTERM) as (_, server):
        assert _said_after_its_address(server) == ""


def test_says_in_one_line_that_the_port_is_taken(
    installation: Installation, open_ports: set[int]
) -> None:
    with _serving(installation, open_ports, stop=signal.SIGTERM) as (address, _):
        port = address.rpartition(":")[2].rstrip("/")
        second = installation.manage("serve", "--port", port)
    assert second.returncode == 1
    assert (
        f"serve: cannot listen on 127.0.0.1:{port}: Address already in use; choose another with"
        in second.stderr
    )
    assert "Traceback" not in second.stderr
    assert "[ERROR]" not in second.stderr


@pytest.mark.parametrize(
    ("option", "value"), [("--host", "192.0.2.1"), ("--port", "99999"), ("--host", "no such host")]
)
def test_says_in_one_line_that_an_address_cannot_be_listened_on(
    installation: Installation, option: str, value: str
) -> None:
    done = installation.manage("serve", "--port", "0", option, value)
    assert done.returncode == 1
    assert "serve: cannot listen on" in done.stderr
    assert "Traceback" not in done.stderr


def test_says_at_the_start_that_the_ledger_is_not_open(
    installation: Installation, open_ports: set[int], tmp_path: Path
) -> None:
    printed = tmp_path / "printed"
    with (
        printed.open("w") as stderr,
        _serving(installation, open_ports, stop=signal.SIGTERM, stderr=stderr),
    ):
        assert "warning: the ledger is not open" in printed.read_text()
        assert "run `manage.py open_ledger` first" in printed.read_text()


def test_refuses_a_database_that_lacks_migrations(bare_installation: Installation) -> None:
    done = bare_installation.manage("serve", "--port", "0")
    assert done.returncode == 2
    assert re.search(
        r"the database lacks \d+ migrations, the first \S+: run `python manage.py migrate` first",
        done.stderr,
    )
