"""Answers never contradict `prices` and `cost`: questions drawn from the catalogue, compared with the calculator and the price list."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.qa.answer import Answer
from bot.qa.priced import Priced
from bot.words import rate, usd_cents
from engine import calculator
from engine.calculator import Place
from engine.catalogue import ARTICLE, CURRENT, Price
from engine.knowledge import Provider
from engine.load import load_rulebook
from engine.pricelist import Beside, price_list

RULEBOOK = load_rulebook()
PRICED = Priced(RULEBOOK)
DAY = date(2026, 11, 22)
NAMES = {provider.id: provider.name for provider in RULEBOOK.providers}
PROVIDER = {provider.id: provider for provider in RULEBOOK.providers}
PRICES = [price for price in RULEBOOK.catalogue.prices if price.region != ARTICLE and price.purchase in RULEBOOK.purchase]
PURCHASE = {purchase.id: [purchase.name, purchase.id, purchase.name.upper()] for purchase in RULEBOOK.purchases}
PRICE_FORMS = (
    "how much is a {instance} {purchase} in {region}", "{instance} {purchase} price {region}",
    "{region}: hourly rate of {instance}, {purchase}?",
    "What does {instance} cost per hour ({purchase}) in {region}?", "<@U1> *{instance}* in {region}, {purchase}, price please :eyes:",
)  # fmt: skip
SMALL_NUMBER = st.integers(2, 500)
GIGABYTES = st.one_of(st.integers(1, 900_000), st.sampled_from([10_240, 51_200, 153_600, 100, 101]))


def ask(question: str, intent: str) -> Answer:
    answer = PRICED.ask(question, DAY)
    assert answer is not None, question
    assert intent == answer.id, question
    return answer


def place(provider: str, region: str) -> Place:
    return Place(PROVIDER[provider], region)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PRICES), st.sampled_from(PRICE_FORMS), st.integers(0, 2), st.booleans())
def test_a_price_is_the_one_of_the_catalogue(price: Price, form: str, wording: int, short: bool) -> None:
    instance = price.instance.partition("_")[2] if short and "_" in price.instance else price.instance
    question = form.format(instance=instance, purchase=PURCHASE[price.purchase][wording], region=price.region)
    answer = ask(question, "price")
    assert f"**{rate(price.usd_per_hour)}** an hour" in answer.text
    assert (price.source, price.as_of) in [(cited.title, cited.as_of) for cited in answer.sources]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PRICES), SMALL_NUMBER, SMALL_NUMBER)
def test_machines_for_some_hours_cost_what_the_calculator_says(price: Price, count: int, hours: int) -> None:
    question = f"cost of {count} {price.instance} for {hours} hours, {RULEBOOK.purchase[price.purchase].name}, in {price.region}"
    paid = hours if RULEBOOK.purchase[price.purchase].hours == "used" else 730  # at most 500 hours: one month
    charge = calculator.compute(RULEBOOK, place(price.provider, price.region), price.instance, price.purchase, Decimal(paid), count)
    assert f"**{usd_cents(charge.usd)}**" in ask(question, "compute_cost").text


BESIDE = [
    (choice, entry)
    for choice in RULEBOOK.field["region"].choices
    for family in RULEBOOK.catalogue.families
    for entry in price_list(RULEBOOK, family, choice, DAY).beside
    if entry.purchase in RULEBOOK.purchase and family in entry.families[:1]
]


@pytest.mark.parametrize(("choice", "entry"), BESIDE, ids=[f"{entry.families[0]} {entry.purchase} {choice}" for choice, entry in BESIDE])
def test_the_cheapest_of_each_cloud_is_that_of_the_price_list(choice: str, entry: Beside) -> None:
    clouds = " and ".join(NAMES.values())
    answer = ask(f"compare {entry.families[0]} {RULEBOOK.purchase[entry.purchase].name} price on {clouds}, {choice}", "compare_prices")
    for row in entry.by_provider:
        if row is not None and row.usd_per_accelerator is not None:
            each = rate(row.usd_per_accelerator.quantize(Decimal("0.0001")))
            assert f"**{each}** a GPU hour: {row.instance.name} " in answer.text


LADDERS = [
    (p.id, region)
    for p in RULEBOOK.providers
    for region in RULEBOOK.catalogue.regions(p.id)
    if RULEBOOK.catalogue.find(CURRENT, p.id, "egress", region)
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LADDERS), GIGABYTES)
def test_egress_costs_what_the_calculator_says(where: tuple[str, str], gigabytes: int) -> None:
    provider, region = where
    charge = calculator.egress(RULEBOOK, place(provider, region), Decimal(gigabytes))
    assert usd_cents(charge.usd) in ask(f"egress cost of {gigabytes:,} GB a month from {NAMES[provider]} {region}", "egress_cost").text


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(LADDERS), st.sampled_from(LADDERS), GIGABYTES)
def test_a_transfer_costs_what_the_calculator_says(source: tuple[str, str], target: tuple[str, str], gigabytes: int) -> None:
    if source == target:
        return
    charge = calculator.transfer(RULEBOOK, place(*source), place(*target), Decimal(gigabytes))
    answer = ask(f"what does it cost to move {gigabytes} GB from {source[1]} to {target[1]}", "transfer_cost")
    assert f"**{usd_cents(charge.usd)}**" in answer.text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(RULEBOOK.providers), st.sampled_from(["hot", "infrequent access", "archive"]), GIGABYTES)
def test_storage_costs_what_the_calculator_says(provider: Provider, tier: str, gigabytes: int) -> None:
    region = next(iter(provider.regions.values()))
    charge = calculator.storage(RULEBOOK, place(provider.id, region), tier.replace("infrequent access", "infrequent"), Decimal(gigabytes))
    assert usd_cents(charge.usd) in ask(f"store {gigabytes} GB {tier} on {provider.name}, price a month", "storage_cost").text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(RULEBOOK.providers), SMALL_NUMBER, SMALL_NUMBER)
def test_endpoints_cost_what_the_calculator_says(provider: Provider, count: int, hours: int) -> None:
    region = next(iter(provider.regions.values()))
    charge = calculator.endpoint(RULEBOOK, place(provider.id, region), None, Decimal(hours), count)
    assert usd_cents(charge.usd) in ask(f"cost of {count} endpoints on {provider.name} for {hours} hours", "endpoint_cost").text
