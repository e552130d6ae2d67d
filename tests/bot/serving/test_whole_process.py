"""The main job through the whole process, over signed HTTP and over Socket Mode."""

from __future__ import annotations

import pytest

from bot.sandbox.acts import Outcome
from bot.sandbox.seed import ALEX, BO, CLEO
from tests.bot.serving.people import VERDICT, Person
from tests.bot.serving.process import Served
from tests.bot.slack.harness import P6, texts


@pytest.fixture
def alex(served: Served) -> Person:
    return Person(served.slack, ALEX.id)


@pytest.fixture
def bo(served: Served) -> Person:
    return Person(served.slack, BO.id)


def test_five_answers_give_the_verdict_and_a_refined_number_the_next(alex: Person) -> None:
    thread = alex.starts()
    verdict = alex.is_advised(thread)
    assert verdict.text == VERDICT
    assert [block["type"] for block in verdict.blocks if block["type"] in ("table", "data_visualization")] == [
        "table",
        "data_visualization",
    ]

    refined = alex.refines(thread, {"gpus": "64"})
    said = " ".join(texts(refined.blocks).split())
    assert said.startswith("Changed: GPUs 8 → 64. AWS $3,488 → $11,100 a month. The advice is the same.")
    alex.presses(thread, "detail:flip")
    alex.wait(lambda: "*What would flip it*, nearest first" in alex.shown(thread))
    assert alex.refusals() == []


def test_a_number_that_is_none_is_said_beside_its_field_and_changes_nothing(alex: Person) -> None:
    thread = alex.starts()
    alex.is_advised(thread)
    alex.presses(thread, "numbers:refine")
    form = alex.form()
    posted = len(alex.thread(thread))
    answer = alex.slack.submit(alex.id, form.id, alex.fills_in({"gpus": "a few"}))
    assert isinstance(answer.body, dict)
    assert (answer.body["response_action"], list(answer.body["errors"])) == ("errors", ["gpus"])
    assert (form.closed, list(form.errors), len(alex.thread(thread))) == (False, ["gpus"], posted)
    alex.slack.close(alex.id, form.id)


def test_two_people_answer_one_conversation(alex: Person, bo: Person) -> None:
    thread = alex.starts()
    alex.answers(thread, {"footprint": "aws", "training": "sporadic"})
    bo.answers(thread, {"microsoft_ea": "yes", "inference_regions": "5", "mlops_capacity": "no"})
    assert bo.takes_typical(thread).text == VERDICT
    answered = [message.text.rpartition("(")[2] for message in alex.thread(thread) if "change:" in str(message.blocks)]
    assert answered == [f"<@{person}>)" for person in (alex.id, alex.id, bo.id, bo.id, bo.id)]


def test_a_click_delivered_twice_counts_once(served: Served) -> None:
    # Fair use counts what is delivered. On a quick machine the bot takes all that these tests press for one person's haste.
    cleo = Person(served.slack, CLEO.id)
    thread = cleo.starts()
    served.slack.faults.disturb("duplicate", times=len(P6) + 1)
    verdict = cleo.is_advised(thread)
    assert verdict.text == VERDICT
    cleo.button(thread, "change:mlops_capacity")
    texts_of_thread = [message.text for message in cleo.thread(thread)]
    assert sorted(set(texts_of_thread)) == sorted(texts_of_thread), "no message stands there twice"
    assert len(texts_of_thread) == len(P6) + 2


def test_the_command_is_answered_without_a_word_of_its_own(served: Served, alex: Person) -> None:
    """The thread is the answer."""
    assert served.slack.command(alex.id, alex.channel, "/whichcloud") == Outcome(200)
