"""Plans side by side, and one number swept over a range."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from engine.compare import plans_table, sweep
from engine.rulebook import LINES, Rulebook
from tests.engine.asked import TODAY, WORKED, Asked, answers

ROOT = Path(__file__).resolve().parents[2]
AMOUNTS = [*(f"{line}_usd" for line in LINES), "total_usd_per_month", "total_usd_per_year"]
# No V100 is sold on Azure today: its 16 GB sizes are retired.
ONE_CLOUD = Asked(answers("none, sporadic, no, 2, no"), {"accelerator": "V100-16GB"})


def test_a_table_has_a_row_for_each_scale_and_plan(rulebook: Rulebook) -> None:
    table = plans_table(WORKED["P6"].advice(rulebook))
    plans = ["aws", "azure", "hybrid-aws-azure", "hybrid-azure-aws"]
    assert list(zip(table["scale"], table["plan"], strict=True)) == [(s, p) for s in (1, 3, 10) for p in plans]
    assert list(table.columns) == ["scale", "plan", "advised", "offered", "allowed", *AMOUNTS]


def test_a_table_shows_the_example_of_the_contract(rulebook: Rulebook) -> None:
    table = plans_table(WORKED["P6"].advice(rulebook))
    row = table[(table["scale"] == 1) & (table["plan"] == "aws")].iloc[0]
    assert [row[name] for name in AMOUNTS] == [945.59, 1241.0, 390.04, 81.0, 600.0, 230.0, 3487.63, 41851.56]
    assert (bool(row["advised"]), bool(row["offered"]), bool(row["allowed"])) == (True, True, True)


def test_one_plan_is_advised_at_each_scale(rulebook: Rulebook) -> None:
    table = plans_table(WORKED["P6"].advice(rulebook))
    advised = table[table["advised"]]
    assert list(zip(advised["scale"], advised["plan"], strict=True)) == [(1, "aws"), (3, "aws"), (10, "azure")]


def test_what_is_not_offered_is_missing_and_never_zero(rulebook: Rulebook) -> None:
    table = plans_table(ONE_CLOUD.advice(rulebook))
    gone = table[table["plan"].isin(["azure", "hybrid-azure-aws"])]
    assert len(gone) == 6
    assert not gone["offered"].any()
    assert not gone["allowed"].any()
    assert gone[AMOUNTS].isna().all(axis=None)
    assert table[~table["plan"].isin(["azure", "hybrid-azure-aws"])][AMOUNTS].notna().all(axis=None)


def test_a_sweep_has_a_row_for_each_value(rulebook: Rulebook) -> None:
    asked = WORKED["P1"]
    table = sweep(rulebook, asked.case(rulebook), TODAY, "gpus", [4, 31, 32])
    totals = [f"{plan.id}_usd_per_month" for plan in rulebook.plans]
    assert list(table.columns) == ["gpus", "plan", "basis", *totals]
    assert table["gpus"].tolist() == [4, 31, 32]
    # Each accelerator saves 1,576.80 a year: 32 of them pass 50,000.
    assert table["plan"].tolist() == ["azure", "azure", "aws"]
    assert table["basis"].tolist() == ["stay", "stay", "move"]
    # n x 730 x 1.65 and n x 730 x 1.83
    assert table["aws_usd_per_month"].tolist() == pytest.approx([4818.0, 37339.5, 38544.0])
    assert table["azure_usd_per_month"].tolist() == pytest.approx([5343.6, 41412.9, 42748.8])


def test_a_sweep_misses_what_is_not_offered(rulebook: Rulebook) -> None:
    table = sweep(rulebook, ONE_CLOUD.case(rulebook), TODAY, "storage_gb", [0.0, 10_000.0])
    assert table[["azure_usd_per_month", "hybrid-azure-aws_usd_per_month"]].isna().all(axis=None)
    assert table[["aws_usd_per_month", "hybrid-aws-azure_usd_per_month"]].notna().all(axis=None)
    assert set(table["plan"]) == {"aws"}


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("gpus", [1, 8, 80]),
        ("training_hours_per_month", [10.0, 120.0, 730.0]),
        ("endpoints", [2.0, 20.0, 200.0]),
        ("egress_gb_per_month", [0.0, 100.0, 200_000.0]),
        ("ea_discount_pct", [0.0, 30.0, 60.0]),
    ],
)
def test_a_sweep_agrees_with_an_advice(rulebook: Rulebook, field: str, values: list[float]) -> None:
    asked = WORKED["P8"]
    table = sweep(rulebook, asked.case(rulebook), TODAY, field, values)
    for at, value in enumerate(values):
        whole = field in ("gpus", "endpoints")
        now = asked.having(**{field: int(value) if whole else Decimal(str(value))}).advice(rulebook).now
        assert (table["plan"][at], table["basis"][at]) == (now.plan, now.basis)
        for cost in now.plans:
            # The table is not rounded; the advice rounds six lines to the cent.
            assert table[f"{cost.plan}_usd_per_month"][at] == pytest.approx(float(cost.total_usd_per_month or 0), abs=0.031)


def test_advice_does_not_need_pandas() -> None:
    """Importing pandas takes longer than an advice."""
    script = "import sys, engine.load, engine.advise; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
