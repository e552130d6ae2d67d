"""Presses that nobody could make in Slack: on somebody else's conversation, of another workspace, with values that we never gave out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bot.slack.harness import Bot
from tests.bot.slack.hostile import OTHER_TEAM, click, conversation_in, interact, kept, listening

NOT_YOURS = "This is somebody else's private conversation with me."


def pressable(blocks: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Action id, value, and what else a press carries, for everything in some blocks that can be pressed."""
    if isinstance(blocks, dict):
        if blocks.get("type") == "overflow":
            yield from ((blocks["action_id"], "", {"selected_option": option}) for option in blocks["options"])
        elif blocks.get("type") == "feedback_buttons":
            yield from ((blocks["action_id"], blocks[half]["value"], {}) for half in ("positive_button", "negative_button"))
        elif "action_id" in blocks:
            yield blocks["action_id"], blocks.get("value", ""), {}
        blocks = list(blocks.values())
    if isinstance(blocks, list):
        for each in blocks:
            yield from pressable(each)


def everything_to_press(bot: Bot, channel: str, thread: str, viewer: str) -> list[tuple[str, str, dict[str, Any]]]:
    return list(pressable([message.blocks for message in bot.thread(channel, thread, viewer)]))


@pytest.mark.parametrize("stage", ["asking", "offering", "advised", "stopped"])
def test_nobody_presses_in_the_private_conversation_of_another(bot: Bot, tmp_path: Path, stage: str) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    direct = bot.direct(alex)
    thread = bot.start(alex, direct)
    if stage != "asking":
        bot.answer_all(alex, direct, thread)
    if stage == "advised":
        bot.press(alex, direct, thread, "typical")
        bot.button(alex, direct, thread, "numbers:refine")
    if stage == "stopped":
        conversation = conversation_in(bot, direct, thread)
        choice: dict[str, Any] = {"selected_option": {"value": f"cancel:{conversation.id}:1"}}
        interact(bot, click(alex, "menu", "", direct, thread, **choice))
    bot.settled()
    before = kept(tmp_path)
    places = [direct, bot.direct(bo), bot.channel("ml-platform"), None]
    presses = everything_to_press(bot, direct, thread, alex)
    assert len(presses) > 1
    for action_id, value, more in presses:
        if action_id == "menu" and more["selected_option"]["value"].startswith("help:"):
            continue  # what a question means is no secret
        for place in places:
            with listening(bot) as said:
                status = interact(bot, click(bo, action_id, value, place, thread, **more)).status
            assert status == 200, said.log
            assert (action_id, kept(tmp_path)) == (action_id, before)
            assert NOT_YOURS in said.text, (action_id, said.text)
            assert "Stay on" not in said.text
            assert "ERROR" not in said.log, said.log


def test_a_verdict_of_a_private_conversation_is_not_shown_to_others(bot: Bot) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    direct = bot.direct(alex)
    thread = bot.start(alex, direct)
    bot.advised(alex, direct, thread)
    bot.settled()
    conversation = conversation_in(bot, direct, thread)
    for place in (bot.direct(bo), None):
        with listening(bot) as said:
            interact(bot, click(bo, "show", f"{conversation.id}-1-1", place))
        assert NOT_YOURS in said.text
        assert "Stay on" not in said.text


def test_ids_of_this_workspace_are_worth_nothing_in_another(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    bot.settled()
    before = kept(tmp_path)
    for action_id, value, more in everything_to_press(bot, channel, thread, alex):
        if action_id == "menu" and more["selected_option"]["value"].startswith("help:"):
            continue
        with listening(bot) as said:
            assert interact(bot, click(alex, action_id, value, channel, thread, team=OTHER_TEAM, **more)).status == 200
        assert (action_id, kept(tmp_path)) == (action_id, before)
        assert [word for word in ("Stay on", "AWS", "Footprint", "$") if word in said.text] == [], said.text
        assert "ERROR" not in said.log, said.log


def test_a_button_is_pressed_where_its_message_stands(bot: Bot, tmp_path: Path) -> None:
    """A conversation of a channel is not moved on from another one."""
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.settled()
    before = kept(tmp_path)
    for action_id, value, more in everything_to_press(bot, channel, thread, alex):
        if action_id == "menu" and more["selected_option"]["value"].startswith("help:"):
            continue
        for place in (bot.channel("general"), bot.direct(bo)):
            assert interact(bot, click(bo, action_id, value, place, "1.0", **more)).status == 200
            assert kept(tmp_path) == before


FORGED = {
    "no question": ("answer", "{id}:1"),
    "an unknown question": ("answer:password:aws", "{id}:1"),
    "no answer": ("answer:footprint", "{id}:1"),
    "an unknown answer": ("answer:footprint:gcp-Xyzzy", "{id}:1"),
    "too many parts": ("answer:footprint:aws:Xyzzy", "{id}"),
    "a number out of range": ("answer:inference_regions:61", "{id}:1"),
    "a negative number": ("answer:inference_regions:-1", "{id}:1"),
    "digits of another script": ("answer:inference_regions:\u0663", "{id}:1"),
    "a superscript digit": ("answer:inference_regions:\u00b2", "{id}:1"),
    "a number with a point": ("answer:inference_regions:1.5", "{id}:1"),
    "a number of 5,000 digits": (f"answer:inference_regions:{'9' * 5_000}", "{id}:1"),
    "not sure of nothing": ("not_sure", "{id}:1"),
    "not sure of an unknown question": ("not_sure:password", "{id}:1"),
    "no value": ("answer:footprint:aws", ""),
    "no round": ("answer:footprint:aws", "{id}"),
    "a huge round": ("answer:footprint:aws", "{id}:" + "9" * 4_000),
    "the next round": ("answer:footprint:aws", "{id}:2"),
    "a negative round": ("answer:footprint:aws", "{id}:-1"),
    "a round of another script": ("answer:footprint:aws", "{id}:\u0661"),
    "a round in words": ("answer:footprint:aws", "{id}:one"),
    "an id in capitals": ("answer:footprint:aws", "{ID}:1"),
    "an unknown id": ("answer:footprint:aws", "0" * 24 + ":1"),
    "SQL": ("answer:footprint:aws", "' OR 1=1 --:1"),
    "NUL": ("answer:footprint:aws", "{id}\0:1"),
    "a newline": ("answer:footprint:aws", "{id}:1\n"),
    "another conversation by pattern": ("answer:footprint:aws", "%:1"),
    "change nothing": ("change", "{id}:1"),
    "change an unknown question": ("change:password", "{id}:1"),
    "an empty menu": ("menu", ""),
    "an unknown choice": ("menu", "forget:{id}:1"),
    "help on nothing": ("menu", "help:password"),
    "other of no question": ("other:password", "{id}:1"),
    "an unknown detail": ("detail:inputs", "{id}-1-1"),
    "a detail of no verdict": ("detail:why", "{id}-9-9"),
    "a detail of half an id": ("detail:why", "{id}"),
    "a verdict of no conversation": ("show", "Xyzzy-1-1"),
    "numbers of no verdict": ("numbers:refine", "Xyzzy"),
    "a report of no verdict": ("report", "{id}-9-9"),
    "feedback on nothing": ("feedback", "up"),
    "feedback of another kind": ("feedback", "Xyzzy:{id}-1-1"),
    "feedback on no verdict": ("feedback", "up:{id}-9-9"),
}  # fmt: skip


def test_values_that_we_never_gave_out_do_nothing(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.settled()
    id, before = conversation_in(bot, channel, thread).id, kept(tmp_path)
    for name, (action_id, value) in FORGED.items():
        with listening(bot) as said:
            forged = value.replace("{id}", id).replace("{ID}", id.upper())
            assert interact(bot, click(alex, action_id, forged, channel, thread)).status == 200, name
        assert (name, kept(tmp_path)) == (name, before)
        assert [word for word in ("Traceback", "ERROR", "Xyzzy") if word in said.log] == [], (name, said.log)
        assert [word for word in ("Something broke", "Xyzzy") if word in said.text] == [], (name, said.text)


TIMES = ["", "now", "NaN", "Infinity", "-1", "1e9", "1.5.5", "\u0661.5", "9" * 40]


def test_a_time_that_slack_does_not_write_does_nothing(bot: Bot, tmp_path: Path) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.settled()
    id, before = conversation_in(bot, channel, thread).id, kept(tmp_path)
    for at in TIMES:
        with listening(bot) as said:
            assert interact(bot, click(alex, "answer:footprint:aws", f"{id}:1", channel, thread, action_ts=at)).status == 200
        assert (at, kept(tmp_path)) == (at, before)
        assert "ERROR" not in said.log, said.log
