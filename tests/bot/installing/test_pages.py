"""The way of somebody who installs the app, against the local Slack: the page before, Slack's question, the page after; wrong turns."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.clients import ManyWorkspaces, NotInstalled
from bot.installing.pages import PATHS, InstallPages, Pages
from bot.manifest import for_many_workspaces, read_manifest
from bot.sandbox.seed import ALEX
from bot.sandbox.server import LocalSlack
from bot.sandbox.workspaces import Workspace
from bot.settings import SLACK_API, Settings
from bot.storage import Database, DatabaseUnavailable
from bot.web import Web
from tests.bot.installing.conftest import Clock, settings_for_many
from tests.bot.installing.slack import installation
from tests.bot.sandbox.markup import read

ADDRESS = "https://bot.example.com"
LOCAL = "http://127.0.0.1:3000"
MANIFEST = for_many_workspaces(read_manifest(), ADDRESS)


@dataclass(frozen=True)
class Visitor:
    """A browser at the bot's address, and the Slack that it is led to."""

    browser: httpx.Client
    slack: LocalSlack
    workspaces: ManyWorkspaces
    database: Database

    def set_out(self, **query: str) -> str:
        """The address at Slack that the button leads to."""
        answer = self.browser.get("/slack/install/start", params=query)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def allowed(self, at: Workspace | None = None, **how: bool) -> str:
        """The address with which Slack sends the browser back."""
        place = at or self.slack
        return place.authorize(place.here(ALEX.id), self.set_out(), **how)  # type: ignore[arg-type]  # two flags

    def install(self, at: Workspace | None = None, **how: bool) -> httpx.Response:
        return self.browser.get(self.allowed(at, **how))


@pytest.fixture(scope="module")
def one_slack() -> Iterator[LocalSlack]:
    with LocalSlack(manifest=MANIFEST, installed=False) as slack:
        yield slack


def visiting(settings: Settings, database: Database, slack: LocalSlack, clock: Clock) -> Visitor:
    workspaces = ManyWorkspaces(settings, database, clock)
    pages = InstallPages(settings, database, workspaces.store, workspaces.application)
    web = Web(None, lambda: True, dict.fromkeys(PATHS, pages))
    browser = httpx.Client(transport=httpx.WSGITransport(app=web), base_url=settings.address)
    return Visitor(browser, slack, workspaces, database)


def settings_of(slack: LocalSlack, **more: object) -> Settings:
    api = {"whichcloud_slack_api": slack.api_url, "slack_client_id": slack.client_id, "slack_client_secret": slack.client_secret}
    return settings_for_many(**{**api, **more})


@pytest.fixture
def visitor(one_slack: LocalSlack, database: Database, clock: Clock) -> Visitor:
    """The local Slack is that of the whole file: each visitor installs anew."""
    return visiting(settings_of(one_slack), database, one_slack, clock)


def heading(answer: httpx.Response) -> str:
    return read(answer.text).one("h1").text


# -- the page before ---------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_asked_for_and_why(visitor: Visitor) -> None:
    answer = visitor.browser.get("/slack/install")
    page, scopes = read(answer.text), MANIFEST["oauth_config"]["scopes"]
    asked = [each.text.split()[0] for each in page.all("dt")]
    assert (answer.status_code, asked) == (200, [*scopes["bot"], *scopes["bot_optional"]])
    assert [each.text.split()[1:] for each in page.all("dt")] == [[]] * 6 + [["optional"]] * 2
    assert all(len(each.text) > 20 for each in page.all("dd"))
    assert [(each.text, each.attributes["href"]) for each in page.all("a")] == [("Add to Slack", "/slack/install/start")]
    assert "400 days" in answer.text
    assert "set-cookie" not in answer.headers, "nothing begins by reading"


@pytest.mark.parametrize(
    ("support", "link"),
    [("help@example.com", "mailto:help@example.com"), ("https://example.com/help", "https://example.com/help")],
)
def test_the_page_says_whom_to_ask(one_slack: LocalSlack, database: Database, clock: Clock, support: str, link: str) -> None:
    visitor = visiting(settings_of(one_slack, whichcloud_support=support), database, one_slack, clock)
    last = read(visitor.browser.get("/slack/install").text).all("a")[-1]
    assert (last.text, last.attributes["href"]) == (support, link)


WHERE = {"before": "/slack/install", "after": "/slack/oauth_redirect?error=access_denied"}


@pytest.mark.parametrize("path", WHERE.values(), ids=WHERE)
def test_a_page_runs_nothing_loads_nothing_and_is_kept_nowhere(visitor: Visitor, path: str) -> None:
    answer = visitor.browser.get(path)
    style = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    kept = {name: answer.headers[name] for name in ("cache-control", "referrer-policy", "x-content-type-options", "content-type")}
    assert kept == {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "content-type": "text/html; charset=utf-8",
    }
    assert len(style) == 1
    assert re.findall(r"<script|style=|\son\w+=|src=|@import|url\(", answer.text) == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/slack/install", 200),
        ("HEAD", "/slack/install/start", 405),
        ("HEAD", "/slack/oauth_redirect", 405),
        ("POST", "/slack/install", 405),
        ("POST", "/slack/oauth_redirect", 405),
        ("GET", "/slack/install/", 404),
    ],
)
def test_only_looking_is_answered(visitor: Visitor, method: str, path: str, status: int) -> None:
    answer = visitor.browser.request(method, path)
    assert (answer.status_code, answer.headers.get("set-cookie")) == (status, None)
    assert method == "GET" or status == 405 or answer.content == b""


# -- to Slack ----------------------------------------------------------------------------------------------------------


def test_the_button_leads_to_slack_with_all_that_is_asked_for(visitor: Visitor, one_slack: LocalSlack) -> None:
    split = urlsplit(visitor.set_out())
    query = parse_qs(split.query)
    state = query.pop("state")[0]
    assert f"{split.scheme}://{split.netloc}{split.path}" == f"{one_slack.page_url}oauth/v2/authorize"
    assert query == {
        "client_id": [one_slack.client_id],
        "scope": [",".join([*MANIFEST["oauth_config"]["scopes"]["bot"], *MANIFEST["oauth_config"]["scopes"]["bot_optional"]])],
        "redirect_uri": [f"{ADDRESS}/slack/oauth_redirect"],
    }
    assert len(state) >= 43


@pytest.mark.parametrize(
    ("address", "cookie"),
    [
        (ADDRESS, r"__Host-whichcloud-install=[\w-]{43}; Secure; HttpOnly; SameSite=Lax; Path=/; Max-Age=3600"),
        (LOCAL, r"whichcloud-install=[\w-]{43}; HttpOnly; SameSite=Lax; Path=/; Max-Age=3600"),
    ],
    ids=["over HTTPS", "on this machine"],
)
def test_the_cookie_is_for_this_browser_and_this_address(
    one_slack: LocalSlack, database: Database, clock: Clock, address: str, cookie: str
) -> None:
    visitor = visiting(settings_of(one_slack, whichcloud_url=address), database, one_slack, clock)
    answer = visitor.browser.get("/slack/install/start")
    assert re.fullmatch(cookie, answer.headers["set-cookie"])
    back = visitor.slack.authorize(ALEX.id, answer.headers["location"]) if address == ADDRESS else ""
    assert not back or visitor.browser.get(back).status_code == 200


@pytest.mark.parametrize(
    ("team", "named"), [("T0SANDBOX", ["T0SANDBOX"]), ("t0", None), ("T1\r\nSet-Cookie: a=b", None), ("T1&scope=admin", None), ("", None)]
)
def test_a_workspace_may_be_named_and_nothing_else(visitor: Visitor, team: str, named: list[str] | None) -> None:
    assert parse_qs(urlsplit(visitor.set_out(team=team)).query).get("team") == named


@pytest.mark.parametrize(
    ("api", "page"),
    [
        ("https://slack.com/api/", "https://slack.com/oauth/v2/authorize"),
        ("https://slack-gov.com/api/", "https://slack-gov.com/oauth/v2/authorize"),
        ("http://127.0.0.1:4003/api/", "http://127.0.0.1:4003/oauth/v2/authorize"),
    ],
)
def test_the_question_is_asked_where_the_web_api_is(one_slack: LocalSlack, database: Database, clock: Clock, api: str, page: str) -> None:
    visitor = visiting(settings_of(one_slack, whichcloud_slack_api=api), database, one_slack, clock)
    assert visitor.set_out().partition("?")[0] == page


# -- and back ----------------------------------------------------------------------------------------------------------


def test_after_yes_the_workspace_is_served(visitor: Visitor) -> None:
    with pytest.raises(NotInstalled):
        visitor.workspaces.of("T0SANDBOX")
    answer = visitor.install()
    page = read(answer.text)
    assert (answer.status_code, heading(answer)) == (200, "whichcloud is in Example Ltd")
    assert [each.attributes["href"] for each in page.all("a")] == [visitor.slack.page_url]
    assert "/whichcloud" in page.all("li")[0].text
    assert visitor.workspaces.of("T0SANDBOX").auth_test()["team"] == "Example Ltd"
    held = visitor.workspaces.asked_by("T0SANDBOX", None).installation
    assert (held.bot_user_id, held.bot_id, held.user_token) == (
        visitor.slack.world.bot.user_id,
        visitor.slack.world.bot.bot_id,
        None,
    )
    assert held.bot_token is not None
    assert held.bot_token not in answer.text


def test_in_the_real_slack_its_own_page_opens_the_messages(one_slack: LocalSlack) -> None:
    pages = Pages(settings_of(one_slack, whichcloud_slack_api=SLACK_API))
    assert pages._open(installation("T1")) == "https://slack.com/app_redirect?app=A1&team=T1"


def test_two_workspaces_are_served_each_with_its_own_token(visitor: Visitor) -> None:
    second = visitor.slack.add_workspace("Second Ltd", installed=False)
    visitor.install()
    assert heading(visitor.install(second)) == "whichcloud is in Second Ltd"
    teams = [visitor.workspaces.of(team).auth_test()["team"] for team in ("T0SANDBOX", second.world.team.id)]
    assert teams == ["Example Ltd", "Second Ltd"]


def test_an_organisation_installs_for_its_workspaces(visitor: Visitor) -> None:
    north, south = (visitor.slack.add_workspace(name, enterprise_id="E0EXAMPLE", installed=False) for name in ("North", "South"))
    answer = visitor.install(north, org_wide=True)
    page = read(answer.text)
    assert "An admin now adds it to the workspaces that want it" in answer.text
    assert page.all("a")[0].attributes["href"].endswith(f"/profile/{north.world.bot.app_id}/workspaces/add")
    for place in (north, south):
        held = visitor.workspaces.asked_by(place.world.team.id, "E0EXAMPLE").installation
        assert held.is_enterprise_install
        assert visitor.workspaces.of(place.world.team.id).auth_test()["ok"]


def test_optional_scopes_may_be_left_out(visitor: Visitor) -> None:
    third = visitor.slack.add_workspace("Third Ltd", installed=False)
    back = third.authorize(third.here(ALEX.id), visitor.set_out(), without=["channels:history", "groups:history"])
    assert visitor.browser.get(back).status_code == 200
    held = visitor.workspaces.asked_by(third.world.team.id, None).installation
    assert sorted(held.bot_scopes or ()) == sorted(MANIFEST["oauth_config"]["scopes"]["bot"])


def test_what_slack_gave_expires_and_is_renewed_there(visitor: Visitor, clock: Clock) -> None:
    visitor.install()
    before = visitor.workspaces.of("T0SANDBOX").token
    expires = visitor.database.installations()[0].expires_at
    assert expires is not None
    clock.now = expires
    after = visitor.workspaces.of("T0SANDBOX")
    assert after.token != before
    assert after.auth_test()["team"] == "Example Ltd"


# -- wrong turns -------------------------------------------------------------------------------------------------------

DENIED, LATE, ELSEWHERE = "Nothing was installed", "This attempt has ended", "The installation began elsewhere"


def test_after_no_nothing_is_installed(visitor: Visitor) -> None:
    answer = visitor.install(allow=False)
    assert (answer.status_code, heading(answer)) == (200, DENIED)
    assert "ask an admin of your workspace" in answer.text
    assert visitor.database.installations() == []


def test_a_state_serves_once(visitor: Visitor) -> None:
    back = visitor.allowed()
    assert visitor.browser.get(back).status_code == 200
    again = visitor.browser.get(back)
    assert (again.status_code, heading(again)) == (400, LATE)
    assert "If whichcloud already answers in your workspace, nothing is missing." in again.text


@pytest.mark.parametrize(("minutes", "heads"), [(9, "whichcloud is in Example Ltd"), (10, LATE)])
def test_a_state_lives_for_ten_minutes(visitor: Visitor, clock: Clock, minutes: int, heads: str) -> None:
    back = visitor.allowed()
    clock.now = clock.now.replace(minute=minutes)
    assert heading(visitor.browser.get(back)) == heads


def test_a_state_of_nobody_is_refused_also_with_its_cookie(visitor: Visitor) -> None:
    visitor.set_out()
    name = next(iter(visitor.browser.cookies))
    visitor.browser.cookies.clear()
    answer = visitor.browser.get("/slack/oauth_redirect?code=c&state=mine", headers={"cookie": f"{name}=mine"})
    assert (answer.status_code, heading(answer)) == (400, LATE)


@pytest.mark.parametrize("cookie", [None, "whichcloud-install=x", "__Host-whichcloud-install=x"])
def test_another_browser_cannot_finish_it(visitor: Visitor, cookie: str | None) -> None:
    back = visitor.allowed()
    visitor.browser.cookies.clear()
    answer = visitor.browser.get(back, headers={"cookie": cookie} if cookie else {})
    assert (answer.status_code, heading(answer)) == (400, ELSEWHERE)
    assert visitor.database.installations() == []


def test_a_code_that_slack_does_not_know_installs_nothing(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    state = parse_qs(urlsplit(visitor.set_out()).query)["state"][0]
    answer = visitor.browser.get(f"/slack/oauth_redirect?code=planted&state={state}")
    assert (answer.status_code, heading(answer)) == (400, "Slack did not confirm the installation")
    assert "Slack refused an installation: invalid_code" in caplog.text
    assert "planted" not in caplog.text + answer.text


def test_without_a_code_nothing_is_installed(visitor: Visitor) -> None:
    state = parse_qs(urlsplit(visitor.set_out()).query)["state"][0]
    answer = visitor.browser.get(f"/slack/oauth_redirect?state={state}")
    assert (answer.status_code, heading(answer)) == (400, "Slack sent us nothing to install with")


def test_where_slack_is_away_it_says_so(visitor: Visitor) -> None:
    back = visitor.allowed()
    visitor.workspaces.application.api.base_url = "http://127.0.0.1:9/api/"
    answer = visitor.browser.get(back)
    assert (answer.status_code, heading(answer)) == (502, "Slack did not answer us")


@pytest.mark.parametrize("way", ["/slack/install/start", "back"])
def test_where_the_database_is_away_it_says_so(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    path = visitor.allowed() if way == "back" else way

    def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("the database is locked")

    monkeypatch.setattr(Database, "keep_state", away)
    monkeypatch.setattr(Database, "workspace", away)
    answer = visitor.browser.get(path)
    assert (answer.status_code, heading(answer)) == (503, "The installation could not be stored")


@pytest.mark.parametrize(
    "error", ["server_error", "<script>alert(1)</script>", "invalid_team_for_non_distributed_app", "a\nforged line", "é"]
)
def test_no_code_of_slacks_is_shown(visitor: Visitor, error: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = visitor.browser.get("/slack/oauth_redirect", params={"error": error})
    assert (answer.status_code, heading(answer)) == (400, "Nothing was installed")
    assert error not in answer.text
    assert read(answer.text).all("a")[-1].attributes["href"] == "/slack/install"
    assert [line for line in caplog.messages if "\n" in line or "<" in line] == []


def test_a_stolen_database_file_after_a_whole_installation_yields_nothing(visitor: Visitor, file: Path) -> None:
    state = parse_qs(urlsplit(visitor.set_out()).query)["state"][0]
    visitor.install()
    held = visitor.workspaces.asked_by("T0SANDBOX", None).installation
    stolen = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    secrets = (held.bot_token, held.bot_refresh_token, visitor.slack.client_secret, state)
    assert all(secrets)
    assert [each for each in secrets if each and each.encode() in stolen] == []
