"""Who may call what, files, the assistant, and what holds for every method."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.sandbox.seed import ALEX, BOARD, FINOPS, GENERAL, MANIFEST
from bot.sandbox.server import LocalSlack
from bot.sandbox.webapi import METHODS
from tests.bot.sandbox.small_bot import WEB, client_of
from tests.bot.sandbox.test_webapi_chat import error_of, said, shown


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


def test_the_bot_learns_who_it_is(slack: LocalSlack, client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0BOT001", "B0BOT001")


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_but_two_needs_a_token(slack: LocalSlack, method: str) -> None:
    error = WEB.post(slack.api_url + method).json().get("error")
    assert {"blocks.validate": "invalid_arguments", "oauth.v2.access": "invalid_client_id"}.get(method, "not_authed") == error


def test_an_unknown_method_is_named_so(client: WebClient) -> None:
    assert error_of(client, "chat.shout") == "unknown_method"


def test_tokens_are_told_apart(slack: LocalSlack) -> None:
    assert error_of(client_of(slack, "xoxb-another"), "auth.test") == "invalid_auth"
    assert error_of(client_of(slack, slack.app_token), "chat.postMessage", channel=GENERAL, text="x") == "not_allowed_token_type"
    assert error_of(client_of(slack), "apps.connections.open") == "not_allowed_token_type"
    assert error_of(client_of(slack, slack.app_token), "apps.connections.open") == ""


def test_a_revoked_token_ends(slack: LocalSlack, client: WebClient) -> None:
    assert client.auth_revoke(test=True)["revoked"] is False
    assert client.auth_revoke()["revoked"] is True
    assert error_of(client, "auth.test") == "token_revoked"


def test_the_token_may_stand_in_the_form(slack: LocalSlack) -> None:
    answer = WEB.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token})
    assert answer.json()["ok"] is True
    assert "token" not in slack.recorded[-1].args


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("chat.postMessage", "chat:write"),
        ("chat.update", "chat:write"),
        ("files.getUploadURLExternal", "files:write"),
        ("files.info", "files:read"),
        ("conversations.open", "im:write"),
        ("conversations.info", "channels:read"),
        ("assistant.threads.setTitle", "assistant:write"),
    ],
)
def test_a_method_without_its_scope_names_it(method: str, needed: str) -> None:
    with LocalSlack(scopes=["commands"]) as slack, pytest.raises(SlackApiError) as caught:
        client_of(slack).api_call(method)
    wanted = {"ok": False, "error": "missing_scope", "needed": needed, "provided": "commands"}
    assert wanted == caught.value.response.data


def test_json_without_charset_is_warned_of(slack: LocalSlack) -> None:
    headers = {"authorization": f"Bearer {slack.bot_token}", "content-type": "application/json"}
    answer = WEB.post(f"{slack.api_url}auth.test", content=b"{}", headers=headers).json()
    assert (answer["warning"], answer["response_metadata"]) == ("missing_charset", {"warnings": ["missing_charset"]})


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"null"], ids=["cut off", "a list", "no UTF-8", "null"])
def test_a_body_that_is_no_object_lacks_what_is_needed(slack: LocalSlack, body: bytes) -> None:
    headers = {"authorization": f"Bearer {slack.bot_token}", "content-type": "application/json"}
    answer = WEB.post(f"{slack.api_url}chat.postMessage", content=body, headers=headers).json()
    assert answer["error"] == "invalid_arguments"


def test_another_host_name_is_refused(slack: LocalSlack) -> None:
    answer = WEB.post(f"{slack.api_url}auth.test", headers={"host": "slack.example.com"})
    assert answer.status_code == 400


def test_calls_are_recorded_however_they_were_sent(slack: LocalSlack, client: WebClient) -> None:
    blocks = [{"type": "divider"}]
    client.api_call("chat.postMessage", json={"channel": GENERAL, "text": "x", "blocks": blocks})
    client.api_call("chat.postMessage", data={"channel": GENERAL, "text": "x", "blocks": json.dumps(blocks)})
    recorded = [(call.method, call.args, call.ok) for call in slack.recorded]
    assert [("chat.postMessage", {"channel": GENERAL, "text": "x", "blocks": blocks}, True)] * 2 == recorded


def test_posts_to_response_urls_are_recorded_beside_the_calls(slack: LocalSlack, client: WebClient) -> None:
    url = slack.tickets.new_response_url(GENERAL, ALEX.id)
    client.auth_test()
    answers = [WEB.post(url, json={"text": text}).status_code for text in ("for you", "")]
    recorded = [(call.method, call.args, call.status, call.ok, call.team) for call in slack.recorded]
    assert recorded == [
        ("auth.test", {}, 200, True, "T0SANDBOX"),
        ("response_url", {"text": "for you"}, 200, True, "T0SANDBOX"),
        ("response_url", {"text": ""}, 400, False, "T0SANDBOX"),
    ]
    assert answers == [200, 400]


@pytest.mark.parametrize(("keep", "kept"), [(None, 25), (10, 10), (0, 0)], ids=["all", "ten", "none"])
def test_only_so_many_calls_are_recorded_as_wanted(keep: int | None, kept: int) -> None:
    with LocalSlack(keep_recorded=keep) as slack:
        for number in range(25):
            client_of(slack).api_call("auth.test", data={"number": str(number)})
        assert [call.args["number"] for call in slack.recorded] == [str(number) for number in range(25 - kept, 25)]


def test_checks_can_be_left_out() -> None:
    with LocalSlack(checks=False) as slack:
        blocks = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "x" * 4_000}}]
        assert error_of(client_of(slack), "chat.postMessage", channel=GENERAL, text="x", blocks=blocks) == ""
        (message,) = slack.world.messages_in(GENERAL, ALEX.id)
        assert message.blocks == blocks


def test_many_run_side_by_side_and_start_anew() -> None:
    with LocalSlack() as first, LocalSlack() as second:
        client_of(first).chat_postMessage(channel=GENERAL, text="one")
        assert error_of(client_of(second, first.bot_token), "auth.test") == "invalid_auth"
        assert (shown(first), shown(second)) == ([("one", 0)], [])
        port = first.port
    with LocalSlack(port=port) as again:
        assert (port, []) == (again.port, shown(again))


def test_one_that_never_started_can_be_stopped() -> None:
    slack = LocalSlack()
    slack.stop()
    assert slack.stopping.is_set()


def test_many_calls_at_once_lose_nothing(slack: LocalSlack) -> None:
    def post(writer: int) -> None:
        client = client_of(slack)
        for at in range(20):
            client.chat_postMessage(channel=GENERAL, text=f"{writer} {at}")

    writers = [threading.Thread(target=post, args=(writer,)) for writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted((f"{writer} {at}", 0) for writer in range(4) for at in range(20)) == sorted(shown(slack))


# -- files -------------------------------------------------------------------------------------------------------------


def test_files_are_uploaded_and_shared_in_a_thread(slack: LocalSlack, client: WebClient) -> None:
    parent = said(slack)
    uploads = [
        {"filename": "costs.png", "content": b"\x89PNG", "title": "Costs", "alt_txt": "Six bars"},
        {"filename": "lines.xlsx", "content": b"PK\x03\x04", "title": "Lines"},
    ]
    answer = client.files_upload_v2(channel=GENERAL, thread_ts=parent.ts, initial_comment="The report", file_uploads=uploads)
    (reply,) = slack.world.replies_in(GENERAL, parent.ts, ALEX.id)
    assert ("The report", [file["id"] for file in answer["files"]]) == (reply.text, reply.files)
    stored = [slack.world.files[file_id] for file_id in reply.files]
    assert [
        (stored[0].title, stored[0].content, stored[0].mimetype, stored[0].alt_text),
        (stored[1].title, stored[1].content),
    ] == [("Costs", b"\x89PNG", "image/png", "Six bars"), ("Lines", b"PK\x03\x04")]
    assert "ts" not in answer.data


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        pytest.param(FINOPS, "not_in_channel", id="not a member"),
        pytest.param(BOARD, "channel_not_found", id="private"),
        pytest.param("#general", "channel_not_found", id="a name"),
        pytest.param(ALEX.id, "channel_not_found", id="a person"),
    ],
)
def test_a_file_is_shared_where_the_bot_may_post(slack: LocalSlack, client: WebClient, channel: str, error: str) -> None:
    with pytest.raises(SlackApiError, match=error):
        client.files_upload_v2(channel=channel, filename="a.txt", content="x")
    assert [file for file in slack.world.files.values() if file.complete] == []


def test_an_upload_is_as_long_as_was_said(slack: LocalSlack, client: WebClient) -> None:
    step = client.files_getUploadURLExternal(filename="a.txt", length=3)
    refused = WEB.post(step["upload_url"], content=b"four")
    assert (refused.status_code, refused.text) == (400, "4 bytes came, 3 were announced")
    assert WEB.post(step["upload_url"], content=b"abc").status_code == 400
    assert error_of(client, "files.completeUploadExternal", files=[{"id": step["file_id"]}]) == "file_not_found"


def test_an_empty_upload_is_refused(client: WebClient) -> None:
    with pytest.raises((SlackApiError, SlackRequestError)):
        client.files_upload_v2(channel=GENERAL, filename="a.txt", content=b"")


def test_a_picture_in_blocks_is_a_file_that_is_there(slack: LocalSlack, client: WebClient) -> None:
    file_id = client.files_upload_v2(filename="costs.png", content=b"\x89PNG")["files"][0]["id"]
    picture = {"type": "image", "alt_text": "Costs", "slack_file": {"id": file_id}}
    assert error_of(client, "chat.postMessage", channel=GENERAL, text="x", blocks=[picture]) == ""
    absent = [{**picture, "slack_file": {"id": "F0ABSENT"}}]
    assert error_of(client, "chat.postMessage", channel=GENERAL, text="x", blocks=absent) == "invalid_blocks"


# -- conversations, the assistant, validation --------------------------------------------------------------------------


def test_conversations_tell_what_the_scopes_allow() -> None:
    with LocalSlack(scopes=["channels:read", "im:write"]) as slack:
        client = client_of(slack)
        assert client.conversations_open(users=ALEX.id)["channel"]["id"] == "D0ALEX01"
        info = client.conversations_info(channel=FINOPS)["channel"]
        assert (info["name"], info["is_member"], info["is_archived"]) == ("finops", False, False)
        assert error_of(client, "conversations.info", channel="D0ALEX01") == "missing_scope"
        assert error_of(client, "conversations.info", channel=BOARD) == "channel_not_found"


def test_a_status_lasts_until_the_next_post_or_two_minutes(slack: LocalSlack, client: WebClient) -> None:
    parent = said(slack)

    def status() -> str:
        now = slack.world.status_of(GENERAL, parent.ts)
        return now.text if now else ""

    client.assistant_threads_setStatus(channel_id=GENERAL, thread_ts=parent.ts, status="is computing")
    assert status() == "is computing"
    client.chat_postMessage(channel=GENERAL, text="done", thread_ts=parent.ts)
    assert status() == ""
    client.assistant_threads_setStatus(channel_id=GENERAL, thread_ts=parent.ts, status="is computing")
    slack.advance(121)
    assert status() == ""


def test_a_status_has_at_most_ten_messages(slack: LocalSlack, client: WebClient) -> None:
    thread = {"channel_id": GENERAL, "thread_ts": said(slack).ts, "status": "is computing"}
    assert error_of(client, "assistant.threads.setStatus", **thread, loading_messages=["m"] * 10) == ""
    assert error_of(client, "assistant.threads.setStatus", **thread, loading_messages=["m"] * 11) == "invalid_arguments"


def test_prompts_with_a_thread_are_lost_in_silence(slack: LocalSlack, client: WebClient) -> None:
    prompts = [{"title": "Start", "message": "Compare AWS and Azure"}]
    call = {"channel_id": "D0ALEX01", "prompts": prompts}
    assert error_of(client, "assistant.threads.setSuggestedPrompts", **call, thread_ts="1.000001") == ""
    assert slack.world.prompts == {}
    assert error_of(client, "assistant.threads.setSuggestedPrompts", **call) == ""
    assert {"D0ALEX01": prompts} == slack.world.prompts
    assert error_of(client, "assistant.threads.setSuggestedPrompts", channel_id="D0ALEX01", prompts=prompts * 5) == "invalid_arguments"


def test_blocks_are_validated_without_a_token(slack: LocalSlack) -> None:
    good = {"blocks": json.dumps([{"type": "divider"}])}
    bad = {"message": json.dumps({"blocks": [{"type": "section"}]})}
    both = {**good, **bad}
    answers = [WEB.post(f"{slack.api_url}blocks.validate", data=given).json() for given in (good, bad, both)]
    problem = {"code": "invalid_blocks", "pointer": "/message/blocks/0", "message": "missing required field: text", "constraint": "breach"}
    assert [{"ok": True, "errors": []}, {"ok": False, "error": "invalid_blocks", "errors": [problem]}] == answers[:2]
    assert answers[2]["error"] == "invalid_arguments"


def test_a_default_app_has_a_manifest(slack: LocalSlack) -> None:
    assert slack.world.manifest == MANIFEST
