"""Timings: the advice in process, the catalogue, the command as a process, and a peer's price query over the same rows.

Run by `make bench`, never by `make test`: a timing is read, not asserted.
"""

from __future__ import annotations

import gc
import random
import statistics
import subprocess
import sys
import time
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from engine.advise import advise
from engine.case import Case, make_case
from engine.columns import columns_of
from engine.costs import price
from engine.load import RULES_FOLDER, load_rulebook
from engine.market import market_of
from engine.pricelist import price_list
from engine.rulebook import Rulebook

gpuhunt = pytest.importorskip("gpuhunt", reason="the peer is installed by `make bench` only")
pytest.importorskip("pytest_benchmark", reason="installed by `make bench` only")

TODAY = date(2026, 11, 22)
FAMILIES = ("A100-40GB", "A100-80GB", "T4-16GB", "H100-80GB", "A10G-24GB", "A10-24GB", "V100")
COMMAND = [sys.executable, "-m", "bot.cli.main", "advise", str(RULES_FOLDER / "example_case.yml"), "--format", "json"]


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="module")
def cases(rulebook: Rulebook) -> list[Case]:
    """200 different cases, the same in every run: all answers, families, regions and sizes."""
    draw = random.Random(20261122)
    return [_case(draw, rulebook) for _ in range(200)]


def _case(draw: random.Random, rulebook: Rulebook) -> Case:
    answers = {
        "footprint": draw.choice(("none", "aws", "azure", "both")),
        "training": draw.choice(("continuous", "sporadic")),
        "microsoft_ea": draw.choice(("yes", "no", "unsure")),
        "inference_regions": draw.randint(0, 10),
        "mlops_capacity": draw.choice(("yes", "no")),
    }
    workload = {
        "accelerator": draw.choice(FAMILIES),
        "gpus": draw.choice((1, 4, 8, 16, 64, 200)),
        "endpoints": draw.choice((0, 1, 20, 400)),
        "egress_gb_per_month": draw.choice((0, 1_000, 20_000, 300_000)),
        "storage_gb": draw.choice((0, 10_000, 600_000)),
        "ea_discount_pct": draw.choice((0, 15, 40)),
    }
    return make_case(rulebook, TODAY, answers, workload)


def test_advise_on_the_default_case(benchmark: Any, rulebook: Rulebook) -> None:
    """Three scales, exact flips and quick wins of case P6."""
    answers = {"footprint": "aws", "training": "sporadic", "microsoft_ea": "yes", "inference_regions": 5, "mlops_capacity": "no"}
    case = make_case(rulebook, TODAY, answers)
    benchmark.pedantic(advise, args=(case, rulebook, TODAY), rounds=300, warmup_rounds=5)


def test_advise_on_two_hundred_cases(benchmark: Any, rulebook: Rulebook, cases: list[Case]) -> None:
    """Another case each round; median and p99 are printed."""
    taken: list[float] = []
    stream = cycle(cases)

    def one() -> None:
        case = next(stream)
        start = time.perf_counter()
        advise(case, rulebook, TODAY)
        taken.append(1000 * (time.perf_counter() - start))

    benchmark.pedantic(one, rounds=1000, warmup_rounds=20)
    ordered = sorted(taken[20:])
    p99 = ordered[int(len(ordered) * 0.99)]
    sys.stdout.write(f"\nadvise, 200 different cases: median {statistics.median(ordered):.2f} ms, p99 {p99:.2f} ms\n")


def test_price_one_hundred_thousand_variants(benchmark: Any, rulebook: Rulebook, cases: list[Case]) -> None:
    """The kernel alone, four plans of 100,000 workloads at once."""
    columns = columns_of([(cases[0], 1)], rulebook, exact=False).repeated(100_000)
    market = market_of(cases[0], rulebook)
    benchmark.pedantic(price, args=(market, columns, columns["gpus"] > 0), rounds=10, warmup_rounds=1)


def test_load_the_rulebook(benchmark: Any) -> None:
    """All of rules/, every check included."""
    benchmark.pedantic(load_rulebook, rounds=20, warmup_rounds=1)


def test_prices_of_one_accelerator_here(benchmark: Any, rulebook: Rulebook) -> None:
    """A100 prices in one region choice, from our catalogue."""
    listed = benchmark(price_list, rulebook, "A100", "us-east", TODAY)
    assert {row.instance.accelerator for row in listed.rows} == {"A100"}


def test_prices_of_one_accelerator_in_gpuhunt(benchmark: Any, rulebook: Rulebook) -> None:
    """The same question to gpuhunt, over the same on-demand and spot rows."""
    catalog = _gpuhunt_catalog(rulebook)
    found = benchmark(catalog.query, provider=["aws", "azure"], gpu_name="A100")
    assert {item.gpu_name for item in found} == {"A100"}


def _gpuhunt_catalog(rulebook: Rulebook) -> Any:
    from gpuhunt._internal.catalog import ProviderCatalog
    from gpuhunt._internal.models import AcceleratorVendor, CatalogItem

    catalog = gpuhunt.Catalog(balance_resources=False, auto_reload=False)
    catalog.loaded_at = time.monotonic()
    machines = {(i.provider, i.name): i for i in rulebook.catalogue.instances}
    for provider in ("aws", "azure"):
        items = [
            CatalogItem(
                provider, p.instance, p.region, float(p.usd_per_hour), machines[provider, p.instance].vcpus or 0,
                float(machines[provider, p.instance].memory_gib or 0), int(machines[provider, p.instance].accelerators or 0),
                machines[provider, p.instance].accelerator, float(machines[provider, p.instance].accelerator_memory_gb or 0),
                p.purchase == "spot", None, AcceleratorVendor.NVIDIA,
            )
            for p in rulebook.catalogue.prices
            if p.provider == provider and p.purchase in ("on_demand", "spot") and machines[provider, p.instance].accelerators
        ]  # fmt: skip
        catalog.catalog[provider] = ProviderCatalog("bench", items)
    return catalog


def test_the_command_as_a_process(benchmark: Any) -> None:
    """`whichcloud advise CASE --format json`, warm: a fresh process each round."""
    gc.collect()
    root = Path(__file__).resolve().parents[2]
    benchmark.pedantic(
        subprocess.run, args=(COMMAND,), kwargs={"cwd": root, "check": True, "stdout": subprocess.DEVNULL}, rounds=10, warmup_rounds=2
    )
