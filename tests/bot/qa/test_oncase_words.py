"""What is taken for a question on the open case, and what is not: tables of texts, and the half of the bench for tuning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.qa.oncase.asking import Intent, load_asking
from engine.errors import RulesError
from engine.rulebook import LINES
from tests.bot.qa.oncase_words import ASKED, NO_WISHES, NOT_ON_THE_CASE, WISHES
from tests.bot.qa.oncases import on_case
from tests.engine.asked import rules

BENCH = Path(__file__).resolve().parents[2] / "bench" / "questions"
MINE = {"why", "why_not", "flips", "show_line", "price_source", "price_age", "compare_purchases", "who_answered", "setup"}


@pytest.mark.parametrize("intent", ASKED)
def test_a_question_on_the_case_is_understood(intent: str) -> None:
    understood = {text: (on_case().intent(text), on_case().wish(text)) for text in ASKED[intent]}
    assert {text: said for text, said in understood.items() if said != (intent, None)} == {}


def test_another_question_is_left_to_others() -> None:
    taken = {text: (on_case().intent(text), on_case().wish(text)) for text in NOT_ON_THE_CASE}
    assert {text: said for text, said in taken.items() if said != (None, None)} == {}


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_is_heard(wish: str) -> None:
    heard = {text: (on_case().wish(text), on_case().intent(text)) for text in WISHES[wish]}
    assert {text: said for text, said in heard.items() if said != (wish, None)} == {}


def test_what_only_sounds_like_a_wish_is_none() -> None:
    assert [text for text in NO_WISHES if on_case().wish(text)] == []


@pytest.mark.parametrize(
    ("written", "intent"),
    [
        ("*Why* not _Azure_?", "why_not"),
        ("<@U123> why not Azure :thinking_face:", "why_not"),
        ("WHY NOT AZURE???", "why_not"),
        ("why not Àzure", "why_not"),
        ("whcih prices are outdated", "price_age"),
        ("waht is the verdcit", "verdict"),
        ("how did you calulate the sotrage line", "show_line"),
        ("can you summarise the advice", "verdict"),
        ("can you summarize the advice", "verdict"),
    ],
)
def test_markup_case_accents_and_slips_do_not_hurt(written: str, intent: str) -> None:
    assert on_case().intent(written) == intent


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("show the egress and the storage line", "lines", ("egress", "storage")),
        ("why not train on Azure and serve from AWS", "providers", ("azure", "aws")),
        ("compare spot with reserved", "purchases", ("spot", "reserved_1y")),
        ("who said we have an EA", "questions", ("microsoft_ea",)),
        ("who answered the 4th question", "places", (3,)),
    ],
)
def test_what_a_question_names_is_kept(text: str, name: str, value: tuple[object, ...]) -> None:
    asked = on_case().reader.question(text)
    assert asked is not None
    assert getattr(asked.named, name) == value


def labelled(file: str) -> list[dict[str, str]]:
    read = [json.loads(line) for line in (BENCH / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [each for each in read if each["half"] == "tune"]


def test_the_bench_for_tuning_is_understood() -> None:
    """Nine in ten at least, and nothing that belongs to others: what-ifs, scales, wishes."""
    followups = labelled("followup")
    mine = [each for each in followups if each["followup"] in MINE]
    hits = [each for each in mine if on_case().intent(each["q"]) == each["followup"]]
    taken = [each["q"] for each in followups if each["followup"] not in MINE and on_case().intent(each["q"])]
    wishes = {each["q"]: each["followup"] for each in followups if each["followup"] in ("adopt", "drop")}
    assert len(mine) > 20
    assert len(hits) >= 0.9 * len(mine)
    assert taken == []
    assert {q: on_case().wish(q) for q in wishes} == wishes


@pytest.mark.parametrize("file", ["claims", "forum", "refuse", "engine"])
def test_questions_of_others_are_not_taken(file: str) -> None:
    """But for the age and the source of the prices, which mean the same with and without a case."""
    taken = {each["q"]: on_case().intent(each["q"]) for each in labelled(file) if on_case().intent(each["q"]) or on_case().wish(each["q"])}
    labels = {each["q"]: each.get("intent") for each in labelled(file)}
    assert {q: intent for q, intent in taken.items() if labels[q] != intent} == {}


# -- the words themselves ----------------------------------------------------------------------------------------------


def test_the_words_name_what_the_rulebook_knows() -> None:
    asking = load_asking()
    assert set(asking.lines) == set(LINES)
    assert set(asking.purchases) == set(rules().purchase)
    assert set(asking.questions) == set(rules().question)
    assert set(asking.providers) <= set(rules().provider_index)
    assert len(asking.places) == len(rules().questions)


@pytest.mark.parametrize("intent", load_asking().intents, ids=lambda intent: intent.id)
def test_what_is_suggested_next_is_understood(intent: Intent) -> None:
    understood = [on_case().intent(text) for text in intent.next]
    assert len(understood) == 3
    assert None not in understood
    assert intent.id not in understood


def test_a_list_of_words_that_does_not_exist_is_refused(broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules(("asking/oncase.yml", "- why {verdict}", "- why {verdicts}"))
    with pytest.raises(RulesError, match=r"no such list of words.*verdict"):
        load_asking(folder)


def test_an_unknown_key_is_refused(broken_rules: Callable[..., Path]) -> None:
    folder = broken_rules(("asking/oncase.yml", "most_words: 32", "most_word: 32"))
    with pytest.raises(RulesError, match="most_words"):
        load_asking(folder)
