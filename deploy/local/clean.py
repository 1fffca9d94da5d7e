"""`make clean`: the stack stopped, and everything that it keeps on this machine removed."""

import shutil

from deploy.local.containers import container_name
from deploy.local.docker import engine_answers, remove_container, remove_volume
from deploy.local.settings import LocalSettings
from deploy.local.stack import down


def clean(settings: LocalSettings) -> int:
    """Databases, queues, stored media, logs, and the containers' volumes."""
    home = settings.home.absolute()
    if not home.exists():
        return 0
    down(home)
    if engine_answers():
        for kind in ("postgres", "rabbitmq"):
            remove_container(container_name(home, kind))
            remove_volume(container_name(home, kind))
    shutil.rmtree(home)
    return 0
