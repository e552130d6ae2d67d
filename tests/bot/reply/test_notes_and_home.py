"""The other messages and the Home tab: questions, help, history, old verdicts, prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.conversation import Conversation, Given
from bot.pricing import prices_table
from bot.reply import home, notes, questions
from bot.reply.elements import Message
from bot.storage import Verdict
from bot.view import view_of
from bot.words import Words
from engine.pricelist import price_list
from engine.rulebook import Rulebook
from tests.bot.reply import samples
from tests.bot.reply.samples import ALEX, BO, DAY, ID, P6, VERDICT, conversation, problems, texts, view_problems

SENTENCE = "Stay on AWS."


def verdict(number: int = 1, sentence: str = SENTENCE) -> Verdict:
    return Verdict(
        id=f"{ID}-1-{number}", conversation=ID, number=number, asked_by=ALEX, created_at=datetime(2026, 11, 22, tzinfo=UTC), day=DAY,
        inputs={}, outputs={"verdict": {"headline": f"{sentence} It is the cheapest."}}, rules_version="r", prices_version="p",
    )  # fmt: skip


# -- the cards of a conversation ---------------------------------------------------------------------------------------


def every_card(rulebook: Rulebook) -> dict[str, Callable[[Words], Message]]:
    """Each message that a conversation may consist of."""
    kept, numbers = conversation(), Given("typical", ALEX, "1.2")
    unsure = replace(kept, answers={name: replace(given, skipped=True) for name, given in kept.answers.items()})
    own = replace(conversation(P6, dict(samples.LARGEST)), numbers=replace(numbers, value="own"))
    stopped = replace(kept, cancelled_by=BO)
    nothing = conversation({**P6, "training": "none", "inference_regions": 0})
    case = samples.case(rulebook)
    made: dict[str, Callable[[Words], Message]] = {
        "head": lambda words: questions.head(conversation({}), "", words),
        "head of a form": lambda words: questions.head(replace(kept, quick=True), "", words),
        "head with its answer": lambda words: questions.head(kept, SENTENCE, words),
        "head of a private one": lambda words: questions.head(replace(kept, private=True), SENTENCE, words),
        "head after a stop": lambda words: questions.head(stopped, "", words),
        "head after its owner was forgotten": lambda words: questions.head(replace(kept, owner=""), "", words),
        "all answers of a form": lambda words: questions.all_answers(kept, words),
        "offer": lambda words: questions.offer(kept, case, words),
        "offer put off": questions.offer_put_off,
        "typical numbers": lambda words: questions.numbers_chosen(replace(kept, numbers=numbers), words),
        "every number given": lambda words: questions.numbers_chosen(own, words),
        "stopped": lambda words: questions.cancelled(stopped, words),
        "taken up": questions.taken_up,
        "round over": questions.round_over,
        "nothing to place": lambda words: questions.open_question(nothing, rulebook.question["inference_regions"], words),
    }
    for question in rulebook.questions:
        made |= {
            f"{question.id} open": partial(questions.open_question, conversation({}), question),
            f"{question.id} open again": partial(questions.open_question, kept, question),
            f"{question.id} answered": partial(questions.answered, kept, question),
            f"{question.id} unsure": partial(questions.answered, unsure, question),
            f"{question.id} asked back": partial(questions.answer_buttons, kept, question, text="Say again?"),
            f"{question.id} help": partial(questions.help_on, question),
            f"{question.id} set aside": partial(questions.set_aside, question),
            f"{question.id} put off": partial(questions.put_off, stopped, question),
        }
    return made


def test_every_card_may_be_sent(rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    assert {name: said for name, build in every_card(rulebook).items() for said in problems(build(words))} == {}


def test_no_card_reads_as_if_something_were_missing(rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    for name, build in every_card(rulebook).items():
        read = texts(build(words).blocks)
        for slip in ('None"', "None.", "..", "  ", " .", "!", "{{", "()"):
            assert slip not in read, (name, read)


def test_a_question_has_its_number_its_buttons_and_why_it_is_asked(rulebook: Rulebook) -> None:
    message = questions.open_question(conversation({}), rulebook.question["footprint"], samples.public(rulebook))
    ask, choose, why = message.blocks
    assert texts(ask["text"]) == "*1 of 5. Where does significant infrastructure of yours already run?*"
    assert [button["text"]["text"] for button in choose["elements"]] == ["AWS", "Azure", "Both", "Neither", "Not sure"]
    assert texts(why) == "_A move has to earn back its cost. Below the switching threshold the advice is to stay._"
    assert [option["text"]["text"] for option in ask["accessory"]["options"]] == ["What does this mean?", "Start over", "Stop"]


def test_a_later_question_has_a_way_back(rulebook: Rulebook) -> None:
    message = questions.open_question(conversation({}), rulebook.question["training"], samples.public(rulebook))
    options = [option["text"]["text"] for option in message.blocks[0]["accessory"]["options"]]
    assert options == ["What does this mean?", "Back one question", "Start over", "Stop"]


def test_regions_have_common_numbers_and_room_for_another(rulebook: Rulebook) -> None:
    message = questions.open_question(conversation({}), rulebook.question["inference_regions"], samples.public(rulebook))
    labels = [button["text"]["text"] for button in message.blocks[1]["elements"]]
    assert labels == ["1", "2", "3", "4", "5", "None", "Other…", "Not sure"]


def test_an_answer_is_one_line_with_who_gave_it(rulebook: Rulebook) -> None:
    message = questions.answered(conversation(), rulebook.question["footprint"], samples.public(rulebook))
    assert texts(message.blocks[0]["text"]) == f"1 Footprint: *AWS* (<@{ALEX}>)"
    assert message.blocks[0]["accessory"]["text"]["text"] == "Change"


def test_not_sure_says_what_it_computes_as_and_why(rulebook: Rulebook) -> None:
    kept = conversation()
    unsure = replace(kept, answers={**kept.answers, "microsoft_ea": Given("unsure", ALEX, "1.1", skipped=True)})
    assert texts(questions.answered(unsure, rulebook.question["microsoft_ea"], samples.public(rulebook)).blocks[0]["text"]) == (
        f"3 Microsoft EA: *not sure* (<@{ALEX}>). Computed as No. An agreement nobody knows of gives no discount, so it computes as no."
    )


def test_a_given_discount_is_named_and_not_shown(rulebook: Rulebook) -> None:
    kept = replace(conversation(P6, {"gpus": 64, "ea_discount_pct": 17}), numbers=Given("own", ALEX, "1.2"))
    assert texts(questions.numbers_chosen(kept, samples.public(rulebook)).blocks[0]["text"]) == (
        f"Workload: *your numbers* (<@{ALEX}>): GPUs 64, EA discount (private)"
    )


# -- help, history, old verdicts -------------------------------------------------------------------------------


def test_help_lists_every_word(rulebook: Rulebook) -> None:
    message = notes.help_message(samples.public(rulebook), "I do not know `prises`.")
    assert problems(message) == []
    read = texts(message.blocks)
    assert read.startswith("I do not know `prises`.")
    for word in ("quick", "prices A100", "cost egress", "history", "settings", "forget me"):
        assert f"`/whichcloud {word}" in read


def test_a_history_of_ten(rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    private = Conversation(ID, "T1", "D0ALEX01", "1.0", ALEX, private=True)
    listed: list[tuple[Verdict, Conversation | None]] = [(verdict(at), conversation()) for at in range(1, 9)]
    message = notes.history([*listed, (verdict(9), private), (verdict(10), None)], words)
    assert problems(message) == []
    assert texts(message.blocks).splitlines()[1] == "2026-11-22 · *Stay on AWS.* · <#C0ML>"
    assert "D0ALEX01" not in texts(message.blocks)


def test_no_history_says_how_to_begin(rulebook: Rulebook) -> None:
    assert texts(notes.history([], samples.public(rulebook)).blocks) == "No verdict of yours yet. `/whichcloud` starts one."


@pytest.mark.parametrize("workload", [{}, dict(samples.LARGEST)], ids=["typical", "largest"])
def test_old_verdicts_may_be_sent_and_have_no_buttons(workload: dict[str, int], rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    view = view_of(samples.advice(rulebook, P6, workload), words)
    message = notes.old_verdict(view, VERDICT)
    assert problems(message) == []
    assert not [block for block in message.blocks if block["type"] in ("actions", "context_actions")]
    assert f"*{view.headline}*" in texts(message.blocks)


def test_to_be_forgotten_one_is_asked_twice(rulebook: Rulebook) -> None:
    message = notes.forget(samples.public(rulebook))
    assert problems(message) == []
    button = message.blocks[1]["elements"][0]
    assert (button["style"], button["confirm"]["title"]["text"]) == ("danger", "Forget me?")


@pytest.mark.parametrize("region", ["us-east", "us-west", "europe"])
def test_every_price_list_may_be_sent(region: str, rulebook: Rulebook) -> None:
    words = samples.public(rulebook)
    for family in rulebook.catalogue.families:
        listed = price_list(rulebook, family, region, DAY)
        if listed.rows:
            messages = notes.tables([prices_table(listed, region, words)], [note for _, note in listed.nearest], VERDICT)
            assert [said for message in messages for said in problems(message)] == [], family


# -- Home --------------------------------------------------------------------------------------------------------------

AGES = home.PriceAge("2026-09-06", 12, 340)


def test_a_home_with_five_open_conversations_and_five_verdicts(rulebook: Rulebook) -> None:
    ask = rulebook.question["footprint"].ask
    opened = [home.Open(replace(conversation(), id=f"{ID[:-1]}{at}"), ask, "https://slack.example/archives/C0ML/p1") for at in range(5)]
    view = home.home(opened, [verdict(at) for at in range(5)], AGES, may_edit=True, words=samples.public(rulebook))
    assert view_problems(view, "home") == []
    read = texts(view["blocks"])
    assert read.count("<#C0ML>: Where does significant infrastructure") == 5
    assert read.count("*Stay on AWS.*") == 5
    assert "The newest price is of 2026-09-06. 12 of 340 prices are older than their limit" in read
    assert [button["text"]["text"] for button in view["blocks"][2]["elements"]] == ["Start the five questions", "Settings"]


def test_a_first_home_has_a_start_and_no_settings_for_others(rulebook: Rulebook) -> None:
    view = home.home([], [], AGES, may_edit=False, words=samples.public(rulebook))
    assert view_problems(view, "home") == []
    assert "Open conversations" not in texts(view["blocks"])
    assert "No verdict of yours yet." in texts(view["blocks"])
    assert [button["text"]["text"] for button in view["blocks"][2]["elements"]] == ["Start the five questions"]
