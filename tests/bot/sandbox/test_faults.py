"""Every fault that can be switched on, as the real client and a real bot meet it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.sandbox.deliver import DISPATCH_FAILED, Outcome, Retry
from bot.sandbox.faults import RANDOM_FAULTS, CallFault, RandomFault
from bot.sandbox.seed import ALEX, BO, BOT_USER_ID, GENERAL
from bot.sandbox.server import LocalSlack
from tests.bot.sandbox.small_bot import SmallBot, Taking, client_of, reached, small_bot
from tests.bot.sandbox.test_webapi_chat import error_of, shown

MENTION = f"<@{BOT_USER_ID}> hello"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with LocalSlack() as slack:
        yield slack


@pytest.fixture
def client(slack: LocalSlack) -> WebClient:
    return client_of(slack)


@pytest.fixture
def bot(slack: LocalSlack) -> SmallBot:
    bot = small_bot(slack)
    slack.connect_app(bot.app)
    return bot


# -- calls -------------------------------------------------------------------------------------------------------------


def test_a_code_is_answered_as_often_as_asked(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.fail("chat.postMessage", "is_archived", times=2)
    answers = [error_of(client, "chat.postMessage", channel=GENERAL, text="x") for _ in range(3)]
    assert answers == ["is_archived", "is_archived", ""]
    assert shown(slack) == [("x", 0)]


def test_a_fault_of_one_method_leaves_the_others_alone(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.fail("chat.update", "internal_error")
    assert error_of(client, "auth.test") == ""
    slack.faults.fail("*", "fatal_error")
    assert [error_of(client, "auth.test"), error_of(client, "auth.test")] == ["fatal_error", ""]
    slack.faults.clear()
    assert error_of(client, "chat.update", channel=GENERAL, ts="1.000001", text="x") == "message_not_found"


def test_a_rate_limit_says_how_long_to_wait(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after_s=7)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="x")
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["retry-after"]) == (429, "ratelimited", "7")


def test_the_clients_handler_waits_and_tries_again(slack: LocalSlack) -> None:
    patient = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[RateLimitErrorRetryHandler(1)])
    slack.faults.rate_limit("*", retry_after_s=0)
    patient.chat_postMessage(channel=GENERAL, text="x")
    assert shown(slack) == [("x", 0)]


def test_a_server_error_comes_before_the_effect(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.break_down("chat.postMessage", status=503)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=GENERAL, text="x")
    assert (caught.value.response.status_code, shown(slack)) == (503, [])


@pytest.mark.parametrize(("when", "posted"), [("before", []), ("after", [("x", 0)])])
def test_a_dropped_connection_is_seen_as_such(slack: LocalSlack, client: WebClient, when: Any, posted: list[tuple[str, int]]) -> None:
    slack.faults.drop("chat.postMessage", when=when)
    with pytest.raises(http.client.RemoteDisconnected):
        client.chat_postMessage(channel=GENERAL, text="x")
    assert posted == shown(slack)
    assert error_of(client, "auth.test") == ""


def test_the_clients_default_handler_posts_twice(slack: LocalSlack) -> None:
    hasty = WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[ConnectionErrorRetryHandler(1)])
    slack.faults.drop("chat.postMessage", when="after")
    hasty.chat_postMessage(channel=GENERAL, text="x")
    assert shown(slack) == [("x", 0), ("x", 0)]


def test_a_slow_answer_runs_into_the_clients_timeout(slack: LocalSlack) -> None:
    slack.faults.slow("auth.test", seconds=1.5)
    with pytest.raises(TimeoutError):
        WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=1).auth_test()


def test_the_bytes_of_an_upload_can_fail(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.break_down("upload")
    with pytest.raises(HTTPError) as caught:
        client.files_upload_v2(channel=GENERAL, filename="a.txt", content="x")
    caught.value.close()
    slack.faults.drop("upload", when="after")
    with pytest.raises(http.client.RemoteDisconnected):
        client.files_upload_v2(channel=GENERAL, filename="a.txt", content="x")
    client.files_upload_v2(channel=GENERAL, filename="a.txt", content="x")
    assert shown(slack) == [("", 0)]


def test_a_post_to_a_response_url_can_fail(slack: LocalSlack) -> None:
    url = WebhookClient(slack.tickets.new_response_url(GENERAL, ALEX.id))
    slack.faults.break_down("response_url", status=500)
    assert [url.send(text=text).status_code for text in ("one", "two")] == [500, 200]
    assert shown(slack) == [("two", 0)]


def test_slacks_own_limits_are_off_until_wanted(slack: LocalSlack, client: WebClient) -> None:
    assert [error_of(client, "chat.postMessage", channel=GENERAL, text="x") for _ in range(5)] == [""] * 5
    slack.faults.rate_limited_as_slack = True
    answers = [error_of(client, "chat.postMessage", channel=GENERAL, text="x") for _ in range(4)]
    assert answers == ["", "", "", "ratelimited"]
    slack.advance(10)
    assert error_of(client, "chat.postMessage", channel=GENERAL, text="x") == ""


def test_a_token_can_be_revoked(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.revoke_token()
    assert error_of(client, "chat.postMessage", channel=GENERAL, text="x") == "token_revoked"


# -- at random ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "met", "posted"),
    [
        pytest.param("rate_limit", (429, "ratelimited", "1"), [], id="429"),
        pytest.param("unavailable_before", (503, "internal_error", None), [], id="503 before"),
        pytest.param("unavailable_after", (503, "internal_error", None), [("x", 0)], id="503 after"),
        pytest.param("drop_before", "dropped", [], id="drop before"),
        pytest.param("drop_after", "dropped", [("x", 0)], id="drop after"),
    ],
)
def test_every_call_may_meet_a_fault_of_a_kind(
    slack: LocalSlack, client: WebClient, kind: RandomFault, met: Any, posted: list[tuple[str, int]]
) -> None:
    slack.faults.at_random(7, 1.0, [kind])
    assert met == _met(lambda: client.chat_postMessage(channel=GENERAL, text="x"))
    slack.faults.clear()
    assert (posted, slack.faults.met()) == (shown(slack), {kind: 1})
    assert error_of(client, "auth.test") == ""


def _met(call: Callable[[], object]) -> Any:
    """What a call runs into: status, error and Retry-After, or a connection that ended."""
    try:
        call()
    except SlackApiError as error:
        return error.response.status_code, error.response["error"], error.response.headers.get("retry-after")
    except http.client.RemoteDisconnected:
        return "dropped"
    return ""


def test_a_fault_that_is_set_comes_before_one_at_random(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.at_random(7, 1.0, ["rate_limit"], methods=["chat.postMessage"])
    slack.faults.fail("chat.postMessage", "is_archived")
    answers = [error_of(client, "chat.postMessage", channel=GENERAL, text="x") for _ in range(2)]
    assert (answers, error_of(client, "auth.test")) == (["is_archived", "ratelimited"], "")


def test_faults_at_random_come_as_often_as_asked_and_the_same_for_a_seed(slack: LocalSlack) -> None:
    def drawn(seed: int, share: float) -> list[CallFault]:
        slack.faults.at_random(seed, share)
        return [slack.faults.next_for("auth.test") for _ in range(2_000)]

    first, again, other, never = drawn(1, 0.25), drawn(1, 0.25), drawn(2, 0.25), drawn(1, 0.0)
    assert (first == again, first == other, set(never)) == (True, False, {CallFault()})
    # 2,000 calls of which a quarter fails: 500, give or take five standard deviations of 19.4.
    assert 403 <= sum(fault != CallFault() for fault in first) <= 597
    assert {fault for fault in first if fault != CallFault()} == set(RANDOM_FAULTS.values())


def test_threads_share_the_faults_at_random(slack: LocalSlack) -> None:
    slack.faults.at_random(3, 0.5)
    found: list[CallFault] = []
    threads = [threading.Thread(target=lambda: found.extend(slack.faults.next_for("auth.test") for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), sum(slack.faults.met().values())) == (2_000, sum(fault != CallFault() for fault in found))


def test_a_post_to_a_response_url_meets_them_too(slack: LocalSlack) -> None:
    url = WebhookClient(slack.tickets.new_response_url(GENERAL, ALEX.id))
    slack.faults.at_random(7, 1.0, ["unavailable_after"])
    assert url.send(text="one").status_code == 503
    slack.faults.at_random(7, 1.0, ["rate_limit"])
    limited = url.send(text="two")
    assert (limited.status_code, limited.headers["retry-after"], shown(slack)) == (429, "1", [("one", 0)])


def test_a_server_error_can_come_after_the_effect(slack: LocalSlack, client: WebClient) -> None:
    slack.faults.break_down("chat.postMessage", when="after")
    assert _met(lambda: client.chat_postMessage(channel=GENERAL, text="x")) == (503, "internal_error", None)
    assert (shown(slack), slack.recorded[-1].status, slack.recorded[-1].ok) == ([("x", 0)], 503, True)


# -- deliveries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["bad_signature", "old_timestamp"])
def test_a_delivery_that_is_badly_signed_is_turned_away(slack: LocalSlack, fault: Any) -> None:
    bot = small_bot(slack)
    with reached(slack, bot, "http"):
        slack.faults.disturb(fault)
        turned_away = slack.command(ALEX.id, GENERAL, "/whichcloud", "help")
        assert (turned_away.status, turned_away.error, bot.heard) == (401, DISPATCH_FAILED, [])
        assert slack.command(ALEX.id, GENERAL, "/whichcloud", "help").error == ""


def test_a_click_can_come_twice_with_the_same_payload(slack: LocalSlack, bot: SmallBot) -> None:
    slack.faults.disturb("duplicate")
    slack.command(ALEX.id, GENERAL, "/whichcloud", "help")
    (_, first), (_, second) = bot.heard
    assert first == second


def test_an_event_can_come_twice_with_the_same_id(slack: LocalSlack, bot: SmallBot) -> None:
    slack.faults.disturb("duplicate")
    slack.say(BO.id, GENERAL, MENTION)
    assert slack.wait_for(lambda: len(bot.heard) == 2)
    (_, first), (_, second) = bot.heard
    assert first["event_id"] == second["event_id"]
    assert (
        first["headers"].get("x-slack-retry-num"),
        second["headers"]["x-slack-retry-num"],
        second["headers"]["x-slack-retry-reason"],
    ) == (None, ["1"], ["http_timeout"])


def test_an_event_can_be_late(slack: LocalSlack, bot: SmallBot) -> None:
    slack.faults.disturb("late", seconds=30)
    slack.say(BO.id, GENERAL, f"{MENTION} first")
    slack.say(BO.id, GENERAL, f"{MENTION} second")
    assert slack.wait_for(lambda: texts(bot) == [f"{MENTION} second"])
    slack.advance(31)
    assert slack.wait_for(lambda: texts(bot) == [f"{MENTION} second", f"{MENTION} first"])


def test_events_can_come_in_reverse(slack: LocalSlack, bot: SmallBot) -> None:
    slack.faults.disturb("reordered", times=2)
    for word in ("one", "two", "three"):
        slack.say(BO.id, GENERAL, f"{MENTION} {word}")
    assert slack.wait_for(lambda: texts(bot) == [f"{MENTION} {word}" for word in ("two", "one", "three")])


def texts(bot: SmallBot) -> list[str]:
    return [body["event"]["text"] for _, body in bot.heard]


def test_an_event_that_is_not_taken_is_tried_four_times(slack: LocalSlack) -> None:
    failing = Taking(Outcome(500, "", DISPATCH_FAILED))
    slack.reach(failing)
    slack.say(BO.id, GENERAL, MENTION)
    assert slack.wait_for(lambda: failing.attempts == [None, Retry(1, "http_error")])
    slack.advance(61)
    assert Retry(2, "http_error") == failing.attempts[-1]
    slack.advance(301)
    slack.advance(3600)
    assert [None, *(Retry(number, "http_error") for number in (1, 2, 3))] == failing.attempts


def test_a_bot_can_forbid_the_retry(slack: LocalSlack) -> None:
    failing = Taking(Outcome(500, "", DISPATCH_FAILED, {"x-slack-no-retry": "1"}))
    slack.reach(failing)
    slack.say(BO.id, GENERAL, MENTION)
    assert slack.wait_for(lambda: failing.attempts == [None])
    slack.advance(3600)
    assert failing.attempts == [None]
