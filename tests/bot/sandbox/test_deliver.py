"""What people do reaches a real Bolt app, in process, over signed HTTP and over Socket Mode, and its answers come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.deliver import TIMED_OUT, UNREACHABLE, Outcome, Retry
from bot.sandbox.payloads import Delivery
from bot.sandbox.seed import ALEX, BO, BOARD, BOT_USER_ID, CLEO, DANA, FINOPS, GENERAL, OLD_PROJECT
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message, OpenView
from tests.bot.sandbox.small_bot import WAYS, SmallBot, Taking, Way, client_of, reached, small_bot, socket_mode


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def bot(slack: LocalSlack) -> SmallBot:
    """The small bot in process."""
    bot = small_bot(slack)
    slack.connect_app(bot.app)
    return bot


def asked(slack: LocalSlack) -> Message:
    """The question that the bot posts upon the command."""
    assert slack.command(ALEX.id, GENERAL, "/whichcloud").error == ""
    assert slack.wait_for(lambda: slack.world.messages_in(GENERAL, ALEX.id))
    return slack.world.messages_in(GENERAL, ALEX.id)[-1]


def opened(slack: LocalSlack) -> OpenView:
    """The form that the bot opens upon the button."""
    question = asked(slack)
    assert slack.click(ALEX.id, question.ts, GENERAL, "more").error == ""
    assert slack.wait_for(lambda: slack.world.top_view(ALEX.id))
    view = slack.world.top_view(ALEX.id)
    assert view is not None
    return view


@pytest.mark.parametrize("way", WAYS)
def test_a_command_a_click_and_a_form_pass_in_each_way(slack: LocalSlack, way: Way) -> None:
    bot = small_bot(slack)
    with reached(slack, bot, way):
        view = opened(slack)
        refused = slack.submit(ALEX.id, view.id, {"gpus": {"count": {"type": "plain_text_input", "value": "many"}}})
        assert (refused.error, view.errors, view.closed) == ("", {"gpus": "Give a whole number."}, False)
        taken = slack.submit(ALEX.id, view.id, {"gpus": {"count": {"type": "plain_text_input", "value": "8"}}})
        assert (taken.error, view.errors, view.closed) == ("", {}, True)
        question = slack.world.messages_in(GENERAL, ALEX.id)[-1]
        assert slack.click(ALEX.id, question.ts, GENERAL, "answer").error == ""
        assert slack.wait_for(lambda: question.edited)
    assert (question.text, question.blocks) == ("You run on aws.", [])
    assert bot.kinds() == ["command", "more", "submission", "submission", "click"]


@pytest.mark.parametrize("way", WAYS)
def test_an_event_passes_in_each_way(slack: LocalSlack, way: Way) -> None:
    bot = small_bot(slack)
    with reached(slack, bot, way):
        slack.say(BO.id, GENERAL, f"<@{BOT_USER_ID}> hello")
        assert slack.wait_for(lambda: bot.heard)
    assert bot.kinds() == ["app_mention"]
    assert f"<@{BOT_USER_ID}> hello" == bot.heard[0][1]["event"]["text"]


def test_the_url_of_a_bot_is_verified(slack: LocalSlack) -> None:
    with reached(slack, small_bot(slack), "http"):
        assert slack.verify_url().error == ""


def test_a_command_carries_what_slack_sends(slack: LocalSlack, bot: SmallBot) -> None:
    slack.command(ALEX.id, GENERAL, "/whichcloud", "prices A100")
    _, body = bot.heard[0]
    changing = {name: body.pop(name) for name in ("token", "response_url", "trigger_id")}
    assert all(changing.values())
    assert body == {
        "team_id": "T0SANDBOX",
        "team_domain": "example",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": "U0ALEX01",
        "user_name": "alex",
        "command": "/whichcloud",
        "text": "prices A100",
        "api_app_id": "A0BOT001",
        "is_enterprise_install": "false",
    }


def test_a_click_carries_message_state_and_action(slack: LocalSlack, bot: SmallBot) -> None:
    question = asked(slack)
    slack.click(ALEX.id, question.ts, GENERAL, "answer")
    body = next(body for kind, body in bot.heard if kind == "click")
    action = body["actions"][0]
    assert action.pop("action_ts")
    text = {"type": "plain_text", "text": "AWS"}
    assert {"type": "button", "action_id": "answer", "block_id": "q1", "value": "aws", "text": text} == action
    assert {"type": "message", "message_ts": question.ts, "channel_id": GENERAL, "is_ephemeral": False} == body["container"]
    assert ({"values": {}}, question.ts) == (body["state"], body["message"]["ts"])
    assert body["user"] == {"id": "U0ALEX01", "username": "alex", "name": "alex", "team_id": "T0SANDBOX"}


def test_the_body_of_an_acknowledgement_is_shown_to_the_asker_alone(slack: LocalSlack, bot: SmallBot) -> None:
    slack.command(ALEX.id, GENERAL, "/whichcloud", "help")
    shown = [(message.text, message.ephemeral_to) for message in slack.world.messages_in(GENERAL, ALEX.id)]
    assert [("Type /whichcloud to start.", ALEX.id)] == shown
    assert slack.world.messages_in(GENERAL, BO.id) == []


def test_a_command_works_where_the_bot_is_no_member(slack: LocalSlack, bot: SmallBot) -> None:
    assert slack.command(ALEX.id, FINOPS, "/whichcloud", "help").error == ""
    assert _channel_name(slack, bot, BOARD) == "privategroup"
    assert _channel_name(slack, bot, slack.world.dm_of(ALEX.id).id) == "directmessage"


def _channel_name(slack: LocalSlack, bot: SmallBot, channel: str) -> str:
    slack.command(ALEX.id, channel, "/whichcloud", "help")
    return str(bot.heard[-1][1]["channel_name"])


@pytest.mark.parametrize(
    ("user", "channel", "command", "error"),
    [
        pytest.param(ALEX.id, GENERAL, "/witchcloud", "unknown_command", id="a command that the manifest lacks"),
        pytest.param(ALEX.id, "C0NOWHERE", "/whichcloud", "channel_not_found", id="no such channel"),
        pytest.param(BO.id, BOARD, "/whichcloud", "channel_not_found", id="a private channel of others"),
        pytest.param(BO.id, "D0ALEX01", "/whichcloud", "channel_not_found", id="direct messages of another"),
        pytest.param(ALEX.id, OLD_PROJECT, "/whichcloud", "is_archived", id="archived"),
        pytest.param(BO.id, "C0ANNOUNCE", "/whichcloud", "restricted_action", id="only admins may post"),
    ],
)
def test_slack_itself_refuses_a_command(slack: LocalSlack, bot: SmallBot, user: str, channel: str, command: str, error: str) -> None:
    assert error == slack.command(user, channel, command).error
    assert bot.heard == []


@pytest.mark.parametrize(
    ("act", "error"),
    [
        pytest.param({"action_id": "absent"}, "no_such_action: absent", id="no such button"),
        pytest.param({"action_id": "answer", "block_id": "q2"}, "no_such_action: answer", id="the button of another block"),
        pytest.param({"action_id": "answer", "user": "U0GHOST"}, "message_not_found", id="a person who is not in the channel"),
        pytest.param({"action_id": "answer", "message_ts": "1.000001"}, "message_not_found", id="no such message"),
    ],
)
def test_nobody_can_click_what_is_not_there(slack: LocalSlack, bot: SmallBot, act: dict[str, str], error: str) -> None:
    question = asked(slack)
    given = {"user": ALEX.id, "message_ts": question.ts, "channel": GENERAL, **act}
    assert error == slack.click(**given).error
    assert bot.kinds() == ["command"]


def test_a_required_field_is_asked_for_before_the_bot_hears(slack: LocalSlack, bot: SmallBot) -> None:
    view = opened(slack)
    assert slack.submit(ALEX.id, view.id).error == "incomplete"
    assert view.errors == {"gpus": "Please complete this required field."}
    assert "submission" not in bot.kinds()


def test_only_its_person_submits_a_form(slack: LocalSlack, bot: SmallBot) -> None:
    view = opened(slack)
    assert slack.submit(BO.id, view.id, {"gpus": {"count": {"value": "8"}}}).error == "not_found"
    assert slack.submit(ALEX.id, view.id, {"gpus": {"price": {"value": "8"}}}).error == "no_such_input: gpus price"


def test_a_form_that_is_closed_says_so_and_is_gone(slack: LocalSlack, bot: SmallBot) -> None:
    view = opened(slack)
    assert slack.close(ALEX.id, view.id).error == ""
    assert (
        bot.heard[-1][0],
        bot.heard[-1][1]["is_cleared"],
        bot.heard[-1][1]["view"]["private_metadata"],
    ) == ("closed", False, "session-7")
    assert slack.submit(ALEX.id, view.id, {"gpus": {"count": {"value": "8"}}}).error == "not_found"


def test_a_message_shortcut_carries_the_message(slack: LocalSlack, bot: SmallBot) -> None:
    said = slack.say(BO.id, GENERAL, "which cloud should we use?")
    assert isinstance(said.body, dict)
    assert slack.shortcut(ALEX.id, "advise_message", GENERAL, said.body["ts"]).error == ""
    kind, body = bot.heard[-1]
    assert (kind, body["type"], body["message"]["text"]) == ("shortcut", "message_action", "which cloud should we use?")
    assert slack.shortcut(ALEX.id, "absent", GENERAL, said.body["ts"]).error == "unknown_shortcut"


def heard_events(slack: LocalSlack, bot: SmallBot) -> list[str]:
    """The events that arrived, once a last one that is always delivered did: events go out in order."""
    slack.open_home(DANA.id)
    assert slack.wait_for(lambda: "app_home_opened" in bot.kinds())
    return bot.kinds()[:-1]


@pytest.mark.parametrize(
    ("channel", "text", "events"),
    [
        pytest.param(GENERAL, f"<@{BOT_USER_ID}> hello", ["app_mention"], id="a mention where the bot is"),
        pytest.param(GENERAL, "hello", [], id="channel talk without the history scope"),
        pytest.param(FINOPS, f"<@{BOT_USER_ID}> hello", [], id="a mention where the bot is not"),
        pytest.param("D0CLEO01", "hello", ["message"], id="a direct message"),
        pytest.param("D0CLEO01", f"<@{BOT_USER_ID}> hello", ["message"], id="a mention in a direct message is a message"),
    ],
)
def test_what_is_said_reaches_the_bot_where_it_may_hear(
    slack: LocalSlack, bot: SmallBot, channel: str, text: str, events: list[str]
) -> None:
    slack.say(CLEO.id, channel, text)
    assert events == heard_events(slack, bot)


def test_a_direct_message_is_an_event_of_its_kind(slack: LocalSlack, bot: SmallBot) -> None:
    said = slack.say(CLEO.id, "D0CLEO01", "hello")
    heard_events(slack, bot)
    body = bot.heard[0][1]
    assert isinstance(said.body, dict)
    wanted = {"type": "message", "user": CLEO.id, "text": "hello", "ts": said.body["ts"], "channel": "D0CLEO01", "channel_type": "im"}
    assert wanted == {name: body["event"][name] for name in wanted}
    assert body["authorizations"] == [
        {"enterprise_id": None, "team_id": "T0SANDBOX", "user_id": BOT_USER_ID, "is_bot": True, "is_enterprise_install": False}
    ]


def test_the_bot_hears_of_its_own_direct_messages(slack: LocalSlack) -> None:
    taking, client = Taking(Outcome(200)), client_of(slack)
    slack.reach(taking)
    ts = client.chat_postMessage(channel="D0CLEO01", text="Where?")["ts"]
    client.chat_update(channel="D0CLEO01", ts=ts, text="AWS")
    client.chat_delete(channel="D0CLEO01", ts=ts)
    client.chat_postMessage(channel=GENERAL, text="not heard: no scope to read channels")
    assert slack.wait_for(lambda: len(taking.payloads) == 3)
    new, changed, deleted = (payload["event"] for payload in taking.payloads)
    assert (new["text"], new["bot_id"], new["channel_type"]) == ("Where?", "B0BOT001", "im")
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == ("message_changed", "AWS", "Where?")
    assert ("message_deleted", ts, "AWS") == (deleted["subtype"], deleted["deleted_ts"], deleted["previous_message"]["text"])


def test_the_home_tab_tells_which_one(slack: LocalSlack, bot: SmallBot) -> None:
    slack.open_home(CLEO.id, "messages")
    assert slack.wait_for(lambda: bot.heard)
    event = bot.heard[0][1]["event"]
    assert ("messages", CLEO.id, "D0CLEO01") == (event["tab"], event["user"], event["channel"])


def test_an_app_that_is_removed_hears_of_it_and_loses_its_token(slack: LocalSlack, bot: SmallBot) -> None:
    slack.uninstall()
    with pytest.raises(SlackApiError, match="account_inactive"):
        client_of(slack).auth_test()
    assert slack.wait_for(lambda: bot.kinds() == ["tokens_revoked", "app_uninstalled"])
    assert slack.command(ALEX.id, GENERAL, "/whichcloud").error == "unknown_command"


def test_without_a_bot_the_person_is_told(slack: LocalSlack) -> None:
    assert slack.command(ALEX.id, GENERAL, "/whichcloud").error == UNREACHABLE
    slack.connect("http://127.0.0.1:9/slack/events")
    assert slack.command(ALEX.id, GENERAL, "/whichcloud").error == UNREACHABLE


@pytest.mark.parametrize("lost", [True, False], ids=["the socket is lost", "slack asks for it"])
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning")  # the client's own
def test_a_bot_comes_back_on_a_new_socket(slack: LocalSlack, lost: bool) -> None:
    bot = small_bot(slack)
    with socket_mode(slack, bot):
        before = slack.sockets.opened
        (slack.faults.drop_sockets if lost else slack.sockets.disconnect)()
        assert slack.wait_for(lambda: slack.sockets.opened > before, 30)
        assert answered_at_last(slack, attempts=600)


def answered_at_last(slack: LocalSlack, attempts: int) -> bool:
    """The client may open one socket too many and close it again; in between, a person has to try again."""
    for _ in range(attempts):
        if slack.command(ALEX.id, GENERAL, "/whichcloud", "help").error == "":
            return True
        slack.stopping.wait(0.05)
    return False


def test_the_bot_that_is_too_slow_times_out() -> None:
    with LocalSlack(ack_limit_s=0.2) as slack:
        bot = small_bot(slack)
        bot.app.middleware(lambda: slack.stopping.wait(0.5))  # the bot does nothing for longer than the limit
        slack.connect_app(bot.app)
        assert slack.command(ALEX.id, GENERAL, "/whichcloud", "help").error == TIMED_OUT


class Waiting:
    """A bot that answers the first event only after it was given leave."""

    def __init__(self) -> None:
        self.leave = threading.Event()
        self.texts: list[str] = []

    def send(self, delivery: Delivery, retry: Retry | None) -> Outcome:
        text = delivery.payload["event"]["text"]
        if "first" in text:
            self.leave.wait(10)
        self.texts.append(text.split()[-1])
        return Outcome(200)


@pytest.mark.parametrize(("threads", "before", "after"), [(1, [], ["first", "second"]), (2, ["second"], ["second", "first"])])
def test_with_more_threads_no_event_waits_for_another(threads: int, before: list[str], after: list[str]) -> None:
    with LocalSlack(event_threads=threads) as slack:
        bot = Waiting()
        slack.reach(bot)
        for word in ("first", "second"):
            slack.say(BO.id, GENERAL, f"<@{BOT_USER_ID}> {word}")
        assert slack.wait_for(lambda: before == bot.texts)
        bot.leave.set()
        assert slack.wait_for(lambda: after == bot.texts)
