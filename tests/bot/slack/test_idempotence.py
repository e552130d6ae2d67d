"""The same thing delivered twice: once is enough, and the second time nothing is changed and nothing is said."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.conversation import Conversation
from bot.manifest import read_manifest
from bot.sandbox.world import Message
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import P6, Bot
from tests.bot.slack.hostile import TEAM, click, command, conversation_in, event, interact, kept, listening, submission

RETRY = {"x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}


def begun(bot: Bot, channel: str) -> Conversation:
    thread = bot.start(bot.person("alex"), channel)
    bot.settled()
    return conversation_in(bot, channel, thread)


def typed(bot: Bot, channel: str, text: str, thread: str | None = None) -> dict[str, Any]:
    """A message that stands in the local Slack, as its event; nothing is delivered yet."""
    alex = bot.person("alex")
    message = bot.slack.world.add(Message(bot.slack.world.new_ts(), channel, alex, text, thread_ts=thread))
    place = {"thread_ts": thread} if thread else {}
    kind = {"channel_type": "im"} if channel.startswith("D") else {}
    return {"type": "message", "user": alex, "text": text, "ts": message.ts, "channel": channel, **place, **kind}


def twice(bot: Bot, folder: Path, send: Callable[[], Any]) -> str:
    """What was said the second time."""
    send()
    bot.settled()
    before = kept(folder)
    with listening(bot) as said:
        send()
    assert kept(folder) == before
    assert "ERROR" not in said.log, said.log
    return said.text


FIRST_MESSAGES = [
    "Compare AWS and Azure for my workload",
    "we run on AWS",
    "hello",
    "help",
    "prices A100",
    "cost of nothing",
    "why",
    "stop",
    "7",
]


@pytest.mark.parametrize("text", FIRST_MESSAGES)
def test_a_direct_message_counts_once(bot: Bot, tmp_path: Path, text: str) -> None:
    said = typed(bot, bot.direct(bot.person("alex")), text)
    headers: dict[str, str] = {}

    def send() -> None:
        event(bot, said, headers=dict(headers))
        headers.update(RETRY)

    assert twice(bot, tmp_path, send) == ""


def test_a_message_beside_the_conversation_that_it_finishes_counts_once(bot: Bot, tmp_path: Path) -> None:
    alex, direct = bot.person("alex"), bot.direct(bot.person("alex"))
    conversation = begun(bot, direct)
    bot.answer_all(alex, direct, conversation.thread or "")
    bot.settled()
    said = typed(bot, direct, "typical")
    assert twice(bot, tmp_path, lambda: event(bot, said)) == ""
    with bot.database.workspace(TEAM) as work:
        assert [each.stage for each in work.conversations_of(alex, 9)] == ["advised"]


TYPED = [
    "we run on AWS",
    "not sure",
    "Xyzzy",
    "back",
    "stop",
    "restart",
    "typical",
    "my numbers",
    "status",
    "help",
    "prices T4",
    "cost x",
    "compare the platforms",
]


def test_a_mention_in_a_thread_counts_once(bot: Bot, tmp_path: Path) -> None:
    channel = bot.channel("ml-platform")
    for text in TYPED:
        thread = begun(bot, channel).thread
        said = typed(bot, channel, f"<@{bot.slack.world.bot.user_id}> {text}", thread) | {"type": "app_mention"}
        assert (text, twice(bot, tmp_path, partial(event, bot, said))) == (text, "")


def test_a_mention_that_begins_a_conversation_counts_once(bot: Bot, tmp_path: Path) -> None:
    for text in ("", "we run on AWS", "help", "prices T4"):
        said = typed(bot, bot.channel("ml-platform"), f"<@{bot.slack.world.bot.user_id}> {text}") | {"type": "app_mention"}
        assert (text, twice(bot, tmp_path, partial(event, bot, said))) == (text, "")


def test_a_command_counts_once(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    for number, text in enumerate(("", "help", "history", "prices T4", "quick", "compare")):
        said = twice(bot, tmp_path, partial(command, bot, alex, channel, text, trigger=f"9.{number}.abcdef"))
        assert [word for word in ("no longer", "Something broke", "Which cloud for your AI workload") if word in said] == [], text


PRESSED = {
    "an answer": ("answer:footprint:aws", "{id}:1", {}),
    "not sure": ("not_sure:footprint", "{id}:1", {}),
    "start over": ("menu", "", {"selected_option": {"value": "restart:{id}:1"}}),
    "stop": ("menu", "", {"selected_option": {"value": "cancel:{id}:1"}}),
    "typical too early": ("typical", "{id}:1", {}),
    "change too early": ("change:training", "{id}:1", {}),
    "start": ("start", "", {}),
}  # fmt: skip


def test_a_press_counts_once(bot: Bot, tmp_path: Path) -> None:
    channel = bot.channel("ml-platform")
    for name, (action_id, value, more) in PRESSED.items():
        conversation = begun(bot, channel)
        filled: dict[str, Any] = {key: {"value": option["value"].replace("{id}", conversation.id)} for key, option in more.items()}
        press = click(bot.person("alex"), action_id, value.replace("{id}", conversation.id), channel, conversation.thread or "", **filled)
        assert (name, twice(bot, tmp_path, partial(interact, bot, press))) == (name, "")


FORMS: dict[str, dict[str, Any]] = {
    "form_numbers": {"gpus": "64"},
    "form_other": {"inference_regions": "7"},
    "form_ask": {"question": "prices T4"},
    "form_report": {"channel": {"type": "conversations_select", "selected_conversation": "C0GENERAL"}},
}


def test_a_form_counts_once(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    bot.settled()
    id = conversation_in(bot, channel, thread).id
    for form, values in FORMS.items():
        metadata = f"{id}-1-1" if form == "form_report" else f"{id}:9999999999.5"
        sent = submission(alex, form, metadata, values, view=form)
        assert (form, twice(bot, tmp_path, partial(interact, bot, sent))) == (form, "")


def test_a_verdict_can_be_had_again_after_a_restart(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    id = conversation_in(bot, channel, thread).id
    interact(bot, click(alex, "restart", f"{id}:1", channel, thread))
    bot.advised(alex, channel, thread)
    bot.settled()
    read = bot.reads(channel, thread, alex)
    assert (read.count("*Stay on AWS.*"), "Somebody else changed it" in read) == (2, False)


def test_old_buttons_after_a_restart_change_nothing_and_say_so(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    conversation = begun(bot, channel)
    thread = conversation.thread or ""
    interact(bot, click(alex, "menu", "", channel, thread, selected_option={"value": f"restart:{conversation.id}:1"}))
    before = kept(tmp_path)
    with listening(bot) as said:
        interact(bot, click(alex, "answer:footprint:aws", f"{conversation.id}:1", channel, thread))
    assert kept(tmp_path) == before
    assert "That button is of an earlier round of this conversation." in said.text


# -- what is not for us ------------------------------------------------------------------------------------------------

NOT_FOR_US: dict[str, dict[str, Any]] = {
    "our own message": {"bot_id": "B0BOT001", "user": "U0BOT001"},
    "another bot's": {"bot_id": "B0OTHER", "user": "U0OTHERBOT"},
    "a bot's of the old kind": {"subtype": "bot_message", "bot_id": "B0OTHER"},
    "a change": {"subtype": "message_changed"},
    "a deletion": {"subtype": "message_deleted"},
    "somebody joined": {"subtype": "channel_join"},
    "nobody's": {"user": None},
}


@pytest.mark.parametrize("kind", ["message", "app_mention"])
def test_what_no_person_wrote_is_left_alone(bot: Bot, tmp_path: Path, kind: str) -> None:
    direct = bot.direct(bot.person("alex"))
    begun(bot, direct)
    before = kept(tmp_path)
    for name, other in NOT_FOR_US.items():
        said_by_none = {**typed(bot, direct, "we run on AWS"), "type": kind, **other}
        with listening(bot) as said:
            assert event(bot, said_by_none).status == 200
        assert (name, said.sent) == (name, [])
        assert kept(tmp_path) == before


def test_a_mention_that_comes_as_a_message_too_counts_once(rulebook: Rulebook, tmp_path: Path) -> None:
    """Where a workspace lets the bot read its channels, Slack sends a mention twice: as itself and as a message."""
    manifest: dict[str, Any] = copy.deepcopy(dict(read_manifest()))
    manifest["settings"]["event_subscriptions"]["bot_events"].append("message.channels")
    manifest["oauth_config"]["scopes"]["bot"].append("channels:history")
    with checked(rulebook, tmp_path, manifest=manifest) as bot:
        alex, channel = bot.person("alex"), bot.channel("ml-platform")
        thread = bot.start(alex, channel)
        bot.slack.say(alex, channel, f"<@{bot.slack.world.bot.user_id}> Xyzzy", thread)
        bot.wait(lambda: len(bot.calls("chat.postEphemeral")) > 0)
        bot.slack.say(alex, channel, "azure", thread)
        bot.button(alex, channel, thread, "answer:training:sporadic")
        bot.settled()
        assert len(bot.calls("chat.postEphemeral")) == 1
        with bot.database.workspace(TEAM) as work:
            now = work.conversation_in(channel, thread)
        assert now is not None
        assert {question: given.value for question, given in now.answers.items()} == {"footprint": "azure"}


def test_all_five_answers_delivered_twice_and_backwards_give_one_verdict(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    conversation = begun(bot, channel)
    thread = conversation.thread or ""
    presses = [click(alex, f"answer:{question}:{value}", f"{conversation.id}:1", channel, thread) for question, value in P6.items()]
    for press in [*reversed(presses), *presses]:
        interact(bot, press)
    typical = click(alex, "typical", f"{conversation.id}:1", channel, thread)
    for press in (typical, typical, *presses):
        interact(bot, press)
    with bot.database.workspace(TEAM) as work:
        assert [verdict.number for verdict in work.verdicts_in(conversation.id)] == [1]
    assert bot.reads(channel, thread, alex).count("*Stay on AWS.*") == 1
