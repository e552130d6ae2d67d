"""What holds of the shipped phrases, whatever code reads them."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from engine.load import load_rulebook
from engine.rulebook import Rulebook

PHRASES = load_rulebook().phrases
LISTS: dict[str, list[str]] = dict((*PHRASES.words, *PHRASES.commands))


@pytest.mark.parametrize("role", LISTS)
def test_no_list_says_a_phrase_twice(role: str) -> None:
    assert [phrase for phrase, count in Counter(LISTS[role]).items() if count > 1] == []


def test_a_phrase_leaves_room_only_for_a_number_or_a_year(rulebook: Rulebook) -> None:
    written = [phrase for listed in LISTS.values() for phrase in listed]
    written += [phrase for said in rulebook.phrases.questions for answer in said.answers for phrase in (*answer.phrases, *answer.whole)]
    assert set(re.findall(r"{[^}]*}", " ".join(written))) == {"{n}", "{year}"}


def test_every_answer_can_be_said(rulebook: Rulebook) -> None:
    said = {said.id: {answer.id for answer in said.answers} for said in rulebook.phrases.questions}
    asked = {question.id: {answer.id for answer in question.answers} for question in rulebook.questions}
    assert {name: ids - {"unsure"} for name, ids in asked.items() if ids} == {name: said[name] for name, ids in asked.items() if ids}


def test_every_question_can_be_named_by_its_place(rulebook: Rulebook) -> None:
    assert len(rulebook.questions) == len(rulebook.phrases.ordinals)


def test_numbers_reach_as_far_as_a_question_takes(rulebook: Rulebook) -> None:
    most = max(question.whole_number.max for question in rulebook.questions if question.whole_number)
    assert set(range(21)) <= set(rulebook.phrases.numbers.values())
    assert set(range(20, most + 1, 10)) <= set(rulebook.phrases.numbers.values())


def test_there_are_yes_and_no_in_twenty_languages() -> None:
    assert len(PHRASES.yes_no) >= 20
    assert all(language.yes and language.no for language in PHRASES.yes_no)


def test_no_plain_yes_is_a_no() -> None:
    english = PHRASES.yes_no[0]
    assert english.language == "English"
    assert not set(english.yes) & set(english.no)


def test_doubt_is_never_small_talk(rulebook: Rulebook) -> None:
    """A word that makes an answer unsure must not be skipped as politeness."""
    assert set(rulebook.phrases.words.hedge) & set(rulebook.phrases.words.courtesy) == set()
