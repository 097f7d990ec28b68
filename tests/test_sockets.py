"""The guard of the tests themselves: what it lets through and what it stops."""

import socket

import pytest

from tests.sockets import NetworkClosed


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket() as sock, pytest.raises(NetworkClosed, match=r"got 192\.0\.2\.1:443"):
        sock.connect(("192.0.2.1", 443))


def test_an_undeclared_port_of_this_machine_is_out_of_reach() -> None:
    with socket.socket() as sock, pytest.raises(NetworkClosed, match=r"got 127\.0\.0\.1:9"):
        sock.connect_ex(("127.0.0.1", 9))


def test_names_of_other_machines_are_not_looked_up() -> None:
    with pytest.raises(NetworkClosed, match="look up this machine only"):
        socket.create_connection(("domicile.example", 443))


def test_a_server_of_this_process_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
