"""The broker, and the actor that a worker runs."""

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from tests.benchmarks.peers import environment, job
from tests.benchmarks.peers.dramatiq.database import claim, finish, pool


class OpenPool(dramatiq.Middleware):
    """One pool a worker process, opened after the fork."""

    def before_worker_boot(self, broker: object, worker: object) -> None:
        pool.open(wait=True)

    def after_worker_shutdown(self, broker: object, worker: object) -> None:
        pool.close()


broker = RabbitmqBroker(url=environment.amqp_url(), confirm_delivery=True)
broker.add_middleware(OpenPool())
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="jobs")
def generate(job_id: str) -> None:
    """From queued to ready; a job that is over, or gone, is left alone."""
    given = claim(job_id)
    if given is not None:
        finish(job_id, job.generate(given))
