"""The real bot in a local Slack, in one process: what people do, and what they then see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from slack_bolt import App

from bot.app import LISTENERS, build_app, build_client, build_office, utc_now
from bot.manifest import read_manifest
from bot.office import Office
from bot.sandbox.acts import Outcome
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message
from bot.settings import Settings
from bot.storage import Database, open_database
from engine.rulebook import Rulebook

P6 = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": "5", "mlops_capacity": "no"}


@dataclass(frozen=True)
class Bot:
    """Everything that a test may look at or drive."""

    slack: LocalSlack
    app: App
    office: Office
    database: Database

    def channel(self, name: str) -> str:
        return next(c.id for c in self.slack.world.channels.values() if c.name == name)

    def direct(self, user: str) -> str:
        """The direct message of a person with the bot."""
        return next(c.id for c in self.slack.world.channels.values() if c.kind == "dm" and user in c.members)

    def person(self, name: str) -> str:
        return next(p.id for p in self.slack.world.people.values() if p.name == name)

    # -- seeing ----------------------------------------------------------------------------------------------------

    def top(self, channel: str, viewer: str) -> list[Message]:
        return list(self.slack.world.messages_in(channel, viewer))

    def thread(self, channel: str, ts: str, viewer: str) -> list[Message]:
        return list(self.slack.world.replies_in(channel, ts, viewer))

    def wait(self, condition: Callable[[], Any]) -> Any:
        """What the condition found, once it found something; fails where it never does."""
        found: list[Any] = []

        def look() -> bool:
            result = condition()
            if result:
                found.append(result)
            return bool(result)

        assert self.slack.wait_for(look), f"nothing of the kind happened; errors: {self.errors()}"
        return found[-1]

    def settled(self) -> None:
        """Waits until every listener has finished what it was given: all threads meet, so each has to come back first."""
        everybody = threading.Barrier(LISTENERS)
        executor = self.app.listener_runner.listener_executor
        for future in [executor.submit(everybody.wait, 20) for _ in range(LISTENERS)]:
            future.result(timeout=30)

    def errors(self) -> list[Any]:
        return [(each.method, each.answer) for each in self.slack.recorded if not each.answer.get("ok", True)]

    # -- a whole conversation --------------------------------------------------------------------------------------

    def start(self, user: str, channel: str) -> str:
        """`/whichcloud`; the thread in which the first question stands."""
        before = {message.ts for message in self.top(channel, user)}
        assert self.slack.command(user, channel, "/whichcloud", "").status == 200
        head = self.wait(lambda: [m for m in self.top(channel, user) if m.ts not in before])[0]
        self.wait(lambda: self.thread(channel, head.ts, user))
        return str(head.ts)

    def button(self, user: str, channel: str, thread: str, action_id: str) -> Message:
        """The newest message of a thread that has this button."""
        found: Message = self.wait(lambda: [m for m in self.thread(channel, thread, user) if action_id in action_ids(m.blocks)])[-1]
        return found

    def press(self, user: str, channel: str, thread: str, action_id: str, **chosen: Any) -> Outcome:
        message = self.button(user, channel, thread, action_id)
        return self.slack.click(user, message.ts, channel, action_id, **chosen)

    def answer_all(self, user: str, channel: str, thread: str, answers: dict[str, str] | None = None) -> None:
        for question, answer in (answers or P6).items():
            assert self.press(user, channel, thread, f"answer:{question}:{answer}").status == 200

    def advised(self, user: str, channel: str, thread: str) -> Message:
        """All five answers of case P6, typical numbers; the message with the verdict."""
        self.answer_all(user, channel, thread)
        self.press(user, channel, thread, "typical")
        return self.button(user, channel, thread, "numbers:refine")


def action_ids(blocks: Any) -> list[str]:
    """Every action id in some blocks."""
    if isinstance(blocks, dict):
        own = [blocks["action_id"]] if "action_id" in blocks else []
        return own + [each for value in blocks.values() for each in action_ids(value)]
    return [each for value in blocks for each in action_ids(value)] if isinstance(blocks, list | tuple) else []


def texts(blocks: Any) -> str:
    """Every text in some blocks, line by line."""
    if isinstance(blocks, dict):
        own = [blocks["text"]] if isinstance(blocks.get("text"), str) else []
        return "\n".join(filter(None, own + [texts(value) for value in blocks.values() if not isinstance(value, str)]))
    return "\n".join(filter(None, map(texts, blocks))) if isinstance(blocks, list | tuple) else ""


@contextmanager
def bot_in_local_slack(rulebook: Rulebook, folder: Path, **slack_options: Any) -> Iterator[Bot]:
    """The bot, its database in `folder`, called in process with signed requests."""
    manifest = slack_options.pop("manifest", None) or read_manifest()
    with LocalSlack(manifest=manifest, **slack_options) as slack:
        settings = Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_signing_secret=SecretStr(slack.signing_secret),
            whichcloud_slack_api=slack.api_url,
        )
        database = open_database(f"sqlite:///{folder / 'bot.db'}", utc_now)
        office = build_office(settings, rulebook, database)
        app = build_app(office, build_client(settings))
        slack.connect_app(app)
        try:
            yield Bot(slack, app, office, database)
        finally:
            app.listener_runner.listener_executor.shutdown(wait=True)
            database.close()
