"""What Slack sends for the acts of people, in the fields that a bot may read, and of a size as it comes."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bot.sandbox.shown import state_of
from tests.bench.load.wire import FORM, JSON, Request

Json = dict[str, Any]
BOT_USER = "U0BOT"
_count = itertools.count(1)


@dataclass(frozen=True)
class Place:
    """Who acts where. The ids of a channel and a person begin with the number of their workspace."""

    team: str
    channel: str
    user: str

    @classmethod
    def of(cls, workspace: int, number: int) -> Place:
        return cls(f"T{workspace:04d}", f"C{workspace:04d}X{number}", f"U{workspace:04d}X{number}")


@dataclass(frozen=True)
class Answers:
    """Where the stand-in for Slack listens, for response URLs."""

    base: str

    def url(self, place: Place) -> str:
        return f"{self.base}/response/{place.channel}/{place.user}"


def new_ts() -> str:
    """Never the same twice, as Slack's are."""
    return f"{int(time.time())}.{next(_count) % 1_000_000:06d}"


def new_trigger(place: Place) -> str:
    """It ends with the channel, so that a form is known for whose it is."""
    return f"{time.time_ns()}.{next(_count)}.{place.channel}"


def command(place: Place, answers: Answers, text: str, trigger: str) -> Request:
    sent = {
        "token": "load", "team_id": place.team, "team_domain": "load", "channel_id": place.channel, "channel_name": "ml-platform",
        "user_id": place.user, "user_name": "somebody", "command": "/whichcloud", "text": text, "api_app_id": "A0LOAD",
        "is_enterprise_install": "false", "response_url": answers.url(place), "trigger_id": trigger,
    }  # fmt: skip
    return Request("command", urlencode(sent).encode(), FORM)


def press(place: Place, answers: Answers, message: Json, action: Json, trigger: str) -> Request:
    """A button or a menu in a message, which comes with the message around it."""
    container = {"type": "message", "message_ts": message["ts"], "channel_id": place.channel, "is_ephemeral": False}
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    sent = _interaction("block_actions", place) | {
        "container": container, "trigger_id": trigger, "channel": {"id": place.channel, "name": "ml-platform"},
        "state": {"values": state_of(message["blocks"], {})}, "response_url": answers.url(place),
        "actions": [{**action, "action_ts": new_ts()}], "message": {**message, "team": place.team},
    }  # fmt: skip
    return _interactive("press", sent)


def submission(place: Place, view: Json, typed: Mapping[str, str]) -> Request:
    """A form sent with these fields typed anew; all others as they were when it opened."""
    given = {name: {name: {"type": "plain_text_input", "value": text}} for name, text in typed.items()}
    shown = {**view, "state": {"values": state_of(view["blocks"], given)}, "hash": "1.load", "app_id": "A0LOAD", "bot_id": "B0BOT"}
    return _interactive(
        "form", _interaction("view_submission", place) | {"trigger_id": new_trigger(place), "view": shown, "response_urls": []}
    )


def mention(place: Place, thread: str, text: str) -> Request:
    ts = new_ts()
    event = {
        "type": "app_mention", "user": place.user, "text": f"<@{BOT_USER}> {text}", "ts": ts, "thread_ts": thread, "channel": place.channel,
        "event_ts": ts, "team": place.team, "client_msg_id": ts,
    }  # fmt: skip
    sent = {
        "token": "load", "team_id": place.team, "context_team_id": place.team, "api_app_id": "A0LOAD", "event": event,
        "type": "event_callback", "event_id": f"Ev{ts.replace('.', '')}", "event_time": int(time.time()),
        "authorizations": [
            {"enterprise_id": None, "team_id": place.team, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
        ],
    }  # fmt: skip
    return Request("event", json.dumps(sent).encode(), JSON)


def _interaction(kind: str, place: Place) -> Json:
    user = {"id": place.user, "username": "somebody", "name": "somebody", "team_id": place.team}
    return {"type": kind, "team": {"id": place.team, "domain": "load"}, "user": user, "api_app_id": "A0LOAD", "token": "load",
            "enterprise": None, "is_enterprise_install": False}  # fmt: skip


def _interactive(kind: str, sent: Json) -> Request:
    return Request(kind, urlencode({"payload": json.dumps(sent)}).encode(), FORM)
