"""A worker goes away between any two steps, and the job is run again: what people see is what one run would have left."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bot import reports
from bot.calling import JobClient
from bot.conversation import Conversation, Given
from bot.jobs import Done, LeaseLost
from bot.manifest import read_manifest
from bot.sandbox.world import Message
from bot.storage import Database, Workspace
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import Bot, texts
from tests.bot.slack.hostile import TEAM, event


@dataclass
class Steps:
    """Counts the steps of jobs, calls and transactions alike, and ends the worker's run right after one of them."""

    end_at: int = 0
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def step(self) -> Iterator[None]:
        """LeaseLost stops a handler at once, wherever it is, and its job is taken anew: as after a kill."""
        if not threading.current_thread().name.startswith("worker"):
            yield
            return
        with self.lock:
            self.done += 1
            ends = self.done == self.end_at
        yield
        if ends:
            raise LeaseLost


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    steps = Steps()
    call, workspace = JobClient.api_call, Database.workspace

    def counted_call(self: JobClient, api_method: str, **options: Any) -> Any:
        with steps.step():
            return call(self, api_method, **options)

    @contextmanager
    def counted_workspace(self: Database, id: str) -> Iterator[Workspace]:
        with steps.step(), workspace(self, id) as work:
            yield work

    monkeypatch.setattr(JobClient, "api_call", counted_call)
    monkeypatch.setattr(Database, "workspace", counted_workspace)
    monkeypatch.setattr(reports, "REST", Done())
    return steps


@pytest.fixture
def looks(rulebook: Rulebook, tmp_path: Any) -> Iterator[Bot]:
    """It may look whether a message of its own stands, in channels too."""
    scopes = [*read_manifest()["oauth_config"]["scopes"]["bot"], "channels:history"]
    with checked(rulebook, tmp_path, scopes=scopes) as bot:
        yield bot


# -- what people do, in a thread or direct message that is ready for it ------------------------------------------------


@dataclass(frozen=True)
class Deed:
    """`prepare` leads to where it is done, and returns the thread; `do` is what is tried."""

    where: Literal["channel", "direct"]
    prepare: Callable[[Bot, str, str], str]
    do: Callable[[Bot, str, str, str], Any]
    stride: int = 2  # one in so many of its steps is tried


def begun(bot: Bot, user: str, channel: str) -> str:
    return bot.start(user, channel)


def third(bot: Bot, user: str, channel: str) -> str:
    """Two yes-or-no questions are still to come, with a number between them."""
    thread = bot.start(user, channel)
    bot.answer_all(user, channel, thread, {"footprint": "aws", "training": "sporadic"})
    return thread


def offered(bot: Bot, user: str, channel: str) -> str:
    thread = bot.start(user, channel)
    bot.answer_all(user, channel, thread)
    bot.button(user, channel, thread, "typical")
    return thread


def advised(bot: Bot, user: str, channel: str) -> str:
    return bot.quick(user, channel)


def compared(bot: Bot, user: str, channel: str) -> str:
    """All but one question of the comparison are answered."""
    thread = advised(bot, user, channel)
    bot.command(user, channel, "compare")
    for question in ("rights", "data_place", "data_versions", "machines", "code"):
        bot.press(user, channel, thread, f"compare:not_sure:{question}")
    bot.button(user, channel, thread, "compare:not_sure:environments")
    return thread


def mention(text: str) -> Callable[[Bot, str, str, str], Any]:
    return lambda bot, user, channel, thread: said(bot, user, channel, f"<@{bot.slack.world.bot.user_id}> {text}", thread)


def beside(text: str) -> Callable[[Bot, str, str, str], Any]:
    return lambda bot, user, channel, thread: said(bot, user, channel, text)


def said(bot: Bot, user: str, channel: str, text: str, thread: str | None = None) -> None:
    """A message that stands in the local Slack, and its event."""
    message = bot.slack.world.add(Message(bot.slack.world.new_ts(), channel, user, text, thread_ts=thread))
    kind = {"type": "message", "channel_type": "im"} if channel.startswith("D") else {"type": "app_mention"}
    place = {"thread_ts": thread} if thread else {}
    event(bot, {"user": user, "text": text, "ts": message.ts, "channel": channel, **place, **kind})


def press(action_id: str) -> Callable[[Bot, str, str, str], Any]:
    return lambda bot, user, channel, thread: bot.press(user, channel, thread, action_id)


def filled_in(bot: Bot, user: str, channel: str, thread: str) -> None:
    bot.press(user, channel, thread, "numbers:refine")
    bot.submit(user, gpus="64")


def reported(bot: Bot, user: str, channel: str, thread: str) -> None:
    bot.press(user, channel, thread, "report")
    bot.submit(user, channel=bot.channel("general"))


DEEDS = {
    "an answer that is pressed": Deed("channel", begun, press("answer:footprint:aws"), 3),
    "an answer that is typed": Deed("channel", third, mention("yes")),
    "an answer beside the conversation": Deed("direct", begun, beside("we run on AWS")),
    "the end of a conversation beside it": Deed("direct", offered, beside("typical"), 3),
    "a stop beside the conversation": Deed("direct", begun, beside("stop"), 3),
    "a first message": Deed("direct", lambda bot, user, channel: "", beside("we run on AWS")),
    "a detail": Deed("channel", advised, press("detail:why"), 3),
    "a comparison": Deed("channel", advised, lambda bot, user, channel, thread: bot.command(user, channel, "compare"), 3),
    "a comparison before a verdict": Deed("channel", begun, lambda bot, user, channel, thread: bot.command(user, channel, "compare"), 3),
    "a comparison in a thread": Deed("channel", advised, mention("compare the platforms"), 3),
    "the end of a comparison": Deed("channel", compared, press("compare:answer:environments:team"), 3),
    "an answer to a comparison that is typed": Deed("channel", compared, mention("each job"), 3),
    "an answer beside a comparison": Deed("direct", compared, beside("with each job"), 3),
    "a form": Deed("channel", advised, filled_in, 4),
    "a report": Deed("channel", advised, reported, 3),
    "a price that is asked for": Deed("channel", begun, mention("prices T4")),
}


@dataclass(frozen=True)
class Left:
    """What a deed left, without what differs from one time to the next."""

    seen: list[str]
    told: set[str]
    answers: list[tuple[str, dict[str, Any]]]


def left(bot: Bot, deed: Deed, steps: Steps, end_at: int = 0) -> Left:
    """What the deed leaves where the worker ends so."""
    user = bot.person("alex")
    channel = bot.direct(user) if deed.where == "direct" else bot.channel("ml-platform")
    steps.end_at = 0
    thread = deed.prepare(bot, user, channel)
    bot.settled()
    before = {message.ts for message in everything(bot)}
    steps.done, steps.end_at = 0, end_at
    deed.do(bot, user, channel, thread)
    bot.settled()
    after = [message for message in everything(bot) if message.ts not in before and message.user == bot.slack.world.bot.user_id]
    found = Left(
        sorted(
            f"{message.channel} {bool(message.thread_ts)} {plain(texts(message.blocks))}" for message in after if not message.ephemeral_to
        ),
        {plain(texts(message.blocks)) for message in after if message.ephemeral_to},
        conversations(bot, user),
    )
    clear(bot, user)
    return found


def everything(bot: Bot) -> list[Any]:
    return [message for messages in bot.slack.world.messages.values() for message in messages if not message.deleted]


def plain(text: str) -> str:
    return re.sub(r"p?\d{10,}(\.\d+)?|p\d{16}|[0-9a-f]{24}", "*", text)


def conversations(bot: Bot, user: str) -> list[tuple[str, dict[str, Any]]]:
    with bot.database.workspace(TEAM) as work:
        found = work.conversations_of(user, 9)
    return [(each.stage, {name: given.value for name, given in (*each.answers.items(), *compared_in(each))}) for each in found]


def compared_in(conversation: Conversation) -> list[tuple[str, Given]]:
    return [*conversation.comparing.answers.items()] if conversation.comparing else []


def clear(bot: Bot, user: str) -> None:
    """For the next time."""
    with bot.database.workspace(TEAM) as work:
        work.forget_user(user)


@pytest.mark.parametrize("name", DEEDS)
def test_a_run_that_ends_anywhere_is_made_good_by_the_next(looks: Bot, steps: Steps, name: str) -> None:
    deed = DEEDS[name]
    whole = left(looks, deed, steps)
    assert steps.done > 1
    for at in range(1, steps.done + 1, deed.stride):
        assert (at, left(looks, deed, steps, at)) == (at, whole)
