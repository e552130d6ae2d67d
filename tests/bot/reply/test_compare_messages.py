"""The guided comparison in Slack: its questions, their answers in a line, and the result, for every combination of answers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from bot.comparing import Comparing
from bot.conversation import Given
from bot.qa.guided import ComparisonView, comparison_view, guided_comparison
from bot.reply import compare
from bot.reply.elements import SECTION_CHARS, Message
from bot.words import Words
from engine.advice import Advice
from engine.dimensions import Asked, Dimensions, load_dimensions
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from tests.bot.reply.samples import ALEX, ID, P6, advice, kinds, problems, public, texts
from tests.engine.raw_dimensions import every_choice

KEY = f"{ID}:1"
DIMENSIONS = load_dimensions(load_rulebook())
QUESTIONS = DIMENSIONS.questions
NONE: Mapping[str, Given] = {}


@pytest.fixture(scope="module")
def words(rulebook: Rulebook) -> Words:
    return public(rulebook)


@pytest.fixture(scope="module")
def dimensions() -> Dimensions:
    return DIMENSIONS


def comparing(answers: Mapping[str, Given] = NONE, stopped_by: str = "") -> Comparing:
    return Comparing(ALEX, answers=answers, stopped_by=stopped_by)


def view(words: Words, chosen: Mapping[str, str], beside: Advice | None = None) -> ComparisonView:
    return comparison_view(guided_comparison(words.rulebook, DIMENSIONS, chosen, {}, beside), words)


def pressed(message: Message) -> list[tuple[str, str]]:
    """Action id and label of every button."""
    return [(e["action_id"], e["text"]["text"]) for block in message.blocks if block["type"] == "actions" for e in block["elements"]]


# -- a question --------------------------------------------------------------------------------------------------------


def test_the_first_question(words: Words, dimensions: Dimensions) -> None:
    message = compare.open_question(comparing(), QUESTIONS[0], dimensions, words, KEY)
    assert message.text == "1 of 6. Projects and permissions. Who should hold the rights in your projects, people or jobs?"
    assert kinds(message) == ["section", "actions", "context"]
    assert pressed(message) == [
        ("compare:answer:rights:people", "People, by their role"),
        ("compare:answer:rights:jobs", "Jobs, each its own"),
        ("compare:not_sure:rights", "Not sure"),
    ]
    assert {element["value"] for element in message.blocks[1]["elements"]} == {KEY}
    assert [option["text"]["text"] for option in message.blocks[0]["accessory"]["options"]] == [
        "What does this mean?",
        "Start over",
        "Stop",
    ]


def test_a_later_question_has_a_way_back(words: Words, dimensions: Dimensions) -> None:
    message = compare.open_question(comparing(), QUESTIONS[3], dimensions, words, KEY)
    assert message.text.startswith("4 of 6. Compute. ")
    options = message.blocks[0]["accessory"]["options"]
    assert [option["value"] for option in options] == ["help:machines", f"back:{KEY}", f"restart:{KEY}", f"cancel:{KEY}"]


def test_a_question_that_is_asked_again_says_its_number_alone(words: Words, dimensions: Dimensions) -> None:
    again = comparing({"rights": Given("jobs", ALEX, "1.1")})
    assert compare.open_question(again, QUESTIONS[0], dimensions, words, KEY).text.startswith("1. Projects and permissions. ")


def test_an_answered_question_is_one_line_with_who_said_it(words: Words, dimensions: Dimensions) -> None:
    message = compare.answered(comparing({"rights": Given("jobs", ALEX, "1.1")}), QUESTIONS[0], dimensions, words, KEY)
    assert message.text == f"1 Rights: Jobs, each its own (<@{ALEX}>)"
    assert message.blocks[0]["accessory"]["action_id"] == "compare:change:rights"


def test_not_sure_says_what_it_means(words: Words, dimensions: Dimensions) -> None:
    message = compare.answered(comparing({"code": Given(None, "", "1.1", True)}), QUESTIONS[4], dimensions, words, KEY)
    assert message.text == "5 What jobs bring: not sure (someone). It speaks for neither."


def test_who_stopped_it_can_be_followed_by_anybody(words: Words, dimensions: Dimensions) -> None:
    stopped = comparing({"rights": Given("jobs", ALEX, "1.1")}, stopped_by=ALEX)
    assert pressed(compare.stopped(stopped, words, KEY)) == [("compare:resume", "Go on"), ("compare:restart", "Start over")]
    assert "accessory" not in compare.answered(stopped, QUESTIONS[0], dimensions, words, KEY).blocks[0]


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.id)
def test_every_message_of_a_question_may_be_sent(asked: Asked, words: Words, dimensions: Dimensions) -> None:
    messages = [
        compare.head(ALEX, False, words),
        compare.open_question(comparing(), asked, dimensions, words, KEY),
        compare.help_on(asked, dimensions),
        compare.put_off(comparing(), asked, dimensions, words),
        compare.set_aside(asked, dimensions, words),
        *(compare.answered(comparing({asked.id: Given(c.id, ALEX, "1.1")}), asked, dimensions, words, KEY) for c in asked.answers),
        compare.answered(comparing({asked.id: Given(None, ALEX, "1.1", True)}), asked, dimensions, words, KEY),
    ]
    assert {said: message.text for message in messages for said in problems(message)} == {}


def test_a_private_head_names_nobody(words: Words) -> None:
    assert compare.head(ALEX, True, words).text.startswith("SageMaker AI or Azure Machine Learning: which fits your team? A few questions")
    assert f"<@{ALEX}> asked." in compare.head(ALEX, False, words).text


# -- the result --------------------------------------------------------------------------------------------------------


def test_the_result_leads_with_the_verdict_then_where_it_pulls_apart(rulebook: Rulebook, words: Words) -> None:
    message = compare.result(view(words, {"rights": "people"}, advice(rulebook, P6)), KEY)
    assert kinds(message) == ["section", "section", *["section", "context"] * 4, "context", "actions"]
    assert texts(message.blocks[0]).startswith("*Stay on AWS.* Moving to Azure would save $7,892 a year")
    assert texts(message.blocks[1]).startswith("*They pull apart: the verdict is AWS; on permissions Azure Machine Learning fits better")
    assert texts(message.blocks[2]).startswith("*Projects and permissions: Azure Machine Learning fits.* ")
    assert "Sources: Microsoft Learn, Azure Machine Learning documentation (Microsoft, 2024-09-03)" in texts(message.blocks[3])
    assert message.text.startswith("Stay on AWS. They pull apart")


def test_without_a_verdict_it_leads_with_what_fits(words: Words) -> None:
    message = compare.result(view(words, {"rights": "jobs"}), KEY)
    assert texts(message.blocks[0]).startswith("*On permissions SageMaker AI fits better.*")
    assert "There is no cost verdict beside it yet" in texts(message.blocks)


def test_every_result_may_be_sent_and_nothing_is_cut(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    advices = itertools.cycle((None, advice(rulebook, P6), advice(rulebook, {**P6, "training": "none"})))
    for number, (chosen, beside) in enumerate(zip(every_choice(dimensions), advices, strict=False)):
        shown = view(words, chosen, beside)
        message = compare.result(shown, KEY)
        read = texts(message.blocks)
        assert "…" not in read, chosen
        assert kinds(message).count("context") == len(dimensions.dimensions) + 1
        assert all(len(texts(block)) <= SECTION_CHARS for block in message.blocks)
        for fit in shown.dimensions:
            assert all(f"• {line}" in read for line in fit.lines), chosen
        if number % 20 == 0:  # the checker takes longer than all else
            assert problems(message) == [], chosen
