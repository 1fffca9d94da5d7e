"""The configuration file of a private node."""

import json
from pathlib import Path
from typing import Any

from deploy.local.ports import PortReservations
from deploy.local.rabbitmq import RabbitMQNode, RabbitMQPorts
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


def test_a_node_of_a_cluster_boots_without_queues(tmp_path: Path) -> None:
    """Queues have replicas where nodes run when they are declared: at first there is one node."""
    alone = RabbitMQNode(tmp_path / "alone", PORTS)
    one_of_three = RabbitMQNode(tmp_path / "one", PORTS, peers=["one@localhost", "two@localhost"])
    for node in (alone, one_of_three):
        node.prepare()
    assert _boot_definitions(alone)["queues"]
    assert _boot_definitions(one_of_three)["queues"] == []
    assert _boot_definitions(one_of_three)["policies"] == _boot_definitions(alone)["policies"]


def _boot_definitions(node: RabbitMQNode) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((node.folder / "definitions.json").read_text())
    return document
