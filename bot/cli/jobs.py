"""`whichcloud jobs`: what waits to be done and what failed; an operator tries it again or takes it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from bot.cli.render import show_json, show_table
from bot.view import Row, Table
from engine.errors import printable

if TYPE_CHECKING:
    from bot.storage import Database, Listed
    from bot.storage.queue import State

STATES: tuple[State, ...] = ("ready", "failed", "done", "cancelled")
BAD_INPUT = 2
_MOST = 100_000
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_ENDED = {"ready": "waits already", "done": "is done", "cancelled": "was cancelled", "failed": "has failed"}


class _ListFirst(click.Group):
    """`whichcloud jobs` alone lists."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        is_for_list = not args or (args[0].startswith("-") and args[0] not in context.help_option_names)
        return super().parse_args(context, ["list", *args] if is_for_list else args)


@click.group("jobs", cls=_ListFirst)
def command() -> None:
    """What waits to be done and what failed: list it, try it again, or take it back. Alone it lists.

    Reads DATABASE_URL, whichcloud.db in this folder unless set. Nothing of what people typed is shown.
    """


@command.command("list")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, help="May be repeated; ready and failed unless given.")
@click.option("--limit", type=click.IntRange(1, _MOST), default=50, show_default=True, help="How many, the newest first.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def list_jobs(states: tuple[str, ...], limit: int, form: str) -> None:
    """List jobs, the newest first. Those that are over are kept for three days."""
    with _database() as database, database.queue() as queue:
        found = queue.listed([state for state in STATES if state in (states or ("ready", "failed"))], limit)
    if form == "json":
        show_json([_record(job) for job in found])
    elif found:
        now = datetime.now(UTC)
        show_table(Table("", ("id", "age", "kind", "workspace", "lane", "state", "tries", "error"), tuple(_row(job, now) for job in found)))
    else:
        click.echo("No such jobs." if states else "Nothing waits, and nothing failed.")


@command.command("retry")
@click.argument("ids", type=int, nargs=-1)
@click.option("--all-failed", is_flag=True, help="Every job that failed.")
def retry(ids: tuple[int, ...], all_failed: bool) -> None:
    """Try jobs that failed again, those with the numbers IDS or all."""
    if bool(ids) == all_failed:
        raise click.UsageError("Name the jobs by their numbers, or give --all-failed.")
    with _database() as database:
        if all_failed:
            with database.queue() as queue:
                ids = tuple(job.id for job in reversed(queue.listed(["failed"], _MOST)))
        refused = [refusal for id in ids if (refusal := _retried(database, id))]
    if all_failed and not ids:
        click.echo("Nothing failed.")
    _refuse(refused)


@command.command("cancel")
@click.argument("ids", type=int, nargs=-1, required=True)
def cancel(ids: tuple[int, ...]) -> None:
    """Take jobs back, those with the numbers IDS. One that runs stops before its next step."""
    with _database() as database:
        refused = [refusal for id in ids if (refusal := _cancelled(database, id))]
    _refuse(refused)


@contextmanager
def _database() -> Iterator[Database]:
    """Raises SettingsError. A database that no bot has used yet is not made here."""
    from bot.settings import SettingsError, read_what_is_set
    from bot.storage import StorageError, open_database
    from bot.storage.inspection import look_into

    def clock() -> datetime:
        return datetime.now(UTC)

    url = read_what_is_set().database_url.get_secret_value()
    try:
        if look_into(url, clock).schema == "none":
            raise SettingsError("DATABASE_URL: no bot has used this database yet. Is it the one that `whichcloud serve` is started with?")
        database = open_database(url, clock)
        try:
            yield database
        finally:
            database.close()
    except StorageError as error:
        raise SettingsError(f"DATABASE_URL: {error}") from None


def _retried(database: Database, id: int) -> str:
    """Says that it waits again; else returns why it does not."""
    with database.queue() as queue:
        if not queue.retry(id):
            return _why(id, queue.state(id), "only what failed can be tried again")
    click.echo(f"Job {id} waits again.")
    return ""


def _cancelled(database: Database, id: int) -> str:
    with database.queue() as queue:
        if not queue.cancel(id):
            return _why(id, queue.state(id), "only what waits or runs can be cancelled")
    click.echo(f"Job {id} is cancelled.")
    return ""


def _why(id: int, state: str | None, rule: str) -> str:
    if state is None:
        return f"Job {id} is not known: `whichcloud jobs` lists those that are. What is over is deleted after three days."
    return f"Job {id} {_ENDED[state]}: {rule}."


def _refuse(refused: list[str]) -> None:
    for refusal in refused:
        click.echo(refusal, err=True)
    if refused:
        sys.exit(BAD_INPUT)


def _row(job: Listed, now: datetime) -> Row:
    age, tries = _age(now - job.created_at), str(job.tries)
    return Row((str(job.id), age, job.kind, job.workspace, _short(job.lane), job.state, tries, printable(job.error)))


def _age(span: timedelta) -> str:
    """In the largest unit that fits."""
    seconds = max(0, int(span.total_seconds()))
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    return f"{seconds // size} {unit}"


def _short(lane: str) -> str:
    """What kind of lane, and how its name ends."""
    kind, _, name = lane.partition(":")
    return f"{kind}:…{name[-12:]}" if len(name) > 13 else lane


def _record(job: Listed) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "workspace": job.workspace,
        "lane": job.lane,
        "state": job.state,
        "urgent": job.urgent,
        "tries": job.tries,
        "error": job.error,
        "created_at": job.created_at.isoformat(),
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
    }
