"""What the engine tests share: cases as a person writes them, worked ones, drawn ones, and looks into the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st

from engine.advice import Advice
from engine.advise import advise
from engine.case import Case, make_case
from engine.columns import Array, Columns, columns_of
from engine.costs import Priced, price
from engine.decide import decide, lean
from engine.exact import Exact, exact
from engine.load import load_rulebook
from engine.market import market_of
from engine.rulebook import Rulebook
from tests.oracle import Book, Result, load, oracle

TODAY = date(2026, 11, 22)
QUESTIONS: dict[str, tuple[object, ...]] = {
    "footprint": ("aws", "azure", "both", "none"),
    "training": ("continuous", "sporadic", "none"),
    "microsoft_ea": ("yes", "no", "unsure"),
    "inference_regions": tuple(range(61)),
    "mlops_capacity": ("yes", "no"),
}
GB_FIELDS = ("egress_gb_per_month", "inter_region_gb_per_month", "artifact_gb_per_month", "storage_gb")
SCALED = ("gpus", "endpoints", *GB_FIELDS)
_CATALOGUE = Path(__file__).resolve().parents[2] / "rules" / "catalogue"

# Derandomized, so that a failure is the same for everybody; a longer run is the business of a loop behind a variable.
# Without a phase that explains: it runs a failing example for minutes and prints little that the assertion does not.
DRAWN = settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# The same cases in every test that has both, drawn and advised upon once.
SAME_CASES = seed(20261122)
SHARED = settings(DRAWN, derandomize=False)
# For checks of a tenth of a second a case, which would shrink for minutes.
SLOW = settings(DRAWN, max_examples=50, phases=(Phase.explicit, Phase.generate))


@dataclass(frozen=True, eq=False)
class Asked:
    """A case as somebody gives it: only what was said. The same only where it is written the same, 6307.20 is not 6307.2."""

    answers: Mapping[str, object]
    workload: Mapping[str, object] = field(default_factory=dict)
    assumptions: Mapping[str, object] = field(default_factory=dict)

    def case(self, rulebook: Rulebook) -> Case:
        return make_case(rulebook, TODAY, self.answers, self.workload, self.assumptions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asked) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def advice(self, rulebook: Rulebook, day: date = TODAY) -> Advice:
        return _advice(self, rulebook, day)

    def by_oracle(self) -> Result:
        return oracle(book(), self.answers, self.workload, self.assumptions)

    def answering(self, **answers: object) -> Asked:
        return replace(self, answers={**self.answers, **answers})

    def having(self, **workload: object) -> Asked:
        return replace(self, workload={**self.workload, **workload})

    def assuming(self, **assumptions: object) -> Asked:
        return replace(self, assumptions={**self.assumptions, **assumptions})


@lru_cache(maxsize=512)
def _advice(asked: Asked, rulebook: Rulebook, day: date) -> Advice:
    """Shared: an advice is frozen."""
    return advise(asked.case(rulebook), rulebook, day)


@cache
def rules() -> Rulebook:
    """The rulebook for drawn cases: as a fixture it would be printed, half a megabyte, with every failing example."""
    return load_rulebook()


@cache
def book() -> Book:
    """The catalogue as the oracle reads it."""
    return load(_CATALOGUE / "instances.csv", _CATALOGUE / "prices.csv")


def answers(text: str) -> dict[str, object]:
    """Reads 'footprint, training, EA, regions, MLOps', as section 7 of the specification prints them."""
    footprint, training, ea, regions, mlops = text.split(", ")
    values = (footprint, training, ea, int(regions), mlops)
    return dict(zip(QUESTIONS, values, strict=True))


ARTICLE_ONLY: dict[str, object] = {
    "price_book": "article",
    "egress_gb_per_month": 0,
    "inter_region_gb_per_month": 0,
    "storage_gb": 0,
}
# The cases of section 7.
WORKED = {
    "P1": Asked(answers("azure, continuous, no, 0, yes"), {**ARTICLE_ONLY, "gpus": 4}),
    "P2": Asked(answers("none, sporadic, no, 0, yes"), {**ARTICLE_ONLY, "gpus": 4}),
    "P3": Asked(answers("none, none, no, 5, no"), ARTICLE_ONLY),
    "P4": Asked(answers("none, continuous, no, 2, yes")),
    "P5": Asked(answers("none, sporadic, no, 2, yes")),
    "P6": Asked(answers("aws, sporadic, yes, 5, no")),
    "P7": Asked(answers("both, continuous, yes, 5, yes"), {"endpoints": 400, "ea_discount_pct": 30}),
    "P8": Asked(answers("aws, continuous, yes, 6, no"), {"ea_discount_pct": 40}),
}


def fraction(value: Exact) -> Fraction:
    """A rational of the engine as the oracle writes it."""
    return Fraction(int(value.numerator), int(value.denominator))


def terminating(value: Fraction) -> Decimal | None:
    """The same number in decimal digits, where a person can write it down."""
    scaled = value * 10**12
    return Decimal(int(scaled)).scaleb(-12) if scaled.denominator == 1 else None


# -- drawn cases -----------------------------------------------------------------------------------------------------

_FAMILIES = (
    "A100-40GB", "A100-80GB", "A100", "V100-16GB", "V100-32GB", "V100", "T4-16GB", "T4", "H100-80GB", "H100", "H200",
    "A10-24GB", "A10G-24GB", "L4", "L40S", "Trainium", "Inferentia", "Inferentia2", "MI300X", "MI25", "M60", "B200",
    "GB200", "H100 NVL", "RTX PRO 6000", "RTX PRO 6000 BSE",
)  # fmt: skip
# The bounds of the ladders, the same after scaling by 3 and 10, and a hair beside them.
_LADDER_GB = tuple(
    Decimal(text)
    for text in (
        "0", "0.01", "10", "33.34", "99.99", "100", "100.01", "1024", "3413.33", "5120", "10239.99", "10240",
        "10240.01", "15360", "17066.67", "51199.99", "51200", "51200.01", "56320", "153600", "153600.01", "187733.34", "563199.99",
        "563200", "563200.01", "1000000", "1000000000",
    )
)  # fmt: skip


def _decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


_GB = st.sampled_from(_LADDER_GB) | _decimals(0, 1_000_000, 2)
_HOURS = st.sampled_from([Decimal(x) for x in ("0", "0.5", "1", "120", "365", "400", "729.99", "730")]) | _decimals(0, 730, 2)
_COUNT = st.sampled_from([0, 1, 3, 4, 7, 8, 9, 13, 16, 20, 64, 400, 3334, 100_000]) | st.integers(0, 300)
_FAMILY = st.sampled_from(["A100-40GB", "V100-16GB", "T4-16GB"]) | st.sampled_from(_FAMILIES)
_ENDPOINT_FAMILY = st.sampled_from([None, "none"]) | _FAMILY

SHEETS = st.fixed_dictionaries(
    {
        "footprint": st.sampled_from(QUESTIONS["footprint"]),
        "training": st.sampled_from(QUESTIONS["training"]),
        "microsoft_ea": st.sampled_from(QUESTIONS["microsoft_ea"]),
        "inference_regions": st.sampled_from([0, 1, 2, 3, 4, 5, 60]) | st.integers(0, 60),
        "mlops_capacity": st.sampled_from(QUESTIONS["mlops_capacity"]),
    }
)
WORKLOADS = st.fixed_dictionaries(
    {},
    optional={
        "price_book": st.sampled_from(["current", "current", "article"]),
        "region": st.sampled_from(["us-east", "us-west", "europe"]),
        "accelerator": _FAMILY,
        "gpus": _COUNT,
        "training_hours_per_month": _HOURS,
        "interruptible": st.booleans(),
        "endpoints": _COUNT,
        "endpoint_hours_per_month": _HOURS,
        "endpoint_accelerator": _ENDPOINT_FAMILY,
        "egress_gb_per_month": _GB,
        "inter_region_gb_per_month": _GB,
        "inter_region_hops": st.integers(0, 10),
        "artifact_gb_per_month": _GB,
        "storage_gb": _GB,
        "storage_tier": st.sampled_from(["hot", "infrequent"]),
        "ea_discount_pct": st.sampled_from([Decimal(0), Decimal(30), Decimal(60)]) | _decimals(0, 60, 3),
    },
)
_THRESHOLDS = st.sampled_from([Decimal(x) for x in ("0", "0.01", "2452.8", "6307.2", "50000", "1000000")])
ASSUMPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "switching_threshold_usd_per_year": _THRESHOLDS | _decimals(0, 200_000, 2),
        "materiality_pct": st.sampled_from([Decimal(0), Decimal(5), Decimal(50)]) | _decimals(0, 50, 3),
    },
)
CASES = st.builds(Asked, SHEETS, WORKLOADS, ASSUMPTIONS)


# -- looks into the kernel -------------------------------------------------------------------------------------------


def kernel(rulebook: Rulebook, columns: Columns, case: Case) -> Priced:
    """Unrounded costs of columns that share a case's market."""
    return price(market_of(case, rulebook), columns, lean(rulebook, columns, TODAY).managed)


def plans_of_columns(rulebook: Rulebook, columns: Columns, case: Case) -> list[str | None]:
    """The plan of each column; None where no plan exists, and then the rules are not asked at all."""
    there = kernel(rulebook, columns, case).exists.any(axis=0)
    asked = Columns({name: column[there] for name, column in columns.values.items()}, int(there.sum()), columns.exact)
    plans: list[str | None] = [None] * columns.cases
    if asked.cases:
        leans = lean(rulebook, asked, TODAY)
        market = market_of(case, rulebook)
        chosen = decide(market, asked, leans, price(market, asked, leans.managed), TODAY).plan
        for at, plan in zip(np.flatnonzero(there), chosen, strict=True):
            plans[at] = rulebook.plans[plan].id
    return plans


def exact_costs(rulebook: Rulebook, case: Case, scale: int = 1) -> Priced:
    """One case at one scale, in exact arithmetic."""
    return kernel(rulebook, columns_of([(case, scale)], rulebook, exact=True), case)


def plans_of_cases(rulebook: Rulebook, cases: Sequence[Case]) -> list[str | None]:
    """The plan of each of some cases that share a market, in exact arithmetic."""
    return plans_of_columns(rulebook, columns_of([(case, 1) for case in cases], rulebook, exact=True), cases[0])


def plans_along(rulebook: Rulebook, case: Case, name: str, values: Sequence[int | Decimal], *, exactly: bool) -> list[str | None]:
    """The plan at each of some values of one number, all else equal."""
    columns = columns_of([(case, 1)], rulebook, exact=exactly).repeated(len(values))
    return plans_of_columns(rulebook, columns.where(name, _column(values, exactly=exactly)), case)


def _column(values: Sequence[int | Decimal], *, exactly: bool) -> Array:
    if exactly:
        column = np.empty(len(values), dtype=object)
        column[:] = [value if isinstance(value, int) else exact(value) for value in values]
        return column
    return np.array(values, dtype=np.int64 if all(isinstance(v, int) for v in values) else np.float64)
