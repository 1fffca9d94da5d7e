"""Choosing ports."""

import socket
from collections.abc import Iterator

import pytest

from deploy.local.ports import PortReservations, is_free


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def reservations() -> Iterator[PortReservations]:
    reservations = PortReservations()
    yield reservations
    reservations.release()


def test_a_free_port_is_kept_as_wanted(
    reservations: PortReservations, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert reservations.take(port) == port


def test_a_taken_port_moves_to_the_next_free_one(
    reservations: PortReservations, listener: socket.socket
) -> None:
    port = listener.getsockname()[1]
    assert not is_free(port)
    assert reservations.take(port) > port


def test_a_port_taken_on_all_interfaces_is_taken_here() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_two_stacks_that_start_together_choose_different_ports(
    reservations: PortReservations,
) -> None:
    other = PortReservations()
    port = other.take(21500)
    assert reservations.take(port) != port
    other.release()
    assert reservations.take(port) == port
