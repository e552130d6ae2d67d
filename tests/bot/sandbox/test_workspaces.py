"""Several workspaces behind one address: the token decides which world a call sees, and payloads say from which one they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.acts import Acts
from bot.sandbox.deliver import Outcome
from bot.sandbox.seed import ALEX, BO, FINOPS, GENERAL
from bot.sandbox.server import LocalSlack
from bot.sandbox.workspaces import Workspace
from tests.bot.sandbox.small_bot import QUESTION, WEB, Taking, client_of, small_bot
from tests.bot.sandbox.test_webapi_chat import error_of

ORGANISATION = "E0EXAMPLE"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def other(slack: LocalSlack) -> Workspace:
    return slack.add_workspace("Second Ltd")


def client_in(slack: LocalSlack, workspace: Workspace) -> WebClient:
    return client_of(slack, workspace.bot_token)


def texts(workspace: Acts) -> list[str]:
    return [message.text for message in workspace.world.messages.get(workspace.here(GENERAL), ())]


def test_no_id_is_the_same_in_two_workspaces(slack: LocalSlack, other: Workspace) -> None:
    first, second = slack.world, other.world
    names = [{*world.people, *world.channels, world.team.id, world.bot.user_id, world.bot.bot_id} for world in (first, second)]
    assert names[0] & names[1] == set()
    assert (len(first.people), len(first.channels)) == (len(second.people), len(second.channels))
    assert len({world.new_id("V") for world in (first, second) for _ in range(10)}) == 20
    assert (first.bot.app_id, first.clock) == (second.bot.app_id, second.clock)


def test_the_token_decides_the_world(slack: LocalSlack, other: Workspace) -> None:
    answers = [client_of(slack).auth_test(), client_in(slack, other).auth_test()]
    assert [(each["team_id"], each["team"]) for each in answers] == [("T0SANDBOX", "Example Ltd"), ("T0SANDBOXW2", "Second Ltd")]
    client_in(slack, other).chat_postMessage(channel=other.here(GENERAL), text="here")
    assert (texts(slack), texts(other)) == ([], ["here"])
    assert error_of(client_of(slack), "chat.postMessage", channel=other.here(GENERAL), text="x") == "channel_not_found"
    assert [call.team for call in slack.recorded] == ["T0SANDBOX", "T0SANDBOXW2", "T0SANDBOXW2", "T0SANDBOX"]


def test_what_is_of_one_workspace_is_worth_nothing_in_another(slack: LocalSlack, other: Workspace) -> None:
    posted = client_in(slack, other).chat_postMessage(channel=other.here(GENERAL), text="x")
    file = client_in(slack, other).files_upload_v2(filename="a.txt", content="x")["files"][0]["id"]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
    client = client_of(slack)
    assert [
        error_of(client, "chat.update", channel=posted["channel"], ts=posted["ts"], text="y"),
        error_of(client, "views.open", trigger_id=other.tickets.new_trigger(other.here(ALEX.id)), view=view),
        error_of(client, "files.completeUploadExternal", files=[{"id": file}]),
        error_of(client, "chat.postEphemeral", channel=GENERAL, user=other.here(BO.id), text="x"),
    ] == ["channel_not_found", "invalid_trigger_id", "file_not_found", "user_not_in_channel"]


def test_a_token_that_ends_in_one_workspace_holds_in_another(slack: LocalSlack, other: Workspace) -> None:
    other.uninstall()
    assert error_of(client_in(slack, other), "auth.test") == "account_inactive"
    assert error_of(client_of(slack), "auth.test") == ""
    slack.revoke_tokens()
    assert error_of(client_of(slack), "auth.test") == "token_revoked"


def test_an_app_that_is_not_installed_hears_nothing(slack: LocalSlack) -> None:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    absent = slack.add_workspace("Third Ltd", installed=False)
    assert absent.bot_token == ""
    assert absent.command(absent.here(ALEX.id), absent.here(GENERAL), "/whichcloud").error == "unknown_command"
    absent.open_home(absent.here(ALEX.id))
    assert absent.invite(absent.here(ALEX.id), absent.here(FINOPS)).error == ""
    absent.uninstall()
    assert slack.wait_for(lambda: len(bot.payloads) == 2)
    assert [payload["event"]["type"] for payload in bot.payloads] == ["tokens_revoked", "app_uninstalled"]


def test_people_of_every_workspace_reach_the_same_bot(slack: LocalSlack, other: Workspace) -> None:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    for workspace in (slack, other):
        alex, general = workspace.here(ALEX.id), workspace.here(GENERAL)
        workspace.command(alex, general, "/whichcloud")
        ts = client_in(slack, workspace).chat_postMessage(channel=general, text="Where?", blocks=QUESTION)["ts"]
        workspace.click(alex, ts, general, "answer")
        workspace.open_home(alex)
        assert slack.wait_for(lambda: len(bot.payloads) in (3, 6))
    seen = [(_team_of(payload), _user_of(payload), payload["api_app_id"]) for payload in bot.payloads]
    assert seen == [("T0SANDBOX", "U0ALEX01", "A0BOT001")] * 3 + [("T0SANDBOXW2", "U0ALEX01W2", "A0BOT001")] * 3


def _team_of(payload: dict[str, Any]) -> str:
    return str(payload["team"]["id"] if "team" in payload else payload["team_id"])


def _user_of(payload: dict[str, Any]) -> str:
    return str(payload.get("user_id") or (payload.get("event") or {}).get("user") or payload["user"]["id"])


def test_a_bolt_app_answers_where_it_was_asked(slack: LocalSlack, other: Workspace) -> None:
    app = small_bot(slack).app
    slack.connect_app(app)
    assert other.command(other.here(ALEX.id), other.here(GENERAL), "/whichcloud", "help").error == ""
    assert (texts(slack), texts(other)) == ([], ["Type /whichcloud to start."])


def test_a_response_url_and_a_permalink_lead_into_their_workspace(slack: LocalSlack, other: Workspace) -> None:
    url = other.tickets.new_response_url(other.here(GENERAL), other.here(ALEX.id))
    assert WEB.post(url, json={"text": "for you"}).text == "ok"
    assert WEB.post(url.replace("T0SANDBOXW2", "T0SANDBOX"), json={"text": "x"}).json()["error"] == "expired_url"
    assert WEB.post(url.replace("T0SANDBOXW2", "T0NOWHERE"), json={"text": "x"}).status_code == 404
    other.say(other.here(BO.id), other.here(GENERAL), "hello")
    message = other.world.messages[other.here(GENERAL)][-1]
    link = client_in(slack, other).chat_getPermalink(channel=message.channel, message_ts=message.ts)["permalink"]
    window = WEB.get(link, follow_redirects=True)
    assert (window.status_code, "Second Ltd" in window.text, "hello" in window.text) == (200, True, True)
    assert (texts(slack), texts(other)) == ([], ["for you", "hello"])


def test_a_limit_counts_by_workspace(slack: LocalSlack, other: Workspace) -> None:
    slack.faults.rate_limited_as_slack = True
    answers = [error_of(client_of(slack), "chat.postMessage", channel=GENERAL, text="x") for _ in range(4)]
    assert answers[-1] == "ratelimited"
    assert error_of(client_in(slack, other), "chat.postMessage", channel=other.here(GENERAL), text="x") == ""


# -- organisations -----------------------------------------------------------------------------------------------------


def organisation(slack: LocalSlack) -> tuple[Workspace, Workspace, WebClient]:
    """Two workspaces of one organisation that has the app as a whole, and its one token."""
    first, second = (slack.add_workspace(name, enterprise_id=ORGANISATION, installed=False) for name in ("North", "South"))
    token = slack.installations.install(ORGANISATION, ("chat:write", "commands", "im:history"))
    return first, second, client_of(slack, token.text)


def test_a_workspace_of_an_organisation_says_so(slack: LocalSlack) -> None:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    north = slack.add_workspace("North", enterprise_id=ORGANISATION)
    alex = north.here(ALEX.id)
    north.command(alex, north.here(GENERAL), "/whichcloud")
    north.open_home(alex)
    assert slack.wait_for(lambda: len(bot.payloads) == 2)
    command, event = bot.payloads
    named = [command[name] for name in ("enterprise_id", "enterprise_name", "is_enterprise_install")]
    assert named == [ORGANISATION, "Example Group", "false"]
    authorization = {
        "enterprise_id": ORGANISATION,
        "team_id": "T0SANDBOXW2",
        "user_id": "U0BOT001W2",
        "is_bot": True,
        "is_enterprise_install": False,
    }
    assert (event["enterprise_id"], event["team_id"], event["authorizations"]) == (ORGANISATION, "T0SANDBOXW2", [authorization])


def test_one_token_serves_all_of_an_organisation(slack: LocalSlack) -> None:
    north, south, client = organisation(slack)
    told = client.auth_test()
    assert (told["team_id"], told["enterprise_id"], told["is_enterprise_install"]) == (ORGANISATION, ORGANISATION, True)
    for workspace in (north, south):
        client.chat_postMessage(channel=workspace.world.dm_of(workspace.here(BO.id)).id, text=workspace.name)
    direct = [[message.text for messages in each.world.messages.values() for message in messages] for each in (north, south)]
    assert direct == [["North"], ["South"]]
    assert [call.team for call in slack.recorded] == ["T0SANDBOXW2", "T0SANDBOXW2", "T0SANDBOXW3"]
    assert error_of(client, "chat.postMessage", channel=GENERAL, text="x") == "channel_not_found"


def test_payloads_of_an_organisations_installation(slack: LocalSlack) -> None:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    _, south, client = organisation(slack)
    alex = south.here(ALEX.id)
    direct = south.world.dm_of(alex).id
    south.command(alex, direct, "/whichcloud")
    posted = client.chat_postMessage(channel=direct, text="Where?", blocks=QUESTION)
    south.click(alex, posted["ts"], direct, "answer")
    home = {"type": "home", "blocks": QUESTION}
    view = client.views_publish(user_id=alex, view=home)["view"]
    south.click_in_view(alex, view["id"], "answer")
    command, click, in_view = (payload for payload in bot.payloads if "event" not in payload)
    assert command["is_enterprise_install"] == "true"
    assert [(each["is_enterprise_install"], each["enterprise"]) for each in (click, in_view)] == [
        (True, {"id": ORGANISATION, "name": "Example Group"})
    ] * 2
    assert (click["team"]["id"], click["user"]["team_id"]) == ("T0SANDBOXW3", "T0SANDBOXW3")
    assert (in_view["team"], in_view["user"]["team_id"], in_view["view"]["team_id"]) == (None, "T0SANDBOXW3", "T0SANDBOXW3")
    assert in_view["view"]["app_installed_team_id"] == ORGANISATION


def test_an_organisation_removes_the_app_as_a_whole(slack: LocalSlack) -> None:
    bot = Taking(Outcome(200))
    slack.reach(bot)
    north, south, client = organisation(slack)
    south.uninstall()
    assert slack.wait_for(lambda: len(bot.payloads) == 2)
    assert error_of(client, "auth.test") == "account_inactive"
    assert north.command(north.here(ALEX.id), north.here(GENERAL), "/whichcloud").error == "unknown_command"
    assert [(each["event"]["type"], each["team_id"], each["enterprise_id"]) for each in bot.payloads] == [
        ("tokens_revoked", ORGANISATION, ORGANISATION),
        ("app_uninstalled", ORGANISATION, ORGANISATION),
    ]


def test_a_new_workspace_of_an_organisation_has_what_the_organisation_has(slack: LocalSlack) -> None:
    _, _, client = organisation(slack)
    east = slack.add_workspace("East", enterprise_id=ORGANISATION)
    assert client.token == east.bot_token
    posted = client.chat_postMessage(channel=east.world.dm_of(east.here(BO.id)).id, text="hello")
    assert posted["message"]["team"] == "T0SANDBOXW4"
