"""Is the database there, current and roomy, and does somebody work on its jobs?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.doctor_installations import look_at_installations
from bot.findings import Finding
from bot.installing.sealing import Seals
from bot.storage import Depth, StorageError
from bot.storage.inspection import Disk, Inspected, Waiting, look_into

_LITTLE_BYTES, _TOO_LITTLE_BYTES, _LONG_LOG_BYTES = 1_000_000_000, 100_000_000, 64_000_000
_LONG_WAIT: Final = timedelta(minutes=10)


def look_at_database(url: str, clock: Callable[[], datetime], keys: Sequence[str]) -> Iterator[Finding]:
    """`keys` open the installations; none where one workspace is served."""
    try:
        found = look_into(url, clock)
    except StorageError as error:
        yield Finding("database", "wrong", str(error).removesuffix("."))
        return
    yield _database(found)
    if found.disk is not None:
        yield _disk(found.disk)
    if found.waiting is not None:
        yield _jobs(found.waiting, clock())
    if keys and found.installations is not None:
        yield from look_at_installations(found.installations, Seals(keys), clock())


def _database(found: Inspected) -> Finding:
    if found.schema == "current":
        return Finding("database", "ok", f"{found.name}, revision {found.revision}, can be written")
    if found.schema == "ahead":
        text = f"{found.name} was written by a newer version of the bot ({found.revision})"
        return Finding("database", "wrong", text, "Update the bot, or name another database in DATABASE_URL.")
    if found.schema == "behind":
        return Finding(
            "database", "warning", f"{found.name} has revision {found.revision}", "The next start of whichcloud serve brings it up."
        )
    return Finding("database", "warning", f"{found.name} holds nothing yet", "The first start of whichcloud serve makes the tables.")


def _disk(disk: Disk) -> Finding:
    found = f"{disk.free_bytes / 1_000_000_000:.1f} GB free, {disk.log_bytes / 1_000_000:.1f} MB written ahead"
    if disk.free_bytes < _TOO_LITTLE_BYTES:
        return Finding("disk", "wrong", found, "Make room: without it no answer can be kept.")
    if disk.free_bytes < _LITTLE_BYTES:
        return Finding("disk", "warning", found, "Make room before it is full.")
    if disk.log_bytes > _LONG_LOG_BYTES:
        return Finding(
            "disk", "warning", found, "Something reads from the database without an end, such as an open database browser. Close it."
        )
    return Finding("disk", "ok", found)


def _jobs(waiting: Waiting, now: datetime) -> Finding:
    ready, failed = (_of(waiting.depths, state) for state in ("ready", "failed"))
    waits = f"{_count(ready)} wait"
    if ready:
        waits += f", the oldest since {_span(now - min(depth.oldest for depth in ready))}"
    found = f"{waits}; {_count(failed)} failed"
    if waiting.deserted:
        return Finding(
            "jobs", "wrong", f"{found}; nobody works on them", "Start whichcloud serve, or whichcloud worker where WHICHCLOUD_WORKERS=0."
        )
    if failed:
        return Finding("jobs", "warning", found, "`whichcloud jobs` says why, and retries or cancels them.")
    if ready and now - min(depth.oldest for depth in ready) > _LONG_WAIT:
        return Finding("jobs", "warning", found, "Slack may be slowing the bot down, or there are too few workers: see `whichcloud jobs`.")
    return Finding("jobs", "ok", found)


def _of(depths: Sequence[Depth], state: str) -> list[Depth]:
    return [depth for depth in depths if depth.state == state]


def _count(depths: Sequence[Depth]) -> int:
    return sum(depth.count for depth in depths)


def _span(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
