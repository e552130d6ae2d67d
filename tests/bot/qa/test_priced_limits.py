"""What a priced answer may not say: another place, another day, another currency, or a comparison with something that has no price."""

from __future__ import annotations

from datetime import date

import pytest

from bot.qa.answer import Answer
from bot.qa.priced import Priced
from engine.rulebook import Rulebook


@pytest.fixture(scope="module")
def priced(rulebook: Rulebook) -> Priced:
    return Priced(rulebook)


def asked(priced: Priced, question: str, day: date) -> Answer:
    answer = priced.ask(question, day)
    assert answer is not None, question
    return answer


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        # 0.085 x 1.2 = 0.102
        ("price of ml.c5.large in eu-west-1", ["**$0.102**", "x $0.085 = $0.085", "$0.085 raw x 20.00 % = $0.017"]),
        ("price of F2s v2", ["**$0.0846**"]),
    ],
)
def test_an_hourly_rate_is_not_rounded_to_cents(priced: Priced, today: date, question: str, parts: list[str]) -> None:
    text = asked(priced, question, today).text
    assert [part for part in parts if part not in text] == [], text


@pytest.mark.parametrize("question", ["is MI300X cheaper than H100", "is H200 cheaper than MI300X"])
def test_nothing_is_the_lowest_where_one_of_them_has_no_price(priced: Priced, today: date, question: str) -> None:
    text = asked(priced, question, today).text
    assert "lower" not in text
    assert "lowest" not in text
    assert "H100" in text or "H200" in text


@pytest.mark.parametrize("question", ["is H100 cheaper than A100", "is p4d.24xlarge cheaper than p5.48xlarge"])
def test_the_lowest_of_two_that_have_prices_is_said(priced: Priced, today: date, question: str) -> None:
    text = asked(priced, question, today).text
    assert "On demand: **AWS** (p4d.24xlarge" in text
