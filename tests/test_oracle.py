"""The oracle reproduces section 7 of `decision-and-cost.md` and public goldens."""

import math
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest

from tests import oracle as o

CATALOGUE = Path(__file__).resolve().parent.parent / "rules" / "catalogue"

ARTICLE_ONLY: dict[str, object] = {
    "price_book": "article",
    "egress_gb_per_month": 0,
    "inter_region_gb_per_month": 0,
    "storage_gb": 0,
}


def answers(text: str) -> dict[str, object]:
    """Read 'footprint, training, EA, regions, MLOps', as section 7 prints them."""
    footprint, training, ea, regions, mlops = text.split(", ")
    return {
        "footprint": footprint,
        "training": training,
        "microsoft_ea": ea,
        "inference_regions": int(regions),
        "mlops_capacity": mlops,
    }


@dataclass(frozen=True)
class Worked:
    """A row of section 7: verdicts as 'plan (basis)' at 1x, 3x and 10x."""

    answers: str
    verdicts: tuple[str, str, str]
    annual: tuple[int, int]
    workload: dict[str, object] = field(default_factory=dict)


WORKED = {
    "P1": Worked(
        "azure, continuous, no, 0, yes",
        ("azure (stay)", "azure (stay)", "aws (move)"),
        (57_816, 64_123),
        {**ARTICLE_ONLY, "gpus": 4},
    ),
    "P2": Worked(
        "none, sporadic, no, 0, yes",
        ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
        (5_242, 4_205),
        {**ARTICLE_ONLY, "gpus": 4},
    ),
    "P3": Worked(
        "none, none, no, 5, no",
        ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
        (17_520, 15_067),
        ARTICLE_ONLY,
    ),
    "P4": Worked(
        "none, continuous, no, 2, yes",
        ("aws (matrix)", "aws (matrix)", "aws (matrix)"),
        (147_773, 190_393),
    ),
    "P5": Worked(
        "none, sporadic, no, 2, yes",
        ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
        (37_171, 33_960),
    ),
    "P6": Worked(
        "aws, sporadic, yes, 5, no",
        ("aws (stay)", "aws (stay)", "azure (move)"),
        (41_852, 33_960),
    ),
    "P7": Worked(
        "both, continuous, yes, 5, yes",
        (
            "hybrid-aws-azure (matrix)",
            "hybrid-aws-azure (matrix)",
            "hybrid-aws-azure (matrix)",
        ),
        (430_721, 383_078),
        {"endpoints": 400, "ea_discount_pct": 30},
    ),
    "P8": Worked(
        "aws, continuous, yes, 6, no",
        ("aws (stay)", "aws (stay)", "azure (move)"),
        (169_043, 162_476),
        {"ea_discount_pct": 40},
    ),
}


@pytest.fixture(name="book")
def fixture_book() -> o.Book:
    """Read the project's own catalogue."""
    instances, prices = CATALOGUE / "instances.csv", CATALOGUE / "prices.csv"
    if not (instances.exists() and prices.exists()):
        pytest.skip("the catalogue is not there yet")
    return o.load(instances, prices)


def priced(scenario: o.Scenario, plan: str) -> o.PlanCost:
    """Return a plan that must be offered."""
    cost = scenario["plans"][plan]
    assert cost is not None
    return cost


@pytest.mark.parametrize("name", WORKED)
def test_worked_verdict(book: o.Book, name: str) -> None:
    """Section 7: the plan, the basis and both annual totals."""
    case = WORKED[name]
    scenarios = o.oracle(book, answers(case.answers), case.workload, {})["scenarios"]
    assert [s["scale"] for s in scenarios] == [1, 3, 10]
    verdicts = tuple(f"{s['plan']} ({s['basis']})" for s in scenarios)
    assert verdicts == case.verdicts
    years = [12 * priced(scenarios[0], p)["total_per_month"] for p in ("aws", "azure")]
    # Whole dollars, half up, of the unrounded year.
    assert tuple(math.floor(y + Fraction(1, 2)) for y in years) == case.annual


def test_contract_example(book: o.Book) -> None:
    """Section 6 prints the lines and the saving of P6 at 1x."""
    first = o.oracle(book, answers(WORKED["P6"].answers), {}, {})["scenarios"][0]
    cost = priced(first, "aws")
    assert (cost["purchase"], cost["instance"], cost["instances"]) == (
        "spot",
        "p4d.24xlarge",
        1,
    )
    shown = [o.cents(cost["lines"][line]) for line in o.LINES]
    expected = ["945.59", "1241.00", "390.04", "81.00", "600.00", "230.00"]
    assert shown == [Fraction(usd) for usd in expected]
    assert o.shown_month(cost) == Fraction("3487.63")
    assert (first["matrix_plan"], first["cheapest_plan"]) == ("azure", "azure")
    assert first["shown_saving_per_year"] == Fraction("7891.56")


def test_refusals(book: o.Book) -> None:
    """Section 1 refuses nothing to do, and accelerators that nobody offers."""
    idle = answers("none, none, no, 0, yes")
    with pytest.raises(o.Refused, match="inference_regions"):
        o.oracle(book, idle, {}, {})
    both = answers("none, sporadic, no, 1, yes")
    with pytest.raises(o.Refused, match=r"^accelerator"):
        o.oracle(book, both, {"accelerator": "M60-8GB"}, {})
    with pytest.raises(o.Refused, match=r"^accelerator"):
        o.oracle(book, both, {"price_book": "article", "accelerator": "T4-16GB"}, {})
    with pytest.raises(o.Refused, match=r"^endpoint_accelerator"):
        o.oracle(book, both, {"endpoint_accelerator": "TPU"}, {})


def test_fractions_belong_to_the_whole_card(book: o.Book) -> None:
    """Section 1: a sixth of an A10 is of the family A10-24GB, six to the GPU."""
    case = answers("none, sporadic, no, 0, yes")
    workload: dict[str, object] = {"accelerator": "A10-24GB", "gpus": 2}
    first = o.oracle(book, case, workload, {})["scenarios"][0]
    assert first["plans"]["aws"] is None
    assert "hybrid-aws-azure" not in first["plans"]
    assert priced(first, "azure")["instance"] == "Standard_NV6ads_A10_v5"
    assert priced(first, "azure")["instances"] == 12
    # On demand 12 sixths cost exactly what 6 thirds do: the name decides.
    workload["interruptible"] = False
    first = o.oracle(book, case, workload, {})["scenarios"][0]
    assert priced(first, "azure")["instance"] == "Standard_NV12ads_A10_v5"
    assert priced(first, "azure")["instances"] == 6


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("accelerator_memory_gib", "0.167,4"),
        ("accelerator_memory_gib", "1/6,24"),
        ("accelerator_memory_gb", "1/6,24"),
    ],
)
def test_both_spellings_of_a_share(column: str, cells: str) -> None:
    """A sixth is a sixth, and the memory is the whole card's."""
    count, memory = cells.split(",")
    item = o.read_instance(
        {
            "provider": "azure",
            "instance": "Standard_NV6ads_A10_v5",
            "accelerator": "A10",
            "accelerators": count,
            column: memory,
            "lifecycle": "active",
        }
    )
    assert (item.count, item.memory_gb) == (Fraction(1, 6), Fraction(24))


@pytest.mark.parametrize(
    ("steps", "gb", "usd"),
    [
        (o.EGRESS["article"]["aws"], 57_000, "4809.20"),  # infracost, no free GB
        (o.EGRESS["current"]["aws"], 100, "0"),  # the free allowance
        (o.EGRESS["current"]["aws"], 10_240, "912.60"),  # 10,140 GB paid
        (o.STORAGE["hot"]["aws"], 10_000, "230.00"),  # infracost s3_bucket_test
        (o.STORAGE["hot"]["azure"], 4_000_000, "77055.1808"),  # infracost, Blob Hot
    ],
)
def test_ladders(steps: o.Ladder, gb: int, usd: str) -> None:
    """Public golden tests, peers.md section 5, that fit these ladders."""
    assert o.climb(steps, Fraction(gb)) == Fraction(usd)
