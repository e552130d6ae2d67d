"""What holds of the shipped dimensions: they rest on the knowledge, both platforms can win each, and everything fits its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.dimensions import MOST_QUESTIONS, NEITHER, Dimension, Dimensions, Grounded, Statement, load_dimensions
from engine.entries import load_entries
from engine.load import load_rulebook
from engine.rulebook import Rulebook

DIMENSIONS = load_dimensions(load_rulebook()).dimensions


@pytest.fixture(scope="module")
def dimensions(rulebook: Rulebook) -> Dimensions:
    """Held against the knowledge: its claims, its entries and the days of its sources."""
    return load_dimensions(rulebook, entries=load_entries(rulebook))


def statements(dimension: Dimension) -> Iterator[Statement]:
    yield from (choice for asked in dimension.questions for choice in asked.answers)
    yield from (said for reused in dimension.reused for said in reused.answers)


def test_they_are_the_four_of_the_article(dimensions: Dimensions) -> None:
    assert [dimension.id for dimension in dimensions.dimensions] == ["permissions", "data-storage", "compute", "environment"]


def test_they_ask_few_questions(dimensions: Dimensions) -> None:
    assert len(dimensions.questions) <= MOST_QUESTIONS


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.id)
def test_every_platform_can_fit(dimension: Dimension, rulebook: Rulebook) -> None:
    own = {choice.speaks_for for asked in dimension.questions for choice in asked.answers}
    assert set(rulebook.provider_index) <= own


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.id)
def test_what_is_said_has_a_claim_an_entry_and_a_dated_source(dimension: Dimension) -> None:
    said: list[Grounded] = [dimension, *statements(dimension)]
    for each in said:
        assert each.claims
        assert each.entries
        assert all(date(2024, 1, 1) <= source.as_of <= date(2026, 11, 22) for source in each.sources)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.id)
def test_what_the_five_questions_say_is_an_opinion_and_says_so(dimension: Dimension) -> None:
    """They were asked for the cost. What they say of fit is a judgement, and never speaks for nobody."""
    reused = [statement for reused in dimension.reused for statement in reused.answers]
    assert all(statement.judgement and statement.speaks_for != NEITHER for statement in reused)


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.id)
def test_reasons_are_sentences(dimension: Dimension) -> None:
    for text in [dimension.differ, *(text for said in statements(dimension) for text in (said.because, said.though) if text)]:
        assert text[0].isupper()
        assert text.endswith(".")
        assert "!" not in text


@pytest.mark.parametrize("opinion", ["B56", "B57", "B59"])
def test_an_opinion_of_the_article_is_never_given_as_a_fact(opinion: str) -> None:
    for dimension in DIMENSIONS:
        assert opinion not in dimension.claims
        assert all(said.judgement for said in statements(dimension) if opinion in said.claims)


def test_the_four_agree_with_what_the_knowledge_says_of_the_series(rulebook: Rulebook) -> None:
    series = next(entry for entry in load_entries(rulebook) if "B60" in entry.covers)
    assert {dimension.id for dimension in DIMENSIONS} <= set(series.topics)
