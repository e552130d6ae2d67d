"""Which platform fits on which dimension: tables thought out by hand, every combination of answers, and what stands beside a verdict."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from engine.advice import Advice
from engine.advise import advise
from engine.case import Value, make_case
from engine.dimensions import Dimensions, load_dimensions
from engine.fitting import Comparison, Fit, compare_platforms
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from tests.bot.worked import CASES, Written, answers
from tests.engine.raw_dimensions import every_choice, provider_and_state

Chosen = Mapping[str, str]
Said = Mapping[str, Value]
PERMISSIONS, DATA, COMPUTE, ENVIRONMENT = "permissions", "data-storage", "compute", "environment"


@pytest.fixture(scope="session")
def dimensions(rulebook: Rulebook) -> Dimensions:
    return load_dimensions(rulebook)


def of(comparison: Comparison, name: str) -> Fit:
    return next(fit for fit in comparison.fits if fit.dimension.id == name)


# -- one dimension, by hand --------------------------------------------------------------------------------------------

FITS: dict[str, tuple[str, Chosen, Said, str | None, str]] = {
    # what it shows: the dimension, what was answered on it, what to the five; the provider, the state
    "people have roles": (PERMISSIONS, {"rights": "people"}, {}, "azure", "fits"),
    "jobs have roles": (PERMISSIONS, {"rights": "jobs"}, {}, "aws", "fits"),
    "an agreement alone is a judgement": (PERMISSIONS, {}, {"microsoft_ea": "yes"}, "azure", "leans"),
    "an agreement does not overrule what was said": (PERMISSIONS, {"rights": "jobs"}, {"microsoft_ea": "yes"}, "aws", "fits"),
    "no agreement says nothing": (PERMISSIONS, {}, {"microsoft_ea": "no"}, None, "silent"),
    "nobody knows of an agreement": (PERMISSIONS, {}, {"microsoft_ea": "unsure"}, None, "silent"),
    "data in S3": (DATA, {"data_place": "s3"}, {}, "aws", "fits"),
    "data in Azure, versions wanted": (DATA, {"data_place": "azure_storage", "data_versions": "yes"}, {}, "azure", "fits"),
    "data in S3, versions wanted": (DATA, {"data_place": "s3", "data_versions": "yes"}, {}, None, "apart"),
    "apart stays apart where one runs": (DATA, {"data_place": "s3", "data_versions": "yes"}, {"footprint": "aws"}, None, "apart"),
    "data in both": (DATA, {"data_place": "both"}, {}, None, "silent"),
    "data elsewhere, no versions, runs on Azure": (
        DATA, {"data_place": "elsewhere", "data_versions": "no"}, {"footprint": "azure"}, "azure", "leans",
    ),
    "data elsewhere, versions wanted, runs on AWS": (
        DATA, {"data_place": "elsewhere", "data_versions": "yes"}, {"footprint": "aws"}, "azure", "fits",
    ),
    "runs on both": (DATA, {}, {"footprint": "both"}, None, "silent"),
    "an operator chooses": (COMPUTE, {"machines": "operator"}, {"mlops_capacity": "yes"}, "azure", "fits"),
    "each author chooses": (COMPUTE, {"machines": "each_job"}, {"mlops_capacity": "no"}, "aws", "fits"),
    "nobody runs infrastructure": (COMPUTE, {}, {"mlops_capacity": "no"}, "azure", "leans"),
    "a team that can": (COMPUTE, {}, {"mlops_capacity": "yes"}, "aws", "leans"),
    "a known algorithm": (ENVIRONMENT, {"code": "algorithm"}, {}, "aws", "fits"),
    "own scripts say nothing": (ENVIRONMENT, {"code": "script"}, {}, None, "silent"),
    "own scripts, shared environments": (ENVIRONMENT, {"code": "script", "environments": "team"}, {}, "azure", "fits"),
    "own images, each with its job": (ENVIRONMENT, {"code": "image", "environments": "each_job"}, {}, "aws", "fits"),
    "a known algorithm in shared environments": (ENVIRONMENT, {"code": "algorithm", "environments": "team"}, {}, None, "apart"),
    "the five say nothing on environments": (
        ENVIRONMENT, {}, {"footprint": "aws", "microsoft_ea": "yes", "mlops_capacity": "no"}, None, "silent",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FITS)
def test_what_fits(name: str, rulebook: Rulebook, dimensions: Dimensions) -> None:
    dimension, chosen, said, provider, state = FITS[name]
    fit = of(compare_platforms(dimensions, chosen, said, rulebook), dimension)
    assert (fit.provider, fit.state) == (provider, state)


def test_what_speaks_against_it_is_kept(rulebook: Rulebook, dimensions: Dimensions) -> None:
    fit = of(compare_platforms(dimensions, {"machines": "each_job"}, {"mlops_capacity": "no"}, rulebook), COMPUTE)
    assert [(g.question, g.provider) for g in fit.for_it] == [("machines", "aws")]
    assert [(g.question, g.provider) for g in fit.against_it] == [("mlops_capacity", "azure")]


def test_what_was_not_answered_is_named(rulebook: Rulebook, dimensions: Dimensions) -> None:
    comparison = compare_platforms(dimensions, {"rights": "jobs", "code": "script"}, {}, rulebook)
    assert {fit.dimension.id: fit.unanswered for fit in comparison.fits} == {
        PERMISSIONS: (),
        DATA: ("data_place", "data_versions"),
        COMPUTE: ("machines",),
        ENVIRONMENT: ("environments",),
    }


def test_answers_that_do_not_exist_are_refused(rulebook: Rulebook, dimensions: Dimensions) -> None:
    with pytest.raises(ValueError, match=r"`everybody` is not accepted. Give one of: people, jobs."):
        compare_platforms(dimensions, {"rights": "everybody"}, {}, rulebook)
    with pytest.raises(KeyError, match="footprint"):
        compare_platforms(dimensions, {"footprint": "aws"}, {}, rulebook)


# -- every combination -------------------------------------------------------------------------------------------------


def every_said() -> list[Said]:
    """Of the five, what is said anywhere on a dimension, and one answer that says nothing of each."""
    every = itertools.product(("aws", "azure", "none"), ("yes", "no"), ("yes", "no", None))
    return [{"footprint": f, "microsoft_ea": ea, "mlops_capacity": mlops} for f, ea, mlops in every]


def test_no_combination_of_answers_contradicts_itself(rulebook: Rulebook, dimensions: Dimensions) -> None:
    combinations = 0
    for chosen in every_choice(dimensions):
        for said in every_said():
            comparison = compare_platforms(dimensions, chosen, said, rulebook)
            combinations += 1
            for fit in comparison.fits:
                assert provider_and_state(fit.dimension.id, chosen, said) == (fit.provider, fit.state), (chosen, said)
                _is_sound(fit)
    assert combinations == 3 * 5 * 3 * 3 * 4 * 3 * 18


def _is_sound(fit: Fit) -> None:
    """A platform is named with reasons for it, each with a dated source; nothing that was said is left out."""
    assert sorted(map(id, (*fit.for_it, *fit.against_it, *fit.neutral))) == sorted(map(id, fit.grounds))
    speaking = {ground.provider for ground in fit.grounds if ground.provider}
    if fit.provider is None:
        assert fit.state in ("apart", "silent")
        assert (len(speaking) > 1) == (fit.state == "apart")
        return
    assert fit.for_it
    assert {ground.provider for ground in fit.for_it} == {fit.provider}
    assert all(ground.asked is None for ground in fit.against_it), "an answer on the dimension itself is never overruled"
    assert (fit.state == "leans") == all(ground.statement.judgement for ground in fit.for_it)
    for ground in fit.grounds:
        assert ground.statement.because
        assert ground.statement.sources
        assert all(isinstance(source.as_of, date) for source in ground.statement.sources)


# -- beside a verdict --------------------------------------------------------------------------------------------------


@cache
def advice_on(name: str) -> Advice:
    rulebook, day = load_rulebook(), date(2026, 11, 22)
    case = SPECIAL.get(name) or CASES[name]
    return advise(make_case(rulebook, day, case.answers, case.workload, case.assumptions), rulebook, day)


SPECIAL = {
    # Azure has no price for an H200 at any purchase that the case allows.
    "only AWS sells it": Written(answers("none, sporadic, no, 0, yes"), {"accelerator": "H200"}),
}
JOBS, PEOPLE, NOTHING = {"rights": "jobs"}, {"rights": "people"}, dict[str, str]()
BESIDE: dict[str, tuple[str, Chosen, str, str, str, dict[str, tuple[str | None, int | None, int | None]]]] = {
    # what it shows: the case, the answers; the part, the provider, the stance, and for each pull its plan, whole USD and scale
    "they agree": ("P5", PEOPLE, "training", "azure", "agree", {}),
    # 37,171 less 33,960, the totals of section 7.
    "the numbers say Azure, permissions AWS": ("P5", JOBS, "training", "azure", "apart", {"aws": ("aws", 3_211, None)}),
    # 190,393 less 147,773.
    "the numbers say AWS, permissions Azure": ("P4", PEOPLE, "training", "aws", "apart", {"azure": ("azure", 42_620, None)}),
    # Staying costs 7,891.56 a year; at 10 times the volume the verdict moves.
    "the threshold says stay": ("P6", PEOPLE, "training", "aws", "apart", {"azure": ("azure", -7_892, 10)}),
    "both": ("P6", {**PEOPLE, "data_place": "s3"}, "training", "aws", "mixed", {"azure": ("azure", -7_892, 10)}),
    # The split costs 340,355; all of it on Azure 383,078.
    "a split is held against where it trains": ("P7", PEOPLE, "training", "aws", "apart", {"azure": ("azure", 42_723, None)}),
    "without training it is held against where it serves": ("P3", PEOPLE, "serving", "azure", "agree", {}),
    "nothing can be bought there": ("only AWS sells it", PEOPLE, "training", "aws", "apart", {"azure": (None, None, None)}),
    "nothing said": ("P5", NOTHING, "training", "azure", "silent", {}),
}


@pytest.mark.parametrize("name", BESIDE)
def test_beside_a_verdict(name: str, rulebook: Rulebook, dimensions: Dimensions) -> None:
    case, chosen, part, provider, stance, pulls = BESIDE[name]
    beside = compare_platforms(dimensions, chosen, {}, rulebook, advice_on(case)).beside
    assert beside is not None
    assert (beside.part, beside.provider, beside.stance) == (part, provider, stance)
    assert {pull.provider: (pull.plan, pull.from_scale) for pull in beside.pulls} == {p: (plan, at) for p, (plan, _, at) in pulls.items()}
    for pull in beside.pulls:
        dollars = pulls[pull.provider][1]
        # The published totals are unrounded months times twelve; what is shown foots in cents.
        assert (pull.by_usd_per_year is None) == (dollars is None)
        assert dollars is None or abs((pull.by_usd_per_year or Decimal(0)) - dollars) <= 1


def test_a_judgement_alone_neither_agrees_nor_pulls(rulebook: Rulebook, dimensions: Dimensions) -> None:
    said: Said = {"footprint": "aws", "microsoft_ea": "yes", "mlops_capacity": "no"}
    comparison = compare_platforms(dimensions, {}, said, rulebook, advice_on("P6"))
    assert comparison.beside is not None
    assert comparison.beside.stance == "silent"
    assert {p: [fit.dimension.id for fit in fits] for p, fits in comparison.by_provider("leans").items()} == {
        "azure": [PERMISSIONS, COMPUTE],
        "aws": [DATA],
    }


def test_every_combination_beside_a_verdict_is_split_without_rest(rulebook: Rulebook, dimensions: Dimensions) -> None:
    """What fits either agrees or pulls, each dimension once."""
    names = itertools.cycle([*CASES, *SPECIAL])
    for chosen, name in zip(every_choice(dimensions), names, strict=False):
        comparison = compare_platforms(dimensions, chosen, {}, rulebook, advice_on(name))
        beside = comparison.beside
        assert beside is not None
        assert all(fit.provider == beside.provider for fit in beside.agree)
        assert all(fit.provider == pull.provider != beside.provider for pull in beside.pulls for fit in pull.fits)
        told = [fit.dimension.id for fit in (*beside.agree, *(fit for pull in beside.pulls for fit in pull.fits))]
        assert sorted(told) == sorted(fit.dimension.id for fit in comparison.fits if fit.state == "fits")
        assert (beside.stance == "agree") == (bool(beside.agree) and not beside.pulls)
