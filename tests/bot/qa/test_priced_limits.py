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
        ("A100 price in germany", ["A100 on AWS, eu-central-1", "nothing for Azure, which has no region with prices in Germany"]),
        ("A100 price in japan on aws", ["A100 on AWS, ap-northeast-1"]),
        ("price of p4d.24xlarge in the uk", ["p4d.24xlarge (8 x A100 40 GB) on AWS, eu-west-2"]),
        ("price of g5.xlarge in asia", ["ap-south-1", "ap-northeast-1", "ap-southeast-1"]),
        ("A100 price in brazil", ["A100 on AWS, sa-east-1"]),
        ("egress 10 TB a month from india aws, cost", ["AWS, ap-south-1"]),
    ],
)
def test_a_country_is_its_regions(priced: Priced, today: date, question: str, parts: list[str]) -> None:
    text = asked(priced, question, today).text
    assert [part for part in parts if part not in text] == [], text
    assert "us-east" not in text.partition("priced in")[0]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("A100 price in france", "no region with prices in France"),
        ("A100 price in china", "no region with prices in China"),
        ("T4 price in canada", "no region with prices in Canada"),
        ("A100 price in germany on azure", "no region with prices in Germany"),
        ("A100 price in narnia", "no place called narnia"),
        ("what does a p5.48xlarge cost for a month in the shire", "no place called shire"),
        ("cost of 10 TB egress from france, aws", "no region with prices in France"),
        ("copy 10 TB from japan on aws to azure, cost", "no region with prices in Japan"),
        ("copy 10 TB from france to us-east-1, cost", "no region with prices in France"),
    ],
)
def test_a_place_without_prices_gets_no_figure(priced: Priced, today: date, question: str, said: str) -> None:
    text = asked(priced, question, today).text
    assert said in text
    assert "$" not in text


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("price of p4d in 2024", "Only the prices of today are known, in US dollars: none of another day (2024)."),
        ("what will p5 cost next year", "Only the prices of today are known, in US dollars: none of another day (next year)."),
        ("A100 price last year", "Only the prices of today are known, in US dollars: none of another day (last year)."),
        ("price of A100 in euros", "Only the prices of today are known, in US dollars: no exchange rate is."),
        (
            "price of A100 in 2027 in EUR",
            "Only the prices of today are known, in US dollars: none of another day (2027) and no exchange rate.",
        ),
    ],
)
def test_another_day_or_currency_is_not_known(priced: Priced, today: date, question: str, first: str) -> None:
    assert asked(priced, question, today).text.split("\n")[0] == first


@pytest.mark.parametrize(
    "question", ["p4d price in 2026", "H100 price in dollars", "what does an A100 cost on spot in total", "A100 price today"]
)
def test_today_in_dollars_needs_no_word(priced: Priced, today: date, question: str) -> None:
    assert "Only the prices of today" not in asked(priced, question, today).text


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
