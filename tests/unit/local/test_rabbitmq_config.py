"""The configuration file of a private node."""

from pathlib import Path

from deploy.local.ports import PortReservations
from deploy.local.rabbitmq import RabbitMQPorts
from deploy.local.rabbitmq_config import configuration

PORTS = RabbitMQPorts(amqp=1, management=2, prometheus=3, distribution=4, epmd=5)


def test_nothing_listens_beyond_this_machine(tmp_path: Path) -> None:
    lines = configuration(PORTS, tmp_path, ()).splitlines()
    assert "listeners.tcp.local = 127.0.0.1:1" in lines
    assert {line for line in lines if ".tcp.ip" in line} == {
        "management.tcp.ip = 127.0.0.1",
        "prometheus.tcp.ip = 127.0.0.1",
    }


def test_a_node_of_a_cluster_knows_its_peers(tmp_path: Path) -> None:
    written = configuration(PORTS, tmp_path, ["one@localhost", "two@localhost"])
    assert "cluster_formation.classic_config.nodes.2 = two@localhost\n" in written


def test_ports_are_not_those_of_the_systems_broker() -> None:
    reservations = PortReservations()
    ports = RabbitMQPorts.reserve(reservations)
    reservations.release()
    numbers = {ports.amqp, ports.management, ports.prometheus, ports.distribution, ports.epmd}
    assert len(numbers) == 5
    assert not numbers & {5672, 15672, 15692, 25672, 4369}
