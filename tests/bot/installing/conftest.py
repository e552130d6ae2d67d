"""A database, keys and a Slack that gives out tokens."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.clients import ManyWorkspaces
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.storage.engines import PATIENCE, make_engine, read_url
from bot.storage.guard import guard
from bot.storage.migrate import newest
from tests.bot.installing.slack import CLIENT_ID, CLIENT_SECRET, GivingSlack, at

# Made for these tests; each opens nothing else.
KEYS = ("a2V5IG9uZSwgaW4gdGhlc2UgdGVzdHMgYWxvbmUhISE=", "a2V5IHR3bywgaW4gdGhlc2UgdGVzdHMgYWxvbmUhISE=")


@dataclass
class Clock:
    now: datetime = field(default_factory=lambda: at(9))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with its tables, made once: each test has a copy."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    made = tmp_path_factory.mktemp("migrated") / "bot.db"
    open_database(f"sqlite:///{made}", Clock()).close()
    return made


@pytest.fixture
def file(tmp_path: Path, migrated: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "bot.db"))


@pytest.fixture
def database(file: Path, clock: Clock) -> Iterator[Database]:
    opened = opened_again(file, clock)
    yield opened
    opened.close()


def opened_again(file: Path, clock: Clock) -> Database:
    """As another process opens it; whoever calls closes it."""
    engine = make_engine(read_url(f"sqlite:///{file}"), PATIENCE)
    guard(engine)
    return Database(engine, clock, newest())


def settings_for_many(**more: object) -> Settings:
    """As the environment would have them; nothing listens at the address of this Slack."""
    given = {
        "slack_client_id": CLIENT_ID,
        "slack_client_secret": SecretStr(CLIENT_SECRET),
        "slack_signing_secret": SecretStr("of-this-test-alone"),
        "whichcloud_keys": SecretStr(KEYS[0]),
        "whichcloud_url": "https://bot.example.com",
        "whichcloud_slack_api": "http://127.0.0.1:9/api/",
    }
    return Settings(**{**given, **more})  # type: ignore[arg-type]  # by name


@pytest.fixture
def slack() -> GivingSlack:
    return GivingSlack()


def replica(database: Database, clock: Clock, slack: GivingSlack, keys: tuple[str, ...] = KEYS[:1]) -> ManyWorkspaces:
    """One process's view of the installations, with this Slack behind it."""
    return ManyWorkspaces(settings_for_many(whichcloud_keys=",".join(keys)), database, clock, slack)


@pytest.fixture
def workspaces(database: Database, clock: Clock, slack: GivingSlack) -> ManyWorkspaces:
    return replica(database, clock, slack)
