"""What each act of a person makes of a guided comparison: answers, moves, lateness, results, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.comparing import Comparing, step
from bot.conversation import Act, Answer, Back, Cancel, Given, Refused, Reopen, Restart, Resume, Typical
from engine.dimensions import Dimensions, load_dimensions
from engine.load import load_rulebook
from engine.rulebook import Rulebook

ALEX, BO = "U0ALEX01", "U0BO0001"
BEGUN = Comparing(ALEX)
GIVEN = {"rights": "jobs", "data_place": "s3", "data_versions": "no", "machines": "each_job", "code": "script", "environments": "team"}
DIMENSIONS = load_dimensions(load_rulebook())


@pytest.fixture(scope="module")
def dimensions(rulebook: Rulebook) -> Dimensions:
    return DIMENSIONS


def at(second: int) -> str:
    return f"{second}.000000"


def said(question: str, second: int, value: str | None = None, by: str = ALEX, round: int | None = 1) -> Answer:
    return Answer(by, at(second), round, question, value or GIVEN[question])


def unsure(question: str, second: int, by: str = ALEX) -> Answer:
    return Answer(by, at(second), 1, question, None, skipped=True)


def all_six() -> list[Act]:
    """At seconds 1 to 6."""
    return [said(question, second) for second, question in enumerate(GIVEN, 1)]


def after(acts: Sequence[Act], comparing: Comparing = BEGUN) -> Comparing:
    for act in acts:
        comparing = step(comparing, act, DIMENSIONS)
    return comparing


OPEN: dict[str, tuple[list[Act], str | None]] = {
    "nothing said": ([], "rights"),
    "the first answered": ([said("rights", 1)], "data_place"),
    "not sure counts as answered": ([unsure("rights", 1), unsure("data_place", 2)], "data_versions"),
    "a later one first": ([said("machines", 1)], "rights"),
    "all six": (all_six(), None),
    "back": ([said("rights", 1), Back(ALEX, at(2), 1)], "rights"),
    "back from the end": ([*all_six(), Back(ALEX, at(7), 1)], "environments"),
    "opened again": ([*all_six(), Reopen(BO, at(7), 1, "data_place")], "data_place"),
    "opened again and answered": ([*all_six(), Reopen(BO, at(7), 1, "data_place"), said("data_place", 8, "both")], None),
    "opened again, another answered": ([*all_six(), Reopen(BO, at(7), 1, "data_place"), said("code", 8, "image")], "data_place"),
    "an answer from before it was opened again": (
        [*all_six(), Reopen(BO, at(9), 1, "data_place"), said("data_place", 8, "both")], "data_place",
    ),
    "stopped": ([said("rights", 1), Cancel(BO, at(2), 1)], None),
    "stopped and taken up": ([said("rights", 1), Cancel(BO, at(2), 1), Resume(ALEX, at(3), 1)], "data_place"),
    "from the start": ([*all_six(), Restart(BO, at(7), 1)], "rights"),
}  # fmt: skip


@pytest.mark.parametrize("name", OPEN)
def test_which_question_is_open(name: str, dimensions: Dimensions) -> None:
    acts, question = OPEN[name]
    assert after(acts).open_question(dimensions) == question


REFUSED: dict[str, tuple[list[Act], Act, str]] = {
    "back from the first": ([], Back(ALEX, at(1), 1), "first question"),
    "opening what was not answered": ([], Reopen(ALEX, at(1), 1, "rights"), "too early"),
    "an answer after it was stopped": ([Cancel(ALEX, at(1), 1)], said("rights", 2), "cancelled"),
    "a button of an earlier round": ([Restart(ALEX, at(1), 1)], said("rights", 2, round=1), "earlier round"),
    "a question that is asked no more": ([], Answer(ALEX, at(1), 1, "weather", "fine"), "earlier round"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_acts_without_a_place_are_refused(name: str, dimensions: Dimensions) -> None:
    acts, act, reason = REFUSED[name]
    with pytest.raises(Refused) as refused:
        step(after(acts), act, dimensions)
    assert refused.value.reason == reason


def test_an_answer_that_the_question_does_not_have_is_refused(dimensions: Dimensions) -> None:
    with pytest.raises(ValueError, match=r"`nobody` is not accepted. Give one of: people, jobs."):
        step(BEGUN, said("rights", 1, "nobody"), dimensions)


def test_an_act_of_another_kind_is_a_mistake(dimensions: Dimensions) -> None:
    with pytest.raises(TypeError, match="no step for Typical"):
        step(BEGUN, Typical(ALEX, at(1), 1), dimensions)


UNCHANGED: dict[str, tuple[list[Act], Act]] = {
    "the same click twice": ([said("rights", 1)], said("rights", 1)),
    "a click that comes late": ([said("rights", 5, "people", BO)], said("rights", 4, "jobs")),
    "the same move twice": ([said("rights", 1), Back(ALEX, at(2), 1)], Back(ALEX, at(2), 1)),
    "an act from before the restart": ([Restart(ALEX, at(5), 1)], said("rights", 4, round=None)),
}


@pytest.mark.parametrize("name", UNCHANGED)
def test_acts_that_come_twice_or_late_change_nothing(name: str, dimensions: Dimensions) -> None:
    acts, act = UNCHANGED[name]
    comparing = after(acts)
    assert step(comparing, act, dimensions) is comparing


def test_who_said_what_and_when_is_kept() -> None:
    comparing = after([said("rights", 1, by=BO), unsure("data_place", 2)])
    assert comparing.answers == {"rights": Given("jobs", BO, at(1)), "data_place": Given(None, ALEX, at(2), True)}
    assert comparing.people == {ALEX, BO}


def test_not_sure_says_nothing(dimensions: Dimensions) -> None:
    assert after([said("rights", 1), unsure("data_place", 2)]).chosen(dimensions) == {"rights": "jobs"}


def test_an_answer_that_is_offered_no_more_is_asked_again(dimensions: Dimensions) -> None:
    """Rules are edited while comparisons are kept."""
    old = replace(
        after(all_six()), answers={**after(all_six()).answers, "rights": Given("robots", ALEX, at(1)), "gone": Given("x", BO, at(1))}
    )
    assert old.open_question(dimensions) == "rights"
    assert "gone" not in old.chosen(dimensions)
    assert not old.is_complete(dimensions)


# -- results -----------------------------------------------------------------------------------------------------------


def test_a_result_is_due_once_for_the_same_answers_beside_the_same_verdict(dimensions: Dimensions) -> None:
    comparing = after(all_six())
    assert comparing.result_due(dimensions, "verdict-1")
    shown = comparing.with_result(dimensions, "verdict-1")
    assert not shown.result_due(dimensions, "verdict-1")
    assert shown.result_due(dimensions, "verdict-2")
    assert after([said("rights", 7, "people")], shown).result_due(dimensions, "verdict-1")
    assert not after([said("rights", 7, "jobs", BO)], shown).result_due(dimensions, "verdict-1")


@pytest.mark.parametrize("acts", [[], [said("rights", 1)], [*all_six(), Cancel(ALEX, at(7), 1)], [*all_six(), Back(ALEX, at(7), 1)]])
def test_no_result_is_due_while_a_question_is_open_or_it_is_stopped(acts: list[Act], dimensions: Dimensions) -> None:
    assert not after(acts).result_due(dimensions, "verdict-1")


# -- kept and forgotten ------------------------------------------------------------------------------------------------


def test_it_comes_back_from_json(dimensions: Dimensions) -> None:
    acts = [*all_six(), unsure("code", 7, BO), Reopen(BO, at(8), 1, "rights"), Cancel(BO, at(9), 1)]
    comparing = after(acts).with_result(dimensions, "verdict-1")
    assert Comparing.from_json(json.loads(json.dumps(comparing.as_json()))) == comparing


def test_nothing_is_left_of_who_is_forgotten() -> None:
    comparing = after([said("rights", 1, by=BO), said("code", 2), Cancel(BO, at(3), 1)]).without_person(BO)
    assert BO not in json.dumps(comparing.as_json())
    assert comparing.stopped_by
    assert comparing.people == {ALEX}
    assert comparing.without_person(ALEX).people == frozenset()


# -- any acts in any order ---------------------------------------------------------------------------------------------


def any_act() -> st.SearchStrategy[Act]:
    who, when, rounds = st.sampled_from((ALEX, BO)), st.integers(1, 30).map(at), st.sampled_from((None, 1, 2))
    answers = [(q.id, choice.id) for q in DIMENSIONS.questions for choice in q.answers]
    moves: list[Any] = [st.builds(kind, who, when, rounds) for kind in (Back, Restart, Cancel, Resume)]
    return st.one_of(
        st.builds(
            lambda pair, by, at, round, skip: Answer(by, at, round, pair[0], pair[1], skip),
            st.sampled_from(answers),
            who,
            when,
            rounds,
            st.booleans(),
        ),
        st.builds(Reopen, who, when, rounds, st.sampled_from([q.id for q in DIMENSIONS.questions])),
        *moves,
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(any_act(), max_size=25))
def test_whatever_people_do_it_stands_somewhere_and_can_be_kept(acts: list[Act]) -> None:
    comparing = BEGUN
    for act in acts:
        try:
            after_it = step(comparing, act, DIMENSIONS)
        except Refused:
            continue
        if act.round in (None, after_it.round) and not after_it.stopped_by:
            assert step(after_it, act, DIMENSIONS) is after_it
        comparing = after_it
    assert Comparing.from_json(json.loads(json.dumps(comparing.as_json()))) == comparing
    assert (comparing.open_question(DIMENSIONS) is None) == (bool(comparing.stopped_by) or comparing.is_complete(DIMENSIONS))
    assert set(comparing.chosen(DIMENSIONS)) <= set(comparing.answers)
