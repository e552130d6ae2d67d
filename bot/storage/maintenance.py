"""What runs over all workspaces: retention, and the installations. The only statements that need no workspace."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, delete, select

from bot.storage.guard import EVERY_WORKSPACE, WORKSPACE
from bot.storage.installations import KEPT, SealedInstallation
from bot.storage.schema import conversations, installations, organisations, seen, settings

SEEN_FOR: Final = timedelta(days=3)  # Slack repeats an event for an hour or so


def over_all_workspaces(connection: Connection) -> Connection:
    return connection.execution_options(**{WORKSPACE: EVERY_WORKSPACE})


def forget_older_than(connection: Connection, days: int, now: datetime) -> int:
    """Deletes conversations, with all that hangs on them, that did not move for so many days, or for those that their workspace set."""
    connection = over_all_workspaces(connection)
    connection.execute(delete(seen).where(seen.c.at < now - SEEN_FOR))
    set_by = select(settings.c.workspace, settings.c.retention_days).where(settings.c.retention_days.is_not(None))
    rules = [(conversations.c.workspace == row.workspace, row.retention_days) for row in connection.execute(set_by)]
    rules.append((conversations.c.workspace.not_in(select(set_by.subquery().c.workspace)), days))
    old = [and_(where, conversations.c.updated_at < now - timedelta(days=limit)) for where, limit in rules]
    return sum(connection.execute(delete(conversations).where(each)).rowcount for each in old)


def installations_of_all(connection: Connection) -> list[SealedInstallation]:
    rows = over_all_workspaces(connection).execute(select(*KEPT).order_by(installations.c.workspace))
    return [SealedInstallation(**row._mapping) for row in rows]


def workspaces_of(connection: Connection, organisation: str) -> list[str]:
    served = select(organisations.c.workspace).where(organisations.c.organisation == organisation)
    return list(over_all_workspaces(connection).execute(served.order_by(organisations.c.workspace)).scalars())
