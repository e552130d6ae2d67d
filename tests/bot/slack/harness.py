"""The real bot in a local Slack, in one process: what people do, and what they then see."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import SecretStr
from slack_bolt import App

from bot.app import LISTENERS, build_app, build_client, build_office, utc_now
from bot.buckets import Rate
from bot.clients import OneWorkspace
from bot.fairness import Fairness
from bot.handlers import duties
from bot.jobs import Workers
from bot.manifest import read_manifest
from bot.office import Office
from bot.qa.asker import Asker
from bot.sandbox import responses
from bot.sandbox.acts import Outcome
from bot.sandbox.server import LocalSlack
from bot.sandbox.world import Message, OpenView
from bot.settings import Settings
from bot.storage import Database, open_database
from bot.understanding import Listener
from engine.rulebook import Rulebook
from tests.bot.payloads import Surface, validate_payload

_UNHURRIED = Rate(100_000, 100_000)  # a test presses faster than people
P6 = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": "5", "mlops_capacity": "no"}


@dataclass(frozen=True)
class Bot:
    """Everything that a test may look at or drive."""

    slack: LocalSlack
    app: App
    office: Office
    database: Database
    answered: list[dict[str, Any]] = field(default_factory=list)  # what went to response URLs
    logged: list[logging.LogRecord] = field(default_factory=list)  # errors that the bot wrote down

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

        assert self.slack.wait_for(look), self._what_happened()
        return found[-1]

    def _what_happened(self) -> str:
        """For whoever reads a failed test: all that stands anywhere, and what went wrong."""
        messages = [m for every in self.slack.world.messages.values() for m in every]
        shown = [f"{m.ts} {m.thread_ts} to {m.ephemeral_to or 'all'}: {m.text[:90]}" for m in messages]
        logged = [record.getMessage() for record in self.logged]
        return "\n".join(["nothing of the kind happened", *shown, f"errors: {self.errors()}", f"logged: {logged}"])

    def settled(self) -> None:
        all_done(self.office)

    def errors(self) -> list[Any]:
        return [(each.method, each.answer) for each in self.slack.recorded if not each.answer.get("ok", True)]

    def calls(self, method: str) -> list[dict[str, Any]]:
        """What the bot gave to a method, call by call."""
        return [each.args for each in self.slack.recorded if each.method == method]

    def payloads(self) -> Iterator[tuple[str, Surface, dict[str, Any]]]:
        """Everything that the bot sent for people to see, whether Slack took it or not."""
        for call in self.slack.recorded:
            if call.method in ("chat.postMessage", "chat.update", "chat.postEphemeral"):
                yield call.method, "message", call.args
            elif call.method.startswith("views."):
                yield call.method, "home" if call.method == "views.publish" else "modal", call.args["view"]
        for given in self.answered:
            yield "response_url", "message", given

    def broken_payloads(self) -> list[str]:
        return [f"{sender}: {said}" for sender, surface, given in self.payloads() for said in validate_payload(given, surface)]

    def shown(self) -> str:
        """All that anybody was ever shown, in one text: for figures that must not be there."""
        return "\n".join(str(given) for _, _, given in self.payloads())

    def last(self, channel: str, thread: str, viewer: str) -> str:
        """The newest message of a thread, as it reads."""
        return texts(self.thread(channel, thread, viewer)[-1].blocks)

    def reads(self, channel: str, thread: str, viewer: str) -> str:
        """A thread as it reads."""
        return "\n".join(texts(message.blocks) for message in self.thread(channel, thread, viewer))

    def told(self, user: str, channel: str) -> list[str]:
        """What only this person sees in a channel, or in a thread of it."""
        messages = self.slack.world.messages.get(channel, ())
        return [texts(message.blocks) for message in messages if message.ephemeral_to == user and not message.deleted]

    def asked(self, user: str, channel: str, text: str) -> str:
        """What a command shows to the person who typed it."""
        before = len(self.told(user, channel))
        self.command(user, channel, text)
        self.wait(lambda: len(self.told(user, channel)) > before)
        self.settled()
        return "\n".join(self.told(user, channel)[before:])

    # -- forms -----------------------------------------------------------------------------------------------------

    def form(self, user: str) -> OpenView:
        """The form that this person has before them."""
        found: OpenView = self.wait(lambda: self.slack.world.top_view(user))
        return found

    def submit(self, user: str, **values: Any) -> Outcome:
        """The open form with these fields filled in; a field is named as its block."""
        return self.slack.submit(user, self.form(user).id, {name: {name: value} for name, value in values.items()})

    def command(self, user: str, channel: str, text: str) -> None:
        outcome = self.slack.command(user, channel, "/whichcloud", text)
        assert (outcome.status, outcome.error) == (200, "")

    def quick(self, user: str, channel: str, **more: Any) -> str:
        """Case P6 through the quick form, and what else is said; the thread of its verdict."""
        before = {message.ts for message in self.top(channel, user)}
        self.command(user, channel, "quick")
        outcome = self.submit(user, **{**P6, **more})
        assert (outcome.error, self.slack.world.top_view(user)) == ("", None), outcome
        head = self.wait(lambda: [m for m in self.top(channel, user) if m.ts not in before and not m.ephemeral_to])[0]
        self.button(user, channel, head.ts, "numbers:refine")
        return str(head.ts)

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


def all_done(office: Office) -> None:
    """Waits until everything that was begun is done: all threads beside the listeners meet, and no job waits or runs."""
    everybody = threading.Barrier(LISTENERS)
    for future in [office.aside.submit(everybody.wait, 20) for _ in range(LISTENERS)]:
        future.result(timeout=30)
    deadline = time.monotonic() + 30
    while waiting := [depth for depth in office.desk.database.depths() if depth.state == "ready"]:
        assert time.monotonic() < deadline, f"still waiting: {waiting}"
        time.sleep(0.005)


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


_TRIGGER = "bot.sandbox.tickets.TRIGGER_LASTS_S"  # a busy machine may need more than Slack's three seconds to open a form


@cache
def _migrated() -> Path:
    """A database with its tables and nothing in it, made once: the migrations are tried elsewhere."""
    path = Path(tempfile.mkdtemp(prefix="bot-tests-")) / "empty.db"
    open_database(f"sqlite:///{path}", utc_now).close()
    return path


@cache
def _listener(rulebook: Rulebook) -> Listener:
    return Listener(rulebook)


@cache
def asker(rulebook: Rulebook) -> Asker:
    return Asker(rulebook)


@contextmanager
def _listening(bot: Bot) -> Iterator[None]:
    """Keeps what goes to response URLs, which the local Slack does not record, and the errors in the log."""
    publish = responses.publish

    def recorded(api: Any, target: Any, given: dict[str, Any]) -> None:
        if not given.get("delete_original"):
            bot.answered.append(given)
        publish(api, target, given)

    class Errors(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if not record.name.startswith("slack_sdk"):  # which calls every broken connection an error
                bot.logged.append(record)

    handler = Errors(logging.ERROR)
    logging.getLogger().addHandler(handler)
    responses.publish = recorded
    try:
        yield
    finally:
        responses.publish = publish
        logging.getLogger().removeHandler(handler)


@contextmanager
def bot_in_local_slack(rulebook: Rulebook, folder: Path, **slack_options: Any) -> Iterator[Bot]:
    """The bot, its database in `folder`, called in process with signed requests."""
    manifest = slack_options.pop("manifest", None) or read_manifest()
    asker(rulebook)  # seconds, once: not while somebody waits for an answer
    with LocalSlack(manifest=manifest, **slack_options) as slack:
        settings = Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_signing_secret=SecretStr(slack.signing_secret),
            whichcloud_slack_api=slack.api_url,
        )
        shutil.copyfile(_migrated(), folder / "bot.db")
        database = open_database(f"sqlite:///{folder / 'bot.db'}", utc_now)
        with patch("bot.app.Listener", _listener), patch("bot.app.once", lambda rulebook: lambda: asker(rulebook)):  # the dearest to build
            office = build_office(settings, rulebook, database, OneWorkspace(build_client(settings)))
        office = replace(office, fairness=Fairness(_UNHURRIED, _UNHURRIED))
        app = build_app(office, build_client(settings))
        workers = Workers(database, duties(office), alone=True)
        workers.start()
        slack.connect_app(app)
        bot = Bot(slack, app, office, database)
        try:
            # Nobody waits for a look, and a busy machine is slow without that anybody should be told.
            hurried = patch("bot.delivering.LOOK_AFTER_S", 0.05), patch("bot.jobs.SLOW_AFTER_S", 60.0), patch(_TRIGGER, 30.0)
            with _listening(bot), hurried[0], hurried[1], hurried[2]:
                yield bot
        finally:
            office.aside.shutdown(wait=True)
            workers.stop()
            database.close()
