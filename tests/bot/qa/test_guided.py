"""The guided comparison as people read it: what it says first, its reasons and sources, and that every combination reads well."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import date

import pytest

from bot.qa.answer import Answer
from bot.qa.guided import comparison_answer, comparison_view, guided_comparison, said_of
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import Value, make_case
from engine.dimensions import Dimensions, load_dimensions
from engine.rulebook import Rulebook
from tests.bot.worked import CASES, Written
from tests.engine.raw_dimensions import every_choice

DAY = date(2026, 11, 22)
EVERYTHING = {
    "rights": "people", "data_place": "s3", "data_versions": "no", "machines": "each_job", "code": "algorithm", "environments": "team",
}  # fmt: skip


@pytest.fixture(scope="module")
def dimensions(rulebook: Rulebook) -> Dimensions:
    return load_dimensions(rulebook)


@pytest.fixture(scope="module")
def words(rulebook: Rulebook) -> Words:
    return Words(rulebook, shows_private=False)


def advice_on(case: Written, rulebook: Rulebook, skipped: tuple[str, ...] = ()) -> Advice:
    return advise(make_case(rulebook, DAY, case.answers, case.workload, case.assumptions, skipped), rulebook, DAY)


def overall(words: Words, dimensions: Dimensions, chosen: Mapping[str, str], advice: Advice | None) -> list[str]:
    comparison = guided_comparison(words.rulebook, dimensions, chosen, {}, advice)
    return list(comparison_view(comparison, words).overall)


def answer_on(words: Words, dimensions: Dimensions, chosen: Mapping[str, str], advice: Advice | None = None) -> Answer:
    return comparison_answer(guided_comparison(words.rulebook, dimensions, chosen, {}, advice), words)


# -- what is said first ------------------------------------------------------------------------------------------------

FIRST: dict[str, tuple[str, Mapping[str, str], list[str]]] = {
    # what it shows: the worked case (none: no verdict), the answers, what is said of all four
    "they agree": (
        "P5", {"rights": "people", "machines": "operator"},
        ["Verdict and fit agree: on permissions and compute Azure Machine Learning fits too.",
         "Undecided: data storage and environment."],
    ),
    # 37,171.20 less 33,960.36 a year.
    "the numbers say one thing and the fit another": (
        "P5", {"rights": "jobs", "machines": "each_job"},
        ["They pull apart: the numbers say Azure by $3,211 a year; on permissions and compute SageMaker AI fits better.",
         "Undecided: data storage and environment."],
    ),
    "the threshold, the numbers and the fit": (
        "P6", EVERYTHING,
        ["They pull apart: the verdict is AWS; on permissions Azure Machine Learning fits better, and Azure would cost $7,892 a year less. "
         "At 10 times the volume the verdict goes there too.",
         "They agree on data storage and compute, where SageMaker AI fits too.",
         "Undecided: environment."],
    ),
    "nothing answered": (
        "P6", {},
        ["What was said of the four dimensions settles none of them.",
         "A judgement alone, so a question to your team: permissions and compute may speak for Azure Machine Learning.",
         "A judgement alone, so a question to your team: data storage may speak for SageMaker AI.",
         "Undecided: environment."],
    ),
    "no verdict": (
        "", {"rights": "jobs", "machines": "operator"},
        ["On permissions SageMaker AI fits better.", "On compute Azure Machine Learning fits better.",
         "Undecided: data storage and environment."],
    ),
    "three of them": (
        "", {"rights": "jobs", "data_place": "s3", "machines": "each_job"},
        ["On permissions, data storage and compute SageMaker AI fits better.", "Undecided: environment."],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_what_is_said_of_all_four(name: str, rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    case, chosen, expected = FIRST[name]
    assert overall(words, dimensions, chosen, advice_on(CASES[case], rulebook) if case else None) == expected


def test_the_cloud_that_does_not_sell_it_leaves_no_choice(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    case = CASES["P2"].having("workload", price_book="current", accelerator="H200")
    assert overall(words, dimensions, {"rights": "people"}, advice_on(case, rulebook))[0] == (
        "The numbers leave no choice, because no plan on Azure can be bought for this case; "
        "on permissions Azure Machine Learning fits better."
    )


def test_equal_costs_are_said_to_be_equal(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    nothing = {"gpus": 0, "endpoints": 0, "egress_gb_per_month": 0, "inter_region_gb_per_month": 0, "storage_gb": 0}
    advice = advice_on(CASES["P5"].having("workload", **nothing), rulebook)
    assert overall(words, dimensions, {"rights": "jobs"}, advice)[0] == (
        "They pull apart: the verdict is Azure; on permissions SageMaker AI fits better, and AWS would cost the same."
    )


# -- one dimension -----------------------------------------------------------------------------------------------------


def test_a_dimension_has_its_reasons_and_their_sources(words: Words, dimensions: Dimensions) -> None:
    comparison = guided_comparison(words.rulebook, dimensions, {"machines": "each_job"}, {"mlops_capacity": "no"})
    compute = comparison_view(comparison, words).dimensions[2]
    assert (compute.title, compute.fit) == ("Compute", "SageMaker AI fits")
    assert compute.lines[0].startswith(
        "For SageMaker AI (choice of machines: Each job's author): Each SageMaker job names its instance type"
    )
    assert compute.lines[1].startswith("Against that, for Azure Machine Learning (MLOps capacity: No; a judgement): Nobody in your team")
    assert compute.sources[0] == "azure-ai-ml 1.35.2 (Microsoft, 2026-11-21)"
    assert "AWS vs. Azure: A Deep Dive into Model Training - Part 2 (publisher not known, 2026-02-01)" in compute.sources


STATES: dict[str, tuple[Mapping[str, str], Mapping[str, Value], str]] = {
    "fits": ({"rights": "jobs"}, {}, "SageMaker AI fits"),
    "leans": ({}, {"microsoft_ea": "yes"}, "leans to Azure Machine Learning, by judgement alone"),
    "silent": ({}, {"microsoft_ea": "no"}, "undecided, nothing said on it"),
}


@pytest.mark.parametrize("name", STATES)
def test_how_far_a_dimension_is_settled(name: str, words: Words, dimensions: Dimensions) -> None:
    chosen, said, fit = STATES[name]
    assert comparison_view(guided_comparison(words.rulebook, dimensions, chosen, said), words).dimensions[0].fit == fit


def test_what_is_open_names_its_questions(words: Words, dimensions: Dimensions) -> None:
    permissions = comparison_view(guided_comparison(words.rulebook, dimensions, {}, {}), words).dimensions[0]
    assert permissions.lines == ("Not answered: Who should hold the rights in your projects, people or jobs?",)


def test_not_sure_among_the_five_speaks_for_nobody(rulebook: Rulebook) -> None:
    """MLOps capacity that nobody was sure of computes as no, and yet nobody said that there is none."""
    advice = advice_on(CASES["P6"], rulebook, skipped=("mlops_capacity",))
    assert advice.case.answers["mlops_capacity"] == "no"
    assert said_of(advice.case) == {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": 5}


# -- notes -------------------------------------------------------------------------------------------------------------

NOTES = {
    "a split": ("P7", "held against where the plan trains: AWS"),
    "no training": ("P3", "You do not train"),
    "raw machines": ("P5", "without the managed layer"),
    "an old price": ("P6", "is of 2025-11-18"),
    "never a sum": ("P4", "not added up"),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_one_should_know_beside_it(name: str, rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    case, said = NOTES[name]
    assert said in answer_on(words, dimensions, EVERYTHING, advice_on(CASES[case], rulebook)).text


def test_a_note_is_made_only_where_it_holds(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    text = answer_on(words, dimensions, EVERYTHING, advice_on(CASES["P6"], rulebook)).text
    for other in ("held against where", "You do not train", "without the managed layer", "no cost verdict"):
        assert other not in text


# -- as an answer ------------------------------------------------------------------------------------------------------


def test_it_is_an_answer_of_the_engine_with_dated_sources(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    answer = answer_on(words, dimensions, EVERYTHING, advice_on(CASES["P6"], rulebook))
    assert (answer.kind, answer.id, answer.answered, answer.private) == ("engine", "compare", True, False)
    assert {"B1", "B2", "B6", "B26", "B41", "B48", "A43"} <= set(answer.claims)
    assert {"Microsoft", "AWS", "Skylink"} <= {source.publisher for source in answer.sources}
    assert answer.as_of == date(2024, 9, 3)  # of the documentation on roles
    assert date(2025, 11, 18) in {source.as_of for source in answer.sources}  # of the spot price that decides the verdict


def test_it_suggests_what_to_read_on_where_it_is_undecided(words: Words, dimensions: Dimensions) -> None:
    comparison = guided_comparison(words.rulebook, dimensions, {"rights": "jobs"}, {})
    questions = {"environments-compared": "How do environments differ?", "persistent-or-per-job": "Is compute shared?"}
    assert comparison_answer(comparison, words, questions).suggestions == ("Is compute shared?", "How do environments differ?")


def test_every_combination_reads_well(rulebook: Rulebook, words: Words, dimensions: Dimensions) -> None:
    advices = itertools.cycle([None, *(advice_on(case, rulebook) for case in CASES.values())])
    for chosen, advice in zip(every_choice(dimensions), advices, strict=False):
        answer = answer_on(words, dimensions, chosen, advice)
        assert any(source.as_of for source in answer.sources)
        for slip in ("None", "hybrid-", "..", "  ", " .", "!", "{{", "()", "|", "](", "\n\n\n", " ,"):
            assert slip not in answer.text, (slip, chosen)
        paragraphs = re.findall(r"^\*\*(.+?):.*?\*\*", answer.text, re.MULTILINE)
        assert [each for each in paragraphs if each in {d.title for d in dimensions.dimensions}] == [d.title for d in dimensions.dimensions]
        assert answer.text.count("- Sources: ") == len(dimensions.dimensions)
