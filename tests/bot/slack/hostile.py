"""Requests that Slack would not send, signed as if it had; what is kept before and after them; what was logged."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.conversation import Conversation
from bot.redaction import Redaction
from tests.bot.slack.harness import Bot
from tests.bot.storage.kept import every_row

QUEUE = {"seen", "alembic_version", "jobs", "lanes"}  # what came, and what is to be done about it: no part of what people made

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
TEAM, OTHER_TEAM = "T0SANDBOX", "T0OTHER"
Payload = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """The answer as it was sent: Bolt changes its own object when a listener fails later."""

    status: int
    body: str


def signed(bot: Bot, body: str, kind: str = FORM, *, secret: str = "", age_s: int = 0, headers: Mapping[str, str] = {}) -> Answered:
    timestamp = str(int(time.time()) - age_s)
    signature = SignatureVerifier(secret or bot.slack.signing_secret).generate_signature(timestamp=timestamp, body=body) or ""
    own = {"content-type": kind, "x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    answer = bot.app.dispatch(BoltRequest(body=body, headers={**own, **headers}))
    return Answered(answer.status, answer.body or "")


def interact(bot: Bot, payload: Payload) -> Answered:
    """A click, a form or a shortcut; returns once its listener has finished."""
    answer = signed(bot, urlencode({"payload": json.dumps(payload)}))
    bot.settled()
    return answer


def command(bot: Bot, user: str, channel: str, text: str, *, team: str = TEAM, trigger: str = "1.2.abc") -> Answered:
    own = {"team_id": team, "user_id": user, "channel_id": channel, "command": "/whichcloud", "text": text, "trigger_id": trigger}
    answer = signed(bot, urlencode(own))
    bot.settled()
    return answer


def event(bot: Bot, inner: Payload, *, team: str = TEAM, event_id: str = "Ev1", headers: Mapping[str, str] = {}) -> Answered:
    body = {"type": "event_callback", "team_id": team, "event_id": event_id, "event_time": 1, "api_app_id": "A0BOT001", "event": inner}
    answer = signed(bot, json.dumps(body), JSON, headers=headers)
    bot.settled()
    return answer


def click(user: str, action_id: str, value: str, channel: str | None, thread: str = "1.0", *, team: str = TEAM, **more: Any) -> Payload:
    """A press of a button; without a channel as from a form or the Home tab."""
    place: Payload = {"type": "view", "view_id": "V1"}
    if channel:
        place = {"type": "message", "message_ts": "1.5", "channel_id": channel, "thread_ts": thread, "is_ephemeral": False}
    action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value, "action_ts": f"{time.time():.6f}"}
    return {
        "type": "block_actions", "team": {"id": team, "domain": "d"}, "user": {"id": user, "team_id": team}, "api_app_id": "A0BOT001",
        "container": place, "trigger_id": "1.2.abc", "actions": [{**action, **more}], **({"channel": {"id": channel}} if channel else {}),
    }  # fmt: skip


def submission(user: str, callback_id: str, metadata: str, values: Mapping[str, Any], *, team: str = TEAM, view: str = "V1") -> Payload:
    """A form that comes back: its fields were empty when it opened."""
    blocks = [{"type": "input", "block_id": name, "element": {"type": "plain_text_input", "action_id": name}} for name in values]
    state = {
        name: {name: value if isinstance(value, dict) else {"type": "plain_text_input", "value": value}} for name, value in values.items()
    }
    form = {
        "id": view,
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "blocks": blocks,
        "state": {"values": state},
    }
    return {"type": "view_submission", "team": {"id": team}, "user": {"id": user, "team_id": team}, "trigger_id": "1.2.abc", "view": form}


# -- what is kept and said ---------------------------------------------------------------------------------------------


def kept(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Everything in the database but the marks of what was seen."""
    return {name: rows for name, rows in every_row(f"sqlite:///{folder / 'bot.db'}").items() if name not in QUEUE}


def conversation_in(bot: Bot, channel: str, thread: str) -> Conversation:
    with bot.database.workspace(TEAM) as work:
        found = work.conversation_in(channel, thread)
    assert found is not None
    return found


@dataclass
class Said:
    """What the bot said while somebody looked, and what stood in its log, as it is written."""

    lines: list[str] = field(default_factory=list)
    sent: list[Payload] = field(default_factory=list)

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    @property
    def text(self) -> str:
        return "\n".join(str(each) for each in self.sent)


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.addFilter(Redaction())
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def listening(bot: Bot) -> Iterator[Said]:
    """What is sent and logged within the block, the log through the filter that the process has."""
    said, before = Said(), len(bot.slack.recorded)
    handler, root = _Lines(said.lines), logging.getLogger()
    level, others = root.level, root.handlers[:]
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    try:
        yield said
    finally:
        bot.settled()
        root.handlers[:] = others
        root.setLevel(level)
        said.sent += [call.args for call in bot.slack.recorded[before:]]
