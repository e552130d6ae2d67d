"""chat.* as the real client calls it: what arrives in the world, and every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.sandbox.seed import ALEX, ANNOUNCEMENTS, BO, BOARD, BOT_USER_ID, CLEO, FINOPS, GENERAL, OLD_PROJECT
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message
from tests.bot.sandbox.small_bot import QUESTION, WEB, client_of, plain

DAY_S = 86_400
BLOCKS = [{"type": "header", "block_id": "h1", "text": plain("AWS or Azure?")}]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


def error_of(client: WebClient, method: str, **arguments: Any) -> str:
    """The code with which Slack refuses; empty when it takes the call."""
    try:
        client.api_call(method, json=arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


def shown(slack: LocalSlack, channel: str = GENERAL, viewer: str = ALEX.id) -> list[tuple[str, int]]:
    """What a person sees in a channel: texts, and how many blocks."""
    return [(message.text, len(message.blocks)) for message in slack.world.messages_in(channel, viewer)]


def said(slack: LocalSlack, text: str = "which cloud?", channel: str = GENERAL) -> Message:
    slack.say(BO.id, channel, text)
    return slack.world.messages_in(channel, BO.id)[-1]


def test_a_message_is_posted_with_what_slack_answers(slack: LocalSlack, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=GENERAL, text="AWS or Azure?", blocks=BLOCKS)
    message = slack.world.messages_in(GENERAL, ALEX.id)[0]
    assert shown(slack) == [("AWS or Azure?", 1)]
    assert (GENERAL, message.ts) == (answer["channel"], answer["ts"])
    written = {
        "type": "message",
        "user": BOT_USER_ID,
        "bot_id": "B0BOT001",
        "app_id": "A0BOT001",
        "text": "AWS or Azure?",
        "blocks": BLOCKS,
    }
    assert written == {name: answer["message"][name] for name in written}
    assert answer.headers["x-oauth-scopes"] == "app_mentions:read,assistant:write,chat:write,commands,files:write,im:history"


@pytest.mark.parametrize("channel", [GENERAL, "#general", "general"])
def test_a_channel_is_named_by_id_or_name(slack: LocalSlack, client: WebClient, channel: str) -> None:
    assert client.chat_postMessage(channel=channel, text="hello")["channel"] == GENERAL


def test_a_person_stands_for_the_direct_messages(slack: LocalSlack, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=CLEO.id, text="hello")
    assert (answer["channel"], shown(slack, "D0CLEO01", CLEO.id)) == ("D0CLEO01", [("hello", 0)])
    refused = error_of(client, "chat.update", channel=CLEO.id, ts=answer["ts"], text="bye")
    assert refused == "channel_not_found"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param("C0NOWHERE", "channel_not_found", id="unknown"),
        pytest.param(BOARD, "channel_not_found", id="private, not a member"),
        pytest.param(FINOPS, "not_in_channel", id="public, not a member"),
        pytest.param(OLD_PROJECT, "is_archived", id="archived"),
        pytest.param(ANNOUNCEMENTS, "restricted_action", id="only admins may post"),
    ],
)
def test_a_channel_that_takes_no_post(client: WebClient, channel: str, error: str) -> None:
    assert error == error_of(client, "chat.postMessage", channel=channel, text="hello")


def test_an_invited_bot_may_post(slack: LocalSlack, client: WebClient) -> None:
    assert slack.invite(ALEX.id, FINOPS).error == ""
    assert error_of(client, "chat.postMessage", channel=FINOPS, text="hello") == ""


def test_the_public_scope_posts_uninvited_but_not_in_private() -> None:
    with LocalSlack(scopes=["chat:write", "chat:write.public"]) as slack:
        client = client_of(slack)
        assert error_of(client, "chat.postMessage", channel=FINOPS, text="hello") == ""
        assert error_of(client, "chat.postMessage", channel=BOARD, text="hello") == "channel_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param({"channel": GENERAL}, "no_text", id="neither text nor blocks"),
        pytest.param({"channel": GENERAL, "text": " "}, "no_text", id="a blank text"),
        pytest.param({"text": "hello"}, "invalid_arguments", id="no channel"),
        pytest.param(
            {"channel": GENERAL, "text": "x", "blocks": [{"type": "hero"}]}, "invalid_blocks", id="blocks that Slack does not know"
        ),
        pytest.param({"channel": GENERAL, "text": "x", "blocks": "[{"}, "invalid_blocks_format", id="blocks that are no JSON"),
        pytest.param({"channel": GENERAL, "text": "x", "metadata": {}}, "invalid_metadata_format", id="metadata without type"),
        pytest.param({"channel": GENERAL, "text": "x", "thread_ts": "1.000001"}, "thread_not_found", id="a thread that is not there"),
    ],
)
def test_a_message_that_slack_refuses(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    assert error == error_of(client, "chat.postMessage", **arguments)


def test_invalid_blocks_say_where(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="x", blocks=[{"type": "section"}])
    line = "missing required field: text [json-pointer:/blocks/0]"
    wanted = {"ok": False, "error": "invalid_blocks", "errors": [line], "response_metadata": {"messages": [f"[ERROR] {line}"]}}
    assert wanted == caught.value.response.data


def test_a_reply_belongs_to_a_parent_and_not_to_a_reply(slack: LocalSlack, client: WebClient) -> None:
    parent = said(slack)
    reply = client.chat_postMessage(channel=GENERAL, text="AWS", thread_ts=parent.ts)
    assert shown(slack) == [("which cloud?", 0)]
    assert [message.text for message in slack.world.replies_in(GENERAL, parent.ts, ALEX.id)] == ["AWS"]
    assert (parent.ts, BO.id) == (reply["message"]["thread_ts"], reply["message"]["parent_user_id"])
    refused = error_of(client, "chat.postMessage", channel=GENERAL, text="x", thread_ts=reply["ts"])
    assert refused == "cannot_reply_to_message"


def test_a_long_text_is_cut_and_not_refused(slack: LocalSlack, client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="x" * 40_001)
    assert len(slack.world.messages_in(GENERAL, ALEX.id)[0].text) == 40_000


def test_an_update_with_text_alone_removes_the_blocks(slack: LocalSlack, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=GENERAL, text="Where?", blocks=QUESTION)
    client.chat_update(channel=GENERAL, ts=posted["ts"], text="AWS")
    assert shown(slack) == [("AWS", 0)]
    client.chat_update(channel=GENERAL, ts=posted["ts"], text="Azure", blocks=BLOCKS)
    assert shown(slack) == [("Azure", 1)]


def test_only_its_own_messages_are_the_bots_to_change(slack: LocalSlack, client: WebClient) -> None:
    other = said(slack)
    assert error_of(client, "chat.update", channel=GENERAL, ts=other.ts, text="x") == "cant_update_message"
    assert error_of(client, "chat.delete", channel=GENERAL, ts=other.ts) == "cant_delete_message"
    assert error_of(client, "chat.update", channel=GENERAL, ts="1.000001", text="x") == "message_not_found"
    own = client.chat_postMessage(channel=GENERAL, text="x")["ts"]
    assert error_of(client, "chat.update", channel=GENERAL, ts=own) == "no_text"
    assert error_of(client, "chat.update", channel=GENERAL, ts=own, text="ä" * 2001) == "msg_too_long"


def test_a_deleted_message_is_gone_unless_it_has_replies(slack: LocalSlack, client: WebClient) -> None:
    lone = client.chat_postMessage(channel=GENERAL, text="lone")["ts"]
    parent = client.chat_postMessage(channel=GENERAL, text="parent")["ts"]
    client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=parent)
    for ts in (lone, parent):
        client.chat_delete(channel=GENERAL, ts=ts)
    left = slack.world.messages_in(GENERAL, ALEX.id)
    assert [(message.text, message.deleted) for message in left] == [("parent", True)]
    assert error_of(client, "chat.delete", channel=GENERAL, ts=lone) == "message_not_found"


def test_an_ephemeral_message_is_for_one_person(slack: LocalSlack, client: WebClient) -> None:
    ts = client.chat_postEphemeral(channel=GENERAL, user=CLEO.id, text="only you")["message_ts"]
    assert shown(slack, viewer=CLEO.id) == [("only you", 0)]
    assert shown(slack, viewer=ALEX.id) == []
    assert error_of(client, "chat.update", channel=GENERAL, ts=ts, text="x") == "message_not_found"
    assert error_of(client, "chat.postEphemeral", channel=GENERAL, user="U0GHOST", text="x") == "user_not_in_channel"


def test_a_permalink_leads_to_the_page(slack: LocalSlack, client: WebClient) -> None:
    parent = said(slack)
    link = client.chat_getPermalink(channel=GENERAL, message_ts=parent.ts)["permalink"]
    assert f"{slack.page_url}archives/{GENERAL}/p{parent.ts.replace('.', '')}" == link
    assert f"/client/{ALEX.id}/{GENERAL}?thread={parent.ts}" == WEB.get(link).headers["location"]
    assert WEB.get(f"{slack.page_url}archives/{GENERAL}/p1000001").status_code == 404
    assert error_of(client, "chat.getPermalink", channel=GENERAL, message_ts="1.000001") == "message_not_found"


# -- scheduled messages ------------------------------------------------------------------------------------------------


def in_s(slack: LocalSlack, seconds: int) -> int:
    return int(slack.world.clock.now()) + seconds


def test_a_scheduled_message_is_posted_when_its_time_comes(slack: LocalSlack, client: WebClient) -> None:
    answer = client.chat_scheduleMessage(channel=GENERAL, text="report", post_at=in_s(slack, 3600))
    entries = client.chat_scheduledMessages_list()["scheduled_messages"]
    assert [answer["scheduled_message_id"]] == [entry["id"] for entry in entries]
    slack.advance(3500)
    assert shown(slack) == []
    slack.advance(101)
    assert shown(slack) == [("report", 0)]
    assert client.chat_scheduledMessages_list()["scheduled_messages"] == []


def test_a_scheduled_message_with_metadata_never_posts(slack: LocalSlack, client: WebClient) -> None:
    metadata = {"event_type": "report", "event_payload": {"id": "7"}}
    client.chat_scheduleMessage(channel=GENERAL, text="report", post_at=in_s(slack, 60), metadata=metadata)
    slack.advance(120)
    assert shown(slack) == []


def test_a_scheduled_message_can_be_called_off(slack: LocalSlack, client: WebClient) -> None:
    entry = client.chat_scheduleMessage(channel=GENERAL, text="report", post_at=in_s(slack, 60))["scheduled_message_id"]
    client.chat_deleteScheduledMessage(channel=GENERAL, scheduled_message_id=entry)
    slack.advance(120)
    assert shown(slack) == []
    again = error_of(client, "chat.deleteScheduledMessage", channel=GENERAL, scheduled_message_id=entry)
    assert again == "invalid_scheduled_message_id"


@pytest.mark.parametrize(
    ("seconds", "error"),
    [
        pytest.param(-1, "time_in_past", id="past"),
        pytest.param(120 * DAY_S - 60, "", id="just within 120 days"),
        pytest.param(120 * DAY_S + 60, "time_too_far", id="beyond 120 days"),
    ],
)
def test_the_time_of_a_scheduled_message(slack: LocalSlack, client: WebClient, seconds: int, error: str) -> None:
    assert error == error_of(client, "chat.scheduleMessage", channel=GENERAL, text="x", post_at=in_s(slack, seconds))


def test_thirty_messages_fit_into_five_minutes(slack: LocalSlack, client: WebClient) -> None:
    moment = in_s(slack, 3600)
    answers = [error_of(client, "chat.scheduleMessage", channel=GENERAL, text="x", post_at=moment + at) for at in range(31)]
    assert answers == [""] * 30 + ["restricted_too_many"]


# -- response URLs -----------------------------------------------------------------------------------------------------


def response_url(slack: LocalSlack, message: Message | None = None) -> WebhookClient:
    """The address that a click on this message would carry."""
    return WebhookClient(slack.tickets.new_response_url(GENERAL, ALEX.id, message.ts if message else None))


def test_a_response_is_for_the_asker_unless_it_says_otherwise(slack: LocalSlack) -> None:
    url = response_url(slack)
    assert (url.send(text="for you").status_code, url.send(text="for all", response_type="in_channel").body) == (200, "ok")
    assert shown(slack) == [("for you", 0), ("for all", 0)]
    assert shown(slack, viewer=BO.id) == [("for all", 0)]


def test_a_response_replaces_or_deletes_what_was_clicked(slack: LocalSlack, client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="Where?", blocks=QUESTION)["ts"]
    url = response_url(slack, slack.world.find(GENERAL, ts))
    url.send(text="AWS", replace_original=True)
    assert shown(slack) == [("AWS", 0)]
    url.send(delete_original=True)
    assert shown(slack) == []


def test_a_response_url_serves_five_times(slack: LocalSlack) -> None:
    url = response_url(slack)
    assert [url.send(text=str(at)).status_code for at in range(6)] == [200, 200, 200, 200, 200, 404]
    assert url.send(text="again").body == '{"ok":false,"error":"used_url"}'


def test_a_response_url_serves_for_half_an_hour(slack: LocalSlack) -> None:
    url = response_url(slack)
    slack.advance(29 * 60)
    assert url.send(text="in time").status_code == 200
    slack.advance(2 * 60)
    assert url.send(text="late").body == '{"ok":false,"error":"expired_url"}'


def test_a_response_is_checked_like_a_message(slack: LocalSlack) -> None:
    url = response_url(slack)
    assert (url.send(text="").status_code, url.send(text="").body) == (400, '{"ok":false,"error":"no_text"}')
    assert url.send(text="x", blocks=[{"type": "hero"}]).status_code == 400
