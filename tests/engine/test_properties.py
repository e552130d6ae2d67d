"""What must hold of the costs of any case, whatever the prices are."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice import Advice
from engine.columns import columns_of
from engine.compare import sweep
from engine.errors import CaseError
from engine.load import load_rulebook
from engine.rulebook import LINES, Rulebook
from tests.engine.asked import (
    ARTICLE_ONLY,
    CASES,
    DRAWN,
    GB_FIELDS,
    SAME_CASES,
    SCALED,
    SHARED,
    WORKED,
    Asked,
    answers,
    exact_costs,
    fraction,
    kernel,
    rules,
)

QUANTITIES = {
    **dict.fromkeys(GB_FIELDS, 10**9),
    "gpus": 100_000,
    "endpoints": 100_000,
    "training_hours_per_month": 730,
    "endpoint_hours_per_month": 730,
    "inter_region_hops": 10,
}


# -- more never costs less -------------------------------------------------------------------------------------------


@given(asked=CASES, name=st.sampled_from(sorted(QUANTITIES)), share=st.sampled_from(["0.0001", "0.01", "0.5", "1"]))
@settings(DRAWN, max_examples=100)
def test_more_of_a_quantity_never_costs_less(asked: Asked, name: str, share: str) -> None:
    case = asked.case(rules()) if has_work(asked) else None
    if case is None:
        return
    now = Decimal(str(case.workload[name]))
    more = now + (QUANTITIES[name] - now) * Decimal(share)
    whole = isinstance(case.workload[name], int)
    raised = asked.having(**{name: int(more) if whole else round(more, 6)}).case(rules())
    before, after = exact_costs(rules(), case), exact_costs(rules(), raised)
    assert np.array_equal(before.exists, after.exists)
    assert (before.total[before.exists] <= after.total[after.exists]).all()


def has_work(asked: Asked) -> bool:
    return asked.answers["training"] != "none" or asked.answers["inference_regions"] != 0


# -- ladders ---------------------------------------------------------------------------------------------------------

# Section 3, egress (the free 100 GB count from GB 0), and section 5, storage: bound, rate below it, rate above it.
BOUNDS = [
    ("egress", "current", "aws", 100, "0", "0.09"),
    ("egress", "current", "aws", 10_240, "0.09", "0.085"),
    ("egress", "current", "aws", 51_200, "0.085", "0.07"),
    ("egress", "current", "aws", 153_600, "0.07", "0.05"),
    ("egress", "current", "azure", 100, "0", "0.087"),
    ("egress", "current", "azure", 10_240, "0.087", "0.083"),
    ("egress", "current", "azure", 51_200, "0.083", "0.07"),
    ("egress", "current", "azure", 153_600, "0.07", "0.05"),
    ("egress", "article", "aws", 100, "0.09", "0.09"),
    ("egress", "article", "aws", 10_240, "0.09", "0.085"),
    ("egress", "article", "azure", 100, "0.087", "0.087"),
    ("egress", "article", "azure", 10_240, "0.087", "0.083"),
    ("storage", "current", "aws", 51_200, "0.023", "0.022"),
    ("storage", "current", "azure", 51_200, "0.0208", "0.019968"),
    ("storage", "current", "azure", 563_200, "0.019968", "0.019136"),
    ("storage", "article", "aws", 51_200, "0.023", "0.022"),
]
FIELD = {"egress": "egress_gb_per_month", "storage": "storage_gb"}


@pytest.mark.parametrize(("line", "book", "plan", "bound", "below", "above"), BOUNDS)
def test_a_ladder_has_no_jump_at_its_bounds(
    rulebook: Rulebook, line: str, book: str, plan: str, bound: int, below: str, above: str
) -> None:
    """A GB below the bound costs the lower step's rate, a GB above it the upper one's, and the hundredth of one too."""
    steps = [bound + Decimal(by) for by in ("-1", "-0.01", "0", "0.01", "1")]
    costs = [line_usd(rulebook, line, plan, {"price_book": book, FIELD[line]: gb}) for gb in steps]
    rises = [high - low for low, high in pairwise(costs)]
    assert rises == [
        Fraction("0.99") * Fraction(below),
        Fraction("0.01") * Fraction(below),
        Fraction("0.01") * Fraction(above),
        Fraction("0.99") * Fraction(above),
    ]


@pytest.mark.parametrize(
    ("line", "plan", "workload", "usd"),
    [
        # 10,140 GB are paid at the first rate.
        pytest.param("egress", "aws", {"egress_gb_per_month": 10_240}, Decimal("912.60"), id="first 10 TB"),
        # 10,140 x 0.087 + 40,960 x 0.083 + 102,400 x 0.07 + 1,000 x 0.05
        pytest.param("egress", "azure", {"egress_gb_per_month": 154_600}, Decimal("11499.86"), id="every step"),
        # 10,240 x 0.09 + 40,960 x 0.085 + 5,800 x 0.07
        pytest.param("egress", "aws", {"price_book": "article", "egress_gb_per_month": 57_000}, Decimal("4809.20"), id="article"),
        # 51,200 x 0.0208 + 512,000 x 0.019968 + 436,800 x 0.019136
        pytest.param("storage", "azure", {"storage_gb": 1_000_000}, Decimal("19647.1808"), id="hot"),
        pytest.param("storage", "aws", {"storage_gb": 60_000, "storage_tier": "infrequent"}, Decimal(750), id="infrequent"),
        # 1,000 GB x 3 borders x 0.02
        pytest.param("transfer", "aws", {"inter_region_gb_per_month": 1000, "inter_region_hops": 3}, Decimal(60), id="borders"),
        # the artifacts have a free tier of their own: (100 - 100) x 0.09, and (300 - 100) x 0.087 from Azure
        pytest.param("transfer", "hybrid-aws-azure", {"inter_region_gb_per_month": 0}, Decimal(0), id="free artifacts"),
        pytest.param(
            "transfer",
            "hybrid-azure-aws",
            {"inter_region_gb_per_month": 0, "artifact_gb_per_month": 300},
            Decimal("17.4"),
            id="artifacts",
        ),
    ],
)
def test_what_a_line_costs(rulebook: Rulebook, line: str, plan: str, workload: dict[str, object], usd: Decimal) -> None:
    assert line_usd(rulebook, line, plan, workload) == Fraction(usd)


def line_usd(rulebook: Rulebook, line: str, plan: str, workload: Mapping[str, object]) -> Fraction:
    case = Asked(answers("none, sporadic, no, 2, yes"), workload).case(rulebook)
    return fraction(exact_costs(rulebook, case).lines[LINES.index(line), rulebook.plan_index[plan], 0])


# -- scales ----------------------------------------------------------------------------------------------------------


@given(asked=CASES, scale=st.sampled_from([2, 3, 10]))
@settings(DRAWN, max_examples=60)
def test_a_scale_is_a_larger_workload(asked: Asked, scale: int) -> None:
    if not has_work(asked):
        return
    case = asked.case(rules())
    # Within a tenth of the accepted range, so that the larger workload is accepted too.
    now = {name: min(Decimal(str(case.workload[name])), Decimal(QUANTITIES[name]) / 10) for name in SCALED}
    base: dict[str, Decimal | int] = {name: int(v) if isinstance(case.workload[name], int) else v for name, v in now.items()}
    larger = asked.having(**{name: value * scale for name, value in base.items()})
    at_scale = exact_costs(rules(), asked.having(**base).case(rules()), scale)
    outright = exact_costs(rules(), larger.case(rules()))
    assert np.array_equal(at_scale.lines, outright.lines)
    assert np.array_equal(at_scale.chosen, outright.chosen)


def test_scaling_leaves_hours_borders_and_ladders_alone(rulebook: Rulebook) -> None:
    """At 10x: 10,000 GB of egress less one free tier, not ten: 9,900 x 0.09; 300,000 GB x 1 border x 0.02."""
    cost = WORKED["P6"].advice(rulebook).scenarios[2].cost("aws")
    assert cost.lines is not None
    assert (cost.lines["egress"], cost.lines["transfer"]) == (Decimal("891.00"), Decimal("6000.00"))
    # 10 machines of eight: 10 x 7.8799 x 120 h
    assert (cost.instances, cost.lines["training"]) == (10, Decimal("9455.88"))


def test_machines_are_rounded_up_after_the_scale(rulebook: Rulebook) -> None:
    """3 accelerators fill one machine of eight; 30 need four, not ten."""
    scenarios = WORKED["P5"].having(gpus=3).advice(rulebook).scenarios
    assert [s.cost("azure").instances for s in scenarios] == [1, 2, 4]


# -- what is shown ---------------------------------------------------------------------------------------------------


@SAME_CASES
@given(asked=CASES)
@SHARED
def test_every_table_foots_and_only_what_is_offered_has_numbers(asked: Asked) -> None:
    try:
        advice = asked.advice(rules())
    except CaseError:
        return
    for scenario in advice.scenarios:
        for cost in scenario.plans:
            if not cost.offered:
                assert not cost.allowed
                assert (cost.lines, cost.total_usd_per_month, cost.total_usd_per_year) == (None, None, None)
                assert (cost.purchase, cost.instance, cost.instances) == (None, None, None)
                continue
            assert cost.lines is not None
            assert tuple(cost.lines) == LINES
            assert all(usd.is_finite() and usd >= 0 and usd.as_tuple().exponent == -2 for usd in cost.lines.values())
            assert cost.total_usd_per_month == sum(cost.lines.values())
            assert cost.total_usd_per_year == 12 * sum(cost.lines.values())
            assert (cost.instance is None) == (asked.answers["training"] == "none")
        assert scenario.cost(scenario.plan).allowed


@SAME_CASES
@given(asked=CASES)
@SHARED
def test_the_items_of_a_bill_make_its_lines(asked: Asked) -> None:
    try:
        advice = asked.advice(rules())
    except CaseError:
        return
    priced = exact_costs(rules(), advice.case)
    assert set(advice.bills) == {cost.plan for cost in advice.now.plans if cost.offered}
    for plan, items in advice.bills.items():
        sums = dict.fromkeys(LINES, Fraction(0))
        for item in items:
            assert item.usd == item.quantity * item.usd_per_unit
            sums[item.line] += fraction(item.usd)
        lines = priced.lines[:, rules().plan_index[plan], 0]
        assert sums == {line: fraction(usd) for line, usd in zip(LINES, lines, strict=True)}, plan


def test_what_is_negotiated_is_marked_private(rulebook: Rulebook) -> None:
    """A discount shows in Azure's on-demand and endpoint items, and in nothing else."""
    asked = Asked(answers("none, sporadic, yes, 2, no"), {"interruptible": False, "ea_discount_pct": 30})
    bills = asked.advice(rulebook).bills
    assert {i.line for i in bills["azure"] if i.private} == {"training", "inference", "managed_premium"}
    assert [i.name for i in bills["aws"] if i.private] == []
    on_spot = Asked(answers("none, sporadic, yes, 0, yes"), {"ea_discount_pct": 30}).advice(rulebook)
    assert [i.name for i in on_spot.bills["azure"] if i.private] == []


# -- arithmetic ------------------------------------------------------------------------------------------------------


@given(asked=CASES, scale=st.sampled_from([1, 3, 10]))
@settings(DRAWN, max_examples=60)
def test_floats_come_within_a_billionth(asked: Asked, scale: int) -> None:
    if not has_work(asked):
        return
    case = asked.case(rules())
    exact = exact_costs(rules(), case, scale)
    floats = kernel(rules(), columns_of([(case, scale)], rules(), exact=False), case)
    assert np.array_equal(exact.exists, floats.exists)
    assert floats.total[exact.exists] == pytest.approx(exact.total[exact.exists].astype(float), rel=1e-9, abs=1e-9)


def test_an_advice_does_not_depend_on_what_was_computed_before() -> None:
    """A sweep works in floats; what it leaves behind must not reach an advice."""
    asked = WORKED["P6"].having(price_book="article", accelerator="V100-16GB")
    alone, after_a_sweep = load_rulebook(), load_rulebook()
    day = date(2026, 11, 22)
    sweep(after_a_sweep, asked.case(after_a_sweep), day, "gpus", [1, 2])
    bills = [asked.advice(rulebook).bills for rulebook in (alone, after_a_sweep)]
    rates = [{plan: [i.usd_per_unit for i in items] for plan, items in each.items()} for each in bills]
    assert rates[0] == rates[1]


@given(asked=CASES, order=st.randoms(use_true_random=False))
@settings(DRAWN, max_examples=25)
def test_the_order_of_the_keys_does_not_matter(asked: Asked, order: random.Random) -> None:
    def shuffled(keys: Mapping[str, object]) -> dict[str, object]:
        names = sorted(keys)
        order.shuffle(names)
        return {name: keys[name] for name in names}

    other = Asked(shuffled(asked.answers), shuffled(asked.workload), shuffled(asked.assumptions))
    assert outcome(other) == outcome(asked)


def outcome(asked: Asked) -> Advice | str:
    """The advice, or the words of the refusal."""
    try:
        return asked.advice(rules())
    except CaseError as error:
        return str(error)


@pytest.mark.parametrize(
    ("gpus", "hours", "usd"),
    [
        # ceil(9 / 8) = 2 machines x 7.8799 x 120 h
        pytest.param(9, 120, Decimal("1891.18"), id="a ninth accelerator needs a second machine"),
        pytest.param(0, 120, Decimal("0.00"), id="no accelerator"),
        pytest.param(8, 0, Decimal("0.00"), id="no hours"),
        # 12,500 x 7.8799 x 730 h
        pytest.param(100_000, 730, Decimal("71904087.50"), id="the most"),
    ],
)
def test_machines_times_rate_times_hours(rulebook: Rulebook, gpus: int, hours: int, usd: Decimal) -> None:
    asked = Asked(answers("none, sporadic, no, 0, yes"), {"gpus": gpus, "training_hours_per_month": hours})
    lines = asked.advice(rulebook).now.cost("aws").lines
    assert lines is not None
    assert lines["training"] == usd


def test_the_article_alone_costs_nothing_without_quantities(rulebook: Rulebook) -> None:
    now = Asked(answers("aws, sporadic, no, 0, yes"), {**ARTICLE_ONLY, "gpus": 0}).advice(rulebook).now
    assert [c.total_usd_per_month for c in now.plans] == [Decimal("0.00"), Decimal("0.00")]
    # Equal totals: the matrix's plan, Azure for sporadic training; leaving AWS for it saves nothing.
    assert (now.matrix_plan, now.cheapest_plan, now.plan, now.basis) == ("azure", "azure", "aws", "stay")
