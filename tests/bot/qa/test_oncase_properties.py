"""Drawn cases: every number of a line is the engine's. Drawn texts: no question does any harm."""

from __future__ import annotations

import re
import time
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.qa.oncase import OpenCase
from bot.qa.oncase.asking import load_asking
from bot.words import Words, capitalize_first, usd_cents
from engine.errors import CaseError
from engine.rulebook import LINES
from tests.bot.qa.oncase_words import ASKED
from tests.bot.qa.oncases import asked, dollars, lines_of, on_case, opened
from tests.engine.asked import CASES, SLOW, TODAY, Asked, rules

MOST_SECONDS = Decimal("0.1")
BY_LINE = {line: f"show the {names[0]} line" for line, names in load_asking().lines.items()}
EVERY = [texts[0] for texts in ASKED.values()]
WORDS = sorted({word for intent in load_asking().intents for ask in intent.asks for word in re.findall(r"[a-z]+", ask)})


def case_of(drawn: Asked) -> OpenCase:
    """A drawn case, opened; those that nobody can serve are none."""
    try:
        advice = drawn.advice(rules())
    except CaseError:
        assume(False)
        raise
    return OpenCase(advice.case, advice, {}, TODAY, False)


@SLOW
@given(CASES, st.sampled_from(LINES))
def test_the_line_that_is_shown_is_the_engine_s(drawn: Asked, line: str) -> None:
    """Of every plan on offer, and the items of each add up to it."""
    case = case_of(drawn)
    answer, words = asked(BY_LINE[line], case), Words(rules())
    shown = {each.removeprefix("- **").partition(": $")[0]: dollars(each) for each in lines_of(answer) if each.startswith("- **")}
    lines = {cost.plan: cost.lines[line] for cost in case.advice.now.plans if cost.lines}
    if not any(lines.values()):
        assert shown == {}
        return
    assert {plan: amounts[0] for plan, amounts in shown.items()} == {capitalize_first(words.plan(p)): usd for p, usd in lines.items()}
    for plan, usd in lines.items():
        said = next(each for each in lines_of(answer) if each.startswith(f"- **{capitalize_first(words.plan(plan))}: $"))
        parts = [Decimal(found.replace(",", "")) for found in re.findall(r" = \$([\d,]+\.\d\d)", said)]
        assert not parts or sum(parts) == usd


@SLOW
@given(CASES, st.sampled_from(EVERY))
def test_every_question_on_any_case_has_a_short_answer_with_a_date(drawn: Asked, text: str) -> None:
    answer = asked(text, case_of(drawn))
    assert len(lines_of(answer)) <= 14 or answer.id == "setup"  # which shows code
    assert answer.as_of is not None


@SLOW
@given(CASES)
def test_the_purchase_that_is_chosen_costs_what_the_training_line_says(drawn: Asked) -> None:
    case = case_of(drawn)
    advised = [line for line in lines_of(asked("compare the purchase options", case)) if line.endswith("Advised.")]
    cost = case.advice.training
    if cost is None:
        assert advised == []
    else:
        assert cost.lines is not None
        assert [f"**{usd_cents(cost.lines['training'])}**" in line for line in advised] == [True]


_OPENED = opened()
asked("why not azuer", _OPENED)  # what is looked up once is no part of the time that is measured
TEXTS = st.text(max_size=4_000) | st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=60).map(" ".join)


@settings(SLOW, max_examples=300)
@given(TEXTS)
def test_no_text_does_harm(text: str) -> None:
    """Neither an exception nor more than a tenth of a second of work."""
    desk = on_case()
    began = time.process_time()
    desk.wish(text)
    desk.ask(text, _OPENED)
    assert time.process_time() - began < MOST_SECONDS
