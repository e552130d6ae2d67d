"""What Slack sends, as values at once. Nothing in it is trusted beyond who acted where: ids are looked up, numbers parsed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import ids

Payload = Mapping[str, Any]
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_ROUND = re.compile(r"[0-9]{1,6}")
_ID = re.compile(r"[0-9a-f]{24}")


class Forged(Exception):
    """A value that none of our buttons and forms carries."""


@dataclass(frozen=True)
class Where:
    """Who acted in which workspace, channel and thread; the last two are None in a form and on the Home tab."""

    workspace: str
    user: str
    channel: str | None = None
    thread: str | None = None


def where_of(body: Payload) -> Where:
    """From a command, a click, a form, a shortcut or an event."""
    if "event" in body:
        return _where_of_event(body)
    if "command" in body:
        return Where(_workspace(body), str(body["user_id"]), str(body["channel_id"]))
    container = body.get("container", {})
    message = body.get("message", {})
    channel = container.get("channel_id") or body.get("channel", {}).get("id")
    thread = container.get("thread_ts") or message.get("thread_ts") or container.get("message_ts") or message.get("ts")
    return Where(_workspace(body), str(body["user"]["id"]), channel, thread)


def _where_of_event(body: Payload) -> Where:
    event = body["event"]
    thread = event.get("thread_ts") or event.get("ts")
    return Where(_workspace(body), str(event.get("user", "")), event.get("channel"), thread)


def _workspace(body: Payload) -> str:
    """The workspace in which it happened; for an app of a whole organisation, its id where there is no workspace."""
    team = body.get("team") or {}
    found = body.get("team_id") or team.get("id") or body.get("user", {}).get("team_id") or body.get("enterprise_id")
    if not found:
        raise Forged
    return str(found)


@dataclass(frozen=True)
class Click:
    """A press of a button or a choice in a menu: the parts of its action id, what it carries, and the key by which it is seen once."""

    where: Where
    parts: tuple[str, ...]
    value: str
    at: str
    key: str


def click_of(body: Payload) -> Click:
    action = body["actions"][0]
    chosen = action.get("selected_option")
    value = chosen["value"] if chosen else action.get("value", "")
    where, at = where_of(body), timestamp(str(action.get("action_ts", "")))
    place = body.get("container", {}).get("message_ts") or body.get("view", {}).get("id", "")
    return Click(where, tuple(action["action_id"].split(ids.SEPARATOR)), value, at, f"click:{where.user}:{place}:{at}")


def conversation_and_round(value: str) -> tuple[str, int]:
    """What our buttons carry: ID:ROUND."""
    conversation, _, round_ = value.partition(ids.SEPARATOR)
    if not _ID.fullmatch(conversation) or not _ROUND.fullmatch(round_):
        raise Forged
    return conversation, int(round_)


def conversation_of(verdict: str) -> str:
    """The conversation in the id of a verdict: ID-ROUND-NUMBER."""
    conversation = verdict.partition("-")[0]
    if not _ID.fullmatch(conversation):
        raise Forged
    return conversation


def metadata(conversation: str, at: str) -> str:
    """What a form carries: the conversation, and when the form was opened."""
    return ids.action(conversation, at)


def read_metadata(view: Payload) -> tuple[str, str]:
    conversation, _, at = str(view.get("private_metadata", "")).partition(ids.SEPARATOR)
    if not _ID.fullmatch(conversation):
        raise Forged
    return conversation, timestamp(at)


def timestamp(text: str) -> str:
    """A timestamp of Slack's, or Forged."""
    if not _TS.fullmatch(text):
        raise Forged
    return text
