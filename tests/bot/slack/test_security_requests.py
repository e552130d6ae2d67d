"""Requests as such: who may send them, what they may lack, how large they may be, and what of them reaches the log."""

from __future__ import annotations

import copy
import json
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.web import Web
from tests.bot.slack.harness import Bot
from tests.bot.slack.hostile import (
    FORM,
    JSON,
    Answered,
    Payload,
    click,
    command,
    conversation_in,
    event,
    interact,
    kept,
    listening,
    signed,
    submission,
)

SECRET = "Xyzzy-47"


# -- signatures --------------------------------------------------------------------------------------------------------

BAD: dict[str, dict[str, Any]] = {
    "signed with another secret": {"secret": "0" * 32},
    "signed five minutes ago and one second": {"age_s": 301},
    "signed in the future": {"age_s": -400},
    "without a signature": {"headers": {"x-slack-signature": ""}},
    "without a time": {"headers": {"x-slack-request-timestamp": ""}},
    "a time in words": {"headers": {"x-slack-request-timestamp": "now"}},
    "of another version": {"headers": {"x-slack-signature": "v1=" + "0" * 64}},
}
BODIES = {
    "a command": (f"command=%2Fwhichcloud&text={SECRET}&team_id=T0SANDBOX&user_id=U0ALEX01&channel_id=C0ML&trigger_id=1.2.3", FORM),
    "a click": (urlencode({"payload": json.dumps(click("U0ALEX01", "start", SECRET, "C0ML"))}), FORM),
    "an event": (json.dumps({"type": "event_callback", "team_id": "T0SANDBOX", "event": {"type": "app_mention", "text": SECRET}}), JSON),
}


def test_what_slack_did_not_sign_is_refused_and_not_logged(bot: Bot, tmp_path: Path) -> None:
    before = kept(tmp_path)
    for (how, bad), (name, (body, kind)) in product(BAD.items(), BODIES.items()):
        with listening(bot) as said:
            assert (how, name, signed(bot, body, kind, **bad).status) == (how, name, 401)
        assert SECRET not in said.log, said.log
        assert said.sent == []
    assert kept(tmp_path) == before


def test_a_time_that_is_none_is_refused_before_bolt_sees_it(bot: Bot) -> None:
    """Bolt takes it for a mistake of ours, and would tell somebody of it: whoever the unsigned request names."""
    for at in ("", "now", "-1", "1e9", "\u0661", "9" * 400):
        with listening(bot) as said:
            assert (at, _over_http(bot, at)) == (at, "401 Unauthorized")
        assert said.sent == []
        assert SECRET not in said.log


def _over_http(bot: Bot, at: str) -> str:
    answers: list[str] = []
    body = BODIES["a command"][0].encode()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/slack/events", "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": FORM,
        "HTTP_X_SLACK_REQUEST_TIMESTAMP": at, "HTTP_X_SLACK_SIGNATURE": "v0=" + "0" * 64, "wsgi.input": BytesIO(body), "QUERY_STRING": "",
    }  # fmt: skip
    Web(bot.app, lambda: True)(environ, lambda status, headers, *_: answers.append(status))  # type: ignore[arg-type]  # as WSGI has it
    return answers[0]


@pytest.mark.parametrize("changed", [BODIES["a command"][0] + "&text=more", BODIES["a command"][0][:-1]], ids=["longer", "shorter"])
def test_a_request_that_was_changed_after_it_was_signed_is_refused(bot: Bot, changed: str) -> None:
    at = str(int(time.time()))
    signature = SignatureVerifier(bot.slack.signing_secret).generate_signature(timestamp=at, body=BODIES["a command"][0]) or ""
    headers: dict[str, str | Sequence[str]] = {"content-type": FORM, "x-slack-request-timestamp": at, "x-slack-signature": signature}
    assert bot.app.dispatch(BoltRequest(body=changed, headers=headers)).status == 401


def test_a_request_that_is_replayed_changes_nothing_the_second_time(bot: Bot, tmp_path: Path) -> None:
    """Within five minutes the signature still holds: only what was seen protects."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.settled()
    id = conversation_in(bot, channel, thread).id
    body = urlencode({"payload": json.dumps(click(alex, "answer:footprint:aws", f"{id}:1", channel, thread))})
    assert signed(bot, body).status == 200
    bot.settled()
    after = kept(tmp_path)
    with listening(bot) as said:
        assert signed(bot, body).status == 200
    assert (kept(tmp_path), said.sent) == (after, [])


# -- parts that are missing --------------------------------------------------------------------------------------------

WRONG: tuple[Any, ...] = ("missing", None, "", "missing", [], {}, "\0")
BOLTS_OWN = [("actions",), ("actions", 0), ("actions", 0, "action_id")]  # what Bolt reads before it finds a listener


def paths(payload: Any, depth: int = 4) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a payload."""
    if depth and isinstance(payload, dict | list):
        for key in payload if isinstance(payload, dict) else range(len(payload)):
            yield (key,)
            yield from ((key, *rest) for rest in paths(payload[key], depth - 1))


def changes(payload: Payload) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each part once: left out, or something else in its place."""
    for at, path in enumerate(path for path in paths(payload) if path not in BOLTS_OWN):
        yield path, WRONG[at % len(WRONG)]


def without(payload: Payload, path: tuple[Any, ...], wrong: Any) -> Payload:
    changed = copy.deepcopy(payload)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    if wrong == "missing":
        del inner[path[-1]]
    else:
        inner[path[-1]] = wrong
    return changed


def whole_payloads(bot: Bot, id: str, thread: str) -> dict[str, Payload]:
    alex, channel, answers = bot.person("alex"), bot.channel("ml-platform"), {"inference_regions": "5"}
    picked = {"type": "conversations_select", "selected_conversation": channel}
    message = {"type": "message", "user": alex, "ts": "5.5", "text": SECRET}
    shortcut = {
        **click(alex, "x", "", channel),
        "type": "message_action",
        "callback_id": "advise_message",
        "message": message,
        "action_ts": "6.5",
    }
    return {
        "a click": click(alex, "answer:footprint:aws", f"{id}:1", channel, thread),
        "a click that opens a form": click(alex, "numbers", f"{id}:1", channel, thread),
        "another form": click(alex, "other:inference_regions", f"{id}:1", channel, thread),
        "a form": submission(alex, "form_other", f"{id}:1.5", answers),
        "the numbers": submission(alex, "form_numbers", f"{id}:1.5", {"gpus": SECRET}),
        "everything": submission(alex, "form_quick", f"{id}:1.5", {"footprint": SECRET}),
        "a question": submission(alex, "form_ask", f"{id}:1.5", {"question": SECRET}),
        "a report": submission(alex, "form_report", f"{id}-1-1", {"channel": picked}),
        "settings": submission(alex, "form_settings", "0", {"editors": {"type": "multi_users_select", "selected_users": [alex]}}),
        "a shortcut": {key: value for key, value in shortcut.items() if key not in ("container", "actions")},
    }  # fmt: skip


def test_a_payload_without_its_parts_breaks_nothing(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.settled()
    for kind, payload in whole_payloads(bot, conversation_in(bot, channel, thread).id, thread).items():
        for path, given in changes(payload):
            with listening(bot) as said:
                status = _status(interact, bot, without(payload, path, given))
            assert status in (200, 404), (kind, path, given)
            assert [word for word in ("ERROR", "Traceback", SECRET) if word in said.log] == [], (kind, path, given, said.log)


def _status(send: Callable[[Bot, Payload], Answered], bot: Bot, payload: Payload) -> int:
    """The status of the answer; 404 where Bolt itself stumbles while it looks for a listener: none of ours was reached."""
    try:
        return send(bot, payload).status
    except (IndexError, TypeError, AttributeError, KeyError) as error:
        files = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
        assert "slack_bolt" in files[-1], files
        assert not any("/bot/listeners/" in file for file in files), files
        return 404


EVENTS: dict[str, Payload] = {
    "a mention": {"type": "app_mention", "user": "U0ALEX01", "text": SECRET, "ts": "7.5", "channel": "C0ML", "thread_ts": "7.1"},
    "a message": {"type": "message", "channel_type": "im", "user": "U0ALEX01", "text": SECRET, "ts": "7.5", "channel": "D0ALEX01"},
    "the Home tab": {"type": "app_home_opened", "user": "U0ALEX01", "tab": "home", "channel": "D0ALEX01"},
}


def test_an_event_without_its_parts_breaks_nothing(bot: Bot) -> None:
    for kind, inner in EVENTS.items():
        for path, given in changes(inner):
            with listening(bot) as said:
                status = _status(event, bot, without(inner, path, given))
            assert status in (200, 404), (kind, path, given)
            assert [word for word in ("Traceback", SECRET) if word in said.log] == [], (kind, path, given, said.log)


# -- size --------------------------------------------------------------------------------------------------------------


def test_a_message_of_40_000_characters_is_asked_back(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    for text in ("a" * 40_000, "aws " * 10_000, "prices " + "A" * 39_990, "cost " + "--gb " * 8_000, "<" * 40_000):
        with listening(bot) as said:
            calls = len(bot.slack.recorded)
            assert bot.slack.say(alex, direct, text).status == 200
            bot.wait(partial(_called_since, bot, calls))
        assert max(len(str(each.get("blocks"))) for each in said.sent) < 15_000
        assert "ERROR" not in said.log, said.log
    assert bot.errors() == []


def _called_since(bot: Bot, calls: int) -> bool:
    return len(bot.slack.recorded) > calls


def test_a_command_of_40_000_characters_is_answered_shortly(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    for number, text in enumerate(
        ("x" * 40_000, "prices " + "<" * 39_990, "cost egress --from " + "`" * 39_970, "prices " + "A100 " * 7_000)
    ):
        with listening(bot) as said:
            assert command(bot, alex, channel, text, trigger=f"{number}.2.abc").status == 200
        assert 0 < len(said.text) < 15_000
        assert "ERROR" not in said.log, said.log
    assert bot.errors() == []


def test_a_request_larger_than_any_of_slacks_does_no_harm(bot: Bot, tmp_path: Path) -> None:
    """bot.web refuses it over HTTP; over a socket it is a message like others."""
    before = kept(tmp_path)
    huge = click(bot.person("alex"), "answer:footprint:aws", "0" * 3_000_000, bot.channel("ml-platform"))
    with listening(bot) as said:
        assert interact(bot, huge).status == 200
    assert kept(tmp_path) == before
    assert len(said.log) < 5_000
    assert len(said.text) < 5_000
