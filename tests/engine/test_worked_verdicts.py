"""Section 7 of the specification, and the numbers of the example in section 6."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest

from engine.advice import Advice
from engine.rulebook import Rulebook
from tests.engine.asked import WORKED, exact_costs, fraction
from tests.section7 import YEARS

VERDICTS = {
    "P1": ("azure (stay)", "azure (stay)", "aws (move)"),
    "P2": ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
    "P3": ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
    "P4": ("aws (matrix)", "aws (matrix)", "aws (matrix)"),
    "P5": ("azure (matrix)", "azure (matrix)", "azure (matrix)"),
    "P6": ("aws (stay)", "aws (stay)", "azure (move)"),
    "P7": ("hybrid-aws-azure (matrix)", "hybrid-aws-azure (matrix)", "hybrid-aws-azure (matrix)"),
    "P8": ("aws (stay)", "aws (stay)", "azure (move)"),
}


@pytest.mark.parametrize("name", WORKED)
def test_the_plan_and_its_basis_at_each_scale(rulebook: Rulebook, name: str) -> None:
    scenarios = WORKED[name].advice(rulebook).scenarios
    assert [s.scale for s in scenarios] == [1, 3, 10]
    assert tuple(f"{s.plan} ({s.basis})" for s in scenarios) == VERDICTS[name]


@pytest.mark.parametrize("name", WORKED)
def test_twelve_unrounded_months_in_whole_dollars(rulebook: Rulebook, name: str) -> None:
    total = exact_costs(rulebook, WORKED[name].case(rulebook)).total
    years = (12 * fraction(total[rulebook.plan_index[plan], 0]) for plan in ("aws", "azure"))
    assert tuple(floor(usd + Fraction(1, 2)) for usd in years) == YEARS[name]


class TestTheExampleOfTheContract:
    """Case P6, as section 6 prints it."""

    @pytest.fixture
    def advice(self, rulebook: Rulebook) -> Advice:
        return WORKED["P6"].advice(rulebook)

    def test_the_verdict(self, advice: Advice) -> None:
        now = advice.now
        assert (now.plan, now.basis, now.matrix_plan, now.cheapest_plan) == ("aws", "stay", "azure", "azure")
        assert now.saving_usd_per_year == Decimal("7891.56")
        assert (advice.layer, advice.training_provider, advice.serving_provider) == ("managed", "aws", "aws")

    def test_the_machine(self, advice: Advice) -> None:
        cost = advice.now.cost("aws")
        assert (cost.purchase, cost.instance, cost.instances) == ("spot", "p4d.24xlarge", 1)

    def test_the_six_lines(self, advice: Advice) -> None:
        lines = advice.now.cost("aws").lines
        assert lines is not None
        assert {name: str(usd) for name, usd in lines.items()} == {
            "training": "945.59",
            "inference": "1241.00",
            "managed_premium": "390.04",
            "egress": "81.00",
            "transfer": "600.00",
            "storage": "230.00",
        }

    def test_the_totals(self, advice: Advice) -> None:
        cost = advice.now.cost("aws")
        assert cost.total_usd_per_month == Decimal("3487.63")
        assert cost.total_usd_per_year == Decimal("41851.56")

    def test_the_flips_that_the_example_names(self, advice: Advice) -> None:
        found = {(f.input, f.from_value, f.to): f.plan for f in advice.flips}
        assert found["footprint", "aws", "none"] == "azure"
        assert found["switching_threshold_usd_per_year", Decimal(50_000), Decimal("7891.5")] == "azure"

    def test_what_was_left_out_is_assumed(self, advice: Advice) -> None:
        assert set(advice.assumed) >= {
            "price_book",
            "region",
            "accelerator",
            "gpus",
            "training_hours_per_month",
            "ea_discount_pct",
        }

    def test_the_price_that_the_example_prints(self, advice: Advice) -> None:
        found = [p for p in advice.prices if p.figure.usd == Decimal("7.8799")]
        assert [(p.figure.unit, str(p.figure.as_of), p.stale) for p in found] == [("hour", "2025-11-18", True)]
