"""Two workspaces in one local Slack, served by one bot that any workspace may install."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.app import build_app, build_office, utc_now
from bot.clients import ManyWorkspaces, client_for
from bot.fairness import Fairness
from bot.handlers import duties
from bot.jobs import Done, Workers
from bot.manifest import for_many_workspaces, read_manifest
from bot.sandbox.server import LocalSlack
from bot.sandbox.webapi import Recorded
from bot.sandbox.workspaces import Workspace
from bot.storage import open_database
from bot.storage.schema import METADATA
from engine.rulebook import Rulebook
from tests.bot.installing.conftest import settings_for_many
from tests.bot.installing.slack import installation
from tests.bot.slack.harness import _UNHURRIED, Bot, _listener, _migrated

MANIFEST = for_many_workspaces(read_manifest(), "https://bot.example.com")
OWNED = [name for name, table in METADATA.tables.items() if "workspace" in table.c]


@dataclass(frozen=True)
class Neighbours:
    """The bot; its first workspace is the one that a test calls ours, `other` is next door."""

    bot: Bot
    other: Workspace
    clients: ManyWorkspaces
    folder: Path

    @property
    def ours(self) -> str:
        return self.bot.slack.world.team.id

    @property
    def theirs(self) -> str:
        return self.other.world.team.id

    def rows(self, workspace: str) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that is kept of a workspace, as it stands in the file: the queue and the marks of what was seen too."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as file:
            found = {name: file.execute(f"SELECT * FROM {name} WHERE workspace = ?", (workspace,)).fetchall() for name in OWNED}
        return {name: rows for name, rows in found.items() if rows}

    def kinds(self, workspace: str) -> set[str]:
        """Of the jobs that a workspace ever had."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as file:
            return {kind for (kind,) in file.execute("SELECT kind FROM jobs WHERE workspace = ?", (workspace,))}

    def calls(self, workspace: str, since: int = 0) -> list[Recorded]:
        """What Slack was asked with the token of a workspace."""
        return [call for call in self.bot.slack.recorded[since:] if call.team == workspace]


@contextmanager
def two_workspaces(rulebook: Rulebook, folder: Path) -> Iterator[Neighbours]:
    """Both installed the app; nothing was said yet."""
    with LocalSlack(manifest=MANIFEST) as slack:
        other = slack.add_workspace("Second Ltd")
        settings = settings_for_many(
            whichcloud_slack_api=slack.api_url,
            slack_client_id=slack.client_id,
            slack_client_secret=slack.client_secret,
            slack_signing_secret=slack.signing_secret,
        )
        shutil.copyfile(_migrated(), folder / "bot.db")
        database = open_database(f"sqlite:///{folder / 'bot.db'}", utc_now)
        clients = ManyWorkspaces(settings, database, utc_now)
        for place in (slack, other):
            bot = place.world.bot
            clients.store.save(
                installation(place.world.team.id, bot_token=place.bot_token, bot_user_id=bot.user_id, bot_id=bot.bot_id, app_id=bot.app_id)
            )
        with patch("bot.app.Listener", _listener):
            office = replace(build_office(settings, rulebook, database, clients), fairness=Fairness(_UNHURRIED, _UNHURRIED))
        app = build_app(office, client_for(settings))
        workers = Workers(database, duties(office), alone=True)
        workers.start()
        slack.connect_app(app)
        try:
            with patch("bot.delivering.LOOK_AFTER_S", 0.05), patch("bot.jobs.SLOW_AFTER_S", 60.0), patch("bot.reports.REST", Done()):
                yield Neighbours(Bot(slack, app, office, database), other, clients, folder)
        finally:
            office.aside.shutdown(wait=True)
            workers.stop()
            database.close()
