"""The guided comparison in Slack: from the command or a mention to its result beside the verdict, whoever presses what when."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot import comparisons
from bot.conversation import Conversation
from bot.sandbox.world import Message
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import P6, Bot, action_ids, texts
from tests.bot.slack.hostile import TEAM, click, conversation_in, interact
from tests.bot.slack.test_surfaces_typed import mention, say

CHOSEN = {"rights": "people", "data_place": "s3", "data_versions": "yes", "machines": "each_job", "code": "script", "environments": "team"}
ALL_BUT_ONE = {name: choice for name, choice in CHOSEN.items() if name != "environments"}
APART = "They pull apart: the verdict is AWS; on permissions"


@pytest.fixture
def thread(bot: Bot) -> str:
    """Case P6 with its verdict."""
    return bot.quick(bot.person("alex"), bot.channel("ml-platform"))


def compare(bot: Bot, user: str, channel: str) -> str:
    """What the command tells whoever typed it."""
    return bot.asked(user, channel, "compare")


def answer(bot: Bot, user: str, channel: str, thread: str, chosen: dict[str, str] | None = None) -> None:
    for question, choice in (chosen or CHOSEN).items():
        bot.press(user, channel, thread, f"compare:answer:{question}:{choice}")
    bot.settled()


def results(bot: Bot, channel: str, thread: str, viewer: str) -> list[Message]:
    return [message for message in bot.thread(channel, thread, viewer) if "compare:restart" in action_ids(message.blocks)]


def result(bot: Bot, channel: str, thread: str, viewer: str) -> str:
    """The newest result, as it reads."""
    return texts(results(bot, channel, thread, viewer)[-1].blocks)


def posted(bot: Bot, channel: str, thread: str) -> list[str]:
    """What the bot wrote in a thread for all to see."""
    ours = bot.slack.world.bot.user_id
    return [texts(m.blocks) for m in bot.thread(channel, thread, bot.person("bo")) if m.user == ours and not m.ephemeral_to]


def kept(bot: Bot, channel: str, thread: str) -> Conversation:
    return conversation_in(bot, channel, thread)


def menu(bot: Bot, user: str, channel: str, thread: str, label: str) -> None:
    """A choice in the menu of the open question."""
    message = bot.button(user, channel, thread, "compare:menu")
    (options,) = [block["accessory"]["options"] for block in message.blocks if "accessory" in block]
    (value,) = [each["value"] for each in options if each["text"]["text"] == label]
    interact(bot, click(user, "compare:menu", "", channel, thread, selected_option={"value": value}))


# -- the walk --------------------------------------------------------------------------------------------------------------


def test_from_the_command_to_the_result_beside_the_verdict(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    told = compare(bot, alex, channel)
    assert re.search(r"The comparison of the platforms is in <http[^|]+\|this thread>\.", told)
    for number, (question, choice) in enumerate(CHOSEN.items(), 1):
        assert f"*{number} of 6. " in bot.last(channel, thread, alex)
        bot.press(alex, channel, thread, f"compare:answer:{question}:{choice}")
        bot.settled()
    reads = bot.reads(channel, thread, alex)
    assert f"1 Rights: *People, by their role* (<@{alex}>)" in reads
    assert f"6 Place of the environments: *Once, for the team* (<@{alex}>)" in reads
    said = result(bot, channel, thread, alex)
    assert said.startswith("*Stay on AWS.*")
    assert APART in said
    assert "*Projects and permissions: Azure Machine Learning fits.*" in said
    assert "Sources: Microsoft Learn" in said
    assert bot.errors() == []


def test_it_is_asked_for_where_a_verdict_stands_and_by_nobody_else_there(bot: Bot, thread: str) -> None:
    """Whoever took no part in the thread begins with the five questions."""
    bo, channel = bot.person("bo"), bot.channel("ml-platform")
    told = compare(bot, bo, channel)
    assert re.search(r"Five questions come first, in <http[^|]+\|this thread>; the comparison of the platforms follows", told)
    assert kept(bot, channel, thread).comparing is None
    began = bot.top(channel, bo)[-2].ts
    assert "*1 of 5. " in bot.reads(channel, began, bo)
    assert "1 of 6" not in bot.reads(channel, began, bo)
    bot.advised(bo, channel, began)
    bot.settled()
    assert "*1 of 6. " in bot.last(channel, began, bo)
    answer(bot, bo, channel, began)
    assert APART in result(bot, channel, began, bo)


def test_in_a_direct_message_it_names_nobody_in_its_head(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = bot.quick(alex, direct)
    bot.command(alex, direct, "compare")
    bot.wait(lambda: "1 of 6" in bot.reads(direct, thread, alex))
    answer(bot, alex, direct, thread)
    assert "which fits your team?* A few questions" in bot.reads(direct, thread, alex)
    assert APART in result(bot, direct, thread, alex)


@pytest.mark.parametrize("text", ["compare the platforms", "Please compare the four dimensions for us!", "can you compare both platforms?"])
def test_a_mention_in_the_thread_begins_it_once_and_later_says_where_it_is(bot: Bot, thread: str, text: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    mention(bot, alex, channel, text, thread)
    bot.wait(lambda: "1 of 6" in bot.reads(channel, thread, alex))
    bot.settled()
    assert not any("The comparison of the platforms" in told for told in bot.told(alex, channel))
    before = posted(bot, channel, thread)
    mention(bot, alex, channel, text, thread)
    bot.wait(lambda: any("The comparison of the platforms is in" in told for told in bot.told(alex, channel)))
    bot.settled()
    assert posted(bot, channel, thread) == before


def test_where_the_five_are_open_it_waits_for_the_verdict(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    mention(bot, alex, channel, "compare the platforms", thread)
    bot.wait(lambda: any("Five questions come first" in told for told in bot.told(alex, channel)))
    bot.advised(alex, channel, thread)
    bot.settled()
    assert "*1 of 6. " in bot.last(channel, thread, alex)


def test_a_mention_elsewhere_begins_with_the_five_questions(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = mention(bot, alex, channel, "compare the platforms")
    bot.advised(alex, channel, thread)
    bot.settled()
    assert "*1 of 6. " in bot.last(channel, thread, alex)


def test_not_sure_everywhere_settles_nothing_and_says_so(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel, microsoft_ea="no", footprint="both", mlops_capacity="no")
    compare(bot, alex, channel)
    for question in CHOSEN:
        bot.press(alex, channel, thread, f"compare:not_sure:{question}")
    bot.settled()
    said = result(bot, channel, thread, alex)
    assert "What was said of the four dimensions settles none of them." in said
    assert "Undecided: " in said
    assert f"5 What jobs bring: *not sure* (<@{alex}>). It speaks for neither." in bot.reads(channel, thread, alex)


# -- changes ---------------------------------------------------------------------------------------------------------------


def test_an_answer_that_is_changed_after_the_result_gives_another_one(bot: Bot, thread: str) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread)
    bot.press(bo, channel, thread, "compare:change:rights")
    bot.settled()
    assert len(results(bot, channel, thread, alex)) == 1
    answer(bot, bo, channel, thread, {"rights": "jobs"})
    assert len(results(bot, channel, thread, alex)) == 2
    assert "*Projects and permissions: SageMaker AI fits.*" in result(bot, channel, thread, alex)
    assert f"1 Rights: *Jobs, each its own* (<@{bo}>)" in bot.reads(channel, thread, alex)


def test_the_same_answer_once_more_gives_no_other_result(bot: Bot, thread: str) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread)
    bot.press(bo, channel, thread, "compare:change:rights")
    answer(bot, bo, channel, thread, {"rights": "people"})
    assert len(results(bot, channel, thread, alex)) == 1


def test_a_verdict_that_changes_after_the_result_gives_another_one_below_it(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread)
    bot.press(alex, channel, thread, "numbers:refine")
    bot.submit(alex, gpus="64")
    bot.settled()
    assert len(results(bot, channel, thread, alex)) == 2
    assert "compare:restart" in action_ids(bot.thread(channel, thread, alex)[-1].blocks)
    assert "numbers:refine" in action_ids(bot.thread(channel, thread, alex)[-2].blocks)


def test_when_the_five_start_over_the_result_waits_for_their_verdict(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread)
    mention(bot, alex, channel, "restart", thread)
    bot.wait(lambda: "*1 of 5. " in bot.reads(channel, thread, alex))
    bot.press(alex, channel, thread, "compare:change:rights")
    answer(bot, alex, channel, thread, {"rights": "jobs"})
    assert len(results(bot, channel, thread, alex)) == 1
    bot.answer_all(alex, channel, thread, {**P6, "footprint": "azure"})
    bot.press(alex, channel, thread, "typical")
    bot.settled()
    assert len(results(bot, channel, thread, alex)) == 2


def test_it_starts_over_from_the_result_and_the_old_buttons_are_gone(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread)
    old = bot.button(alex, channel, thread, "compare:change:code")
    bot.press(alex, channel, thread, "compare:restart")
    bot.settled()
    assert "*1 of 6. " in bot.last(channel, thread, alex)
    assert "5 What jobs bring: of an earlier round" in bot.reads(channel, thread, alex)
    interact(bot, click(alex, "compare:change:code", f"{kept(bot, channel, thread).id}:1", channel, thread))
    assert any("That button is of an earlier round" in told for told in bot.told(alex, channel))
    answer(bot, alex, channel, thread)
    assert len(results(bot, channel, thread, alex)) == 2
    assert old.ts in {message.ts for message in bot.thread(channel, thread, alex)}


def test_back_stop_and_on_again(bot: Bot, thread: str) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread, {"rights": "people"})
    menu(bot, alex, channel, thread, "Back one question")
    assert "*1. Projects and permissions." in bot.reads(channel, thread, alex)
    answer(bot, alex, channel, thread, {"rights": "jobs"})
    menu(bot, bo, channel, thread, "Stop")
    assert f"<@{bo}> stopped the comparison." in bot.last(channel, thread, alex)
    assert "2 Place of the data: not answered" in bot.reads(channel, thread, alex)
    bot.press(alex, channel, thread, "compare:resume")
    bot.settled()
    assert "*2 of 6. " in bot.reads(channel, thread, alex)
    answer(bot, alex, channel, thread, {name: choice for name, choice in CHOSEN.items() if name != "rights"})
    assert "*Projects and permissions: SageMaker AI fits.*" in result(bot, channel, thread, alex)


def test_the_menu_says_what_a_question_means_to_whoever_asks(bot: Bot, thread: str) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    menu(bot, bo, channel, thread, "What does this mean?")
    assert "*1. Rights.* People: a new colleague gets a role and may work." in "\n".join(bot.told(bo, channel))


# -- twice, late, by others -------------------------------------------------------------------------------------------------


def test_a_press_that_comes_twice_counts_once(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    press = click(alex, "compare:answer:rights:people", f"{kept(bot, channel, thread).id}:1", channel, thread)
    interact(bot, press)
    before, known = bot.reads(channel, thread, alex), kept(bot, channel, thread)
    interact(bot, press)
    assert (bot.reads(channel, thread, alex), kept(bot, channel, thread)) == (before, known)


def test_the_private_comparison_is_its_owners(bot: Bot) -> None:
    alex, bo = bot.person("alex"), bot.person("bo")
    direct = bot.direct(alex)
    thread = bot.quick(alex, direct)
    bot.command(alex, direct, "compare")
    bot.wait(lambda: "1 of 6" in bot.reads(direct, thread, alex))
    known = kept(bot, direct, thread)
    interact(bot, click(bo, "compare:answer:rights:people", f"{known.id}:1", direct, thread))
    assert kept(bot, direct, thread) == known
    assert any("somebody else's private conversation" in str(given) for given in bot.calls("chat.postMessage"))


FORGED = [
    ("compare", "{id}:1"),
    ("compare:answer", "{id}:1"),
    ("compare:answer:rights", "{id}:1"),
    ("compare:answer:rights:robots", "{id}:1"),
    ("compare:answer:weather:fine", "{id}:1"),
    ("compare:change:footprint", "{id}:1"),
    ("compare:shout", "{id}:1"),
    ("compare:resume", "{id}"),
    ("compare:resume", "x:1"),
    ("compare:menu", "help:footprint"),
    ("compare:menu", "typical:{id}:1"),
]


def test_buttons_that_nobody_was_given_change_nothing(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    known = kept(bot, channel, thread)
    for action_id, value in FORGED:
        before = len(bot.told(alex, channel))
        interact(bot, click(alex, action_id, value.format(id=known.id), channel, thread))
        assert (action_id, kept(bot, channel, thread)) == (action_id, known)
        assert (action_id, "no longer have that conversation" in "\n".join(bot.told(alex, channel)[before:])) == (action_id, True)


def test_a_button_of_a_comparison_that_is_none_says_so(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    interact(bot, click(alex, "compare:restart", f"{kept(bot, channel, thread).id}:1", channel, thread))
    assert any("That button is of an earlier round" in told for told in bot.told(alex, channel))


def test_who_is_forgotten_is_named_no_more_and_the_rest_goes_on(bot: Bot, thread: str) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, bo, channel, thread, {"rights": "people", "data_place": "s3"})
    interact(bot, click(bo, "forget", "", channel, thread))
    comparing = kept(bot, channel, thread).comparing
    assert comparing is not None
    assert comparing.people == {alex}
    answer(bot, alex, channel, thread, {name: CHOSEN[name] for name in ("data_versions", "machines", "code", "environments")})
    assert APART in result(bot, channel, thread, alex)
    assert "1 Rights: *People, by their role* (someone)" in bot.reads(channel, thread, alex)


def test_the_owners_comparison_goes_with_their_conversation(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    known = kept(bot, channel, thread)
    interact(bot, click(alex, "forget", "", channel, thread))
    interact(bot, click(alex, "compare:answer:rights:people", f"{known.id}:1", channel, thread))
    assert any("no longer have that conversation" in told for told in bot.told(alex, channel))


def test_private_figures_never_show(rulebook: Rulebook, tmp_path: Path) -> None:
    with checked(rulebook, tmp_path) as bot:
        alex, channel = bot.person("alex"), bot.channel("ml-platform")
        thread = bot.quick(alex, channel, ea_discount_pct="17.25")
        compare(bot, alex, channel)
        answer(bot, alex, channel, thread)
        assert results(bot, channel, thread, alex)
        assert "17.25" not in bot.shown()


# -- typed -----------------------------------------------------------------------------------------------------------------


def test_it_is_answered_in_typed_words(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    for typed, reads in [
        ("people, by their role", f"1 Rights: *People, by their role* (<@{alex}>)"),
        ("Amazon S3.", f"2 Place of the data: *Amazon S3* (<@{alex}>)"),
        ("back", "*2. Data storage."),
        ("in both", f"2 Place of the data: *In both* (<@{alex}>)"),
        ("yes", f"3 Versions of the data: *Yes* (<@{alex}>)"),
        ("not sure", f"4 Choice of machines: *not sure* (<@{alex}>)"),
        ("stop", f"<@{alex}> stopped the comparison."),
    ]:
        mention(bot, alex, channel, typed, thread)
        bot.wait(lambda reads=reads: reads in bot.reads(channel, thread, alex))  # type: ignore[misc]  # a default
    bot.settled()
    assert kept(bot, channel, thread).cancelled_by == ""


def test_in_a_direct_message_it_is_answered_beside_the_thread(bot: Bot) -> None:
    alex = bot.person("alex")
    direct = bot.direct(alex)
    thread = bot.quick(alex, direct)
    bot.command(alex, direct, "compare")
    bot.button(alex, direct, thread, "compare:menu")
    say(bot, alex, direct, "people by their role")
    bot.wait(lambda: f"1 Rights: *People, by their role* (<@{alex}>)" in bot.reads(direct, thread, alex))
    bot.settled()
    assert "It goes on in" in "\n".join(texts(each.blocks) for each in bot.slack.world.messages[direct])


def test_what_is_typed_of_the_case_is_taken_as_ever(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    mention(bot, alex, channel, "footprint is Azure", thread)
    bot.wait(lambda: "1 Footprint: *Azure*" in bot.reads(channel, thread, alex))
    bot.settled()
    comparing = kept(bot, channel, thread).comparing
    assert comparing is not None
    assert comparing.answers == {}


# -- what breaks off ---------------------------------------------------------------------------------------------------------


def test_a_process_that_starts_anew_goes_on_where_it_was(bot: Bot, thread: str) -> None:
    """All that a process remembers is the advice behind verdicts: without it, that is computed anew from what is kept."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread, ALL_BUT_ONE)
    bot.office.desk.verdicts._at_hand.clear()
    answer(bot, alex, channel, thread, {"environments": "team"})
    assert APART in result(bot, channel, thread, alex)


def test_a_result_that_was_overtaken_before_it_stood_gives_way_to_the_newest(bot: Bot, thread: str) -> None:
    """The worker went away after the result was kept; then an answer was changed."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread, ALL_BUT_ONE)
    before = kept(bot, channel, thread)
    assert before.comparing is not None
    with bot.database.workspace(TEAM) as work:
        work.save_conversation(replace(before, comparing=replace(before.comparing, shown=("overtaken",))))
    answer(bot, alex, channel, thread, {"environments": "team"})
    assert len(results(bot, channel, thread, alex)) == 1
    assert APART in result(bot, channel, thread, alex)
    after = kept(bot, channel, thread)
    assert after.comparing is not None
    said = comparisons.result_message(bot.office.desk, after, after.comparing, 1)
    assert said.text == "The answers or the verdict changed in the meantime; the result of the comparison is further down."


def test_while_slack_is_in_trouble_nothing_is_lost_or_doubled(bot: Bot, thread: str) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    compare(bot, alex, channel)
    answer(bot, alex, channel, thread, ALL_BUT_ONE)
    bot.slack.faults.break_down("chat.postMessage", times=2)
    bot.press(alex, channel, thread, "compare:answer:environments:team")
    bot.wait(lambda: results(bot, channel, thread, alex))
    bot.settled()
    assert len(results(bot, channel, thread, alex)) == 1
