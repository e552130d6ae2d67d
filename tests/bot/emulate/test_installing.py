"""An installation from the page to a token that is taken, at a Slack that others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr
from slack_sdk import WebClient

from bot.app import utc_now
from bot.clients import ManyWorkspaces
from bot.installing.pages import PATHS, InstallPages
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.web import Web
from tests.bot.sandbox.markup import read

KEY = "aW4gdGhlc2UgdGVzdHMgYWxvbmUsIGtleSBvbmUhISE="


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'bot.db'}", utc_now)
    yield opened
    opened.close()


@pytest.fixture
def workspaces(emulate: str, database: Database) -> ManyWorkspaces:
    return ManyWorkspaces(_settings(emulate), database, utc_now)


@pytest.fixture
def browser(emulate: str, database: Database, workspaces: ManyWorkspaces) -> Iterator[httpx.Client]:
    with browsing(_settings(emulate), database, workspaces) as browser:
        yield browser


def browsing(settings: Settings, database: Database, workspaces: ManyWorkspaces) -> httpx.Client:
    """At the bot's address; it goes to `emulate` over the network of this machine."""
    pages = InstallPages(settings, database, workspaces.store, workspaces.application)
    bot = httpx.WSGITransport(app=Web(None, lambda: True, dict.fromkeys(PATHS, pages)))
    return httpx.Client(base_url="https://bot.example.com", mounts={"https://bot.example.com": bot}, trust_env=False)


def _settings(api: str) -> Settings:
    """The application that seed.yaml has."""
    return Settings(
        slack_client_id="1.2",
        slack_client_secret=SecretStr("of-nobody"),
        slack_signing_secret=SecretStr("of-this-test-alone"),
        whichcloud_keys=SecretStr(KEY),
        whichcloud_url="https://bot.example.com",
        whichcloud_slack_api=api,
    )


def allowed(browser: httpx.Client) -> str:
    """From the page to Slack and its question, and yes as the first person there: where Slack then leads."""
    landing = read(browser.get("/slack/install").text)
    asked = browser.get(landing.one("a").attributes["href"])
    question = browser.get(asked.headers["location"])
    assert question.status_code == 200, question.text
    form = {each.attributes["name"]: unescape(each.attributes["value"]) for each in read(question.text).all("input", type="hidden")}
    split = urlsplit(str(question.url))
    answer = browser.post(f"{split.scheme}://{split.netloc}/oauth/v2/authorize/callback", data=form)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def test_the_app_is_installed_and_its_token_is_taken(browser: httpx.Client, workspaces: ManyWorkspaces, emulate: str) -> None:
    answer = browser.get(allowed(browser))
    assert (answer.status_code, read(answer.text).one("h1").text) == (200, "whichcloud is in Example Ltd")
    reader = WebClient("xoxp-emulate-reader", base_url=emulate).auth_test()
    me = workspaces.of(reader["team_id"]).auth_test()
    held = workspaces.asked_by(reader["team_id"], None).installation
    assert (me["team"], me["user_id"], me["bot_id"]) == ("Example Ltd", held.bot_user_id, held.bot_id)


def test_what_slack_led_back_with_serves_once(browser: httpx.Client, workspaces: ManyWorkspaces) -> None:
    back = allowed(browser)
    assert [browser.get(back).status_code, browser.get(back).status_code] == [200, 400]


def test_a_secret_that_is_not_the_apps_installs_nothing(
    workspaces: ManyWorkspaces, database: Database, caplog: pytest.LogCaptureFixture, emulate: str
) -> None:
    wrong = _settings(emulate).model_copy(update={"slack_client_secret": SecretStr("of-another")})
    with browsing(wrong, database, workspaces) as browser:
        answer = browser.get(allowed(browser))
    assert (answer.status_code, database.installations()) == (400, [])
    assert "Slack refused an installation: invalid_client_id" in caplog.text
