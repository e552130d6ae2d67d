"""Buttons and menus in a thread: late clicks, details, feedback, the menu of a question, two people at once, the same click twice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from bot.sandbox.deliver import Outcome, Retry
from bot.sandbox.payloads import Delivery
from bot.sandbox.world import Message
from tests.bot.slack.harness import P6, Bot, action_ids, texts


@pytest.fixture
def place(bot: Bot) -> tuple[str, str]:
    return bot.person("alex"), bot.channel("ml-platform")


def choose(bot: Bot, user: str, channel: str, thread: str, label: str) -> None:
    """A choice in the menu of the open question, by its label."""
    message = bot.button(user, channel, thread, "menu")
    block = next(block for block in message.blocks if block.get("accessory", {}).get("action_id") == "menu")
    option = next(option["value"] for option in block["accessory"]["options"] if option["text"]["text"] == label)
    assert bot.slack.click(user, message.ts, channel, "menu", option=option).status == 200


def starting(bot: Bot, channel: str, thread: str, user: str, words: str) -> Callable[[], list[Message]]:
    return lambda: [m for m in bot.thread(channel, thread, user) if texts(m.blocks).startswith(words)]


# -- the five questions ------------------------------------------------------------------------------------------------


def test_an_answered_question_becomes_one_line_and_the_next_one_comes(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    head = bot.top(channel, alex)[-1]
    assert texts(head.blocks) == (
        f"*Which cloud for your AI workload?* <@{alex}> asked. Five questions, about a minute. Answers and result are in this thread."
    )
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.settled()
    first, second = bot.thread(channel, thread, alex)
    assert texts(first.blocks) == f"1 Footprint: *AWS* (<@{alex}>)\nChange"
    assert texts(second.blocks).startswith("*2 of 5. How do you train?*")


def test_not_sure_is_computed_and_listed_as_assumed(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    for question in P6:
        bot.press(alex, channel, thread, f"not_sure:{question}")
    bot.press(alex, channel, thread, "typical")
    bot.press(alex, channel, thread, "detail:assumed")
    assumed = texts(bot.wait(starting(bot, channel, thread, alex, "*Assumed"))[0].blocks)
    for line in ("• Footprint: Neither", "• Training schedule: Now and then", "• Inference regions: 1", "• MLOps capacity: No"):
        assert line in assumed
    bot.settled()
    assert "4 Inference regions: *not sure*" in bot.reads(channel, thread, alex)


def test_the_offer_says_what_typical_is(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.answer_all(alex, channel, thread)
    assert texts(bot.button(alex, channel, thread, "typical").blocks).splitlines()[:2] == [
        "*That is all five.* Advise on a typical workload, or on your numbers?",
        "Typical is: 8 A100-40GB on 120 hours a month, 20 endpoints, 30,000 GB a month between regions, "
        "1,000 GB a month to the internet, 10,000 GB stored.",
    ]


# -- the menu ----------------------------------------------------------------------------------------------------------


def test_the_menu_explains_a_question_to_the_one_who_asks(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    choose(bot, alex, channel, thread, "What does this mean?")
    (said,) = bot.wait(lambda: bot.told(alex, channel))
    assert said == (
        '*1. Footprint.* Count data stores, networks and teams, not a trial account. "Both" means that leaving either would be a project.'
    )
    assert bot.told(bot.person("bo"), channel) == []


def test_back_opens_the_question_before_and_its_answer_can_be_another(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    choose(bot, alex, channel, thread, "Back one question")
    bot.press(alex, channel, thread, "answer:footprint:azure")
    bot.wait(lambda: f"1 Footprint: *Azure* (<@{alex}>)" in bot.reads(channel, thread, alex))
    bot.button(alex, channel, thread, "answer:training:sporadic")


def test_start_over_asks_from_the_first_and_takes_the_old_buttons_away(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    choose(bot, alex, channel, thread, "Start over")
    bot.button(alex, channel, thread, "answer:footprint:azure")
    bot.settled()
    old, open_before, now = bot.thread(channel, thread, alex)
    assert action_ids(old.blocks) == action_ids(open_before.blocks) == []
    assert texts(old.blocks) == "1 Footprint: of an earlier round"
    assert "answer:footprint:azure" in action_ids(now.blocks)


def test_a_button_of_an_earlier_round_changes_nothing_and_says_so(bot: Bot, place: tuple[str, str]) -> None:
    """The picture on somebody's screen was older than the message."""
    alex, channel = place
    thread = bot.start(alex, channel)
    message = bot.button(alex, channel, thread, "answer:footprint:aws")
    before = list(message.blocks)
    choose(bot, alex, channel, thread, "Start over")
    bot.wait(lambda: len(bot.thread(channel, thread, alex)) == 2)
    bot.settled()
    message.blocks = before
    bot.slack.click(alex, message.ts, channel, "answer:footprint:aws")
    (said,) = bot.wait(lambda: bot.told(alex, channel))
    assert said == "That button is of an earlier round of this conversation. Use the newest questions below it."
    assert "Footprint: *AWS*" not in bot.reads(channel, thread, alex)


def test_stop_keeps_what_was_said_and_go_on_takes_it_up(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    choose(bot, alex, channel, thread, "Stop")
    stopped = bot.button(alex, channel, thread, "resume")
    assert texts(stopped.blocks).startswith(f"<@{alex}> stopped the questions. What was said so far is kept.")
    bot.settled()
    assert texts(bot.top(channel, alex)[-1].blocks).endswith(f"<@{alex}> stopped the questions. What was said is kept in this thread.")
    assert "2 Training schedule: not answered" in bot.reads(channel, thread, alex)
    bot.press(alex, channel, thread, "resume")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.settled()
    assert "1 Footprint: *AWS*" in bot.reads(channel, thread, alex)
    assert "The questions were stopped, and taken up again." in bot.reads(channel, thread, alex)


# -- after the verdict -------------------------------------------------------------------------------------------------


def test_a_late_change_gives_a_new_verdict_that_says_what_changed(bot: Bot, place: tuple[str, str]) -> None:
    """With nothing of their own on AWS the cheapest plan is Azure, as in case P5: 33,960 a year, 2,830 a month."""
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.advised(alex, channel, thread)
    bot.press(alex, channel, thread, "change:footprint")
    bot.press(alex, channel, thread, "answer:footprint:none")
    (message,) = bot.wait(starting(bot, channel, thread, alex, "Changed"))
    lines = texts(message.blocks).splitlines()
    assert lines[:2] == ["Changed: footprint AWS → Neither.", "Azure $2,830 → $2,830 a month. The advice was: AWS."]
    assert message.text.startswith("Choose Azure.")
    bot.settled()
    assert "Answer: *Choose Azure.*" in texts(bot.top(channel, alex)[-1].blocks)


def test_an_old_question_on_a_stale_screen_still_changes_its_answer(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    first = bot.button(alex, channel, thread, "answer:footprint:azure")
    before = list(first.blocks)
    bot.advised(alex, channel, thread)
    bot.settled()
    first.blocks = before
    bot.slack.click(alex, first.ts, channel, "answer:footprint:azure")
    (message,) = bot.wait(starting(bot, channel, thread, alex, "Changed: footprint AWS → Azure."))
    assert message.text.startswith("Stay on Azure.")
    bot.settled()
    assert texts(first.blocks) == f"1 Footprint: *Azure* (<@{alex}>)\nChange"


def test_details_stand_in_the_thread_once_and_a_second_press_links_to_them(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    bo = bot.person("bo")
    thread = bot.quick(alex, channel)
    for name, begins in (("why", "*Why*"), ("flip", "*What would flip it*"), ("wins", "*Quick wins"), ("assumed", "*Assumed")):
        bot.press(alex, channel, thread, f"detail:{name}")
        (detail,) = bot.wait(starting(bot, channel, thread, alex, begins))
        before = len(bot.told(bo, channel))
        bot.press(bo, channel, thread, f"detail:{name}")
        said = bot.wait(lambda before=before: bot.told(bo, channel)[before:])[0]  # type: ignore[misc]  # a lambda with a default
        assert said.startswith("That is in the thread already: <http")
        assert f"/p{detail.ts.replace('.', '')}" in said
    bot.settled()
    assert len(starting(bot, channel, thread, alex, "*Why*")()) == 1


def test_lines_and_prices_come_in_three_messages_once(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    for _ in range(2):
        bot.press(alex, channel, thread, "detail:lines")
        bot.settled()
    tables = [m for m in bot.thread(channel, thread, alex) if any(b["type"] == "table" for b in m.blocks)]
    assert [texts(m.blocks).splitlines()[0] for m in tables[1:]] == [
        "*The six lines of every plan*", "*Quantity times rate*",
        f"*Where each price comes from, as of {bot.office.desk.today()}; those that decide come first*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("up", "Noted, thank you."),
        ("down", "Noted. What was wrong? Reply here, or press *Enter my numbers* where a number is not yours."),
    ],
)
def test_feedback_is_kept_and_may_be_changed(value: str, said: str, bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    message = bot.button(alex, channel, thread, "feedback")
    verdict = next(b for b in message.blocks if b["type"] == "context_actions")["elements"][0]["positive_button"]["value"].split(":")[1]
    for pressed in ({"up": "down", "down": "up"}[value], value):
        bot.slack.click(alex, message.ts, channel, "feedback", value=f"{pressed}:{verdict}")
        bot.settled()
    assert bot.told(alex, channel)[-1] == said
    with bot.database.workspace(bot.slack.world.team.id) as work:
        assert [(each.user, each.value) for each in work.feedback_on(verdict)] == [(alex, value)]


# -- twice, and at once ------------------------------------------------------------------------------------------------


def state(bot: Bot) -> dict[str, list[tuple[str, bool, str | None]]]:
    """Everything in every channel, as it reads."""
    return {
        channel: [(texts(m.blocks) or m.text, m.deleted, m.ephemeral_to) for m in messages]
        for channel, messages in bot.slack.world.messages.items()
    }


AFTER = ("detail", "ask", "report", "numbers")
TWICE = [
    "answer:microsoft_ea:yes",
    "change:footprint",
    "typical",
    "detail:why",
    "detail:lines",
    "ask",
    "report",
    "numbers:refine",
    "menu help",
    "menu stop",
    "menu restart",
]


@pytest.mark.parametrize("action", TWICE)
def test_a_click_that_comes_twice_changes_nothing_the_second_time(action: str, bot: Bot, place: tuple[str, str]) -> None:
    """The same delivery again, with the headers of a retry, after the first was done with."""
    alex, channel = place
    thread = bot.start(alex, channel)
    wanted = list(P6) if action.startswith(("typical", *AFTER)) else list(P6)[:2]
    bot.answer_all(alex, channel, thread, {name: P6[name] for name in wanted})
    if action.startswith(AFTER):
        bot.press(alex, channel, thread, "typical")
    sent = bot.slack._courier.transport.send
    deliveries: list[Delivery] = []

    def kept(delivery: Delivery, retry: Retry | None) -> Outcome:
        deliveries.append(delivery)
        return sent(delivery, retry)

    bot.slack._courier.transport.send = kept  # type: ignore[method-assign]  # to have the very same delivery twice
    if action.startswith("menu"):
        labels = {"menu help": "What does this mean?", "menu stop": "Stop", "menu restart": "Start over"}
        choose(bot, alex, channel, thread, labels[action])
    else:
        bot.press(alex, channel, thread, action)
    bot.settled()
    before = state(bot)
    assert bot.slack._courier.transport.send(deliveries[-1], None).status == 200
    bot.settled()
    assert state(bot) == before


def test_a_command_that_comes_twice_begins_one_conversation(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.slack.faults.disturb("duplicate")
    bot.start(alex, channel)
    bot.settled()
    assert len([m for m in bot.top(channel, alex) if not m.ephemeral_to]) == 1
    assert bot.told(alex, channel) == []


def test_a_form_that_comes_twice_gives_one_verdict(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.command(alex, channel, "quick")
    bot.form(alex)
    bot.slack.faults.disturb("duplicate")
    bot.submit(alex, **P6)
    bot.wait(lambda: [m for m in bot.top(channel, alex) if "Answer: Stay on AWS." in m.text])
    bot.settled()
    (head,) = [m for m in bot.top(channel, alex) if not m.ephemeral_to]
    assert [m.text[:12] for m in bot.thread(channel, head.ts, alex)].count("Stay on AWS.") == 1


def test_a_report_that_is_sent_twice_is_posted_once(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "report")
    bot.form(alex)
    bot.slack.faults.disturb("duplicate")
    bot.submit(alex, channel=bot.channel("general"))
    bot.settled()
    assert len(bot.top(bot.channel("general"), alex)) == 1


def test_two_people_who_answer_at_once_lose_nothing(bot: Bot, place: tuple[str, str]) -> None:
    """Alex answers the open question while Bo changes an answered one; each pair from threads that start together."""
    alex, channel = place
    bo = bot.person("bo")
    thread = bot.start(alex, channel)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.press(alex, channel, thread, "change:footprint")
    first = bot.button(alex, channel, thread, "answer:footprint:both")
    second = bot.button(alex, channel, thread, "answer:footprint:both")
    assert first.ts == second.ts
    gate = threading.Barrier(2)

    def press(user: str, action: str) -> None:
        gate.wait(10)
        bot.slack.click(user, first.ts, channel, action)

    people = [threading.Thread(target=press, args=pair) for pair in ((alex, "answer:footprint:both"), (bo, "answer:footprint:azure"))]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    bot.button(alex, channel, thread, "answer:training:sporadic")
    bot.settled()
    read = bot.reads(channel, thread, alex)
    assert (f"1 Footprint: *Both* (<@{alex}>)" in read) != (f"1 Footprint: *Azure* (<@{bo}>)" in read)
    assert read.count("*2 of 5. How do you train?*") == 1


def test_five_answers_given_at_once_by_five_threads_are_all_kept(bot: Bot, place: tuple[str, str]) -> None:
    """All five questions stand open on somebody's screens after a first round: each thread presses another one."""
    alex, channel = place
    thread = bot.start(alex, channel)
    pressed = []
    for question, answer in P6.items():
        message = bot.button(alex, channel, thread, f"answer:{question}:{answer}")
        pressed.append((message, list(message.blocks), f"answer:{question}:{answer}"))
        bot.press(alex, channel, thread, f"not_sure:{question}")
    bot.button(alex, channel, thread, "typical")
    bot.settled()
    for message, blocks, _ in pressed:
        message.blocks = blocks
    gate = threading.Barrier(len(pressed))

    def press(message: Message, action: str) -> None:
        gate.wait(10)
        bot.slack.click(alex, message.ts, channel, action)

    people = [threading.Thread(target=press, args=(message, action)) for message, _, action in pressed]
    for person in people:
        person.start()
    for person in people:
        person.join(20)
    bot.settled()
    read = bot.reads(channel, thread, alex)
    for line in ("1 Footprint: *AWS*", "2 Training schedule: *Now and then*", "3 Microsoft EA: *Yes*", "4 Inference regions: *5*"):
        assert line in read
    assert "5 MLOps capacity: *No*" in read
    assert "not sure" not in read.lower().replace("not sure\n", "")
