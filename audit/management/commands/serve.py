"""`manage.py serve`: the web server, and without a broker also the worker and the beat, in one
process (`embedded.py`)."""

import socket
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.core.wsgi import get_wsgi_application
from django.db import connections
from gunicorn.app.base import BaseApplication

from audit.errors import NOT_OPEN
from audit.jobs import workers
from audit.jobs.embedded import Embedded
from audit.management.command import DocumentedCommand
from audit.queries import is_open
from audit.storage import migrated

LAST_PORT = 65_535
WAITS = "This process runs no jobs. Checks, seals and exports wait for workers and a beat:"


EXAMPLES = """
examples:
  python manage.py serve                           http://127.0.0.1:8000/
  python manage.py serve --host 0.0.0.0 --port 80  for other machines
  python manage.py serve --with-worker             worker and beat here, though there is a broker
"""


class Command(DocumentedCommand):
    help = (
        "Serve Domicile's pages and API. Without a broker, this process also runs the worker "
        "and the beat."
    )
    examples = EXAMPLES

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)"
        )
        parser.add_argument(
            "--port", type=int, default=8000, help="the port; 0 takes a free one (default: 8000)"
        )
        parser.add_argument(
            "--threads", type=int, default=8, help="requests served at the same time (default: 8)"
        )
        parser.add_argument(
            "--with-worker",
            action="store_true",
            help="run the worker and the beat here, though there is a broker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if lacks := migrated.lacking():
            raise CommandError(lacks, returncode=2)
        embedded = options["with_worker"] or not workers.has_broker()
        self._refuse_a_taken_port(options["host"], options["port"])
        self._say_where_the_ledger_is_not_open()
        connections.close_all()  # the server forks: a connection must not be shared with the child
        _Server(self._options(options, embedded), Embedded if embedded else None).run()

    def _refuse_a_taken_port(self, host: str, port: int) -> None:
        """Say at once, in one line, what the server would say five times with a second between."""
        if not 0 <= port <= LAST_PORT:
            raise CommandError(f"cannot listen on {host}:{port}: want a port from 0 to {LAST_PORT}")
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )[0]
            with socket.socket(family, kind, protocol) as listener:
                # As the server binds: a port that only lingers from the last one is free.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(address)
        except OSError as error:
            raise CommandError(
                f"cannot listen on {host}:{port}: {error.strerror}; "
                "choose another with --host or --port"
            ) from error

    def _say_where_the_ledger_is_not_open(self) -> None:
        if not is_open():
            self.stderr.write(f"warning: {NOT_OPEN}")

    def _options(self, options: dict[str, Any], embedded: bool) -> dict[str, Any]:
        return {
            "bind": f"{options['host']}:{options['port']}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": options["threads"],
            "timeout": 120,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": partial(self._say_where, embedded),
        }

    def _say_where(self, embedded: bool, server: Any) -> None:
        for listener in server.LISTENERS:
            self.stdout.write(f"Domicile is at {listener}/ (stop it with Ctrl-C)")
        if not embedded:
            # The broker is not asked whether anybody listens: it may be down, and a worker may
            # start after us.
            self.stdout.write(
                f"{WAITS} `{workers.WORKER}` and one `{workers.BEAT}`, or serve with --with-worker"
            )
        self.stdout.flush()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """gunicorn with our options and one worker process, in which `make_embedded`'s threads live as
    well."""

    def __init__(
        self, options: dict[str, Any], make_embedded: Callable[[], Embedded] | None
    ) -> None:
        self._options, self._make_embedded = options, make_embedded
        self._embedded: Embedded | None = None
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)
        self.cfg.set("post_worker_init", self._started)
        self.cfg.set("worker_exit", self._stopping)

    def load(self) -> Any:
        return get_wsgi_application()

    def _started(self, _worker: Any) -> None:
        if self._make_embedded is not None:
            self._embedded = self._make_embedded()
            self._embedded.start()

    def _stopping(self, _server: Any, _worker: Any) -> None:
        if self._embedded is not None:
            self._embedded.stop()
