"""Questions in free text: answered where they were asked, on the case of the thread or from what is known; what-ifs and their buttons."""

from __future__ import annotations

import pytest

from tests.bot.slack.harness import Bot, action_ids, texts
from tests.bot.slack.hostile import conversation_in
from tests.bot.slack.test_surfaces_typed import mention, say

KNOWN = "when does a reserved GPU beat on demand?"
OFF = "what is for lunch in the canteen today?"


@pytest.fixture
def thread(bot: Bot) -> str:
    """Case P6 with its verdict."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    bot.settled()
    return thread


def answer_to(bot: Bot, text: str, thread: str, user: str = "alex") -> str:
    """What is said in the thread after a mention."""
    channel = bot.channel("ml-platform")
    before = len(bot.thread(channel, thread, bot.person(user)))
    mention(bot, bot.person(user), channel, text, thread)
    bot.wait(lambda: len(bot.thread(channel, thread, bot.person(user))) > before + 1)
    bot.settled()
    return "\n".join(texts(message.blocks) for message in bot.thread(channel, thread, bot.person(user))[before + 1 :])


# -- without a case --------------------------------------------------------------------------------------------------------


def test_the_command_answers_whoever_asks_with_sources_and_what_to_ask_next(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    said = bot.asked(alex, channel, f"ask {KNOWN}")
    assert f"<@{alex}> asked: {KNOWN}" in said
    assert "whichcloud charges a reservation for all 730 hours a month" in said
    assert "Sources: " in said
    assert "(Skylink), 2026-05-21" in said
    assert bot.top(channel, bot.person("bo")) == []  # nobody else sees it


def test_what_is_not_known_is_said_with_the_nearest_questions_as_buttons(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    assert "I have no sourced answer to that, so I give none." in bot.asked(alex, channel, f"ask {OFF}")


def test_the_command_without_a_question_says_how_to_ask(bot: Bot) -> None:
    assert "Put a question behind it" in bot.asked(bot.person("alex"), bot.channel("ml-platform"), "ask")


def test_a_question_on_a_button_is_answered_for_the_same_eyes(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.asked(alex, channel, f"ask {KNOWN}")
    (answer,) = [m for m in bot.slack.world.messages[channel] if m.ephemeral_to == alex]
    offered = next(each for block in answer.blocks if block["type"] == "actions" for each in block["elements"])
    before = len(bot.told(alex, channel))
    bot.slack.click(alex, answer.ts, channel, offered["action_id"])
    bot.settled()
    assert f"asked: {offered['value']}" in "\n".join(bot.told(alex, channel)[before:])


def test_a_mention_with_a_question_is_answered_in_its_thread_and_begins_nothing(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    asked = mention(bot, alex, channel, KNOWN)
    bot.wait(lambda: "whichcloud charges a reservation for all 730 hours a month" in bot.reads(channel, asked, alex))
    bot.settled()
    assert "1 of 5" not in bot.reads(channel, asked, alex)


@pytest.mark.parametrize("text", ["AWS or Azure for our training?", "which cloud should we take?", "help us choose"])
def test_who_asks_for_the_advice_itself_is_asked_the_questions(bot: Bot, text: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    asked = mention(bot, alex, channel, text)
    bot.wait(lambda: "1 of 5" in bot.reads(channel, asked, alex))


def test_a_price_is_answered_in_a_direct_message(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    asked = say(bot, alex, direct, "how much is a p4d.24xlarge on demand in us-east-1?")
    bot.wait(lambda: "$21.95" in bot.reads(direct, asked, alex))


# -- in a conversation -----------------------------------------------------------------------------------------------------


def test_a_question_while_another_is_open_is_answered_and_changes_nothing(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    assert "whichcloud charges a reservation" in answer_to(bot, KNOWN, thread)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.wait(lambda: "*2 of 5. " in bot.reads(channel, thread, alex))


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("why not Azure?", "$50,000"),
        ("what would make you change your mind?", "Switching threshold"),
        ("show the egress", "egress"),
        ("how old are these prices?", "2025-11-18"),
        ("compare spot and reserved", "reserved"),
    ],
)
def test_what_is_asked_of_the_case_is_answered_from_its_advice(bot: Bot, thread: str, asked: str, part: str) -> None:
    assert part in answer_to(bot, asked, thread)


def test_the_code_for_the_plan_is_shown_and_each_file_by_its_name(bot: Bot, thread: str) -> None:
    said = answer_to(bot, "How do I set this up?", thread)
    assert "*How to set it up: AWS, managed.*" in said
    assert "```" in said
    assert "variable " in answer_to(bot, "show me variables.tf", thread)


def test_what_is_not_known_is_said_in_a_thread_too_with_the_nearest_questions(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    mention(bot, alex, channel, OFF, thread)
    bot.wait(lambda: any("I have no sourced answer to that" in told for told in bot.told(alex, channel)))


def test_who_answered_is_said_by_name(bot: Bot, thread: str) -> None:
    assert f"<@{bot.person('alex')}>" in answer_to(bot, "who answered question 2?", thread, "bo")


# -- what-ifs --------------------------------------------------------------------------------------------------------------


def test_before_the_verdict_a_what_if_starts_from_what_was_said_so_far(bot: Bot) -> None:
    """Nothing of it is kept, and the question that is open stays open."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    bot.answer_all(alex, channel, thread, {"footprint": "azure", "training": "continuous"})
    bot.button(alex, channel, thread, "answer:microsoft_ea:yes")
    bot.settled()
    said = answer_to(bot, "what if we had 32 GPUs?", thread)
    assert said.startswith(
        "Not all of the five questions are answered yet, so this starts from what was said so far, and is typical for the rest: "
        "footprint Azure, training schedule Around the clock, Microsoft EA Not sure,"
    )
    assert "GPUs 8 → 32" in said
    assert conversation_in(bot, channel, thread).branch is None
    bot.press(alex, channel, thread, "answer:microsoft_ea:yes")
    bot.button(alex, channel, thread, "answer:inference_regions:1")


def test_a_what_if_is_shown_before_and_after_and_dropped(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    said = answer_to(bot, "what if we had 32 GPUs?", thread)
    assert "$3,488" in said  # before, of case P6
    assert "32" in said
    bot.press(alex, channel, thread, "drop")
    bot.settled()
    assert f"<@{alex}> dropped the what-if." in bot.last(channel, thread, alex)
    bot.press(alex, channel, thread, "adopt")
    bot.settled()
    assert any("There is no such what-if any more" in told for told in bot.told(alex, channel))


def test_an_adopted_what_if_gives_the_next_verdict(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    answer_to(bot, "what if we had 64 GPUs?", thread)
    bot.press(alex, channel, thread, "adopt")
    bot.settled()
    assert "GPUs 8 → 64" in bot.last(channel, thread, alex)


def test_a_what_if_is_adopted_by_word(bot: Bot, thread: str) -> None:
    answer_to(bot, "what if we had 64 GPUs?", thread)
    assert "GPUs 8 → 64" in answer_to(bot, "adopt it", thread)


def test_a_what_if_goes_on_from_the_one_before(bot: Bot, thread: str) -> None:
    """32 GPUs, and on top of that another threshold: adopted, both count."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    answer_to(bot, "what if we had 32 GPUs?", thread)
    answer_to(bot, "and with 40 endpoints?", thread)
    bot.press(alex, channel, thread, "adopt")
    bot.settled()
    last = bot.last(channel, thread, alex)
    assert "GPUs 8 → 32" in last
    assert "endpoints 20 → 40" in last


def test_a_discount_that_is_supposed_is_never_written(bot: Bot, thread: str) -> None:
    said = answer_to(bot, "what if our EA gives us 17 %?", thread)
    assert said != ""
    assert "17" not in said


@pytest.mark.parametrize("text", ["what if our EA gives us 17 %?", "what if it were 17 percent and we had 32 gpus?"])
def test_a_discount_is_never_written_where_there_is_no_case_either(bot: Bot, text: str) -> None:
    """At the top of a channel, and in a thread whose questions are open."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    mention(bot, alex, channel, text)
    opened = bot.start(alex, channel)
    mention(bot, alex, channel, text, opened)
    bot.settled()
    posted = [call["text"] + texts(call.get("blocks")) for call in bot.calls("chat.postMessage")]
    assert [said for said in posted if "17" in said] == []


def test_a_what_if_that_cannot_be_computed_cannot_be_adopted(bot: Bot, thread: str) -> None:
    answer_to(bot, "what if we used 16 H200 in europe?", thread)
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    assert "adopt" not in [each for message in bot.thread(channel, thread, alex) for each in action_ids(message.blocks)]


def test_a_what_if_of_before_a_correction_undoes_nothing(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    answer_to(bot, "what if we trained around the clock?", thread)
    answer_to(bot, "we do not train", thread, "bo")
    bot.press(alex, channel, thread, "adopt")
    bot.settled()
    assert any("the case has changed since" in told for told in bot.told(alex, channel))
    assert "we do not train" in bot.reads(channel, thread, alex).lower()


def test_a_what_if_whose_answer_broke_off_is_the_one_that_its_button_adopts(bot: Bot, thread: str) -> None:
    """16, then twice as many: 32, however often the second is worked on."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    answer_to(bot, "what if we had 16 GPUs?", thread)
    bot.slack.faults.rate_limit("chat.postMessage", retry_after_s=1)
    said = answer_to(bot, "and twice the gpus?", thread)
    assert "GPUs 16 → 32 (twice)" in said
    bot.press(alex, channel, thread, "adopt")
    bot.settled()
    assert "GPUs 8 → 32" in bot.last(channel, thread, alex)


def test_a_wish_without_a_what_if_is_answered(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    mention(bot, alex, channel, "adopt it", thread)
    bot.wait(lambda: any("There is no what-if to take up." in told for told in bot.told(alex, channel)))


def test_a_correction_is_a_correction_and_no_what_if(bot: Bot, thread: str) -> None:
    assert "Changed: " in answer_to(bot, "footprint is Azure", thread)


def test_people_who_talk_to_each_other_are_left_alone(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    before = len(bot.thread(channel, thread, alex))
    say(bot, alex, channel, "bo, what if we had 32 GPUs?", thread)
    bot.settled()
    assert len(bot.thread(channel, thread, alex)) == before + 1
