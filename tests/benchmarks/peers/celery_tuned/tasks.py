"""The application, and the task that a worker runs."""

from celery import Celery
from celery.signals import worker_process_init

from tests.benchmarks.peers import environment, job
from tests.benchmarks.peers.celery_tuned.database import claim, engine, finish

app = Celery("peers")
app.conf.update(
    broker_url=environment.amqp_url(),
    broker_transport_options={"confirm_publish": True},
    broker_pool_limit=40,  # one for each thread of the HTTP door
    broker_connection_retry_on_startup=True,
    task_default_queue="jobs",
    task_default_queue_type="quorum",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=64,  # many short tasks
)


@worker_process_init.connect
def leave_connections_to_the_parent(**_: object) -> None:
    """A forked child must not speak over its parent's sockets."""
    engine.dispose(close=False)


@app.task(name="generate")
def generate(job_id: str) -> None:
    """From queued to ready; a job that is over, or gone, is left alone."""
    given = claim(job_id)
    if given is not None:
        finish(job_id, job.generate(given))
