"""Questions to answers: the labelled ones, the contract of JSON lines, what is never answered, and that nothing contradicts the engine."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import words
from bot.cli.main import group
from bot.qa.asker import Asker
from bot.qa.contract import contract
from engine.calculator import egress, read_place
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from tests.bench.labelled import DAY, is_right, labelled

CLAIMS = [*(f"A{at}" for at in range(1, 67)), *(f"B{at}" for at in range(1, 61))]


@cache
def the_asker() -> Asker:
    return Asker(load_rulebook())


@pytest.fixture(scope="session")
def asker() -> Asker:
    return the_asker()


# -- what is asked ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["what if we had 32 GPUs?", "And at 10x?"])
def test_what_was_just_asked_is_not_suggested(asker: Asker, text: str) -> None:
    suggestions = asker.ask(text, DAY).suggestions
    assert suggestions
    assert text.casefold() not in [each.casefold() for each in suggestions]


@pytest.mark.parametrize("text", ["", "   ", "?!", ":thinking_face:", "\x00", "<@U123>"])
def test_nothing_asked_is_said(asker: Asker, text: str) -> None:
    answer = asker.ask(text, DAY)
    assert (answer.answered, answer.text.startswith("Ask a question in words")) == (False, True)


@pytest.mark.parametrize(
    ("asked", "as_asked"),
    [
        ("WHEN DOES A RESERVED GPU BEAT ON DEMAND?", "capitals"),
        ("<@U0BOT001> *when* does a _reserved_ GPU beat on demand :thinking_face:", "markup and emoji"),
        ("wehn does a resrved gpu beat on-demand", "slips"),
        ("when does an RI beat on demand on a GPU", "an abbreviation"),
    ],
)
def test_how_it_is_written_does_not_matter(asker: Asker, asked: str, as_asked: str) -> None:
    assert asker.ask(asked, DAY).id == "reserved-break-even", as_asked


# -- nothing contradicts the engine ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_price_is_the_catalogues(data: st.DataObject) -> None:
    rulebook = the_asker().rulebook
    price = data.draw(st.sampled_from([p for p in rulebook.catalogue.prices if p.purchase == "on_demand" and p.region != "article"]))
    answer = the_asker().ask(f"what does {price.instance} cost on demand in {price.region}?", DAY)
    assert (answer.kind, answer.id) == ("engine", "price")
    assert words.rate(price.usd_per_hour) in answer.text


@settings(max_examples=40, deadline=None)
@given(tb=st.integers(1, 500), place=st.sampled_from(["aws:us-east-1", "azure:eastus", "aws:ap-south-1", "azure:westeurope"]))
def test_egress_costs_what_the_calculator_says(tb: int, place: str) -> None:
    rulebook = the_asker().rulebook
    provider, region = place.split(":")
    answer = the_asker().ask(f"what does {tb} TB a month of egress from {provider} {region} cost?", DAY)
    charge = egress(rulebook, read_place(place, rulebook), Decimal(tb) * 1000)
    assert (answer.kind, answer.id) == ("engine", "egress_cost")
    assert words.usd_cents(charge.usd) in answer.text


def test_a_figure_that_an_entry_names_is_the_catalogues(asker: Asker) -> None:
    """Egress of the two clouds, as rates.csv has it on the day."""
    answer = asker.library.answer(asker.library.by_id["egress-aws-or-azure"], DAY)
    assert "$0.09 per GB on AWS, $0.087 on Azure: Azure is 3 % lower" in answer.text


# -- the terminal ----------------------------------------------------------------------------------------------------------


def test_lines_in_are_objects_out() -> None:
    """Whatever a line holds, it has its object: empty ones, broken UTF-8, very long ones."""
    lines = [b"when does a reserved GPU beat on demand?", b"", b"\xff\xfe", b"x" * 10_000, "wer bist du \U0001f600".encode()]
    ran = CliRunner().invoke(group, ["answer", "-", "--format", "json", "--as-of", "2026-11-22"], input=b"\n".join(lines))
    assert ran.exit_code == 0, ran.output
    objects = [json.loads(line) for line in ran.output.splitlines()]
    assert len(objects) == len(lines)
    assert (objects[0]["id"], objects[0]["answered"], objects[0]["claims"][:1]) == ("reserved-break-even", True, ["A12"])
    assert [each["answered"] for each in objects[1:]] == [False] * 4


def test_the_terminal_shows_answer_sources_and_what_to_ask_next() -> None:
    ran = CliRunner().invoke(group, ["answer", "when does a reserved GPU beat on demand?", "--as-of", "2026-11-22"])
    assert "53.9 % use on AWS" in ran.output
    assert "Sources:" in ran.output
    assert "You could ask next:" in ran.output


# -- whatever is typed -----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=4_000))
def test_any_text_is_answered_or_refused(text: str) -> None:
    answer = the_asker().ask(text, DAY)
    assert contract(answer)["kind"] in ("entry", "engine", "unknown")


def test_right_means_the_label(asker: Asker) -> None:
    """The measure itself can fail: an answer to another question is not right."""
    question = next(each for each in labelled("claims") if "A38" in each.claims)
    assert not is_right(question, asker.ask("what is spot", DAY))


def test_the_rulebook_of_the_tests_is_the_one_answered_from(rulebook: Rulebook, asker: Asker) -> None:
    assert asker.rulebook.version == rulebook.version
