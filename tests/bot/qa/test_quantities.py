"""Amounts in free text: their value, their unit, and how they are said back."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.qa.quantities import digits_value, frequency, holds_figure, quantities

ONE = [
    ("data a day", "2 TB a day", "60000", "GB a month", "60,000 GB a month, from 2 TB a day"),
    ("data a day, glued", "500GB/day", "15000", "GB a month", "15,000 GB a month, from 500GB/day"),
    ("data, of something, a day", "10 TB of egress a day", "300000", "GB a month", "300,000 GB a month, from 10 TB a day"),
    ("data daily", "1 TB daily", "30000", "GB a month", "30,000 GB a month, from 1 TB daily"),
    ("data a month", "700 GB a month", "700", "GB a month", "700 GB a month"),
    ("data a year", "12 TB a year", "1000", "GB a month", "1,000 GB a month, from 12 TB a year"),
    ("data an hour", "1 GB an hour", "730", "GB a month", "730 GB a month, from 1 GB an hour"),
    ("binary data", "1 TiB", "1099.511627776", "GB", "1,099.51 GB, from 1 TiB"),
    ("data in words", "5 terabytes", "5000", "GB", "5,000 GB, from 5 terabytes"),
    ("thousands by commas", "1,000 GB", "1000", "GB", "1,000 GB"),
    ("the European way", "1.000,5 GB", "1000.5", "GB", "1,000.5 GB"),
    ("decimals by a comma", "1,5 TB", "1500", "GB", "1,500 GB, from 1,5 TB"),
    ("hours glued", "730h", "730", "hours", "730 hours"),
    ("hours a day", "12 hours a day", "365", "hours a month", "365 hours a month, from 12 hours a day"),
    ("hours a week", "42 hrs per week", "182.5", "hours a month", "182.5 hours a month, from 42 hrs per week"),
    ("around the clock", "24/7", "730", "hours a month", "730 hours a month, from 24/7"),
    ("thousands in short", "1.5k endpoints", "1500", "count", "1,500, from 1.5k"),
    ("a count", "32 GPUs", "32", "count", "32"),
    ("a count of cards", "8xA100", "8", "count", "8"),
    ("a count of cards, apart", "8 x A100", "8", "count", "8"),
    ("dozens", "two dozen", "24", "count", "24, from two dozen"),
    ("a dozen", "a dozen endpoints", "12", "count", "12, from a dozen"),
    ("half a dozen", "half a dozen", "6", "count", "6, from half a dozen"),
    ("words", "twenty-five endpoints", "25", "count", "25"),
    ("words in hundreds", "two hundred and fifty", "250", "count", "250, from two hundred and fifty"),
    ("half", "half the time", "0.5", "factor", "0.5 times"),
    ("double", "double the endpoints", "2", "factor", "2 times"),
    ("twice", "twice as much", "2", "factor", "2 times"),
    ("x behind", "and at 10x?", "10", "factor", "10 times"),
    ("x before", "x10", "10", "factor", "10 times"),
    ("times in words", "three times the volume", "3", "factor", "3 times"),
    ("fold", "tenfold", "10", "factor", "10 times"),
    ("fold in digits", "10-fold", "10", "factor", "10 times"),
    ("percent sign", "15 %", "15", "%", "15 %"),
    ("percent in words", "15 percent", "15", "%", "15 %"),
    ("percent glued", "12% off", "12", "%", "12 %"),
    ("dollars in thousands", "$80k", "80000", "USD", "$80,000"),
    ("dollars in words", "5k dollars", "5000", "USD", "$5,000"),
    ("dollars a month", "$5,000 a month", "5000", "USD", "$60,000 a year, from $5,000 a month"),
    ("dollars monthly", "10k dollars monthly", "10000", "USD", "$120,000 a year, from 10k dollars monthly"),
    ("dollars a year", "$5,000 a year", "5000", "USD", "$5,000 a year"),
    ("percent in short", "17 pc", "17", "%", "17 %"),
    ("more", "20 more GPUs", "20", "count", "20 more"),
    ("another", "another 8 GPUs", "8", "count", "8 more"),
    ("percent more", "50% more egress", "50", "%", "50 % more"),
    ("less", "10 fewer endpoints", "10", "count", "10 less"),
    ("below zero", "-5 gpus", "-5", "count", "-5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "unit", "echo"), [row[1:] for row in ONE], ids=[row[0] for row in ONE])
def test_one_amount(text: str, value: str, unit: str, echo: str) -> None:
    read = quantities(text)
    assert [(Decimal(value), unit, echo)] == [(each.value, each.unit, each.echo) for each in read]


def test_a_share_is_exact() -> None:
    assert [Fraction(1, 3)] == [each.exact for each in quantities("a third of the endpoints")]


def test_the_span_is_that_of_the_plain_text() -> None:
    text = "what if egress were 2 tb a day"
    (read,) = quantities(text)
    assert (read.said, read.start, read.end) == ("2 tb a day", 20, 30)


NONE = [
    ("could be thousands or a fraction", "1.500 GB"),
    ("marks in no order", "63.4'3 and 1,2,3 and 1'2"),
    ("a range", "8-16 GPUs"),
    ("a date", "2026-11-22"),
    ("a region", "us-east-1"),
    ("an instance", "p4d.24xlarge and g5.2xlarge"),
    ("a card", "H100s, a T4, v100-16gb"),
    ("a frequency", "twice a day"),
    ("a power of ten", "1e9 GPUs and 1.5e3 GPUs and 1e+9"),
    ("a time of day", "at 12:30"),
    ("nothing", ""),
]


@pytest.mark.parametrize("text", [text for _, text in NONE], ids=[name for name, _ in NONE])
def test_what_is_no_amount_is_not_read(text: str) -> None:
    assert quantities(text) == ()


OFTEN = [
    ("train 3 times a month", "3 times a month"), ("three times per week", "three times per week"), ("twice a week", "twice a week"),
    ("every day for 8 hours", "every day"), ("10 hours, weekly", "weekly"), ("once a week", "once a week"),
    ("once a month for 8 hours", ""), ("1 tb daily", ""), ("10 tb of egress daily", ""),
    ("8 hours every day", ""), ("3 times the volume", ""), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), OFTEN, ids=[text or "nothing" for text, _ in OFTEN])
def test_how_often(text: str, expected: str) -> None:
    assert expected == frequency(text)


FIGURES = [
    ("17", True), ("seventeen", True), ("sevnteen", True), ("a percent", True), ("%", True), ("twenty-three", True), ("١٧", True),
    ("十七", True), ("herd llamas", False), ("as it is", False),
]  # fmt: skip


@pytest.mark.parametrize(("words", "expected"), FIGURES, ids=[words for words, _ in FIGURES])
def test_what_may_be_a_figure(words: str, expected: bool) -> None:
    assert expected == holds_figure(words)


def test_several_amounts_in_their_order() -> None:
    read = quantities("64 GPUs, 50 endpoints and 2 TB a day for half the time")
    assert [(str(q.value), q.unit) for q in read] == [("64", "count"), ("50", "count"), ("60000", "GB a month"), ("0.5", "factor")]


@given(st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_thousands_may_be_parted(number: int) -> None:
    assert [number] * 2 == [digits_value(f"{number:,}"), digits_value(str(number))]
