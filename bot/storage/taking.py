"""The statements of the workers, put together once for each kind of database: workers send them all day long.

Each takes the lock of the lane first. On PostgreSQL the next statement then sees whatever was committed by anybody who had that lock
before: `enqueue` takes it too, before it writes the job.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Double,
    ScalarSelect,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    not_,
    null,
    select,
    tuple_,
    update,
)

from bot.storage.moment import moment_when_sent
from bot.storage.schema import jobs, lanes

BATCH_WAITS_S: Final = 30  # until then what nobody waits for comes after all that somebody waits for

_AT = and_(lanes.c.workspace == bindparam("the_workspace"), lanes.c.name == bindparam("the_lane"))
_HELD = and_(_AT, lanes.c.owner == bindparam("the_owner"))
_HERE = and_(jobs.c.workspace == bindparam("the_workspace"), jobs.c.lane == bindparam("the_lane"), jobs.c.state == "ready")
_THE_JOB = and_(jobs.c.id == bindparam("the_job"), jobs.c.state == "ready")
_OVER = (
    update(jobs)
    .where(_THE_JOB)
    .values(state=bindparam("new_state"), ended_at=bindparam("at", type_=jobs.c.ended_at.type), error=bindparam("why"))
)


@dataclass(frozen=True)
class Statements:
    """Sent with those that they need of the_workspace, the_lane, the_owner, the_job; busy and resting (workspaces), new_owner, seconds,
    kept, new_state, at, why; and `now`, where the database has no clock."""

    any_free: Select[tuple[str]]
    hold_next: Update  # the lane that is taken from next
    take_oldest: Update  # the job in it
    extend: Update
    release: Update
    close_empty: Delete
    held: Select[tuple[int]]
    keep: Update
    wait: Update
    end: Update
    fail: Update  # which keeps what another try would need


@cache
def statements(postgresql: bool) -> Statements:
    now = moment_when_sent(postgresql)
    later = now + bindparam("seconds", type_=Double)
    chosen = tuple_(lanes.c.workspace, lanes.c.name) == _next_lane(now)
    oldest = select(jobs.c.id).where(_HERE).order_by(jobs.c.id).limit(1).scalar_subquery()
    return Statements(
        any_free=select(lanes.c.name).where(_free(now)).limit(1),
        hold_next=update(lanes)
        .where(chosen)
        .values(owner=bindparam("new_owner"), free_at=later)
        .returning(lanes.c.workspace, lanes.c.name),
        take_oldest=update(jobs)
        .where(jobs.c.id == oldest, jobs.c.state == "ready")
        .values(tries=jobs.c.tries + 1)
        .returning(*(jobs.c[name] for name in TAKEN)),
        extend=update(lanes).where(_HELD).values(free_at=later),
        release=update(lanes).where(_HELD).values(owner=null(), free_at=later),
        close_empty=delete(lanes).where(_AT, not_(exists().where(_HERE))),
        held=select(jobs.c.id).join(lanes, and_(lanes.c.workspace == jobs.c.workspace, lanes.c.name == jobs.c.lane)).where(_HELD, _THE_JOB),
        wait=update(jobs).where(_THE_JOB).values(waits=jobs.c.waits + 1),
        keep=update(jobs).where(_THE_JOB).values(saved=bindparam("kept", type_=jobs.c.saved.type)),
        end=_OVER.values(args={}, saved=null()),
        fail=_OVER,
    )


TAKEN: Final = ("id", "workspace", "lane", "kind", "person", "urgent", "tries", "waits", "created_at", "args", "saved")


def _next_lane(now: ColumnElement[float]) -> ScalarSelect[str]:
    """First what a person waits for, or what waited long enough; there a workspace that has nothing in hand here; then the oldest."""
    can_wait = and_(not_(lanes.c.urgent), lanes.c.free_at > now - BATCH_WAITS_S)
    is_busy = lanes.c.workspace.in_(bindparam("busy", expanding=True))
    order = (case((can_wait, 1), else_=0), case((is_busy, 1), else_=0), lanes.c.free_at)
    free = select(lanes.c.workspace, lanes.c.name).where(_free(now)).order_by(*order).limit(1)
    return free.with_for_update(skip_locked=True).scalar_subquery()


def _free(now: ColumnElement[float]) -> ColumnElement[bool]:
    return and_(lanes.c.free_at <= now, lanes.c.workspace.not_in(bindparam("resting", expanding=True)))
