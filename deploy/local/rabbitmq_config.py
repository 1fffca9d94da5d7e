"""The `rabbitmq.conf` of a private node. Neighbour: ``rabbitmq``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.local.rabbitmq import RabbitMQPorts


def configuration(ports: "RabbitMQPorts", folder: Path, peers: Sequence[str]) -> str:
    """Loopback only; a short heartbeat, so that a frozen client is noticed; logs to the console."""
    lines = {
        "listeners.tcp.local": f"127.0.0.1:{ports.amqp}",
        "management.tcp.ip": "127.0.0.1",
        "management.tcp.port": str(ports.management),
        "prometheus.tcp.ip": "127.0.0.1",
        "prometheus.tcp.port": str(ports.prometheus),
        "load_definitions": str(folder / "definitions.json"),
        "heartbeat": "10",
        "log.file": "false",
        "log.console": "true",
        "log.console.level": "info",
        "log.console.use_colors": "off",
    }
    if peers:
        lines["cluster_formation.peer_discovery_backend"] = "classic_config"
        lines["cluster_partition_handling"] = "pause_minority"
    for number, peer in enumerate(peers, start=1):
        lines[f"cluster_formation.classic_config.nodes.{number}"] = peer
    return "".join(f"{name} = {value}\n" for name, value in lines.items())
