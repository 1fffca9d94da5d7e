"""What Darkroom is compared with: other ways to get the same jobs done, as their docs recommend.

Each is a package of its own: `system` (started by the suite, needs no other package), `api` (its
HTTP door) and `tasks` (its worker). They need the dependency group `bench`. Settings and
guarantees: README.md.
"""

from tests.benchmarks.peers.celery_replaced.system import CeleryReplaced
from tests.benchmarks.peers.celery_tuned.system import CeleryTuned
from tests.benchmarks.peers.dramatiq.system import DramatiqPeer
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.peers.taskiq.system import TaskiqPeer

PEERS: tuple[type[Peer], ...] = (CeleryReplaced, CeleryTuned, DramatiqPeer, TaskiqPeer)

__all__ = ["PEERS", "Peer"]
