"""Worker and beat inside the server's own process, for an installation without a broker.

Messages on `memory://` live in the process that sent them, so web, worker and beat must share it:
the worker is a thread with the *solo* pool, the beat another. They hold nothing that matters: jobs
are in the database, and CPU-bound ones run in processes of their own (`runner.py`).
"""

from threading import Thread

from celery import current_app
from celery.beat import EmbeddedService, Scheduler
from celery.worker import WorkController, state

from audit.jobs import runner

STOP_WAIT_S = 10.0


class Embedded:
    """Started in the process that serves, never from an import or an app's `ready()`."""

    def __init__(self) -> None:
        app = current_app._get_current_object()
        self._worker = WorkController(
            app=app,
            pool="solo",
            concurrency=1,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self._thread = Thread(target=self._worker.start, name="worker", daemon=True)
        # The plain scheduler keeps its clock in memory: what is due is decided from the database,
        # not from a file of its own.
        self._beat = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)

    def start(self) -> None:
        """Start both threads."""
        self._thread.start()
        self._beat.start()

    def stop(self) -> None:
        """Stop beat, worker and runners, in this order; the runners give their jobs back."""
        self._beat.stop()
        state.should_stop = 0  # the exit code: the worker's loop looks here between messages
        self._thread.join(STOP_WAIT_S)
        runner.stop()
