"""What Slack sends, as values at once. Nothing in it is trusted beyond who acted where: ids are looked up, numbers parsed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot import ids
from engine.case import Value, parse_answer
from engine.knowledge import Question

Payload = Mapping[str, Any]
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_ROUND = re.compile(r"[0-9]{1,6}")
_WHOLE = re.compile(r"[0-9]{1,6}")
_PLACE = re.compile(r"[A-Z][A-Z0-9]{1,30}")  # a workspace, a channel, a person: what may be put into <#…> and <@…>
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
        return Where(_workspace(body), _place(word(body, "user_id")), _place(word(body, "channel_id")))
    container, message = part(body, "container"), part(body, "message")
    channel = word(container, "channel_id") or word(part(body, "channel"), "id")
    thread = word(container, "thread_ts") or word(message, "thread_ts") or word(container, "message_ts") or word(message, "ts")
    return Where(_workspace(body), _place(word(part(body, "user"), "id")), _place(channel) if channel else None, thread or None)


def _where_of_event(body: Payload) -> Where:
    event = part(body, "event")
    thread = word(event, "thread_ts") or word(event, "ts")
    user, channel = word(event, "user"), word(event, "channel")
    return Where(_workspace(body), _place(user) if user else "", _place(channel) if channel else None, thread or None)


def _workspace(body: Payload) -> str:
    """The workspace whose installation this is for, found as Bolt finds it: in a channel that is shared, who acts may be of another one.

    For an app of a whole organisation, its id where there is no workspace.
    """
    authorized = next((word(each, "team_id") for each in body.get("authorizations") or [] if isinstance(each, Mapping)), "")
    team = word(part(body, "view"), "app_installed_team_id") or word(part(body, "team"), "id") or authorized or word(body, "team_id")
    found = team or word(part(body, "user"), "team_id") or word(body, "enterprise_id")
    return _place(found)


def _place(text: str) -> str:
    """An id of Slack's, or Forged."""
    if not _PLACE.fullmatch(text):
        raise Forged
    return text


def part(body: Payload, name: str) -> Payload:
    """An object in a payload; an empty one where there is none, or something else."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def word(body: Payload, name: str) -> str:
    """A text in a payload; an empty one where there is none, or something else."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def _needed(body: Payload, name: str) -> str:
    found = word(body, name)
    if not found:
        raise Forged
    return found


def trigger_of(body: Payload) -> str:
    """What opens a form, or Forged."""
    return _needed(body, "trigger_id")


def channel_chosen(state: Payload) -> str:
    """The channel that was picked in a field of a form, or Forged."""
    return _place(word(state, "selected_conversation"))


def form_of(body: Payload) -> Payload:
    """A form that came back, with the parts that every form has, or Forged."""
    view = part(body, "view")
    blocks, values = view.get("blocks"), part(view, "state").get("values")
    if not isinstance(blocks, list) or not isinstance(values, Mapping) or not word(view, "id"):
        raise Forged
    if not all(map(_is_block, blocks)) or not all(map(_is_state, values.values())):
        raise Forged
    if not values or not any(block.get("type") == "input" for block in blocks):
        raise Forged
    return view


def _is_block(block: object) -> bool:
    """It has an id; its element, where it has one, opened with a text or with an option."""
    if not isinstance(block, Mapping) or not isinstance(block.get("element", {}), Mapping):
        return False
    element = part(block, "element")
    return bool(word(block, "block_id")) and isinstance(element.get("initial_value", ""), str) and _is_option(element.get("initial_option"))


def _is_state(elements: object) -> bool:
    """What one block of a form holds: a text, an option or people, by element."""
    if not isinstance(elements, Mapping):
        return False
    return all(
        isinstance(each, Mapping)
        and isinstance(each.get("value"), str | None)
        and _is_option(each.get("selected_option"))
        and _is_people(each.get("selected_users"))
        for each in elements.values()
    )


def _is_people(users: object) -> bool:
    return users is None or (isinstance(users, list) and all(isinstance(user, str) for user in users))


def _is_option(option: object) -> bool:
    return option is None or (isinstance(option, Mapping) and isinstance(option.get("value"), str))


@dataclass(frozen=True)
class Click:
    """A press of a button or a choice in a menu: the parts of its action id, what it carries, and the key by which it is seen once."""

    where: Where
    parts: tuple[str, ...]
    value: str
    at: str
    key: str
    message: str = ""  # the timestamp of the message that was pressed; empty for a view and for what only one person sees

    def part(self, at: int) -> str:
        """A part of the action id; empty where it has no such part."""
        return self.parts[at] if at < len(self.parts) else ""


def click_of(body: Payload) -> Click:
    pressed = body.get("actions")
    if not isinstance(pressed, list) or not pressed or not isinstance(pressed[0], Mapping):
        raise Forged
    action = pressed[0]
    value = word(part(action, "selected_option"), "value") or word(action, "value")
    where, at = where_of(body), timestamp(word(action, "action_ts"))
    place = word(part(body, "container"), "message_ts") or word(part(body, "view"), "id")
    seen_by_all = not part(body, "container").get("is_ephemeral")
    message = word(part(body, "container"), "message_ts") if seen_by_all else ""
    return Click(where, tuple(word(action, "action_id").split(ids.SEPARATOR)), value, at, f"click:{where.user}:{place}:{at}", message)


def answer_named(question: Question, text: str) -> Value:
    """The answer that a button names, or Forged."""
    try:
        return parse_answer(question, int(text) if question.whole_number and _WHOLE.fullmatch(text) else text)
    except ValueError:
        raise Forged from None


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
    conversation, _, at = word(view, "private_metadata").partition(ids.SEPARATOR)
    if not _ID.fullmatch(conversation):
        raise Forged
    return conversation, timestamp(at)


def timestamp(text: str) -> str:
    """A timestamp of Slack's, or Forged."""
    if not _TS.fullmatch(text):
        raise Forged
    return text
