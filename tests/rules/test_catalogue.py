"""Invariants of the shipped prices: a failure here is a wrong number, not a wrong program."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from engine.catalogue import Catalogue, Instance, Instance, Price, Rate
from engine.rulebook import Rulebook

DISCOUNTED = ("spot", "reserved_1y", "reserved_3y", "capacity_block")


def pairs(rulebook: Rulebook, purchase: str, other: str) -> list[tuple[Price, Price]]:
    """The prices of one instance in one region under two purchases."""
    by_key = rulebook.catalogue.by_key
    keys = [(p.provider, p.instance, p.region) for p in rulebook.catalogue.prices if p.purchase == purchase]
    return [(by_key[(*key, purchase)], by_key[(*key, other)]) for key in keys if (*key, other) in by_key]


def machines(catalogue: Catalogue) -> dict[tuple[str, str], Instance]:
    return {(instance.provider, instance.name): instance for instance in catalogue.instances}


def test_the_catalogue_is_complete(rulebook: Rulebook) -> None:
    assert (len(rulebook.catalogue.instances), len(rulebook.catalogue.prices)) == (77, 806)


def test_every_key_is_unique(rulebook: Rulebook) -> None:
    catalogue = rulebook.catalogue
    assert len(catalogue.by_key) == len(catalogue.prices)
    assert len(machines(catalogue)) == len(catalogue.instances)
    # Instances are looked up by name alone in places, so the two clouds may not share one.
    assert len({instance.name for instance in catalogue.instances}) == len(catalogue.instances)
    keys = {(r.book, r.provider, r.category, r.step, r.regions, r.to_regions, r.from_gb) for r in catalogue.rates}
    assert len(keys) == len(catalogue.rates)


def test_every_priced_instance_is_described_and_every_described_one_is_priced(rulebook: Rulebook) -> None:
    priced = {(price.provider, price.instance) for price in rulebook.catalogue.prices}
    assert priced == set(machines(rulebook.catalogue))


def test_no_price_is_zero_or_below(rulebook: Rulebook) -> None:
    assert [p for p in rulebook.catalogue.prices if p.usd_per_hour <= 0] == []


def test_only_a_premium_and_a_zone_border_cost_nothing(rulebook: Rulebook) -> None:
    free = {(rate.provider, rate.category) for rate in rulebook.catalogue.rates if rate.usd <= 0}
    # A zone border on Azure is in doubt between two captures; nothing in an advice rests on it.
    assert free == {
        ("azure", "cross_zone"),
        ("azure", "managed_premium:accelerated"),
        ("azure", "managed_premium:starter"),
    }


@pytest.mark.parametrize("purchase", DISCOUNTED)
def test_a_discounted_purchase_costs_less_than_on_demand(purchase: str, rulebook: Rulebook) -> None:
    found = pairs(rulebook, purchase, "on_demand")
    assert found
    assert [(low, high) for low, high in found if low.usd_per_hour >= high.usd_per_hour] == []


def test_three_years_reserved_cost_less_than_one(rulebook: Rulebook) -> None:
    found = pairs(rulebook, "reserved_3y", "reserved_1y")
    assert [(low, high) for low, high in found if low.usd_per_hour >= high.usd_per_hour] == []


def test_the_managed_layer_never_costs_less_than_the_machine(rulebook: Rulebook) -> None:
    found = pairs(rulebook, "managed", "on_demand")
    assert found
    assert [(managed, raw) for managed, raw in found if managed.usd_per_hour < raw.usd_per_hour] == []


def test_more_accelerators_never_cost_less_in_total(rulebook: Rulebook) -> None:
    # Without exception in the data of 2026-11-21.
    shelves: dict[tuple[str, str, str, str], list[tuple[Fraction, Decimal, str]]] = defaultdict(list)
    described = machines(rulebook.catalogue)
    for price in rulebook.catalogue.prices:
        instance = described[price.provider, price.instance]
        if instance.accelerators is not None:
            shelf = shelves[instance.family, price.provider, price.region, price.purchase]
            shelf.append((instance.accelerators, price.usd_per_hour, price.instance))
    odd = [
        (shelf, small, large)
        for shelf, offers in shelves.items()
        for small in offers
        for large in offers
        if small[0] < large[0] and small[1] > large[1]
    ]
    assert odd == []


def test_every_instance_that_is_no_longer_sold_has_a_note(rulebook: Rulebook) -> None:
    gone = [i for i in rulebook.catalogue.instances if i.lifecycle != "active"]
    assert {i.name for i in gone if i.lifecycle == "retired"} == {
        "Standard_NC6s_v3",
        "Standard_NC12s_v3",
        "Standard_NC24s_v3",
        "Standard_NC24rs_v3",
        "Standard_NV12s_v3",
        "Standard_NV16as_v4",
    }
    assert [i.name for i in gone if not i.lifecycle_note] == []
    assert [i.name for i in gone if i.lifecycle == "retired" and not i.lifecycle_note.startswith("retired 20")] == []


def test_every_figure_has_a_source_and_a_day_that_has_been(rulebook: Rulebook, today: date) -> None:
    catalogue = rulebook.catalogue
    figures: list[Instance | Price | Rate] = [*catalogue.instances, *catalogue.prices, *catalogue.rates]
    assert [figure for figure in figures if not figure.source.strip()] == []
    assert [figure for figure in figures if figure.as_of is not None and figure.as_of > today] == []


def test_only_two_rates_bear_no_date_and_both_are_in_doubt(rulebook: Rulebook) -> None:
    undated = [rate for rate in rulebook.catalogue.rates if rate.as_of is None]
    assert [(r.provider, r.category, r.step, r.confidence) for r in undated] == [
        ("azure", "inter_region", "to another continent", "low"),
        ("azure", "inter_region", "to another continent", "low"),
    ]


def test_every_assumption_has_a_source(rulebook: Rulebook, today: date) -> None:
    for name in rulebook.assumptions:
        assert rulebook.assumed(name, today).source.strip()


def test_a_part_of_a_card_is_an_exact_fraction_and_keeps_the_family_of_the_whole(rulebook: Rulebook) -> None:
    parts = {i.name: i for i in rulebook.catalogue.instances if i.accelerators and i.accelerators < 1}
    assert {name: (part.accelerators, part.family) for name, part in parts.items()} == {
        "Standard_NV6ads_A10_v5": (Fraction(1, 6), "A10-24GB"),
        "Standard_NV12ads_A10_v5": (Fraction(1, 3), "A10-24GB"),
        "Standard_NV18ads_A10_v5": (Fraction(1, 2), "A10-24GB"),
        "Standard_NV16as_v4": (Fraction(1, 2), "MI25-16GB"),
    }


def test_accelerators_come_in_parts_or_whole(rulebook: Rulebook) -> None:
    counts = {i.accelerators for i in rulebook.catalogue.instances if i.accelerators is not None}
    fractions = {count for count in counts if count.denominator != 1}
    assert fractions == {Fraction(1, 6), Fraction(1, 3), Fraction(1, 2)}


# --- Rates --------------------------------------------------------------------------------------------------------


def ladders(rulebook: Rulebook, category: str) -> dict[tuple[str, str, tuple[str, ...]], list[Rate]]:
    found: dict[tuple[str, str, tuple[str, ...]], list[Rate]] = defaultdict(list)
    for rate in rulebook.catalogue.rates:
        if rate.category == category:
            found[rate.book, rate.provider, rate.regions].append(rate)
    return {key: sorted(rates, key=lambda rate: rate.from_gb or 0) for key, rates in found.items()}


@pytest.mark.parametrize("category", ["egress", "storage:hot"])
def test_every_ladder_starts_at_nothing_and_falls_from_step_to_step(category: str, rulebook: Rulebook) -> None:
    found = ladders(rulebook, category)
    assert found
    for key, steps in found.items():
        assert steps[0].from_gb == 0, key
        assert [s.from_gb for s in steps[1:]] == [s.to_gb for s in steps[:-1]], key
        prices = [s.usd for s in steps]
        assert prices == sorted(set(prices), reverse=True), key


def test_egress_steps_are_bounded_at_10_40_and_100_tb(rulebook: Rulebook) -> None:
    for (book, _, regions), steps in ladders(rulebook, "egress").items():
        bounds = [None if s.to_gb is None else int(s.to_gb) for s in steps]
        # The article knows its first step only; beyond it the current steps apply.
        assert bounds == ([10_240] if book == "article" else [10_240, 51_200, 153_600, None]), regions


@pytest.mark.parametrize("category", ["egress", "storage:hot", "storage:infrequent", "egress_free"])
def test_no_region_stands_in_two_ladders(category: str, rulebook: Rulebook) -> None:
    for book in ("current", "article"):
        named = [(k[1], region) for k in ladders(rulebook, category) if k[0] == book for region in k[2]]
        assert len(named) == len(set(named))


STORAGE = {
    # Section 5 of the specification: (from GB, USD per GB-month).
    ("aws", "hot"): [(0, "0.023"), (51_200, "0.022")],
    ("azure", "hot"): [(0, "0.0208"), (51_200, "0.019968"), (563_200, "0.019136")],
    ("aws", "infrequent"): [(0, "0.0125")],
    ("azure", "infrequent"): [(0, "0.01")],
}


@pytest.mark.parametrize(("shelf", "steps"), STORAGE.items(), ids=lambda value: str(value))
def test_storage_costs_what_the_specification_says(shelf: tuple[str, str], steps: list[tuple[int, str]], rulebook: Rulebook) -> None:
    provider, tier = shelf
    regions = next(p.regions for p in rulebook.providers if p.id == provider)
    for region in regions.values():
        ladder = rulebook.catalogue.storage(provider, region, tier)
        assert [(int(s.from_gb), s.figure.usd) for s in ladder.steps] == [(gb, Decimal(usd)) for gb, usd in steps]


ARTICLE_PRICES = {
    # Section 5: what the article itself says, and nothing else.
    ("aws", "p3.2xlarge", "on_demand"): "3.06",
    ("aws", "p3.2xlarge", "reserved_1y"): "1.65",
    ("aws", "p3.2xlarge", "spot"): "0.91",
    ("azure", "Standard_NC6s_v3", "on_demand"): "3.06",
    ("azure", "Standard_NC6s_v3", "reserved_1y"): "1.83",
    ("azure", "Standard_NC6s_v3", "spot"): "0.73",
}


def test_the_articles_prices_are_those_of_the_article(rulebook: Rulebook) -> None:
    found = {(p.provider, p.instance, p.purchase): p.usd_per_hour for p in rulebook.catalogue.prices if p.region == "article"}
    assert found == {key: Decimal(usd) for key, usd in ARTICLE_PRICES.items()}


def test_the_articles_rates_are_those_of_the_article(rulebook: Rulebook) -> None:
    found = {(r.provider, r.category): r.usd for r in rulebook.catalogue.rates if r.book == "article"}
    assert found == {
        ("aws", "endpoint"): Decimal("0.10"),
        ("azure", "endpoint"): Decimal("0.086"),
        ("aws", "egress"): Decimal("0.09"),
        ("azure", "egress"): Decimal("0.087"),
        ("aws", "inter_region"): Decimal("0.02"),
        ("azure", "inter_region"): Decimal("0.02"),
        ("aws", "managed_premium"): Decimal("0.30"),
        ("azure", "managed_premium"): Decimal("0.30"),
    }


def test_the_first_100_gb_are_free_today_in_every_region_of_the_workload(rulebook: Rulebook) -> None:
    for provider in rulebook.providers:
        for region in provider.regions.values():
            assert rulebook.catalogue.egress("current", provider.id, region).free_gb == 100
            assert rulebook.catalogue.egress("article", provider.id, region).free_gb == 0


def test_the_starter_endpoints_cost_what_the_specification_says(rulebook: Rulebook) -> None:
    found = {
        (r.provider, r.step): r.usd
        for r in rulebook.catalogue.rates
        if r.category == "endpoint" and r.step in {p.starter_endpoint for p in rulebook.providers}
    }
    assert found == {("aws", "ml.c5.large"): Decimal("0.102"), ("azure", "Standard_F2s_v2"): Decimal("0.0846")}


def test_the_general_premiums_are_those_of_the_specification(rulebook: Rulebook) -> None:
    found = {
        (r.provider, r.category.removeprefix("managed_premium:")): r.usd
        for r in rulebook.catalogue.rates
        if r.category.startswith("managed_premium:")
    }
    assert found == {
        ("aws", "accelerated"): Decimal("0.30"),
        ("aws", "starter"): Decimal("0.20"),
        ("azure", "accelerated"): Decimal(0),
        ("azure", "starter"): Decimal(0),
    }


def test_crossing_a_border_costs_two_cents_in_every_region_of_the_workload(rulebook: Rulebook) -> None:
    # The three regions of the workload on each cloud; other regions have other rates.
    for book in ("current", "article"):
        for provider in rulebook.providers:
            for region in provider.regions.values():
                assert rulebook.catalogue.inter_region(book, provider.id, region).usd == Decimal("0.02")
