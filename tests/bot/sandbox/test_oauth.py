"""An installation from the page that asks to the tokens, their rotation and their end."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from slack_bolt import BoltRequest
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import FileInstallationStore
from slack_sdk.oauth.state_store import FileOAuthStateStore

from bot.sandbox.consent import ConsentRefused
from bot.sandbox.deliver import Outcome
from bot.sandbox.seed import ALEX, BO, FINOPS, MANIFEST
from bot.sandbox.server import LocalSlack
from bot.sandbox.workspaces import Workspace
from tests.bot.sandbox.markup import read
from tests.bot.sandbox.small_bot import WEB, Taking, client_of
from tests.bot.sandbox.test_webapi_chat import error_of

BACK = "http://127.0.0.1:8765/slack/oauth_redirect"
SCOPES = "chat:write,commands,im:history"
ROTATING = {**MANIFEST, "settings": {**MANIFEST["settings"], "token_rotation_enabled": True, "org_deploy_enabled": True}}
OPTIONAL = {**MANIFEST, "oauth_config": {"scopes": {"bot": ["chat:write"], "bot_optional": ["channels:history", "groups:history"]}}}
ORGANISATION = "E0EXAMPLE"
HOURS_S = 3600


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(installed=False) as slack:
        yield slack


@pytest.fixture
def rotating() -> Iterator[LocalSlack]:
    with LocalSlack(manifest=ROTATING, installed=False) as slack:
        yield slack


def address(slack: LocalSlack, **other: str) -> str:
    """Where the app sends a person who wants to install it."""
    query = {"client_id": slack.client_id, "scope": SCOPES, "redirect_uri": BACK, "state": "s-1", **other}
    return f"{slack.page_url}oauth/v2/authorize?{urlencode(query)}"


def code_of(slack: LocalSlack, workspace: Workspace | None = None, **how: Any) -> str:
    place = workspace or slack
    location = place.authorize(place.here(ALEX.id), address(slack), **how)
    return parse_qs(urlsplit(location).query)["code"][0]


def exchange(slack: LocalSlack, **given: str) -> dict[str, Any]:
    """What oauth.v2.access answers to the app's own id and secret."""
    client = WebClient(base_url=slack.api_url, retry_handlers=[])
    try:
        answer = client.oauth_v2_access(client_id=slack.client_id, client_secret=slack.client_secret, **given)
    except SlackApiError as error:
        answer = error.response
    return {name: value for name, value in vars(answer)["data"].items() if name != "ok"}


def install(slack: LocalSlack, workspace: Workspace | None = None, **how: Any) -> dict[str, Any]:
    return exchange(slack, code=code_of(slack, workspace, **how), redirect_uri=BACK)


# -- the page ----------------------------------------------------------------------------------------------------------


def test_the_page_says_who_asks_for_what(slack: LocalSlack) -> None:
    slack.add_workspace("Second Ltd")
    page = read(WEB.get(address(slack, user_scope="users:read", team="T0SANDBOXW2")).text)
    assert page.one("h2").text == "whichcloud asks to join a workspace"
    assert [(each.text, "selected" in each.attributes) for each in page.all("option")] == [("Example Ltd", False), ("Second Ltd", True)]
    assert [each.text for each in page.all("li")] == [
        "Send messages chat:write",
        "Add slash commands and shortcuts commands",
        "Read direct messages with it im:history",
        "See who is in the workspace users:read",
    ]


@pytest.mark.parametrize(("decision", "names"), [("allow", ["code", "state"]), ("cancel", ["error", "state"])])
def test_the_form_leads_back_to_the_app(slack: LocalSlack, decision: str, names: list[str]) -> None:
    page = read(WEB.get(address(slack)).text)
    form = {each.attributes["name"]: each.attributes["value"] for each in page.all("input", type="hidden")}
    sent = {**form, "home": "T0SANDBOX", "decision": decision}
    answer = WEB.post(f"{slack.page_url}oauth/v2/authorize", data=sent, headers={"origin": slack.page_url.rstrip("/")})
    back, _, query = answer.headers["location"].partition("?")
    assert (answer.status_code, back, [name for name, _ in parse_qsl(query)]) == (302, BACK, names)
    assert parse_qs(query)["state"] == ["s-1"]
    assert parse_qs(query).get("error") in (None, ["access_denied"])


def test_another_page_cannot_answer_for_a_person(slack: LocalSlack) -> None:
    form = dict(parse_qsl(urlsplit(address(slack)).query)) | {"home": "T0SANDBOX", "decision": "allow"}
    answer = WEB.post(f"{slack.page_url}oauth/v2/authorize", data=form, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"scope": ""}, "no_scopes"),
        ({"scope": "chat:write,<b>"}, "invalid_scope"),
        ({"redirect_uri": "https://evil.example/slack/oauth_redirect"}, "bad_redirect_uri"),
        ({"redirect_uri": ""}, "bad_redirect_uri"),
    ],
    ids=["another app", "no scope", "no such scope", "elsewhere", "nowhere"],
)
def test_what_slack_does_not_even_ask(slack: LocalSlack, wrong: dict[str, str], code: str) -> None:
    answer = WEB.get(address(slack, **wrong))
    assert (answer.status_code, code in answer.text, "<form" in answer.text) == (400, True, False)
    with pytest.raises(ConsentRefused, match=code):
        slack.authorize(ALEX.id, address(slack, **wrong))


def test_the_apps_own_addresses_are_kept_to() -> None:
    with LocalSlack(redirect_urls=["https://bot.example/slack/"]) as slack:
        for allowed in ("https://bot.example/slack/oauth_redirect", ""):
            assert slack.authorize(ALEX.id, address(slack, redirect_uri=allowed)).startswith("https://bot.example/slack/")
        for other in (BACK, "https://bot.example/slackers", "http://bot.example/slack/"):
            with pytest.raises(ConsentRefused, match="bad_redirect_uri"):
                slack.authorize(ALEX.id, address(slack, redirect_uri=other))


# -- the tokens --------------------------------------------------------------------------------------------------------


def test_a_code_is_worth_a_token(slack: LocalSlack) -> None:
    second = slack.add_workspace("Second Ltd", installed=False)
    answer = install(slack, second)
    token = answer.pop("access_token")
    assert answer == {
        "app_id": "A0BOT001",
        "authed_user": {"id": "U0ALEX01W2"},
        "scope": SCOPES,
        "token_type": "bot",
        "bot_user_id": "U0BOT001W2",
        "team": {"id": "T0SANDBOXW2", "name": "Second Ltd"},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    assert (token.startswith("xoxb-"), token) == (True, second.bot_token)
    client = client_of(slack, token)
    assert client.auth_test()["team_id"] == "T0SANDBOXW2"
    assert error_of(client, "chat.postMessage", channel=second.here(BO.id), text="hello") == ""
    assert error_of(client, "chat.postMessage", channel=second.here(FINOPS), text="hello") == "not_in_channel"
    assert error_of(client, "files.getUploadURLExternal", filename="a", length=1) == "missing_scope"
    assert slack.bot_token == ""


def test_a_second_installation_keeps_the_token_and_adds_scopes(slack: LocalSlack) -> None:
    first = install(slack)
    location = slack.authorize(ALEX.id, address(slack, scope="files:write"))
    again = exchange(slack, code=parse_qs(urlsplit(location).query)["code"][0], redirect_uri=BACK)
    assert (again["access_token"], again["scope"]) == (first["access_token"], "chat:write,commands,files:write,im:history")


def test_optional_scopes_may_be_left_out() -> None:
    with LocalSlack(manifest=OPTIONAL, installed=False) as slack:
        asked = address(slack, scope="chat:write,channels:history,groups:history")
        location = slack.authorize(ALEX.id, asked, without=["chat:write", "groups:history"])
        answer = exchange(slack, code=parse_qs(urlsplit(location).query)["code"][0], redirect_uri=BACK)
        boxes = read(WEB.get(asked).text).all("input", type="checkbox")
    assert answer["scope"] == "channels:history,chat:write"
    assert [box.attributes["value"] for box in boxes] == ["channels:history", "groups:history"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"client_secret": "guess"}, "bad_client_secret"),
        ({"client_secret": ""}, "bad_client_secret"),
        ({"code": "1.2.abc"}, "invalid_code"),
        ({"code": ""}, "invalid_code"),
        ({"redirect_uri": "http://127.0.0.1:9/"}, "bad_redirect_uri"),
        ({"redirect_uri": ""}, "bad_redirect_uri"),
        ({"grant_type": "password"}, "invalid_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "xoxe-1-guess"}, "invalid_refresh_token"),
    ],
)
def test_what_is_worth_no_token(slack: LocalSlack, wrong: dict[str, str], error: str) -> None:
    right = {"client_id": slack.client_id, "client_secret": slack.client_secret, "code": code_of(slack), "redirect_uri": BACK}
    answer = WEB.post(f"{slack.api_url}oauth.v2.access", data={**right, **wrong}).json()
    assert answer == {"ok": False, "error": error}
    assert slack.bot_token == ""
    assert WEB.post(f"{slack.api_url}oauth.v2.access", data=right).json()["ok"] is True  # it cost the code nothing


def test_secrets_may_come_as_basic_authentication_and_are_not_recorded(slack: LocalSlack) -> None:
    basic = base64.b64encode(f"{slack.client_id}:{slack.client_secret}".encode()).decode()
    form = {"code": code_of(slack), "redirect_uri": BACK}
    answer = WEB.post(f"{slack.api_url}oauth.v2.access", data=form, headers={"authorization": f"Basic {basic}"})
    assert answer.json()["ok"] is True
    assert slack.client_secret not in str(slack.recorded[-1].args)


def test_a_code_serves_once_and_for_ten_minutes(slack: LocalSlack) -> None:
    once, late = code_of(slack), code_of(slack)
    assert "access_token" in exchange(slack, code=once, redirect_uri=BACK)
    assert exchange(slack, code=once, redirect_uri=BACK)["error"] == "code_already_used"
    slack.advance(601)
    assert exchange(slack, code=late, redirect_uri=BACK)["error"] == "invalid_code"


# -- rotation ----------------------------------------------------------------------------------------------------------


def refresh(slack: LocalSlack, token: str) -> dict[str, Any]:
    return exchange(slack, grant_type="refresh_token", refresh_token=token)


def test_a_rotated_token_lasts_twelve_hours_and_is_renewed_before(rotating: LocalSlack) -> None:
    first = install(rotating)
    kinds = (first["access_token"].startswith("xoxe.xoxb-1-"), first["refresh_token"].startswith("xoxe-1-"))
    assert (first["expires_in"], kinds) == (43_200, (True, True))
    rotating.advance(11 * HOURS_S)
    second = refresh(rotating, first["refresh_token"])
    assert [name for name in first if name not in second] == ["authed_user"]
    assert second["access_token"] != first["access_token"]
    both = [client_of(rotating, answer["access_token"]) for answer in (first, second)]
    assert [error_of(client, "auth.test") for client in both] == ["", ""]
    rotating.advance(2 * HOURS_S)
    assert [error_of(client, "auth.test") for client in both] == ["token_expired", ""]


def test_a_refresh_token_serves_once(rotating: LocalSlack) -> None:
    first = install(rotating)
    second = refresh(rotating, first["refresh_token"])
    assert refresh(rotating, first["refresh_token"])["error"] == "invalid_refresh_token"
    assert "access_token" in refresh(rotating, second["refresh_token"])


# -- the end -----------------------------------------------------------------------------------------------------------


def hearing(slack: LocalSlack) -> Taking:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    return bot


def heard(bot: Taking) -> list[tuple[str, str]]:
    return [(payload["event"]["type"], payload["team_id"]) for payload in bot.payloads]


def test_after_an_uninstall_nothing_of_it_holds(rotating: LocalSlack) -> None:
    bot, first = hearing(rotating), install(rotating)
    rotating.uninstall()
    assert rotating.wait_for(lambda: heard(bot) == [("tokens_revoked", "T0SANDBOX"), ("app_uninstalled", "T0SANDBOX")])
    assert error_of(client_of(rotating, first["access_token"]), "auth.test") == "account_inactive"
    assert refresh(rotating, first["refresh_token"])["error"] == "invalid_refresh_token"
    again = install(rotating)
    assert error_of(client_of(rotating, first["access_token"]), "auth.test") == "account_inactive"
    assert error_of(client_of(rotating, again["access_token"]), "auth.test") == ""


def test_the_bot_may_uninstall_itself(slack: LocalSlack) -> None:
    bot, token = hearing(slack), install(slack)["access_token"]
    client = client_of(slack, token)
    guess = {"client_id": slack.client_id, "client_secret": "guess"}
    assert error_of(client, "apps.uninstall", **guess) == "bad_client_secret"
    assert client.apps_uninstall(client_id=slack.client_id, client_secret=slack.client_secret)["ok"] is True
    assert slack.wait_for(lambda: heard(bot) == [("tokens_revoked", "T0SANDBOX"), ("app_uninstalled", "T0SANDBOX")])
    assert error_of(client, "auth.test") == "account_inactive"


def test_the_bot_may_revoke_its_token(rotating: LocalSlack) -> None:
    bot, first = hearing(rotating), install(rotating)
    second = refresh(rotating, first["refresh_token"])
    older, newer = (client_of(rotating, answer["access_token"]) for answer in (first, second))
    assert newer.auth_revoke()["revoked"] is True
    assert [error_of(client, "auth.test") for client in (older, newer)] == ["", "token_revoked"]
    assert refresh(rotating, second["refresh_token"])["error"] == "invalid_refresh_token"
    assert rotating.wait_for(lambda: heard(bot) == [("tokens_revoked", "T0SANDBOX")])


def test_an_admin_may_revoke_the_tokens(slack: LocalSlack) -> None:
    bot, token = hearing(slack), install(slack)["access_token"]
    slack.revoke_tokens()
    assert slack.wait_for(lambda: heard(bot) == [("tokens_revoked", "T0SANDBOX")])
    assert error_of(client_of(slack, token), "auth.test") == "token_revoked"


# -- organisations and real clients ------------------------------------------------------------------------------------


def test_an_organisation_installs_once_for_all(rotating: LocalSlack) -> None:
    north, south = (rotating.add_workspace(name, enterprise_id=ORGANISATION, installed=False) for name in ("North", "South"))
    options = [each.text for each in read(WEB.get(address(rotating)).text).all("option")]
    assert options == ["Example Ltd", "North", "South", "Example Group (all workspaces)"]
    answer = install(rotating, north, org_wide=True)
    assert (answer["team"], answer["enterprise"], answer["is_enterprise_install"]) == (
        None,
        {"id": ORGANISATION, "name": "Example Group"},
        True,
    )
    renewed = client_of(rotating, refresh(rotating, answer["refresh_token"])["access_token"])
    assert error_of(renewed, "chat.postMessage", channel=south.here(BO.id), text="hello") == ""
    assert (rotating.world.installation.org_wide, south.world.installation.org_wide) == (False, True)


def test_bolts_own_flow_installs(slack: LocalSlack, tmp_path: Path) -> None:
    settings = OAuthSettings(
        client_id=slack.client_id,
        client_secret=slack.client_secret,
        scopes=SCOPES.split(","),
        redirect_uri=BACK,
        authorization_url=f"{slack.page_url}oauth/v2/authorize",
        install_page_rendering_enabled=False,
        installation_store=FileInstallationStore(base_dir=str(tmp_path), client_id=slack.client_id),
        state_store=FileOAuthStateStore(expiration_seconds=600, base_dir=str(tmp_path), client_id=slack.client_id),
    )
    flow = OAuthFlow(settings=settings, client=WebClient(base_url=slack.api_url, retry_handlers=[]))
    sent = flow.handle_installation(BoltRequest(body="", mode="http"))
    back = slack.authorize(ALEX.id, sent.headers["location"][0])
    cookie: dict[str, str | Sequence[str]] = {"cookie": [sent.headers["set-cookie"][0].split(";")[0]]}
    done = flow.handle_callback(BoltRequest(body="", query=urlsplit(back).query, headers=cookie, mode="http"))
    found = settings.installation_store.find_bot(enterprise_id=None, team_id="T0SANDBOX")
    assert (done.status, found.bot_token if found else None) == (200, slack.bot_token)
