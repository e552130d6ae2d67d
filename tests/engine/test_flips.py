"""What would change the plan: every flip is real, nothing nearer flips, and what is called steady is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice import Advice, Flip
from engine.advise import advise
from engine.case import Case
from engine.errors import CaseError
from engine.rulebook import Rulebook
from tests import oracle as expected
from tests.engine.asked import (
    ARTICLE_ONLY,
    CASES,
    QUESTIONS,
    SLOW,
    TODAY,
    WORKED,
    Asked,
    answers,
    plans_along,
    plans_of_cases,
    rules,
    terminating,
)

# Section 4: the numbers that are searched, with the ranges that section 1 accepts.
RANGES: dict[str, tuple[int, int | None]] = {
    "gpus": (0, 100_000),
    "training_hours_per_month": (0, 730),
    "endpoints": (0, 100_000),
    "egress_gb_per_month": (0, 10**9),
    "inter_region_gb_per_month": (0, 10**9),
    "storage_gb": (0, 10**9),
    "ea_discount_pct": (0, 60),
    "switching_threshold_usd_per_year": (0, None),
    "materiality_pct": (0, 50),
}
WHOLE = ("gpus", "endpoints")
ASSUMED = ("switching_threshold_usd_per_year", "materiality_pct")
GRID = 1500
MOST_WHOLE = 1200
MOST_CHECKED_EXACTLY = 25


class Looked:
    """One case with its advice, and the plan anywhere along one of its numbers."""

    def __init__(self, rulebook: Rulebook, asked: Asked) -> None:
        self.rulebook = rulebook
        self.asked = asked
        self.case: Case = asked.case(rulebook)
        self.advice: Advice = asked.advice(rulebook)

    def base(self, name: str) -> Decimal:
        return Decimal(str(self.case.value(name)))

    def span(self, name: str) -> tuple[Decimal, Decimal]:
        """0.1x to 10x within the accepted range; 0 to 60 for the discount."""
        least, most = RANGES[name]
        if name == "ea_discount_pct":
            return Decimal(0), Decimal(60)
        low, high = self.base(name) / 10, self.base(name) * 10
        high = high if most is None else min(high, Decimal(most))
        if name in WHOLE:
            return low.to_integral_value(ROUND_CEILING), high.to_integral_value(ROUND_FLOOR)
        return max(low, Decimal(least)), high

    def plan_with(self, name: str, value: object) -> str:
        """The whole advice anew, with one number changed and nothing else."""
        changed = self.asked.assuming if name in ASSUMED else self.asked.having
        return advise(changed(**{name: value}).case(self.rulebook), self.rulebook, TODAY).plan

    def flipping(self, name: str, values: Sequence[int | Decimal]) -> list[int | Decimal]:
        """The values with another plan: found in floats, which may err at a tie, the nearest confirmed exactly."""
        if not values:
            return []
        plans = plans_along(self.rulebook, self.case, name, values, exactly=False)
        suspects = [value for value, plan in zip(values, plans, strict=True) if plan != self.advice.plan]
        suspects.sort(key=lambda value: abs(value - self.base(name)))
        suspects = suspects[:MOST_CHECKED_EXACTLY]
        exact = plans_along(self.rulebook, self.case, name, suspects, exactly=True) if suspects else []
        return [value for value, plan in zip(suspects, exact, strict=True) if plan != self.advice.plan]

    def flip(self, name: str, *, up: bool) -> Flip | None:
        found = [f for f in self.advice.flips if f.input == name and (number(f.to) > self.base(name)) == up]
        assert len(found) <= 1
        return found[0] if found else None


def number(value: object) -> Decimal:
    return Decimal(str(value))


def between(name: str, low: Decimal, high: Decimal) -> list[int | Decimal]:
    """A dense grid from low to high; every whole number where there are not too many."""
    if low > high:
        return []
    if name in WHOLE:
        first, last = int(low.to_integral_value(ROUND_CEILING)), int(high.to_integral_value(ROUND_FLOOR))
        step = max(1, (last - first) // MOST_WHOLE)
        near = range(first, min(last, first + MOST_WHOLE) + 1)
        far = range(max(first, last - MOST_WHOLE), last + 1)
        return sorted({*range(first, last + 1, step), *near, *far})
    apart = (high - low) / GRID
    return [low + apart * at for at in range(GRID + 1)] if apart else [low]


def nothing_nearer(looked: Looked, name: str, *, up: bool) -> None:
    """No value flips before the flip that is named, or, without one, up to the end of the span."""
    low, high = looked.span(name)
    base, flip = looked.base(name), looked.flip(name, up=up)
    end = high if up else low
    if flip is not None:
        to = number(flip.to)
        assert low <= to <= high
        slack = Decimal(1) if name in WHOLE else to * Decimal("0.005")
        if base == 0:  # a tie at 0 has no nearest value above it, so there it is a hair
            slack = max(slack, (high - low) / 10**6)
        end = to - slack if up else to + slack
    if (end <= base) if up else (end >= base):
        return
    values = between(name, base, end) if up else between(name, end, base)
    assert looked.flipping(name, values) == []


def flips_hold(looked: Looked) -> None:
    for flip in looked.advice.flips:
        if flip.input in RANGES:
            assert flip.plan != looked.advice.plan
            assert looked.plan_with(flip.input, flip.to) == flip.plan
            assert flip.from_value == looked.case.value(flip.input)


def numbers_are_complete(looked: Looked) -> None:
    flips_hold(looked)
    steady = {s.input: s for s in looked.advice.steady}
    moved = {flip.input for flip in looked.advice.flips}
    assert not steady.keys() & moved
    for name in RANGES:
        low, high = looked.span(name)
        if low < high:
            nothing_nearer(looked, name, up=True)
            nothing_nearer(looked, name, up=False)
        if name in steady:
            assert (steady[name].low, steady[name].high) == (low, high)


def answers_are_complete(looked: Looked) -> None:
    """Every other answer, on a case made anew from what was given: a default follows the changed answer."""
    changed = list(other_answers(looked.asked))
    cases = [(name, asked.case(looked.rulebook)) for name, asked in changed if places_something(asked)]
    plans = plans_of_cases(looked.rulebook, [case for _, case in cases])
    listed(looked, {name: plan for (name, _), plan in zip(cases, plans, strict=True)})


def other_answers(asked: Asked) -> Iterator[tuple[tuple[str, object], Asked]]:
    for question, possible in QUESTIONS.items():
        for answer in possible:
            if answer != asked.answers[question]:
                yield (question, answer), asked.answering(**{question: answer})


def places_something(asked: Asked) -> bool:
    return asked.answers["training"] != "none" or asked.answers["inference_regions"] != 0


def listed(looked: Looked, plans: Mapping[tuple[str, object], str | None]) -> None:
    """Exactly the answers with another plan are among the flips, each once."""
    wanted = {name: plan for name, plan in plans.items() if plan not in (None, looked.advice.plan)}
    found = [((f.input, f.to), f.plan) for f in looked.advice.flips if f.input in QUESTIONS]
    assert Counter(name for name, _ in found) == Counter(wanted.keys())
    assert dict(found) == wanted


def offered(rulebook: Rulebook, asked: Asked) -> Looked | None:
    try:
        return Looked(rulebook, asked)
    except CaseError:
        return None


# -- worked cases, with their flips by hand --------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKED)
def test_the_numbers_of_the_worked_cases(rulebook: Rulebook, name: str) -> None:
    numbers_are_complete(Looked(rulebook, WORKED[name]))


@pytest.mark.parametrize("name", WORKED)
def test_the_answers_of_the_worked_cases(rulebook: Rulebook, name: str) -> None:
    answers_are_complete(Looked(rulebook, WORKED[name]))


def test_every_number_with_an_effect_flips_or_is_steady(rulebook: Rulebook) -> None:
    advice = WORKED["P7"].advice(rulebook)
    assert {s.input for s in advice.steady} | {f.input for f in advice.flips if f.input in RANGES} == set(RANGES)


def test_a_number_without_effect_is_neither(rulebook: Rulebook) -> None:
    """P3 does not train and has no agreement."""
    advice = WORKED["P3"].advice(rulebook)
    named = {s.input for s in advice.steady} | {f.input for f in advice.flips}
    assert not named & {"gpus", "training_hours_per_month", "ea_discount_pct"}


def test_p1_moves_at_32_accelerators(rulebook: Rulebook) -> None:
    """Each saves (1.83 - 1.65) x 730 x 12 = 1,576.80 a year: 31 save 48,880.80, 32 save 50,457.60."""
    flip = Looked(rulebook, WORKED["P1"]).flip("gpus", up=True)
    assert flip is not None
    assert (flip.from_value, flip.to, flip.plan) == (4, 32, "aws")


@pytest.mark.parametrize("given_as", [Decimal("6307.2"), Decimal("6307.200")])
def test_p1_on_the_threshold_stays_and_flips_just_below_it(rulebook: Rulebook, given_as: Decimal) -> None:
    """4 x 1,576.80 = 6,307.20 is not more than 6,307.20; one accelerator more is."""
    looked = Looked(rulebook, WORKED["P1"].assuming(switching_threshold_usd_per_year=given_as))
    assert (looked.advice.plan, looked.advice.now.basis) == ("azure", "stay")
    flip = looked.flip("gpus", up=True)
    assert flip is not None
    assert (flip.to, flip.plan) == (5, "aws")
    below = looked.flip("switching_threshold_usd_per_year", up=False)
    assert below is not None
    assert Decimal("6307.2") * Decimal("0.995") <= number(below.to) < Decimal("6307.2")
    numbers_are_complete(looked)
    answers_are_complete(looked)


@pytest.mark.parametrize("gpus", [1, 2, 3, 4])
@pytest.mark.parametrize("tie_at", [4, 5, 7, 9, 10])
def test_a_tie_on_the_way_does_not_hide_the_flip_behind_it(rulebook: Rulebook, gpus: int, tie_at: int) -> None:
    """At the tie the saving equals the threshold, so the plan changes one accelerator later."""
    threshold = Decimal("1576.8") * tie_at
    asked = WORKED["P1"].having(gpus=gpus).assuming(switching_threshold_usd_per_year=threshold)
    looked = Looked(rulebook, asked)
    assert looked.advice.plan == ("azure" if gpus <= tie_at else "aws")
    if tie_at < gpus * 10:
        flip = looked.flip("gpus", up=True)
        assert flip is not None
        assert (flip.to, flip.plan) == (tie_at + 1, "aws")


@pytest.mark.parametrize("endpoints", [3, 20, 70, 130])
@pytest.mark.parametrize("ea", ["no", "yes"])
def test_answers_at_a_tie(rulebook: Rulebook, endpoints: int, ea: str) -> None:
    """Serving from Azure saves (0.10 - 0.086) x 730 x 12 = 122.64 a year and endpoint: exactly the threshold."""
    asked = Asked(answers(f"aws, none, {ea}, 5, no"), {**ARTICLE_ONLY, "endpoints": endpoints})
    asked = asked.assuming(switching_threshold_usd_per_year=Decimal("122.64") * endpoints)
    looked = Looked(rulebook, asked)
    assert (looked.advice.plan, looked.advice.now.basis) == ("aws", "stay")
    others = [(name, other) for name, other in other_answers(asked) if places_something(other)]
    no_catalogue = expected.Book([], {})  # the article's book consults none
    listed(
        looked,
        {n: expected.verdict_plan(no_catalogue, o.answers, o.workload, o.assumptions) for n, o in others},
    )


NO_MATERIALITY = {"materiality_pct": 0}
EDGES = {
    "nothing costs anything": Asked(answers("aws, sporadic, no, 0, yes"), {**ARTICLE_ONLY, "gpus": 0}),
    "the clouds cost the same": Asked(answers("none, sporadic, no, 0, yes"), {**ARTICLE_ONLY, "interruptible": False}, NO_MATERIALITY),
    "free hybrids": Asked(answers("both, sporadic, yes, 3, no"), {**ARTICLE_ONLY, "artifact_gb_per_month": 0}, NO_MATERIALITY),
    "most accelerators": Asked(answers("azure, continuous, no, 0, yes"), {**ARTICLE_ONLY, "gpus": 100_000}),
    "most of both": Asked(answers("both, continuous, yes, 60, no"), {"gpus": 100_000, "endpoints": 100_000}),
    "reserved for no hours": Asked(
        answers("aws, continuous, yes, 2, yes"), {"training_hours_per_month": 0, "storage_gb": 0}, NO_MATERIALITY
    ),
    "no threshold": Asked(answers("aws, none, yes, 2, yes"), {}, {"switching_threshold_usd_per_year": 0, "materiality_pct": 0}),
    "on the bounds": Asked(answers("both, none, no, 2, yes"), {"egress_gb_per_month": 10_240, "storage_gb": 51_200}),
}


@pytest.mark.parametrize("asked", EDGES.values(), ids=EDGES)
def test_cases_on_the_edge(rulebook: Rulebook, asked: Asked) -> None:
    looked = Looked(rulebook, asked)
    numbers_are_complete(looked)
    answers_are_complete(looked)


# -- drawn cases -----------------------------------------------------------------------------------------------------


@given(asked=CASES)
@settings(SLOW, max_examples=20)
def test_numbers_of_drawn_cases(asked: Asked) -> None:
    looked = offered(rules(), asked)
    if looked is not None:
        numbers_are_complete(looked)


@given(asked=CASES)
@settings(SLOW, max_examples=25)
def test_answers_of_drawn_cases(asked: Asked) -> None:
    looked = offered(rules(), asked)
    if looked is not None:
        answers_are_complete(looked)


@given(asked=CASES, footprint=st.sampled_from(["aws", "azure"]), materiality=st.sampled_from([0, 5]))
@settings(SLOW, max_examples=45)
def test_cases_on_their_threshold(asked: Asked, footprint: str, materiality: int) -> None:
    """The threshold is what leaving saves, to the last digit: 'more than' is strict, and floats cannot tell."""
    asked = asked.answering(footprint=footprint).assuming(materiality_pct=materiality)
    try:
        saving = asked.by_oracle()["scenarios"][0]["saving_per_year"]
    except expected.Refused:
        return
    threshold = terminating(saving) if saving is not None else None
    if threshold is not None and threshold > 0:
        looked = Looked(rules(), asked.assuming(switching_threshold_usd_per_year=threshold))
        assert (looked.advice.plan, looked.advice.now.basis) == (footprint, "stay")
        numbers_are_complete(looked)
        answers_are_complete(looked)


@given(asked=CASES, pair=st.integers(0, 11))
@settings(SLOW, max_examples=25)
def test_cases_on_their_materiality(asked: Asked, pair: int) -> None:
    """The materiality is exactly how much one plan is below another."""
    try:
        plans = asked.by_oracle()["scenarios"][0]["plans"].values()
    except expected.Refused:
        return
    totals = [cost["total_per_month"] for cost in plans if cost is not None]
    shares = sorted(100 * (1 - low / high) for low in totals for high in totals if low < high)
    materiality = terminating(shares[pair % len(shares)]) if shares else None
    if materiality is not None and materiality <= 50:
        looked = Looked(rules(), asked.assuming(materiality_pct=materiality))
        numbers_are_complete(looked)
        answers_are_complete(looked)
