"""Every sheet of answers gets a verdict, or is refused because nobody offers what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, product

import pytest

from engine.advise import advise
from engine.case import Case
from engine.errors import CaseError
from engine.rulebook import LINES, Rulebook
from tests.engine.asked import QUESTIONS, TODAY, Asked, plans_of_cases

ACCELERATORS = ("A100-40GB", "T4-16GB", "H100", "H200", "V100-16GB")
BOOKS = ("current", "article")
BASES = {"matrix", "numbers", "stay", "move"}
HYBRIDS = {"hybrid-aws-azure", "hybrid-azure-aws"}


def sheets(regions: tuple[int, ...]) -> Iterator[dict[str, object]]:
    """Every sheet that leaves something to place."""
    possible = {**QUESTIONS, "inference_regions": regions}
    for values in product(*possible.values()):
        sheet = dict(zip(possible, values, strict=True))
        if sheet["training"] != "none" or sheet["inference_regions"] != 0:
            yield sheet


def sheets_once() -> Iterator[dict[str, object]]:
    """Those with no, two or five regions; `unsure` computes as `no`, so it is asked at one number of regions only."""
    return (s for s in sheets((0, 2, 5)) if s["microsoft_ea"] != "unsure" or s["inference_regions"] == 2)


def verdict_or_refusal(rulebook: Rulebook, asked: Asked) -> bool:
    """True for a verdict; the only refusal is 'not offered'."""
    try:
        advice = advise(asked.case(rulebook), rulebook, TODAY)
    except CaseError as error:
        assert "not offered" in str(error)  # noqa: PT017  either outcome is right, which of them depends on the prices
        return False
    for scenario in advice.scenarios:
        split = asked.answers["training"] != "none" and asked.answers["inference_regions"] != 0
        assert {c.plan for c in scenario.plans} == {"aws", "azure"} | (HYBRIDS if split else set())
        assert scenario.cost(scenario.plan).allowed
        assert scenario.basis in BASES
        assert all(c.lines is None or set(c.lines) == set(LINES) for c in scenario.plans)
    return True


@pytest.mark.parametrize("accelerator", ACCELERATORS)
@pytest.mark.parametrize("book", BOOKS)
def test_every_sheet_is_answered_or_refused(rulebook: Rulebook, book: str, accelerator: str) -> None:
    workload = {"price_book": book, "accelerator": accelerator}
    asked = [s for s in sheets_once() if s["training"] != "none"]
    answered = [verdict_or_refusal(rulebook, Asked(s, workload)) for s in asked]
    # 4 footprints x 2 x 2 schedules x (2 x 3 region counts + 1)
    assert len(answered) == 4 * 2 * 2 * 7
    if book == "article":
        assert set(answered) == {accelerator == "V100-16GB"}


@pytest.mark.parametrize("book", BOOKS)
def test_every_sheet_without_training_is_answered(rulebook: Rulebook, book: str) -> None:
    """The training accelerator does not count: each sheet is asked with one of them, and its plan is that of all."""
    asked = [s for s in sheets_once() if s["training"] == "none"]
    assert len(asked) == 4 * 2 * (2 * 2 + 1)
    for sheet, accelerator in zip(asked, cycle(ACCELERATORS), strict=False):
        assert verdict_or_refusal(rulebook, Asked(sheet, {"price_book": book, "accelerator": accelerator}))
    plans = [
        plans_of_cases(rulebook, [Asked(s, {"price_book": book, "accelerator": accelerator}).case(rulebook) for s in asked])
        for accelerator in ACCELERATORS
    ]
    assert None not in plans[0]
    assert all(each == plans[0] for each in plans)


@pytest.mark.parametrize("accelerator", ACCELERATORS)
@pytest.mark.parametrize("book", BOOKS)
def test_the_number_of_regions_counts_only_as_none_or_some(rulebook: Rulebook, book: str, accelerator: str) -> None:
    """More than three regions adds a reason to the lean to Azure, which is there for one region already."""
    workload = {"price_book": book, "accelerator": accelerator}
    cases: list[Case] = []
    for sheet in (s for s in sheets((1,)) if s["microsoft_ea"] != "unsure"):
        one = Asked(sheet, workload).case(rulebook)
        cases += [replace(one, answers={**one.answers, "inference_regions": regions}) for regions in range(1, 61)]
    plans = plans_of_cases(rulebook, cases)
    for start in range(0, len(plans), 60):
        assert len(set(plans[start : start + 60])) == 1


@pytest.mark.parametrize("footprint", QUESTIONS["footprint"])
def test_the_defaults_are_answered_for_every_number_of_regions(rulebook: Rulebook, footprint: str) -> None:
    given = [sheet for sheet in sheets(tuple(range(61))) if sheet["footprint"] == footprint]
    plans = plans_of_cases(rulebook, [Asked(sheet).case(rulebook) for sheet in given])
    assert None not in plans
    for sheet, plan in zip(given, plans, strict=True):
        if sheet["training"] == "none" or sheet["inference_regions"] == 0:
            assert plan not in HYBRIDS
