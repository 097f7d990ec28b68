"""Tests reach no network: this process may connect to Unix sockets, to servers that it listens as,
and to declared services.

Declared are the database and the broker of the settings; a test that starts a server in another
process declares its port by the fixture `open_ports`. Anything else fails the test at the spot that
tried it, in words no code under test can mistake for a network fault.
"""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
DEFAULT_PORTS = {"redis": 6379, "amqp": 5672}


class NetworkClosed(Exception):
    """Raised when a test reaches for a machine or a port that it has not declared."""


@pytest.fixture(scope="session", autouse=True)
def open_ports() -> Iterator[set[int]]:
    """The ports of this machine that tests may connect to; everything else is closed."""
    ports = _declared()
    connect, connect_ex, listen = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.listen,
    )
    getaddrinfo = socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_unless_open(self, address, ports)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_unless_open(self, address, ports)
        return connect_ex(self, address)

    def remembered_listen(self: socket.socket, *arguments: int) -> None:
        listen(self, *arguments)
        if self.family != socket.AF_UNIX:
            ports.add(self.getsockname()[1])

    def guarded_getaddrinfo(host: Any, *arguments: Any, **more: Any) -> Any:
        if host is not None and host not in LOOPBACK:
            raise NetworkClosed(f"tests may look up this machine only, got {host!r}")
        return getaddrinfo(host, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket.socket, "listen", remembered_listen)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield ports


def _declared() -> set[int]:
    broker = urlsplit(settings.CELERY_BROKER_URL)
    ports = {
        broker.port or DEFAULT_PORTS.get(broker.scheme, 0),
        int(connection.settings_dict.get("PORT") or 0),
    }
    return ports - {0}


def _refuse_unless_open(sock: socket.socket, address: Any, ports: set[int]) -> None:
    if sock.family == socket.AF_UNIX:
        return
    host, port = address[:2]
    if host not in LOOPBACK or port not in ports:
        raise NetworkClosed(
            f"tests may connect to declared services of this machine only, got {host}:{port}"
        )
