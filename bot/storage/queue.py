"""The jobs of all workspaces: taking one, keeping it, ending it, and what an operator sees and does.

A lane's row is at once the lock, the lease of the job in hand and the pause after it: until its `free_at` nobody takes a job from the
lane. So whatever becomes of a worker, another goes on when the lease has run out. `owner` is new for each take; whoever finds another
one there has lost the lane.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, CursorResult, Executable, delete, func, select, update

from bot.storage.engines import POSTGRESQL
from bot.storage.jobs import NewJob, open_lane, put_in, row_of
from bot.storage.maintenance import over_all_workspaces
from bot.storage.moment import NOW, moment
from bot.storage.schema import jobs, lanes
from bot.storage.taking import Statements, statements

KEPT_FOR: Final = timedelta(days=3)  # a key must outlive every repeat of Slack
State = Literal["ready", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Taken:
    """A job in the hands of a worker. `tries` counts this one; more than one means that it may have run before, up to any line.

    `waits` counts those that asked for another; where a worker went away before the end, nobody asked.
    """

    id: int
    workspace: str
    lane: str
    kind: str
    person: str
    urgent: bool
    tries: int
    waits: int
    created_at: datetime
    taken_at: datetime
    owner: str
    args: Mapping[str, Any] = field(repr=False)
    saved: Mapping[str, Any] | None = field(repr=False)


@dataclass(frozen=True)
class Listed:
    """A job as an operator sees it: nothing of what people typed."""

    id: int
    workspace: str
    lane: str
    kind: str
    state: State
    urgent: bool
    tries: int
    error: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Depth:
    """How many jobs are in a state, and since when the oldest of them is there."""

    state: State
    urgent: bool
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Queue:
    """One transaction over all workspaces."""

    _connection: Connection
    _clock: Callable[[], datetime]

    # -- the door ----------------------------------------------------------------------------------------------------

    def put_in(self, new: Sequence[tuple[str, NewJob]]) -> list[bool]:
        """Jobs, each in the workspace that it comes with; False for each whose cause was enqueued before.

        Two who put in many at once take the lanes in the same order, so that neither waits for the other.
        """
        now = {} if self._postgresql else {NOW: self._clock().timestamp()}
        urgent: dict[tuple[str, str], bool] = {}
        for workspace, job in new:
            urgent[workspace, job.lane] = urgent.get((workspace, job.lane), False) or job.urgent
        opened = [{"workspace": workspace, "name": lane, "urgent": urgent[workspace, lane], **now} for workspace, lane in sorted(urgent)]
        self._all.execute(open_lane(self._postgresql), opened)
        rows = [row_of(workspace, job, self._clock()) for workspace, job in new]
        fresh = {(row.workspace, row.key) for row in self._all.execute(put_in(self._postgresql), rows)}
        return [_taken_out(fresh, (row["workspace"], row["key"])) for row in rows]

    # -- a worker ----------------------------------------------------------------------------------------------------

    def any_free(self, resting: Collection[str] = ()) -> bool:
        """Whether a lane waits for a worker. Needs no lock, so that asking often disturbs nobody."""
        return self._send(self._statements.any_free, resting=list(resting)).first() is not None

    def take(self, lease_s: float, busy: Collection[str] = (), resting: Collection[str] = ()) -> Taken | None:
        """The next job: what a person waits for, of a workspace that is not busy here if there is one, from the lane that waits longest.

        Nothing of a workspace that rests.
        """
        owner = uuid4().hex
        wanted = {"busy": list(busy), "resting": list(resting), "new_owner": owner, "seconds": lease_s}
        while lane := self._send(self._statements.hold_next, **wanted).first():
            at = {"the_workspace": lane.workspace, "the_lane": lane.name}
            job = self._send(self._statements.take_oldest, **at).first()
            if job is not None:
                return Taken(**job._mapping, owner=owner, taken_at=self._clock())
            if not self._send(self._statements.close_empty, **at).rowcount:  # it rested after its last job, or its jobs were cancelled
                self._send(self._statements.release, **at, the_owner=owner, seconds=0)  # the oldest was, just now
        return None

    def holds(self, job: Taken) -> bool:
        """False where another worker has the lane, or the job was cancelled or forgotten."""
        return self._send(self._statements.held, **_names(job)).first() is not None

    def extend(self, job: Taken, lease_s: float, saved: Mapping[str, Any] | None = None) -> bool:
        """Keeps the lane for longer, and what is done so far; False as in `holds`."""
        if not self._send(self._statements.extend, **_names(job), seconds=lease_s).rowcount:
            return False
        if saved is None:
            return self.holds(job)
        return bool(self._send(self._statements.keep, the_job=job.id, kept=dict(saved)).rowcount)

    def put_back(self, job: Taken, after_s: float, saved: Mapping[str, Any] | None) -> bool:
        """To be tried again, with its whole lane, after so many seconds."""
        if not self._send(self._statements.release, **_names(job), seconds=after_s).rowcount:
            return False
        self._send(self._statements.wait, the_job=job.id)
        if saved is not None:
            self._send(self._statements.keep, the_job=job.id, kept=dict(saved))
        return True

    def end(self, job: Taken, state: State, rest_s: float = 0, error: str = "") -> bool:
        """The job is over, and its lane free after a rest. What failed keeps what it needs to be tried again."""
        if not self._send(self._statements.release, **_names(job), seconds=rest_s).rowcount:
            return False
        ended = self._over(job.id, state, error)
        if rest_s <= 0:
            self._send(self._statements.close_empty, **_names(job))
        return ended

    def free_all(self) -> int:
        """Frees what a worker held that is gone; only for whoever knows that there is no other. How many lanes that were."""
        held = update(lanes).where(lanes.c.owner.is_not(None))
        return self._all.execute(held.values(owner=None, free_at=self._now)).rowcount

    # -- an operator -------------------------------------------------------------------------------------------------

    def listed(self, states: Collection[State], limit: int) -> list[Listed]:
        """Newest first."""
        found = select(*(jobs.c[name] for name in _LISTED)).where(jobs.c.state.in_(states)).order_by(jobs.c.id.desc()).limit(limit)
        return [Listed(**row._mapping) for row in self._all.execute(found)]

    def state(self, id: int) -> State | None:
        """None where there is no such job."""
        state: State | None = self._all.execute(select(jobs.c.state).where(jobs.c.id == id)).scalar()
        return state

    def depths(self) -> list[Depth]:
        """What waits and what failed, urgent or not."""
        grouped = select(jobs.c.state, jobs.c.urgent, func.count().label("count"), func.min(jobs.c.created_at).label("oldest"))
        rows = self._all.execute(grouped.where(jobs.c.state.in_(("ready", "failed"))).group_by(jobs.c.state, jobs.c.urgent))
        return [Depth(**row._mapping) for row in rows]

    def retry(self, id: int) -> bool:
        """A job that failed waits again, with all its tries but one: it may have run. False where there is none."""
        job = self._all.execute(select(jobs.c.workspace, jobs.c.lane).where(jobs.c.id == id, jobs.c.state == "failed")).first()
        if job is None:
            return False
        self._send(open_lane(self._postgresql), workspace=job.workspace, name=job.lane, urgent=True)
        again = {"state": "ready", "tries": 1, "waits": 0, "error": "", "ended_at": None}
        return bool(self._all.execute(update(jobs).where(jobs.c.id == id, jobs.c.state == "failed").values(**again)).rowcount)

    def cancel(self, id: int) -> bool:
        """A job that waits is not done; one that runs stops before its next step. False where it is over already."""
        return self._over(id, "cancelled")

    def forget_ended(self) -> int:
        """Deletes what was over long ago."""
        return self._all.execute(delete(jobs).where(jobs.c.ended_at < self._clock() - KEPT_FOR)).rowcount

    # -- statements --------------------------------------------------------------------------------------------------

    @property
    def _all(self) -> Connection:
        return over_all_workspaces(self._connection)

    @property
    def _postgresql(self) -> bool:
        return self._connection.dialect.name == POSTGRESQL

    @property
    def _now(self) -> ColumnElement[float]:
        return moment(self._postgresql, self._clock)

    @property
    def _statements(self) -> Statements:
        return statements(self._postgresql)

    def _send(self, statement: Executable, **values: Any) -> CursorResult[Any]:
        now = {} if self._postgresql else {NOW: self._clock().timestamp()}
        return self._all.execute(statement, {**values, **now})

    def _over(self, id: int, state: State, error: str = "") -> bool:
        statement = self._statements.fail if state == "failed" else self._statements.end
        return bool(self._send(statement, the_job=id, new_state=state, at=self._clock(), why=error).rowcount)


def _taken_out(found: set[tuple[str, str]], key: tuple[str, str]) -> bool:
    """Once: of two jobs for the same cause, the first is the new one."""
    was_there = key in found
    found.discard(key)
    return was_there


def _names(job: Taken) -> dict[str, Any]:
    return {"the_workspace": job.workspace, "the_lane": job.lane, "the_owner": job.owner, "the_job": job.id}


_LISTED = ("id", "workspace", "lane", "kind", "state", "urgent", "tries", "error", "created_at", "ended_at")
