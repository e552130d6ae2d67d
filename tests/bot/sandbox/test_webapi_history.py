"""What the bot may read back of channels and threads, in which order and how much at once; and the metadata of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.seed import ALEX, BOARD, CLEO, DANA, FINOPS, GENERAL
from bot.sandbox.server import LocalSlack
from tests.bot.sandbox.small_bot import client_of
from tests.bot.sandbox.test_webapi_chat import error_of, said

READING = ["channels:history", "chat:write", "groups:history", "im:history"]
KEY = {"event_type": "whichcloud_post", "event_payload": {"key": "k-7"}}
OTHER = {"event_type": "whichcloud_post", "event_payload": {"key": "k-8"}}
DIRECT = "D0ALEX01"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack(scopes=READING) as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


def post(client: WebClient, text: str, thread_ts: str | None = None, **more: Any) -> str:
    return str(client.chat_postMessage(channel=GENERAL, text=text, thread_ts=thread_ts, **more)["ts"])


def read(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


# -- who may read ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
@pytest.mark.parametrize(
    ("scopes", "channel", "error"),
    [
        pytest.param(["chat:write"], GENERAL, "missing_scope", id="no scope at all"),
        pytest.param(["im:history"], GENERAL, "missing_scope", id="a channel with the scope of direct messages"),
        pytest.param(["channels:history"], DIRECT, "missing_scope", id="direct messages with the scope of channels"),
        pytest.param(READING, FINOPS, "not_in_channel", id="public, not a member"),
        pytest.param(READING, BOARD, "channel_not_found", id="private, not a member"),
        pytest.param(READING, "C0NOWHERE", "channel_not_found", id="unknown"),
    ],
)
def test_who_may_not_read(method: str, scopes: list[str], channel: str, error: str) -> None:
    with LocalSlack(scopes=scopes) as slack:
        assert error == error_of(client_of(slack), method, channel=channel, ts="1.000001")


def test_a_missing_scope_is_named_by_the_kind_of_channel() -> None:
    with LocalSlack(scopes=["im:history"]) as slack, pytest.raises(SlackApiError) as caught:
        client_of(slack).conversations_history(channel=GENERAL)
    wanted = {"ok": False, "error": "missing_scope", "needed": "channels:history", "provided": "im:history"}
    assert wanted == caught.value.response.data


def test_a_member_reads_in_private_and_in_direct_messages(slack: LocalSlack, client: WebClient) -> None:
    slack.invite(DANA.id, BOARD)
    slack.say(DANA.id, BOARD, "for the board")
    slack.say(ALEX.id, DIRECT, "for the bot")
    assert [read(client.conversations_history(channel=channel)) for channel in (BOARD, DIRECT)] == [["for the board"], ["for the bot"]]


# -- what is read ------------------------------------------------------------------------------------------------------


def test_a_channel_is_read_newest_first_without_replies(slack: LocalSlack, client: WebClient) -> None:
    parent = post(client, "one")
    post(client, "a reply", parent)
    post(client, "also in the channel", parent, reply_broadcast=True)
    client.chat_postEphemeral(channel=GENERAL, user=CLEO.id, text="only for Cleo")
    gone = post(client, "gone")
    client.chat_delete(channel=GENERAL, ts=gone)
    post(client, "two")
    answer = client.conversations_history(channel=GENERAL)
    assert (read(answer), answer["has_more"]) == (["two", "also in the channel", "one"], False)
    assert "response_metadata" not in answer.data
    assert [message.get("subtype") for message in answer["messages"]] == [None, "thread_broadcast", None]
    assert (parent, 2) == (answer["messages"][2]["thread_ts"], answer["messages"][2]["reply_count"])


def test_a_thread_is_read_oldest_first_with_its_parent(slack: LocalSlack, client: WebClient) -> None:
    parent = said(slack).ts
    first = post(client, "first", parent)
    client.chat_postEphemeral(channel=GENERAL, user=CLEO.id, text="only for Cleo", thread_ts=parent)
    post(client, "second", parent)
    post(client, "elsewhere")
    assert read(client.conversations_replies(channel=GENERAL, ts=parent)) == ["which cloud?", "first", "second"]
    assert read(client.conversations_replies(channel=GENERAL, ts=first)) == ["first"]
    assert error_of(client, "conversations.replies", channel=GENERAL, ts="1.000001") == "thread_not_found"


def test_a_deleted_parent_leaves_a_tombstone(client: WebClient) -> None:
    parent = post(client, "one")
    post(client, "first", parent)
    client.chat_delete(channel=GENERAL, ts=parent)
    stone, reply = client.conversations_replies(channel=GENERAL, ts=parent)["messages"]
    assert (stone["subtype"], stone["text"], reply["text"]) == ("tombstone", "This message was deleted.", "first")
    assert read(client.conversations_history(channel=GENERAL)) == ["This message was deleted."]


@pytest.mark.parametrize(
    ("oldest", "latest", "inclusive", "found"),
    [
        pytest.param(None, None, False, "4321", id="all"),
        pytest.param(1, None, False, "432", id="after one"),
        pytest.param(1, None, True, "4321", id="from one on"),
        pytest.param(None, 3, False, "21", id="before three"),
        pytest.param(None, 3, True, "321", id="up to three"),
        pytest.param(1, 4, False, "32", id="between"),
        pytest.param(2, 2, True, "2", id="just one"),
        pytest.param(2, 2, False, "", id="nothing"),
    ],
)
def test_a_window_of_time(client: WebClient, oldest: int | None, latest: int | None, inclusive: bool, found: str) -> None:
    ts = [post(client, text) for text in "1234"]
    ends: dict[str, Any] = {name: ts[at - 1] for name, at in (("oldest", oldest), ("latest", latest)) if at}
    assert list(found) == read(client.conversations_history(channel=GENERAL, inclusive=inclusive, **ends))


def test_a_window_of_a_thread_keeps_the_parent(client: WebClient) -> None:
    parent = post(client, "parent")
    first = post(client, "first", parent)
    post(client, "second", parent)
    assert read(client.conversations_replies(channel=GENERAL, ts=parent, oldest=first)) == ["parent", "second"]


def test_pages_follow_one_another(client: WebClient) -> None:
    parent = post(client, "1")
    for text in "234":
        post(client, text, parent)
    for text in "567":
        post(client, text)
    pages = [read(page) for page in client.conversations_history(channel=GENERAL, limit=3)]
    assert pages == [["7", "6", "5"], ["1"]]
    threads = [(read(page), page["has_more"]) for page in client.conversations_replies(channel=GENERAL, ts=parent, limit=2)]
    assert threads == [(["1", "2"], True), (["3", "4"], False)]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"cursor": "bm9uc2Vuc2U="}, "invalid_cursor"),
        ({"cursor": "?"}, "invalid_cursor"),
        ({"limit": 0}, "invalid_limit"),
        ({"limit": "many"}, "invalid_arguments"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "now"}, "invalid_ts_latest"),
    ],
)
def test_what_a_reader_may_not_ask(client: WebClient, arguments: dict[str, Any], error: str) -> None:
    assert error == error_of(client, "conversations.history", channel=GENERAL, **arguments)


def test_a_distributed_app_reads_fifteen_messages_a_minute(slack: LocalSlack, client: WebClient) -> None:
    for number in range(16):
        post(client, str(number))
    slack.faults.distributed_app = True
    answer = client.conversations_history(channel=GENERAL, limit=200)
    assert (len(answer["messages"]), answer["messages"][0]["text"], answer["has_more"]) == (15, "15", True)
    with pytest.raises(SlackApiError) as caught:
        client.conversations_history(channel=GENERAL)
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["retry-after"]) == (429, "ratelimited", "60")
    assert error_of(client, "conversations.replies", channel=GENERAL, ts=answer["messages"][0]["ts"]) == ""  # counted apart
    slack.advance(61)
    assert error_of(client, "conversations.history", channel=GENERAL) == ""


# -- metadata ----------------------------------------------------------------------------------------------------------


def test_metadata_are_read_where_they_are_asked_for(client: WebClient) -> None:
    ts = post(client, "verdict", metadata=KEY)
    post(client, "bare")
    plain = client.conversations_history(channel=GENERAL)["messages"]
    whole = client.conversations_history(channel=GENERAL, include_all_metadata=True)["messages"]
    assert ([each.get("metadata") for each in plain], [each.get("metadata") for each in whole]) == ([None, None], [None, KEY])
    (thread,) = client.conversations_replies(channel=GENERAL, ts=ts, include_all_metadata=True)["messages"]
    assert thread["metadata"] == KEY


def test_an_update_keeps_metadata_changes_or_removes_them(client: WebClient) -> None:
    ts = str(client.chat_postMessage(channel=GENERAL, text="one", metadata=KEY)["ts"])
    kept = client.chat_update(channel=GENERAL, ts=ts, text="two")
    changed = client.chat_update(channel=GENERAL, ts=ts, text="three", metadata=OTHER)
    removed = client.chat_update(channel=GENERAL, ts=ts, text="four", metadata={})
    assert [answer["message"].get("metadata") for answer in (kept, changed, removed)] == [KEY, OTHER, None]


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"event_type": "x"}, id="no payload"),
        pytest.param({"event_payload": {}}, id="no type"),
        pytest.param({"event_type": "", "event_payload": {}}, id="an empty type"),
        pytest.param({"event_type": "x", "event_payload": []}, id="a payload that is no object"),
        pytest.param({"event_type": "x", "event_payload": {}, "key": "k"}, id="a field too many"),
        pytest.param("{", id="no JSON"),
    ],
)
def test_metadata_have_a_shape(client: WebClient, metadata: Any) -> None:
    ts = post(client, "one")
    posted = error_of(client, "chat.postMessage", channel=GENERAL, text="x", metadata=metadata)
    updated = error_of(client, "chat.update", channel=GENERAL, ts=ts, text="x", metadata=metadata)
    assert (posted, updated) == ("invalid_metadata_format", "invalid_metadata_format")
