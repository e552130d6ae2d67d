"""`whichcloud serve` for many workspaces, as a process: installed through its pages, used, left, and started again with another key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.manifest import for_many_workspaces, read_manifest
from bot.sandbox.seed import ALEX
from bot.sandbox.server import LocalSlack
from bot.sandbox.workspaces import Workspace
from tests.bot.installing.conftest import KEYS
from tests.bot.sandbox.markup import read
from tests.bot.serving.people import Person
from tests.bot.serving.process import Served, serving, sqlite
from tests.bot.storage.kept import every_row, rows_that_mention

MANIFEST = for_many_workspaces(read_manifest(), "https://bot.example.com")
OLD, NEW = KEYS


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(manifest=MANIFEST, installed=False) as slack:
        yield slack


def environment(slack: LocalSlack, keys: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "",
        "SLACK_CLIENT_ID": slack.client_id,
        "SLACK_CLIENT_SECRET": slack.client_secret,
        "WHICHCLOUD_KEYS": keys,
        "WHICHCLOUD_URL": "http://127.0.0.1:3000",
    }


def install(bot: Served, place: Workspace) -> str:
    """Through the bot's pages and Slack's question; what the last page says."""
    with httpx.Client(base_url=bot.url(""), trust_env=False) as browser:
        start = read(browser.get("/slack/install").text).one("a").attributes["href"]
        back = urlsplit(place.authorize(place.here(ALEX.id), browser.get(start).headers["location"]))
        return read(browser.get(f"{back.path}?{back.query}").text).one("h1").text


def person(place: Workspace) -> Person:
    """In a channel that the bot was invited to: after an installation it is in none."""
    channel = next(each.id for each in place.world.channels.values() if each.name == "ml-platform")
    place.invite(place.here(ALEX.id), channel)
    return Person(place, place.here(ALEX.id), channel)  # type: ignore[arg-type]  # a workspace is all that it needs


def test_workspaces_install_use_and_leave_the_bot(slack: LocalSlack, tmp_path: Path) -> None:
    second, url = slack.add_workspace("Second Ltd", installed=False), sqlite(tmp_path)
    with serving(slack, "http", url, tmp_path, **environment(slack, OLD)) as bot:
        assert [install(bot, place) for place in (slack, second)] == ["whichcloud is in Example Ltd", "whichcloud is in Second Ltd"]
        for place in (slack, second):
            person(place).starts()
        second.uninstall()
        bot.until(lambda: not rows_that_mention(url, second.world.team.id))
        sealed = [row["sealed"] for row in every_row(url)["installations"]]
        assert bot.stop() == 0
        said = bot.said()
    with serving(slack, "http", url, tmp_path, **environment(slack, f"{NEW},{OLD}")) as bot:
        bot.until(lambda: "1 installations sealed anew by the first key" in bot.said())
        person(slack).starts()
        assert [row["sealed"] for row in every_row(url)["installations"]] != sealed
        said += bot.said()
    tokens = [token.text for token in (slack.installations.tokens.newest("T0SANDBOX"),) if token]
    assert [word for word in (*tokens, slack.client_secret, *KEYS, "xoxe", "xoxb") if word in said] == []
