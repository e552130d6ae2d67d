"""The forms: everything at once, the numbers again, one number, a question, the settings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.advise import advise
from engine.case import make_case
from engine.rulebook import Rulebook
from tests.bot.slack.harness import P6, Bot, action_ids, texts

DISCOUNT = "17.25"
STAY = "Stay on AWS. Moving to Azure would save $7,892 a year; you asked for more than $50,000 before moving."


def month(bot: Bot, rulebook: Rulebook, plan: str = "aws", **workload: int | Decimal) -> str:
    """What a plan of case P6 costs with these numbers, in the words of a reply."""
    answers = {**P6, "inference_regions": int(P6["inference_regions"])}
    advice = advise(make_case(rulebook, bot.office.desk.today(), answers, workload), rulebook, bot.office.desk.today())
    total = advice.now.cost(plan).total_usd_per_month
    assert total is not None
    return f"${total:,.0f}"


# -- quick -------------------------------------------------------------------------------------------------------------


def test_the_quick_form_gives_a_verdict_in_the_channel(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    bot.settled()
    verdict = bot.button(alex, channel, thread, "numbers:refine")
    assert verdict.text == STAY
    assert bot.top(channel, alex)[-1].text.startswith("Which cloud for your AI workload?")
    assert "Answer: Stay on AWS." in bot.top(channel, alex)[-1].text
    read = bot.reads(channel, thread, alex)
    assert f"4 Inference regions: *5* (<@{alex}>)" in read
    assert f"Workload: *typical numbers* (<@{alex}>)" in read


def test_what_is_wrong_in_the_quick_form_stands_beside_its_fields(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.command(alex, channel, "quick")
    bot.submit(alex, **{**P6, "inference_regions": "61", "gpus": "-1", "ea_discount_pct": "99"})
    assert bot.form(alex).errors == {
        "inference_regions": "'61' is not accepted. Give a whole number from 0 to 60.",
        "gpus": "'-1' is not accepted. Give a whole number from 0 to 100,000 accelerators.",
        "ea_discount_pct": "'99' is not accepted. Give a number from 0 to 60 %.",
    }
    assert not [m for m in bot.top(channel, alex) if not m.ephemeral_to]
    bot.submit(alex, inference_regions="5", gpus="8", ea_discount_pct="")
    bot.wait(lambda: [m for m in bot.top(channel, alex) if "Answer: Stay on AWS." in m.text])


def test_a_card_that_nobody_sells_is_said_beside_its_field(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.command(alex, channel, "quick")
    bot.submit(alex, **{**P6, "accelerator": "MI300X"})
    assert list(bot.form(alex).errors) == ["accelerator"]
    assert "'MI300X' is not offered by any cloud" in bot.form(alex).errors["accelerator"]


def test_neither_training_nor_serving_is_said_beside_a_field(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.command(alex, channel, "quick")
    bot.submit(alex, **{**P6, "training": "none", "inference_regions": "0"})
    (said,) = bot.form(alex).errors.values()
    assert "nothing to place" in said


def test_where_the_bot_is_no_member_the_result_comes_in_a_direct_message(bot: Bot) -> None:
    dana, finops = bot.person("dana"), bot.channel("finops")
    bot.command(dana, finops, "quick")
    assert bot.submit(dana, **P6).error == ""
    direct = bot.direct(dana)
    bot.wait(lambda: [m for m in bot.top(direct, dana) if "Answer: Stay on AWS." in m.text])
    bot.settled()
    read = "\n".join(texts(m.blocks) for m in bot.slack.world.messages[direct])
    assert f"I am not in <#{finops}>, so the result is here." in read
    assert [m for m in bot.slack.world.messages[direct] if m.text == STAY]
    assert bot.slack.world.messages.get(finops, []) == []


def test_where_nobody_but_some_may_post_the_result_comes_in_a_direct_message(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("announcements")
    bot.command(alex, channel, "quick")
    bot.submit(alex, **P6)
    direct = bot.direct(alex)
    bot.wait(lambda: [m for m in bot.slack.world.messages.get(direct, []) if m.text == STAY])
    bot.settled()
    read = "\n".join(texts(m.blocks) for m in bot.slack.world.messages[direct])
    assert f"<#{channel}> does not take posts from me (archived, or only some may post), so the result is here." in read


def test_a_started_conversation_needs_a_member_and_offers_a_way_on(bot: Bot) -> None:
    dana, finops = bot.person("dana"), bot.channel("finops")
    said = bot.asked(dana, finops, "")
    assert said.startswith(f"I am not in <#{finops}>, so I cannot write there. Nothing is lost: invite me with `/invite @whichcloud`")
    message = bot.slack.world.messages[finops][-1]
    assert action_ids(message.blocks) == ["direct"]
    bot.slack.click(dana, message.ts, finops, "direct")
    bot.wait(lambda: [m for m in bot.slack.world.messages.get(bot.direct(dana), []) if "answer:footprint:aws" in action_ids(m.blocks)])
    assert bot.wait(lambda: bot.told(dana, finops)[1:])[0].startswith("Five questions wait for you in <http")


# -- from a message ----------------------------------------------------------------------------------------------------


def test_advice_on_somebodys_message_comes_into_its_thread(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    ts = bot.slack.say(bo, channel, "AWS or Azure for our retraining?").body["ts"]  # type: ignore[index]
    assert bot.slack.shortcut(alex, "advise_message", channel, ts).error == ""
    bot.submit(alex, **P6)
    verdict = bot.button(alex, channel, ts, "numbers:refine")
    assert verdict.text == STAY
    assert [m.ts for m in bot.top(channel, alex)] == [ts]


# -- refine ------------------------------------------------------------------------------------------------------------


def test_refining_says_what_changed_with_the_totals_of_the_engine(bot: Bot, rulebook: Rulebook) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "numbers:refine")
    form = bot.form(alex).view
    assert next(b for b in form["blocks"] if b["block_id"] == "gpus")["element"]["initial_value"] == "8"
    bot.submit(alex, gpus="64")
    newest = bot.wait(lambda: [m for m in bot.thread(channel, thread, alex) if texts(m.blocks).startswith("Changed")])[0]
    lines = texts(newest.blocks).splitlines()
    assert lines[0] == "Changed: GPUs 8 → 64."
    assert lines[1] == f"AWS $3,488 → {month(bot, rulebook, gpus=64)} a month. The advice is the same."
    assert month(bot, rulebook, gpus=64) == "$11,100"
    bot.settled()
    assert f"Workload: *your numbers* (<@{alex}>): GPUs 64" in bot.reads(channel, thread, alex)


def test_a_form_that_nobody_changed_gives_no_second_verdict(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "numbers:refine")
    bot.submit(alex)
    bot.settled()
    assert [m.text for m in bot.thread(channel, thread, alex)].count(STAY) == 1


def test_numbers_that_go_back_say_so(bot: Bot, rulebook: Rulebook) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel, gpus="64")
    bot.press(alex, channel, thread, "numbers:refine")
    bot.submit(alex, gpus="")
    newest = bot.wait(lambda: [m for m in bot.thread(channel, thread, alex) if texts(m.blocks).startswith("Changed")])[0]
    assert texts(newest.blocks).splitlines()[:2] == [
        "Changed: GPUs 64 → 8.",
        f"AWS {month(bot, rulebook, gpus=64)} → $3,488 a month. The advice is the same.",
    ]


# -- other, ask --------------------------------------------------------------------------------------------------------


def test_another_number_of_regions_is_typed_into_a_form(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    for question in ("footprint", "training", "microsoft_ea"):
        bot.press(alex, channel, thread, f"answer:{question}:{P6[question]}")
    bot.press(alex, channel, thread, "other:inference_regions")
    bot.submit(alex, inference_regions="61")
    assert bot.form(alex).errors == {"inference_regions": "'61' is not accepted. Give a whole number from 0 to 60."}
    bot.submit(alex, inference_regions="12")
    bot.wait(lambda: f"4 Inference regions: *12* (<@{alex}>)" in bot.reads(channel, thread, alex))
    bot.button(alex, channel, thread, "answer:mlops_capacity:yes")


def test_who_types_a_number_is_told_that_somebody_was_quicker(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.start(alex, channel)
    for question in ("footprint", "training", "microsoft_ea"):
        bot.press(alex, channel, thread, f"answer:{question}:{P6[question]}")
    bot.press(alex, channel, thread, "other:inference_regions")
    bot.form(alex)
    bot.press(bo, channel, thread, "answer:inference_regions:3")
    bot.settled()
    bot.submit(alex, inference_regions="12")
    bot.wait(lambda: any(said.startswith(f"<@{bo}> answered the inference regions while") for said in bot.told(alex, channel)))
    bot.settled()
    assert f"4 Inference regions: *3* (<@{bo}>)" in bot.reads(channel, thread, alex)


@pytest.mark.parametrize(
    ("typed", "begins"),
    [("why", "*Why*\n1. "), ("what would flip it?", "*What would flip it*"), ("assumed", "*Assumed"), ("lines", "*The six lines")],
)
def test_a_question_about_the_verdict_is_answered_in_the_thread(typed: str, begins: str, bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "ask")
    assert bot.submit(alex, question=typed).error == ""
    bot.wait(lambda: [m for m in bot.thread(channel, thread, alex) if texts(m.blocks).startswith(begins)])


def test_a_correction_in_the_ask_form_gives_a_new_verdict(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel)
    bot.press(alex, channel, thread, "ask")
    bot.submit(alex, question="footprint is Azure")
    bot.wait(lambda: "Changed: footprint AWS → Azure." in bot.reads(channel, thread, alex))


# -- settings ----------------------------------------------------------------------------------------------------------


def test_settings_hold_for_the_next_verdict(bot: Bot) -> None:
    """Leaving AWS saves 7,892 a year: more than 5,000, so the answer is to move."""
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.command(alex, channel, "settings")
    assert bot.submit(alex, switching_threshold_usd_per_year="$5,000").error == ""
    bot.wait(lambda: [m for m in bot.slack.world.messages.get(bot.direct(alex), []) if m.text.startswith("Settings saved.")])
    thread = bot.quick(alex, channel)
    assert bot.button(alex, channel, thread, "numbers:refine").text.startswith("Move to Azure. It saves $7,892 a year against AWS")


def test_settings_say_what_is_wrong_beside_the_field(bot: Bot) -> None:
    alex, channel = bot.person("alex"), bot.channel("ml-platform")
    bot.command(alex, channel, "settings")
    bot.submit(alex, ea_discount_pct="99", materiality_pct="x", retention_days="0")
    assert bot.form(alex).errors == {
        "ea_discount_pct": "Give a number from 0 to 60 %.",
        "materiality_pct": "'x' is not accepted. Give a number from 0 to 50 %.",
        "retention_days": "'0' is not accepted. Give a whole number from 1 to 36,500 days.",
    }


def test_settings_are_refused_for_who_is_no_editor(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    bot.command(alex, channel, "settings")
    bot.submit(alex)
    bot.settled()
    assert bot.asked(bo, channel, "settings") == f"Settings of this workspace may be changed by <@{alex}>. Ask one of them."
    assert bot.slack.world.top_view(bo) is None


def test_a_settings_form_that_somebody_else_overtook_is_refused(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    bot.command(alex, channel, "settings")
    bot.command(bo, channel, "settings")
    bot.submit(bo, editors=[alex, bo])
    bot.wait(lambda: bot.slack.world.top_view(bo) is None)
    bot.submit(alex, materiality_pct="7")
    (said,) = bot.form(alex).errors.values()
    assert said.startswith("Somebody else changed the settings in the meantime")


def test_the_discount_of_the_workspace_counts_and_is_never_shown(bot: Bot, rulebook: Rulebook) -> None:
    """Everything that anybody was shown is searched, but for the form in which its editor opened and typed it."""
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    bot.command(alex, channel, "settings")
    bot.submit(alex, ea_discount_pct=DISCOUNT)
    bot.settled()
    thread = bot.quick(bo, channel, training="continuous")
    for action in ("detail:why", "detail:flip", "detail:wins", "detail:assumed", "detail:lines"):
        bot.press(bo, channel, thread, action)
    bot.press(bo, channel, thread, "numbers:refine")
    bot.submit(bo, gpus="16")
    bot.wait(lambda: "Changed: GPUs 8 → 16." in bot.reads(channel, thread, bo))
    bot.press(bo, channel, thread, "report")
    bot.submit(bo, channel=bot.channel("general"))
    bot.asked(bo, channel, "history")
    bot.slack.open_home(bo)
    bot.settled()
    assert "EA discount (private)" in bot.shown()
    assert DISCOUNT not in bot.shown()
    with bot.database.workspace(bot.slack.world.team.id) as work:
        assert [str(v.inputs["workload"]["ea_discount_pct"]) for v in work.verdicts_of(bo, 5)] == [str({"amount": DISCOUNT})] * 2


def test_a_persons_own_discount_is_theirs_to_see_alone(bot: Bot) -> None:
    alex, bo, channel = bot.person("alex"), bot.person("bo"), bot.channel("ml-platform")
    thread = bot.quick(alex, channel, training="continuous", ea_discount_pct=DISCOUNT)
    bot.press(bo, channel, thread, "numbers:refine")
    assert DISCOUNT not in str(bot.form(bo).view)
    bot.submit(bo, gpus="16")
    bot.wait(lambda: "Changed: GPUs 8 → 16." in bot.reads(channel, thread, bo))
    bot.settled()
    assert DISCOUNT not in bot.shown()
    bot.press(alex, channel, thread, "numbers:refine")
    block = next(b for b in bot.form(alex).view["blocks"] if b["block_id"] == "ea_discount_pct")
    assert block["element"]["initial_value"] == DISCOUNT
