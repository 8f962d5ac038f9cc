"""Runs many jobs at a time, in threads on this machine or on the Dask workers of a scheduler.

A job carries everything that it needs, and its result comes back as a value: Dask workers need neither the class
directory nor the gradebook, only this package, its environment, and bubblewrap.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

import dask
from distributed import Client, Future, LocalCluster, get_worker
from distributed.scheduler import KilledWorker

from autograder.errors import AutograderError, PoolError

LOG = logging.getLogger(__name__)
Name = TypeVar("Name")

# How many Dask workers may die while running one job before it is given up.
DEATHS = 3
DASK = {
    "distributed.scheduler.allowed-failures": DEATHS,
    # Dask's statistical profiler reads the frames of all threads a hundred times a second. Before CPython 3.11.9 and
    # 3.12.3 this deadlocks the process if a garbage collection happens meanwhile (gh-106883).
    "distributed.worker.profile.enabled": False,
    # A submission may have some MB of files.
    "distributed.admin.large-graph-warning-threshold": "1GB",
    # By default, Dask monitors itself fifty times a second, for a dashboard that is not used here.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
}
CONNECT_SECONDS = 10
# Jobs queued per running job: few enough to fit in memory, enough to keep all threads busy and to be sent in groups,
# which costs Dask half as much as sending them one by one.
FEWEST_AHEAD, MOST_AHEAD = 2, 6
MOMENT_SECONDS, MOST_TOGETHER = 0.4, 16
# How often to look for new Dask workers while no results arrive.
LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class _Answer:
    """The result of a job, where it was done, and when, in seconds since 1970."""

    result: Any | AutograderError
    worker: str
    thread: str
    began: float
    seconds: float

    def __str__(self) -> str:
        began = time.strftime("%H:%M:%S", time.localtime(self.began))
        return f"{self.worker} ({self.thread}), begun {began}, took {self.seconds:.2f} s"


class Job(Protocol):
    """Work to be done elsewhere; it is sent there, and its result back, as values."""

    def run(self) -> Any:
        """Do the work and return its result. Raises AutograderError."""


class Pool(Generic[Name]):
    """Threads of this process, or the workers of a Dask scheduler, that run jobs.

    Args:
        workers: how many jobs run at a time on this machine.
        scheduler: the address of a running Dask scheduler to use instead, such as tcp://host:8786.

    Raises:
        PoolError: there is no scheduler at that address.
    """

    def __init__(self, workers: int = 1, scheduler: str | None = None) -> None:
        dask.config.set(DASK)
        if scheduler:
            try:
                self._client = Client(scheduler, set_as_default=False, timeout=CONNECT_SECONDS)
            except (OSError, TimeoutError, ValueError) as error:
                raise PoolError(
                    f"there is no Dask scheduler at {scheduler} ({str(error)[:200]}).",
                    remedy="Start one with 'dask scheduler', and workers with 'dask worker tcp://...', or omit --scheduler.",
                ) from error
            self._cluster = None
        else:
            # Threads suffice: each only waits for its own processes, which are all forked by the same fork servers.
            self._cluster = LocalCluster(
                n_workers=1,
                threads_per_worker=workers,
                processes=False,
                # By default Dask uses a fixed port, and warns if it is taken.
                dashboard_address="127.0.0.1:0",
                memory_limit=0,
            )
            self._client = Client(self._cluster, set_as_default=False)
        LOG.info(
            "pool: %s", f"the Dask scheduler at {scheduler}" if scheduler else f"{workers} thread(s) of this process"
        )

    def run(self, jobs: Iterable[tuple[Name, Job]]) -> Iterator[list[tuple[Name, Any | AutograderError]]]:
        """Yield names and results of jobs as they finish; the result is an error if no Dask worker survived the job.

        Jobs that finish at about the same time are yielded together, so that they can be recorded together.
        """
        waiting = iter(jobs)
        names: dict[Future, Name] = {}
        done: SimpleQueue[Future] = SimpleQueue()
        watched = LOG.isEnabledFor(logging.INFO)
        if watched:
            self._client.subscribe_topic("all", lambda event: _log_event(event[1], list(names.items())))

        def send(workers: int) -> bool:
            """Send jobs until enough are under way. False if none are left."""
            if len(names) < FEWEST_AHEAD * workers:
                some = list(itertools.islice(waiting, MOST_AHEAD * workers - len(names)))
                futures = self._client.map(_done, [job for _, job in some], pure=False)
                names.update(zip(futures, (name for name, _ in some), strict=True))
                for future in futures:
                    LOG.debug("%s: sent to the pool", names[future])
                    future.add_done_callback(done.put)
            return bool(names)

        def take(timeout: float) -> tuple[Name, Future]:
            future = done.get(timeout=timeout)
            return names.pop(future), future

        try:
            while send(workers := self._workers()):
                together = []
                with contextlib.suppress(Empty):
                    together.append(take(LOOK_SECONDS))
                    until = time.monotonic() + MOMENT_SECONDS
                    while send(workers) and len(together) < MOST_TOGETHER:
                        together.append(take(max(until - time.monotonic(), 0)))
                if together:
                    answers = self._results([future for _, future in together])
                    results = []
                    for (name, _), answer in zip(together, answers, strict=True):
                        LOG.debug("%s: back from %s", name, answer)
                        results.append((name, answer.result if isinstance(answer, _Answer) else answer))
                    yield results
        except (CancelledError, OSError) as error:
            raise PoolError(
                f"the Dask scheduler is gone ({type(error).__name__}).",
                remedy="Start it again, or omit --scheduler, and grade again; existing grades are kept.",
            ) from error
        finally:
            if watched and self._client.status == "running":
                # Otherwise Dask would report later that this client has gone.
                self._client.unsubscribe_topic("all")

    def _workers(self) -> int:
        """How many jobs run at a time with the threads that exist now. Raises OSError if the scheduler is gone."""
        if self._client.status != "running":
            raise ConnectionError
        return max(sum(self._client.ncores().values()), 1)

    def _results(self, futures: list[Future]) -> list[Any]:
        try:
            return self._client.gather(futures)
        except Exception:  # of one of them
            return [_result(future) for future in futures]

    def close(self) -> None:
        # A heartbeat that is under way when the cluster closes would be logged as an error, with a traceback.
        log = logging.getLogger("distributed.worker")
        level = log.level
        log.setLevel(logging.CRITICAL)
        try:
            self._client.close()
            if self._cluster is not None:
                self._cluster.close()
        finally:
            log.setLevel(level)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _done(job: Job) -> _Answer:
    """Run a job in the pool. Errors are returned, since Dask would log raised ones with their traceback."""
    began, begun = time.time(), time.monotonic()
    result: Any
    try:
        result = job.run()
    except AutograderError as error:
        result = error
    thread = threading.current_thread().name
    return _Answer(result, get_worker().address, thread, began, time.monotonic() - begun)


def _log_event(event: dict[str, Any], under_way: list[tuple[Future, Any]]) -> None:
    """Log that a Dask worker arrived or left, and which jobs are sent again because of it."""
    address = event.get("worker")
    if event.get("action") == "add-worker":
        LOG.info("Dask worker %s is there", address)
    elif event.get("action") == "remove-worker":
        lost = {*event.get("processing-tasks", ()), *event.get("lost-computed-tasks", ())}
        again = [str(name) for future, name in under_way if future.key in lost]
        level = logging.INFO if event.get("expected") and not again else logging.WARNING
        LOG.log(level, "Dask worker %s is gone; sent again: %s", address, "; ".join(sorted(again)) or "nothing")


def _result(future: Future) -> Any:
    try:
        return future.result()
    except KilledWorker as error:
        return PoolError(
            f"{DEATHS + 1} Dask workers died while running it ({error.last_worker}).", remedy="Look at their logs."
        )
    except Exception as error:
        if future.status != "error":
            raise  # a failure of the scheduler, not of the job
        return PoolError(
            f"a Dask worker could not run it ({type(error).__name__}: {str(error)[:200]}).",
            remedy="Make sure that all Dask workers have this environment, in the same version.",
        )
