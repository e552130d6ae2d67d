"""The typed way: direct messages, mentions in threads, and plain replies where a workspace lets the bot read them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.manifest import read_manifest
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import P6, Bot, action_ids, texts

STAY = "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."


def say(bot: Bot, user: str, channel: str, text: str, thread: str | None = None) -> str:
    outcome = bot.slack.say(user, channel, text, thread)
    assert isinstance(outcome.body, dict), outcome
    return str(outcome.body["ts"])


def mention(bot: Bot, user: str, channel: str, text: str = "", thread: str | None = None) -> str:
    return say(bot, user, channel, f"<@{bot.slack.world.bot.user_id}> {text}", thread)


def all_told(bot: Bot, channel: str) -> str:
    return "\n".join(texts(m.blocks) or m.text for m in bot.slack.world.messages.get(channel, []))


# -- direct messages ---------------------------------------------------------------------------------------------------


def test_a_direct_message_from_the_start_to_the_verdict(bot: Bot) -> None:
    """Every answer in a person's own words, in the thread of the first message."""
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = say(bot, alex, direct, "Compare AWS and Azure for my workload")
    for typed, line in [
        ("we run everything on AWS", f"1 Footprint: *AWS* (<@{alex}>)"),
        ("now and then", f"2 Training schedule: *Now and then* (<@{alex}>)"),
        ("nope", f"3 Microsoft EA: *No* (<@{alex}>)"),
        ("about 5 regions", f"4 Inference regions: *5* (<@{alex}>)"),
        ("no", f"5 MLOps capacity: *No* (<@{alex}>)"),
    ]:
        question = line.split()[0]
        bot.wait(lambda question=question: f"*{question} of 5. " in bot.reads(direct, thread, alex))  # type: ignore[misc]  # a default
        say(bot, alex, direct, typed, thread)
        bot.wait(lambda line=line: line in bot.reads(direct, thread, alex))  # type: ignore[misc]  # a default
    bot.button(alex, direct, thread, "typical")
    say(bot, alex, direct, "typical", thread)
    verdict = bot.button(alex, direct, thread, "numbers:refine")
    assert verdict.text == STAY
    for typed, begins in [("why", "*Why*"), ("flip", "*What would flip it*"), ("assumed", "*Assumed")]:
        say(bot, alex, direct, typed, thread)
        bot.wait(lambda begins=begins: [m for m in bot.thread(direct, thread, alex) if texts(m.blocks).startswith(begins)])  # type: ignore[misc]
    bot.settled()
    assert bot.errors() == []


def test_a_correction_after_the_verdict_is_answered_with_what_changed(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = bot.quick(alex, direct)
    say(bot, alex, direct, "footprint is Azure", thread)
    bot.wait(lambda: "Changed: footprint AWS → Azure." in bot.reads(direct, thread, alex))


@pytest.mark.parametrize("typed", ["hmm, either really", "somewhere between 3 and 7 regions", "<!channel> 5%"])
def test_what_is_not_clear_is_asked_back_with_buttons_and_never_guessed(typed: str, bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = bot.start(alex, direct)
    for question in ("footprint", "training", "microsoft_ea"):
        bot.press(alex, direct, thread, f"answer:{question}:{P6[question]}")
    bot.button(alex, direct, thread, "answer:inference_regions:5")
    say(bot, alex, direct, typed, thread)
    asked = bot.wait(lambda: [m for m in bot.thread(direct, thread, alex) if texts(m.blocks).startswith("I did not get")])[-1]
    assert "answer:inference_regions:5" in action_ids(asked.blocks)
    bot.settled()
    assert "4 Inference regions: *" not in bot.reads(direct, thread, alex)
    bot.slack.click(alex, asked.ts, direct, "answer:inference_regions:5")
    bot.wait(lambda: f"4 Inference regions: *5* (<@{alex}>)" in bot.reads(direct, thread, alex))


def test_help_and_prices_in_a_direct_message_begin_no_conversation(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    say(bot, alex, direct, "help")
    bot.wait(lambda: "*whichcloud compares AWS and Azure for AI work.*" in all_told(bot, direct))
    say(bot, alex, direct, "prices A100")
    bot.wait(lambda: "*The cheapest of each cloud in us-east" in all_told(bot, direct))
    say(bot, alex, direct, "cost egress —from aws:us-east-1 —gb 20000")
    bot.wait(lambda: "$1,742.20" in all_told(bot, direct))
    bot.settled()
    assert "1 of 5" not in all_told(bot, direct)


def test_a_message_that_comes_twice_is_answered_once(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    for typed in ("Compare AWS and Azure for my workload", "help", "prices A100", "we run on AWS"):
        bot.slack.faults.disturb("duplicate")
        say(bot, alex, direct, typed)
        bot.settled()
        bot.wait(lambda: not bot.slack.faults.waits_for("duplicate"))
        bot.settled()
    bot.wait(lambda: "*2 of 5. " in all_told(bot, direct))
    bot.settled()
    read = all_told(bot, direct)
    assert read.count("*1 of 5. ") + read.count("1 Footprint: *AWS*") == 1
    assert read.count("*whichcloud compares AWS and Azure") == 1
    assert read.count("*Every price of A100") == 1
    assert read.count("*2 of 5. ") == 1


def test_markup_in_a_message_is_nothing_but_text(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = bot.start(alex, direct)
    say(bot, alex, direct, "<!channel> <https://evil.example|click> &amp; *bold*", thread)
    bot.settled()
    assert "<!channel>" not in bot.shown()
    assert "evil.example" not in bot.shown()


# -- mentions ----------------------------------------------------------------------------------------------------------


def test_a_mention_begins_a_conversation_in_its_thread(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = mention(bot, alex, channel, "which cloud should we take?")
    bot.button(alex, channel, thread, "answer:footprint:aws")
    mention(bot, alex, channel, "we run everything on AWS", thread)
    bot.wait(lambda: f"1 Footprint: *AWS* (<@{alex}>)" in bot.reads(channel, thread, alex))
    bot.button(alex, channel, thread, "answer:training:sporadic")


def test_a_mention_in_a_talk_of_others_begins_there(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    ts = say(bot, bo, channel, "AWS or Azure?")
    say(bot, alex, channel, "good question", ts)
    mention(bot, alex, channel, "help us choose", ts)
    bot.button(alex, channel, ts, "answer:footprint:aws")
    assert len(bot.top(channel, alex)) == 1


def test_a_mention_alone_says_where_things_stand(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    mention(bot, bo, channel, thread=thread)
    (said,) = bot.wait(lambda: bot.told(bo, channel))
    assert said.startswith("We are at question 2 of 5: How do you train?")


# -- plain replies in channels -----------------------------------------------------------------------------------------


@pytest.fixture
def shy(rulebook: Rulebook, tmp_path: Path) -> Iterator[Bot]:
    """A workspace that left the optional scopes out."""
    asked = read_manifest()["oauth_config"]["scopes"]["bot"]
    with checked(rulebook, tmp_path, scopes=asked) as bot:
        yield bot


@pytest.fixture
def reading(rulebook: Rulebook, tmp_path: Path) -> Iterator[Bot]:
    """A workspace that lets the bot read its channels."""
    scopes = read_manifest()["oauth_config"]["scopes"]
    with checked(rulebook, tmp_path, scopes=[*scopes["bot"], *scopes["bot_optional"]]) as bot:
        yield bot


def test_with_the_optional_scopes_a_plain_reply_answers(reading: Bot) -> None:
    bot = reading
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    say(bot, bo, channel, "we run everything on AWS", thread)
    bot.wait(lambda: f"1 Footprint: *AWS* (<@{bo}>)" in bot.reads(channel, thread, alex))


def test_with_the_optional_scopes_the_bot_keeps_out_of_what_people_say_to_each_other(reading: Bot) -> None:
    bot = reading
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    for typed in ("lunch at noon?", "thanks Alex", "I will ask procurement tomorrow", "why are we doing this again"):
        say(bot, bo, channel, typed, thread)
    say(bot, bo, channel, "an AWS question outside of the thread")
    bot.settled()
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.settled()
    assert bot.told(bo, channel) == []
    assert len([m for m in bot.thread(channel, thread, alex) if m.user == bot.slack.world.bot.user_id]) == 2


def test_with_the_optional_scopes_a_mention_is_answered_once(reading: Bot) -> None:
    """It comes as a mention and as a message."""
    bot = reading
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    mention(bot, alex, channel, "help", thread)
    bot.wait(lambda: bot.told(alex, channel))
    bot.settled()
    assert len(bot.told(alex, channel)) == 1


def test_without_the_optional_scopes_a_plain_reply_is_not_heard_and_all_else_works(shy: Bot) -> None:
    bot = shy
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    say(bot, alex, channel, "we run everything on Azure", thread)
    mention(bot, alex, channel, "we run everything on AWS", thread)
    bot.wait(lambda: f"1 Footprint: *AWS* (<@{alex}>)" in bot.reads(channel, thread, alex))
    for question in list(P6)[1:]:
        bot.press(alex, channel, thread, f"answer:{question}:{P6[question]}")
    bot.press(alex, channel, thread, "typical")
    assert bot.button(alex, channel, thread, "numbers:refine").text == STAY
    bot.settled()
    assert bot.errors() == []
