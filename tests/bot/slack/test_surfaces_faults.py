"""Slack fails: what the person sees, that nothing is doubled, and that everything arrives in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.manifest import read_manifest
from bot.sandbox.world import Message
from engine.rulebook import Rulebook
from tests.bot.slack.conftest import checked
from tests.bot.slack.harness import P6, Bot, action_ids, texts
from tests.bot.slack.hostile import event

STAY = "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."
DOUBT = (
    "Slack broke off while I was posting, and I cannot look whether this stands in the thread. If you don't see it, press the button.\n"
    "*2 of 5. How do you train?*\nPost it again"
)


@pytest.fixture
def place(bot: Bot) -> tuple[str, str]:
    return bot.person("alex"), bot.channel("ml-platform")


def offered(bot: Bot, user: str, channel: str) -> str:
    """A thread with all five answers, where the numbers are asked for."""
    thread = bot.start(user, channel)
    bot.answer_all(user, channel, thread)
    bot.button(user, channel, thread, "typical")
    bot.settled()
    return thread


def verdicts(bot: Bot, user: str, channel: str, thread: str) -> int:
    return len([m for m in bot.thread(channel, thread, user) if m.text == STAY])


# -- blocks that Slack refuses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long"])
def test_refused_blocks_come_in_the_plain_layout_with_the_chart_as_a_picture(code: str, bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = offered(bot, alex, channel)
    bot.slack.faults.fail("chat.update", code)  # which makes the verdict of its stub
    bot.press(alex, channel, thread, "typical")
    verdict = bot.button(alex, channel, thread, "numbers:refine")
    assert verdict.text == STAY
    kinds = {block["type"] for block in verdict.blocks}
    assert kinds.isdisjoint({"table", "data_visualization"})
    fields = [texts(field) for block in verdict.blocks for field in block.get("fields", [])]
    assert fields[1] == "*Azure (advised at 10x)*\nnow: $2,830, 3x: $8,507, 10x: $28,338"
    bot.settled()  # the first picture of a process loads what draws it, which a busy machine takes its time for
    (picture,) = bot.slack.world.files.values()
    assert picture.content.startswith(b"\x89PNG")
    assert picture.alt_text.startswith("The six cost lines, a month. AWS: Training $")
    assert picture.shared_to == [(channel, thread)]
    assert verdicts(bot, alex, channel, thread) == 1


def test_a_picture_that_cannot_be_uploaded_leaves_the_verdict_standing(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = offered(bot, alex, channel)
    bot.slack.faults.fail("chat.update", "invalid_blocks")
    bot.slack.faults.break_down("upload")
    bot.press(alex, channel, thread, "typical")
    assert bot.button(alex, channel, thread, "numbers:refine").text == STAY
    bot.settled()
    assert bot.told(alex, channel) == []


def test_refused_tables_of_prices_come_in_the_plain_layout(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.slack.faults.fail("response_url", "invalid_blocks")
    bot.slack.faults.fail("chat.postEphemeral", "invalid_blocks")
    said = bot.asked(alex, channel, "cost egress --from aws:us-east-1 --gb 20000")
    assert "• internet egress, first 10 TB; 10,140 GB; $0.09; $912.60" in said
    assert said.count("$1,742.20") == 1


# -- too much at once --------------------------------------------------------------------------------------------------


def test_a_pause_that_slack_asks_for_is_kept_and_nothing_is_doubled(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = offered(bot, alex, channel)
    bot.slack.faults.rate_limit("chat.postMessage", retry_after_s=0, times=2)
    bot.press(alex, channel, thread, "typical")
    bot.button(alex, channel, thread, "numbers:refine")
    bot.settled()
    assert verdicts(bot, alex, channel, thread) == 1
    assert bot.told(alex, channel) == []


def test_a_longer_pause_is_waited_out_and_said_once(bot: Bot, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    alex, channel = place
    thread = offered(bot, alex, channel)
    monkeypatch.setattr("bot.handlers._PATIENCE_S", 0.0)
    bot.slack.faults.rate_limit("chat.postMessage", retry_after_s=0, times=5)
    bot.press(alex, channel, thread, "typical")
    bot.button(alex, channel, thread, "numbers:refine")
    bot.settled()
    assert verdicts(bot, alex, channel, thread) == 1
    assert bot.told(alex, channel) == ["Slack is slowing us down; your result will follow."]


# -- servers that fail, connections that break -------------------------------------------------------------------------

FAULTS = ["5xx", "drop before", "drop after"]


def broken(bot: Bot, fault: str, method: str = "chat.postMessage") -> None:
    if fault == "5xx":
        bot.slack.faults.break_down(method)
    else:
        bot.slack.faults.drop(method, when="before" if fault == "drop before" else "after")


@pytest.mark.parametrize("scopes", [(), ("channels:history",)], ids=["that cannot look", "that can look"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_verdict_whose_post_broke_off_stands_there_once(fault: str, scopes: tuple[str, ...], rulebook: Rulebook, tmp_path: Path) -> None:
    with checked(rulebook, tmp_path, scopes=granted(*scopes)) as bot:
        alex, channel = bot.person("alex"), bot.channel("ml-platform")
        thread = offered(bot, alex, channel)
        broken(bot, fault)
        bot.press(alex, channel, thread, "typical")
        bot.button(alex, channel, thread, "numbers:refine")
        bot.settled()
        assert verdicts(bot, alex, channel, thread) == 1
        assert f"Workload: *typical numbers* (<@{alex}>)" in bot.reads(channel, thread, alex)
        assert "Answer: *Stay on AWS.*" in texts(bot.top(channel, alex)[-1].blocks)
        assert bot.told(alex, channel) == []


def granted(*more: str) -> list[str]:
    return [*read_manifest()["oauth_config"]["scopes"]["bot"], *more]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_question_that_can_be_looked_for_stands_there_once(fault: str, rulebook: Rulebook, tmp_path: Path) -> None:
    with checked(rulebook, tmp_path, scopes=granted("channels:history")) as bot:
        alex, channel = bot.person("alex"), bot.channel("ml-platform")
        thread = bot.start(alex, channel)
        bot.settled()
        broken(bot, fault)
        bot.press(alex, channel, thread, "answer:footprint:aws")
        bot.button(alex, channel, thread, "answer:training:continuous")
        bot.settled()
        assert asked(bot, alex, channel, thread, "training") == 1
        assert bot.told(alex, channel) == []


def asked(bot: Bot, user: str, channel: str, thread: str, question: str) -> int:
    """How often an open question stands in a thread, for all to see."""
    return len([m for m in bot.thread(channel, thread, user) if f"not_sure:{question}" in action_ids(m.blocks) and not m.ephemeral_to])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_question_that_cannot_be_looked_for_is_left_to_the_person(fault: str, bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.settled()
    broken(bot, fault)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    assert bot.wait(lambda: bot.told(alex, channel)) == [DOUBT]
    bot.settled()
    stands = 1 if fault == "drop after" else 0
    assert asked(bot, alex, channel, thread, "training") == stands
    if not stands:
        note = next(m for m in bot.slack.world.messages[channel] if "again:0" in action_ids(m.blocks))
        assert bot.slack.click(alex, note.ts, channel, "again:0").status == 200
    bot.press(alex, channel, thread, "answer:training:continuous")
    bot.button(alex, channel, thread, "not_sure:microsoft_ea")
    bot.settled()
    assert f"2 Training schedule: *Around the clock* (<@{alex}>)" in bot.reads(channel, thread, alex)
    assert asked(bot, alex, channel, thread, "training") == 0
    assert len(bot.told(alex, channel)) == 1


def pressed_again(bot: Bot, user: str, channel: str, said: str) -> None:
    """The button beside these words, in the newest note that has them."""
    notes = [m for m in bot.slack.world.messages[channel] if any(said in texts(b) for b in m.blocks) and "again:0" in action_ids(m.blocks)]
    (beside,) = [block["accessory"]["action_id"] for block in notes[-1].blocks if said in texts(block["text"]) and "accessory" in block]
    assert bot.slack.click(user, notes[-1].ts, channel, beside).status == 200
    bot.settled()


def mentioned(bot: Bot, user: str, channel: str, thread: str, text: str) -> None:
    """Heard by the bot when this returns, and what follows is done."""
    message = bot.slack.world.add(Message(bot.slack.world.new_ts(), channel, user, text, thread_ts=thread))
    mention = {"type": "app_mention", "user": user, "text": f"<@{bot.slack.world.bot.user_id}> {text}", "ts": message.ts}
    event(bot, {**mention, "channel": channel, "thread_ts": thread}, event_id=f"Ev{message.ts}")


def test_what_is_posted_again_is_the_message_that_was_asked_about(bot: Bot, place: tuple[str, str]) -> None:
    """Two messages are doubtful: one stands, the other does not. Whoever misses one gets that one."""
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.settled()
    bot.slack.faults.drop("chat.postMessage", when="after")
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.wait(lambda: bot.told(alex, channel))
    bot.settled()
    bot.slack.faults.drop("chat.postMessage", when="before")
    mentioned(bot, alex, channel, thread, "in bursts")
    bot.wait(lambda: len(bot.told(alex, channel)) == 2)
    bot.settled()
    assert [asked(bot, alex, channel, thread, name) for name in ("training", "microsoft_ea")] == [1, 0]
    for _ in range(2):  # once more changes nothing
        pressed_again(bot, alex, channel, "Microsoft Enterprise Agreement")
        assert [asked(bot, alex, channel, thread, name) for name in ("training", "microsoft_ea")] == [1, 1]


def test_who_asks_where_things_stand_is_asked_about_every_message_that_may_be_missing(bot: Bot, place: tuple[str, str]) -> None:
    """Nothing is posted unasked: one of the two stands."""
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.settled()
    bot.slack.faults.drop("chat.postMessage", when="after")
    mentioned(bot, alex, channel, thread, "on AWS")
    bot.slack.faults.drop("chat.postMessage", when="before")
    mentioned(bot, alex, channel, thread, "in bursts")
    mentioned(bot, alex, channel, thread, "status")
    assert [asked(bot, alex, channel, thread, name) for name in ("training", "microsoft_ea")] == [1, 0]
    both = (
        "Slack broke off while I was posting, and I cannot look whether these messages stand in the thread. "
        "If you don't see one of them, press its button.\n*2 Training schedule: Now and then (<@U0ALEX01>)*\nPost it again\n"
        "*3 of 5. Is a Microsoft Enterprise Agreement in force?*\nPost it again"
    )
    assert [said for said in bot.told(alex, channel) if "broke off" in said] == [DOUBT, both, both]  # the last because they asked


def test_a_question_whose_update_failed_is_put_right_by_itself(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.settled()
    bot.slack.faults.break_down("chat.update", times=2)
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.wait(lambda: f"1 Footprint: *AWS* (<@{alex}>)" in bot.reads(channel, thread, alex))
    bot.settled()
    assert bot.told(alex, channel) == []


def test_a_card_that_somebody_deleted_is_posted_anew(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.start(alex, channel)
    bot.slack.faults.fail("chat.update", "message_not_found")
    bot.press(alex, channel, thread, "answer:footprint:aws")
    bot.wait(lambda: f"1 Footprint: *AWS* (<@{alex}>)" in bot.reads(channel, thread, alex))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_start_that_broke_off_begins_one_conversation(fault: str, bot: Bot, place: tuple[str, str]) -> None:
    """Where nobody can look, a stub may be left; the question stands once."""
    alex, channel = place
    broken(bot, fault)
    bot.command(alex, channel, "")
    first = bot.wait(lambda: [m for m in bot.slack.world.messages.get(channel, ()) if "not_sure:footprint" in action_ids(m.blocks)])[0]
    bot.settled()
    assert asked(bot, alex, channel, first.thread_ts, "footprint") == 1
    stubs = [m for m in bot.top(channel, alex) if m.text == "A comparison begins here."]
    assert len(stubs) == (1 if fault == "drop after" else 0)
    assert bot.told(alex, channel) == []


def test_an_answer_for_one_person_that_broke_off_is_given_again(bot: Bot, place: tuple[str, str]) -> None:
    """Nobody can tell whether it was shown. Twice for one person's eyes harms less than never."""
    alex, channel = place
    bot.slack.faults.drop("response_url", when="before")
    bot.command(alex, channel, "help")
    bot.wait(lambda: bot.told(alex, channel))
    bot.settled()
    assert [said.startswith("*whichcloud compares") for said in bot.told(alex, channel)] == [True]


def test_a_response_url_that_fails_gives_way_to_an_ephemeral_message(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    bot.slack.faults.break_down("response_url")
    assert bot.asked(alex, channel, "help").startswith("*whichcloud compares")


def test_a_form_that_slack_would_not_open_says_so(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.slack.faults.fail("views.open", "expired_trigger_id")
    bot.press(alex, channel, thread, "numbers:refine")
    assert bot.wait(lambda: bot.told(alex, channel)) == ["That took too long for Slack to open a form. Press the button again."]
    bot.press(alex, channel, thread, "numbers:refine")
    bot.form(alex)


def test_a_permalink_that_is_not_to_be_had_is_done_without(bot: Bot, place: tuple[str, str]) -> None:
    alex, channel = place
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "detail:why")
    bot.settled()
    bot.slack.faults.break_down("chat.getPermalink")
    bot.press(alex, channel, thread, "detail:why")
    assert bot.wait(lambda: bot.told(alex, channel)) == ["That is in the thread already: a little further up."]


def test_a_home_that_could_not_be_published_is_whole_the_next_time(bot: Bot) -> None:
    alex = bot.person("alex")
    bot.slack.faults.break_down("views.publish")
    bot.slack.open_home(alex)
    bot.settled()
    bot.slack.open_home(alex)
    bot.wait(lambda: bot.slack.world.homes.get(alex))


def test_suggested_prompts_that_are_refused_break_nothing(bot: Bot) -> None:
    alex = bot.person("alex")
    bot.slack.faults.fail("assistant.threads.setSuggestedPrompts", "missing_scope")
    bot.slack.open_home(alex, "messages")
    bot.wait(lambda: bot.calls("assistant.threads.setSuggestedPrompts"))
    bot.settled()
    assert bot.slack.world.messages.get(bot.direct(alex), []) == []


# -- errors of our own -------------------------------------------------------------------------------------------------


@pytest.fixture
def unchecked(rulebook: Rulebook, tmp_path: Path) -> Iterator[Bot]:
    """A bot whose log may hold an error."""
    with checked(rulebook, tmp_path) as bot:
        yield bot
        bot.logged.clear()


def test_what_breaks_on_our_side_has_a_reference_and_no_trace(unchecked: Bot) -> None:
    """An error code that nobody planned for."""
    bot = unchecked
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.slack.faults.fail("chat.postMessage", "a_code_of_next_year")
    said = bot.asked(alex, channel, "")
    bot.settled()
    (logged,) = bot.logged
    reference = logged.getMessage().rpartition(" ")[2]
    assert said == f"Something broke on our side. Nothing that was said is lost. Quote `{reference}` and we can find it."
    assert "a_code_of_next_year" not in said


def test_a_conversation_goes_on_where_it_stood_after_everything_failed_once(bot: Bot, place: tuple[str, str]) -> None:
    """Each kind of call fails on the way; every message stands there once."""
    alex, channel = place
    thread = bot.start(alex, channel)
    for at, (question, answer) in enumerate(P6.items()):
        if at % 2:
            bot.slack.faults.drop("chat.postMessage", when="before")
        else:
            bot.slack.faults.break_down("chat.update")
        bot.press(alex, channel, thread, f"answer:{question}:{answer}")
        bot.settled()
        for note in [m for m in bot.slack.world.messages[channel] if "again:0" in action_ids(m.blocks) and not m.deleted]:
            bot.slack.click(alex, note.ts, channel, "again:0")
            bot.settled()
    bot.press(alex, channel, thread, "typical")
    bot.button(alex, channel, thread, "numbers:refine")
    bot.settled()
    ours = [texts(m.blocks) for m in bot.thread(channel, thread, alex) if m.user == bot.slack.world.bot.user_id and not m.ephemeral_to]
    assert [text.partition(":")[0].partition("\n")[0] for text in ours][:5] == [
        "1 Footprint", "2 Training schedule", "3 Microsoft EA", "4 Inference regions", "5 MLOps capacity",
    ]  # fmt: skip
    assert len(ours) == 7
    assert "typical" not in action_ids([m.blocks for m in bot.thread(channel, thread, alex)])
