"""Workers: they take jobs from the queue, lane by lane, and see each through to its end, whatever dies in between.

A handler may be run again at any line, by another worker, when the one before it was killed: `tries` says so. Before each side effect
it makes sure that the lane is still its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Literal

from bot.logs import bound
from bot.pacing import Pacing
from bot.storage import Database, Stale, StorageError, Taken
from bot.storage.queue import Queue
from engine.errors import printable

LEASE_S: Final = 20  # longer than a call to Slack may take
SLOW_AFTER_S: Final = 2
MOST_BROKEN_OFF: Final = 40  # tries that ended with their worker; after more the job itself seems to be the cause
# What asked for so many tries is given up once it is also so old: to be slowed down by Slack for an hour must not lose an answer.
MOST_WAITS: Final = 40
GIVE_UP_AFTER: Final = timedelta(days=1)
_POLL_MS, _AWAY_S = 250, 1
_TRIES_TO_END: Final = 12
_UNKNOWN_S: Final = 10
log = logging.getLogger(__name__)

Outcome = Literal["done", "again", "failed", "lost"]


class Retry(Exception):
    """Run this job again after so many seconds; `saved` is handed to the next try."""

    def __init__(self, after_s: float, saved: Mapping[str, Any] | None = None) -> None:
        self.after_s, self.saved = after_s, saved
        super().__init__(f"again in {after_s} s")


class Fail(Exception):
    """The job cannot be done, and another try would not help. The text is for the operator: no word of what people typed."""


class LeaseLost(Exception):
    """Another worker has the job by now, or somebody cancelled it: stop without another side effect."""


@dataclass(frozen=True)
class Done:
    """What a handler may say of its end: how long the lane rests."""

    rest_s: float = 0


@dataclass
class Job:
    """A job in hand. `saved` is what an earlier try kept."""

    taken: Taken
    _database: Database
    _lease_s: float
    _held_until: float  # by the monotonic clock of this process

    @property
    def workspace(self) -> str:
        return self.taken.workspace

    @property
    def args(self) -> Mapping[str, Any]:
        return self.taken.args

    @property
    def person(self) -> str:
        return self.taken.person

    @property
    def tries(self) -> int:
        return self.taken.tries

    @property
    def saved(self) -> Mapping[str, Any]:
        return self.taken.saved or {}

    def keep(self, saved: Mapping[str, Any] | None = None) -> None:
        """Holds the lane for longer, and keeps what is done so far. Raises LeaseLost."""
        began = time.monotonic()
        with self._database.queue() as queue:
            if not queue.extend(self.taken, self._lease_s, saved):
                raise LeaseLost
        self._held_until = began + self._lease_s
        if saved is not None:
            self.taken = replace(self.taken, saved=dict(saved))

    def ensure(self, seconds: float) -> None:
        """Right before a side effect that takes at most so long. Raises LeaseLost, also where the job was cancelled or forgotten.

        The database is asked each time: a machine that slept knows nothing of the time that went by.
        """
        if self._held_until - time.monotonic() < seconds:
            self.keep()
            return
        if not self._database.holds(self.taken):
            raise LeaseLost


Handler = Callable[[Job], Done | None]


@dataclass(frozen=True)
class Duty:
    """What is done for a kind of job; `slow` is called once where that takes longer than people like to wait without a word."""

    run: Handler
    slow: Callable[[Job], None] | None = None


@dataclass(frozen=True)
class Ended:
    """One run of a job, for whoever counts."""

    kind: str
    outcome: Outcome
    took_s: float
    job: Taken


@dataclass
class _Running:
    job: Job
    began: float
    told: bool = False


@dataclass(frozen=True)
class _End:
    """How a run went, and what is to be written down of it."""

    outcome: Outcome
    write: Callable[[Queue], bool]


@dataclass
class Workers:
    """Threads of one process that work on the queue of a database, beside those of any other process."""

    database: Database
    duties: Mapping[str, Duty]
    threads: int = 8
    lease_s: float = LEASE_S
    on_ended: Callable[[Ended], None] = lambda ended: None
    alone: bool = False  # nobody else works on this database, so what is held at the start was held by somebody who is gone
    pacing: Pacing = field(default_factory=Pacing)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _running: dict[str, _Running] = field(default_factory=dict)  # by the owner: a job that outlives its lease may be taken twice
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self.database.call_on_work(self._wake.set)
        self._thread = threading.Thread(target=self._work, name="workers", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def stop(self) -> None:
        """Takes nothing more, and returns when what is in hand has ended."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        self._free_at_start()
        with ThreadPoolExecutor(self.threads, "worker") as pool, ThreadPoolExecutor(1, "progress") as progress:
            while self._running or not self._stopping.is_set():
                self._wake.clear()
                try:
                    self._take_all(pool)
                except StorageError as error:
                    log.warning("jobs wait for the database: %s", error)
                    self._stopping.wait(_AWAY_S)
                except Exception as error:  # whatever it is, nobody else here would go on with the jobs
                    log.error("no job could be taken", exc_info=error)
                    self._stopping.wait(_AWAY_S)
                self._tell_slow(progress)
                self._wake.wait(_POLL_MS / 1000)

    def _free_at_start(self) -> None:
        if not self.alone:
            return
        try:
            with self.database.queue() as queue:
                freed = queue.free_all()
        except StorageError as error:
            log.warning("jobs in hand before the start wait for their lease: %s", error)
        else:
            log.info("%s jobs were in hand when the bot stopped", freed)

    def _take_all(self, pool: ThreadPoolExecutor) -> None:
        """Takes jobs for as long as a thread is free and a lane waits."""
        while len(self._running) < self.threads and not self._stopping.is_set() and self.database.any_job_free(self.pacing.resting()):
            with self.database.queue() as queue:
                taken = self._take(queue)
            if taken is None:
                return
            pool.submit(self._run, self._begin(taken))

    def _take(self, queue: Queue, besides: str = "") -> _Running | None:
        """Nothing once it is told to stop, which may be while the transaction of the queue waits to begin. `besides` is about to end."""
        if self._stopping.is_set():
            return None
        began = time.monotonic()
        with self._lock:
            busy = {running.job.workspace for owner, running in self._running.items() if owner != besides}
        taken = queue.take(self.lease_s, busy, self.pacing.resting())
        return None if taken is None else _Running(Job(taken, self.database, self.lease_s, began + self.lease_s), began)

    def _begin(self, running: _Running) -> _Running:
        """Once it is certain that the job was taken."""
        self.pacing.took(running.job.workspace)
        with self._lock:
            self._running[running.job.taken.owner] = running
        return running

    # -- one job, and those after it ---------------------------------------------------------------------------------

    def _run(self, running: _Running | None) -> None:
        while running is not None:
            running = self._see_through(running)

    def _see_through(self, running: _Running) -> _Running | None:
        """The job to go on with, if there is one."""
        job, following = running.job, None
        try:
            with bound(workspace=job.workspace, job=f"{job.taken.kind} {job.taken.id}"):
                outcome, following = self._settle(job, self._end_of(job))
            self.on_ended(Ended(job.taken.kind, outcome, time.monotonic() - running.began, job.taken))
        except Exception as error:  # nobody else would hear of it
            log.error("the end of job %s could not be written down", job.taken.id, exc_info=error)
        finally:
            with self._lock:
                del self._running[job.taken.owner]
            self._wake.set()
        return following and self._begin(following)

    def _end_of(self, job: Job) -> _End:
        try:
            done = self._duty(job).run(job) or Done()
        except Retry as again:
            after_s, saved = again.after_s, again.saved
            return _End("again", lambda queue: queue.put_back(job.taken, after_s, saved))
        except LeaseLost:
            log.warning("job %s went to another worker, or was cancelled", job.taken.id)
            return _End("lost", lambda queue: queue.put_back(job.taken, 0, None))
        except StorageError as error:
            if isinstance(error, Stale) and job.taken.waits >= MOST_WAITS:
                log.error("job %s finds what it changes changed each time", job.taken.id)
                return _End("failed", lambda queue: queue.end(job.taken, "failed", error=Stale.__name__))
            log.warning("job %s waits for the database: %s", job.taken.id, error)
            return _End("again", lambda queue: queue.put_back(job.taken, _AWAY_S, None))
        except Fail as failed:
            text = printable(str(failed))
            log.warning("job %s failed: %s", job.taken.id, text)
            return _End("failed", lambda queue: queue.end(job.taken, "failed", error=text))
        except Exception as error:  # whatever a handler stumbles over must end its job, or the lane would stand still
            log.error("job %s broke", job.taken.id, exc_info=error)
            kind = type(error).__name__
            return _End("failed", lambda queue: queue.end(job.taken, "failed", error=kind))
        return _End("done", lambda queue: queue.end(job.taken, "done", done.rest_s))

    def _duty(self, job: Job) -> Duty:
        if job.tries - 1 - job.taken.waits > MOST_BROKEN_OFF:
            raise Fail(f"the worker went away {MOST_BROKEN_OFF} times and more")
        if job.taken.waits > MOST_WAITS and job.taken.taken_at - job.taken.created_at > GIVE_UP_AFTER:
            raise Fail(f"gave up after {job.taken.waits} tries")
        duty = self.duties.get(job.taken.kind)
        if duty is None:
            log.warning("no handler for jobs of the kind %s: left to a newer version", job.taken.kind)
            raise Retry(_UNKNOWN_S)
        return duty

    def _settle(self, job: Job, end: _End) -> tuple[Outcome, _Running | None]:
        """Writes the end down, and takes the next job in the same transaction.

        While the database is away we try on; after that the lease runs out and another worker looks.
        """
        for _ in range(_TRIES_TO_END):
            try:
                with self.database.queue() as queue:
                    outcome = end.outcome if end.write(queue) else "lost"
                    return outcome, self._take(queue, besides=job.taken.owner)
            except StorageError as error:
                log.warning("the end of job %s could not be written down yet: %s", job.taken.id, error)
                time.sleep(_AWAY_S)
        return "lost", None

    def _tell_slow(self, progress: ThreadPoolExecutor) -> None:
        """What takes long is said once."""
        now = time.monotonic()
        with self._lock:
            slow = [each for each in self._running.values() if not each.told and now - each.began > SLOW_AFTER_S]
        for running in slow:
            running.told = True
            progress.submit(self._tell, running.job)

    def _tell(self, job: Job) -> None:
        duty = self.duties.get(job.taken.kind)
        if duty is None or duty.slow is None or job.taken.owner not in self._running:
            return
        try:
            duty.slow(job)
        except Exception as error:  # the job itself may still come to a good end
            log.warning("no progress could be shown for job %s", job.taken.id, exc_info=error)
