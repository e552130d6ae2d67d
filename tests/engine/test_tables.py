"""Broken price tables: every bad cell is refused with its file, line and column, and all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Problems, RulesError
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from engine.tables import Known, read_catalogue

INSTANCES = "provider,instance,accelerator,accelerators,accelerator_memory_gb,vcpus,memory_gib,lifecycle,lifecycle_note,source,as_of"
PRICES = "provider,instance,region,purchase,usd_per_hour,source,as_of,note"
RATES = "book,provider,category,step,regions,to_regions,from_gb,to_gb,unit,usd,source,as_of,confidence,note"
INSTANCE = "aws,p4d.24xlarge,A100,8,40,96,1152,active,,a source,2026-11-21"
OTHER_INSTANCE = "aws,p4de.24xlarge,A100,8,80,96,1152,active,,a source,2026-11-21"
PRICE = "aws,p4d.24xlarge,us-east-1,on_demand,3.06,a source,2026-10-13,"
RATE = "current,aws,egress,first,us-east-1,,0,,GB,0.09,a source,2026-05-06,high,"


@pytest.fixture
def problems_of(rulebook: Rulebook) -> Callable[..., list[str]]:
    """A function from the lines below the headers of the three tables to the problems found in them."""
    known = Known(rulebook.providers, rulebook.purchases, rulebook.storage_tiers, rulebook.accelerators)

    def read(
        instances: tuple[str, ...] = (INSTANCE, OTHER_INSTANCE),
        prices: tuple[str, ...] = (PRICE,),
        rates: tuple[str, ...] = (RATE,),
        prices_file: bytes | None = None,
    ) -> list[str]:
        files = {
            "catalogue/instances.csv": "\n".join((INSTANCES, *instances, "")).encode(),
            "catalogue/prices.csv": "\n".join((PRICES, *prices, "")).encode(),
            "catalogue/rates.csv": "\n".join((RATES, *rates, "")).encode(),
        }
        if prices_file is not None:
            files["catalogue/prices.csv"] = prices_file
        problems = Problems()
        read_catalogue(files, known, problems)
        return [str(problem) for problem in problems.found]

    return read


def test_sound_tables_have_no_problem(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of() == []


# --- One bad cell -------------------------------------------------------------------------------------------------


def price(**cells: str) -> str:
    """A price row with some cells replaced."""
    return ",".join((dict(zip(PRICES.split(","), PRICE.split(","), strict=True)) | cells).values())


def instance(**cells: str) -> str:
    row = dict(zip(INSTANCES.split(","), INSTANCE.split(","), strict=True))
    return ",".join((row | {"instance": "new.large"} | cells).values())


def rate(**cells: str) -> str:
    return ",".join((dict(zip(RATES.split(","), RATE.split(","), strict=True)) | cells).values())


NO_PRICE = "a price of 0 means unknown, not free. Leave the row out"
BAD_PRICES = {
    "zero": (price(usd_per_hour="0"), f"usd_per_hour: {NO_PRICE}"),
    "zero with decimals": (price(usd_per_hour="0.00"), f"usd_per_hour: {NO_PRICE}"),
    "negative": (price(usd_per_hour="-1"), "usd_per_hour: `-1` is out of range, 0 to 100000"),
    "NaN": (price(usd_per_hour="NaN"), "usd_per_hour: `NaN` is not a number in plain digits"),
    "signalling NaN": (price(usd_per_hour="sNaN"), "usd_per_hour: `sNaN` is not a number in plain digits"),
    "infinity": (price(usd_per_hour="Infinity"), "usd_per_hour: `Infinity` is not a number in plain digits"),
    "minus infinity": (price(usd_per_hour="-inf"), "usd_per_hour: `-inf` is not a number in plain digits"),
    "1e999": (price(usd_per_hour="1e999"), "usd_per_hour: `1e999` is not a number in plain digits"),
    "above every price": (price(usd_per_hour="100000.01"), "usd_per_hour: `100000.01` is out of range, 0 to 100000"),
    "an exponent beyond every machine": (
        price(usd_per_hour="1e9999999999999999999"),
        "usd_per_hour: `1e9999999999999999999` is not a number in plain digits",
    ),
    "text": (price(usd_per_hour="dear"), "usd_per_hour: `dear` is not a number in plain digits"),
    "a currency sign": (price(usd_per_hour="$3.06"), "usd_per_hour: `$3.06` is not a number in plain digits"),
    "a decimal comma": (price(usd_per_hour='"3,06"'), "usd_per_hour: `3,06` is not a number in plain digits"),
    "a control character": (price(usd_per_hour="\x1b[31m"), "usd_per_hour: `?[31m` is not a number in plain digits"),
    "nothing": (price(usd_per_hour=""), "usd_per_hour: empty. Each value needs it"),
    "only spaces": (price(usd_per_hour="  "), "usd_per_hour: empty. Each value needs it"),
    "an unknown instance": (
        price(instance="p4d.24xlrge"),
        "instance: unknown `p4d.24xlrge`. Did you mean `p4d.24xlarge`?",
    ),
    "an unknown provider": (price(provider="awz"), "provider: unknown `awz`. Did you mean `aws`?"),
    "an unknown purchase": (price(purchase="on_demnd"), "purchase: unknown `on_demnd`. Did you mean `on_demand`?"),
    "no region": (price(region=""), "region: empty. Each value needs it"),
    "no source": (price(source=""), "source: empty. Each value needs it"),
    "no date": (price(as_of=""), "as_of: empty. Each value needs it"),
    "a month of 13": (price(as_of="2026-13-01"), "as_of: `2026-13-01` is not a date such as 2026-11-21"),
    "another order of the date": (price(as_of="13.10.2026"), "as_of: `13.10.2026` is not a date such as 2026-11-21"),
    "a price without a date": (price(as_of="undated"), "as_of: `undated` is not a date such as 2026-11-21"),
    "missing cells": ("aws,p4d.24xlarge,us-east-1", "3 cells where the header has 8"),
    "a cell too many": (f"{PRICE},", "9 cells where the header has 8"),
    "a blank line": ("", "0 cells where the header has 8"),
}


@pytest.mark.parametrize(("row", "problem"), BAD_PRICES.values(), ids=BAD_PRICES)
def test_a_bad_price_is_refused(row: str, problem: str, problems_of: Callable[..., list[str]]) -> None:
    other = price(region="us-west-2")
    assert problems_of(prices=(other, row)) == [f"catalogue/prices.csv:3: {problem}"]


def test_an_underscore_in_a_price_is_refused(problems_of: Callable[..., list[str]]) -> None:
    # As under rules/*.yml: different programs read it differently.
    (problem,) = problems_of(prices=(price(usd_per_hour="3_06"),))
    assert problem.startswith("catalogue/prices.csv:2: usd_per_hour: `3_06`")


FRACTION = "is neither a whole number nor a fraction such as 1/6"
BAD_INSTANCES = {
    "a division by zero": (instance(accelerators="1/0"), f"accelerators: `1/0` {FRACTION}"),
    "letters": (instance(accelerators="a/b"), f"accelerators: `a/b` {FRACTION}"),
    "two strokes": (instance(accelerators="1/2/3"), f"accelerators: `1/2/3` {FRACTION}"),
    "NaN cards": (instance(accelerators="NaN"), f"accelerators: `NaN` {FRACTION}"),
    "no cards": (instance(accelerators="0"), "accelerators: `0` is out of range, above 0 to 1024"),
    "less than no card": (instance(accelerators="-1/2"), "accelerators: `-1/2` is neither a whole number nor a fraction such as 1/6"),
    "too many cards": (instance(accelerators="1025"), "accelerators: `1025` is out of range, above 0 to 1024"),
    "1e999 cards": (instance(accelerators="1e999"), "accelerators: `1e999` is neither a whole number nor a fraction such as 1/6"),
    "negative vCPUs": (instance(vcpus="-1"), "vcpus: `-1` is out of range, 0 to 1000000000"),
    "NaN vCPUs": (instance(vcpus="NaN"), "vcpus: `NaN` is not a number in plain digits"),
    "text for memory": (instance(memory_gib="much"), "memory_gib: `much` is not a number in plain digits"),
    "an unknown accelerator": (instance(accelerator="A101"), "accelerator: unknown `A101`. Did you mean `A10`?"),
    "an unknown provider": (instance(provider="azur"), "provider: unknown `azur`. Did you mean `azure`?"),
    "an unknown lifecycle": (instance(lifecycle="activ"), "lifecycle: unknown `activ`. Did you mean `active`?"),
    "no name": (instance(instance=""), "instance: empty. Each value needs it"),
    "no source": (instance(source=""), "source: empty. Each value needs it"),
    "a bad date": (instance(as_of="yesterday"), "as_of: `yesterday` is not a date such as 2026-11-21"),
    "an instance twice": (instance(instance="p4d.24xlarge"), "instance: p4d.24xlarge stands in line 2 already"),
}


@pytest.mark.parametrize(("row", "problem"), BAD_INSTANCES.values(), ids=BAD_INSTANCES)
def test_a_bad_instance_is_refused(row: str, problem: str, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(instances=(INSTANCE, row)) == [f"catalogue/instances.csv:3: {problem}"]


OUT_OF_BOUNDS = {
    "a part of a vCPU": ("vcpus", "4.5"),
    "1e999 vCPUs": ("vcpus", "1e999"),
    "cards without memory": ("accelerator_memory_gb", "0"),
    "1e999 GB a card": ("accelerator_memory_gb", "1e999"),
    "1e999 GiB": ("memory_gib", "1e999"),
}


@pytest.mark.parametrize(("column", "written"), OUT_OF_BOUNDS.values(), ids=OUT_OF_BOUNDS)
def test_a_size_that_no_machine_has_is_refused(column: str, written: str, problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(instances=(INSTANCE, instance(**{column: written})))
    assert problem.startswith(f"catalogue/instances.csv:3: {column}: `{written}`")


def test_a_bad_instance_is_not_reported_again_for_each_of_its_prices(problems_of: Callable[..., list[str]]) -> None:
    # Otherwise one slip drowns in as many `unknown ... Did you mean` hints, each to a wrong instance.
    broken = INSTANCE.replace("active", "actve")
    prices = (PRICE, price(region="us-west-2"), price(region="eu-west-1"))
    assert problems_of(instances=(broken, OTHER_INSTANCE), prices=prices) == [
        "catalogue/instances.csv:2: lifecycle: unknown `actve`. Did you mean `active`?"
    ]


BAD_RATES = {
    "zero": (rate(usd="0"), f"usd: {NO_PRICE}"),
    "negative": (rate(usd="-0.01"), "usd: `-0.01` is out of range, 0 to 2"),
    "NaN": (rate(usd="NaN"), "usd: `NaN` is not a number in plain digits"),
    "a negative premium": (
        rate(category="managed_premium", from_gb="", unit="ratio", usd="-0.1"),
        "usd: `-0.1` is out of range, 0 to 2",
    ),
    "an unknown book": (rate(book="currnt"), "book: unknown `currnt`. Did you mean `current`?"),
    "an unknown category": (rate(category="egres"), "category: unknown `egres`. Did you mean `egress`?"),
    "an unknown tier": (rate(category="storage:hott"), "category: unknown `storage:hott`. Did you mean `storage:hot`?"),
    "an unknown unit": (rate(unit="byte"), "unit: unknown `byte`. Known: GB."),
    "an unknown confidence": (rate(confidence="hgh"), "confidence: unknown `hgh`. Did you mean `high`?"),
    "no regions": (rate(regions=""), "regions: empty. Name the regions, or `any`"),
    "text for a bound": (rate(from_gb="start"), "from_gb: `start` is not a number in plain digits"),
    "a negative bound": (rate(from_gb="-1"), "from_gb: `-1` is out of range, 0 to 1000000000"),
    "a bad date": (rate(as_of="today"), "as_of: `today` is not a date such as 2026-11-21"),
    "no source": (rate(source=""), "source: empty. Each value needs it"),
}


@pytest.mark.parametrize(("row", "problem"), BAD_RATES.values(), ids=BAD_RATES)
def test_a_bad_rate_is_refused(row: str, problem: str, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(rates=(rate(provider="azure", regions="eastus"), row)) == [f"catalogue/rates.csv:3: {problem}"]


@pytest.mark.parametrize(("usd", "why"), [("2.01", "is out of range, 0 to 2"), ("1e999", "is not a number in plain digits")])
def test_a_premium_beyond_reason_is_refused(usd: str, why: str, problems_of: Callable[..., list[str]]) -> None:
    rates = (rate(category="managed_premium", from_gb="", unit="ratio", usd=usd),)
    assert problems_of(rates=rates) == [f"catalogue/rates.csv:2: usd: `{usd}` {why}"]


def test_a_premium_and_a_zone_border_may_cost_nothing(problems_of: Callable[..., list[str]]) -> None:
    free = (rate(category="managed_premium", from_gb="", unit="ratio", usd="0"), rate(category="cross_zone", usd="0"))
    assert problems_of(rates=free) == []


def test_a_rate_that_bears_no_date_is_let_through(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(rates=(rate(as_of="undated"),)) == []


def test_egress_is_counted_in_gb(problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(rates=(rate(unit="hour"),))
    assert problem.startswith("catalogue/rates.csv:2: unit: ")


# --- Rows that do not fit together --------------------------------------------------------------------------------

SPOT = "no spot quote. Leave the row out"
UNFIT_PRICES = {
    "the same price twice": (price(usd_per_hour="4"), "purchase: the same price stands in line 2 already"),
    "spot as dear as on demand": (
        price(purchase="spot"),
        f"usd_per_hour: spot 3.06 is not below on demand 3.06: {SPOT}",
    ),
    "spot above on demand": (
        price(purchase="spot", usd_per_hour="4"),
        f"usd_per_hour: spot 4 is not below on demand 3.06: {SPOT}",
    ),
}


@pytest.mark.parametrize(("row", "problem"), UNFIT_PRICES.values(), ids=UNFIT_PRICES)
def test_prices_that_do_not_fit_together_are_refused(row: str, problem: str, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(prices=(PRICE, row)) == [f"catalogue/prices.csv:3: {problem}"]


def test_spot_below_on_demand_is_let_through_in_any_order(problems_of: Callable[..., list[str]]) -> None:
    spot = price(purchase="spot", usd_per_hour="3.05")
    assert problems_of(prices=(PRICE, spot)) == []
    assert problems_of(prices=(spot, PRICE)) == []


def step(from_gb: str, to_gb: str, **cells: str) -> str:
    return rate(from_gb=from_gb, to_gb=to_gb, **cells)


LADDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "a gap": ((step("0", "100"), step("200", "")), "3: from_gb: 200 GB where the step before ends at 100 GB"),
    "an overlap": ((step("0", "100"), step("50", "")), "3: from_gb: 50 GB where the step before ends at 100 GB"),
    "a late start": ((step("5", ""),), "2: from_gb: 5 GB where the step before ends at 0 GB"),
    "a step after the last": (
        (step("0", ""), step("100", "")),
        "3: from_gb: 100 GB where the step before ends without end",
    ),
    "a step twice": ((step("0", ""), step("0", "")), "3: from_gb: 0 GB where the step before ends without end"),
}


@pytest.mark.parametrize(("rates", "problem"), LADDERS.values(), ids=LADDERS)
def test_a_ladder_that_is_no_ladder_is_refused(rates: tuple[str, ...], problem: str, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(rates=rates) == [f"catalogue/rates.csv:{problem}"]


def test_a_ladder_may_be_written_in_any_order(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(rates=(step("100", ""), step("0", "100"))) == []


def test_a_ladder_that_ends_is_refused(problems_of: Callable[..., list[str]]) -> None:
    # What lies beyond the last step would be billed as free.
    (problem,) = problems_of(rates=(step("0", "100"),))
    assert problem.startswith("catalogue/rates.csv:2: to_gb: ")


def test_a_step_that_ends_before_it_starts_is_refused(problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(rates=(step("0", "100"), step("100", "50"))) == [
        "catalogue/rates.csv:3: to_gb: 50 GB is not above 100 GB",
        "catalogue/rates.csv:3: to_gb: the ladder ends at 50 GB, and what is beyond would be free. Leave it empty",
    ]


def test_two_ladders_for_one_region_are_refused(problems_of: Callable[..., list[str]]) -> None:
    # Both would be found for us-east-1, and each of its GB billed twice.
    both = (rate(regions="us-east-1 us-west-2"), rate(regions="us-east-1"))
    (problem,) = problems_of(rates=both)
    assert problem.startswith("catalogue/rates.csv:3: ")


TWICE = {
    "a free allowance": rate(category="egress_free", from_gb="", unit="GB per month", usd="100"),
    "an endpoint": rate(category="endpoint", step="ml.c5.large", from_gb="", unit="hour"),
    "a premium": rate(category="managed_premium:starter", regions="any", from_gb="", unit="ratio"),
}


@pytest.mark.parametrize("row", TWICE.values(), ids=TWICE)
def test_a_rate_without_bounds_that_stands_twice_is_refused(row: str, problems_of: Callable[..., list[str]]) -> None:
    (problem,) = problems_of(rates=(row, row))
    assert problem.startswith("catalogue/rates.csv:3: ")


# --- Whole files --------------------------------------------------------------------------------------------------

HEADER = f"the header must be {PRICES}"
BROKEN_FILES: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", f"catalogue/prices.csv:1: {HEADER}"),
    "another header": (f"{PRICES.replace('usd_per_hour', 'usd')}\n".encode(), f"catalogue/prices.csv:1: {HEADER}"),
    "two columns changed over": (
        f"{PRICES.replace('provider,instance', 'instance,provider')}\n".encode(),
        f"catalogue/prices.csv:1: {HEADER}",
    ),
    "no header": (f"{PRICE}\n".encode(), f"catalogue/prices.csv:1: {HEADER}"),
    "21 MB": (
        b"x" * 20_000_001,
        "catalogue/prices.csv: the file has 20,000,001 bytes; at most 20,000,000 are read",
    ),
}


@pytest.mark.parametrize(("data", "problem"), BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_a_table_that_cannot_be_read_is_refused(data: bytes, problem: str, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(prices_file=data) == [problem]


NO_CSV: dict[str, tuple[bytes, str]] = {
    "a byte that is not UTF-8": (b"aws,\xff,us-east-1,on_demand,3,s,2026-10-13,\n", "is not UTF-8. Save the file as UTF-8"),
    "an unclosed quote": (b'aws,"p4d.24xlarge,us-east-1,on_demand,3,s,2026-10-13,\n', "not CSV: unexpected end of data"),
    "text behind a quote": (b'aws,"p4d"x,us-east-1,on_demand,3,s,2026-10-13,\n', "not CSV: ',' expected after '\"'"),
    "an oversized field": (
        b"aws,p4d.24xlarge,us-east-1,on_demand,3," + b"s" * 200_000 + b",2026-10-13,\n",
        "not CSV: field larger than field limit (131072)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("row", "problem"), NO_CSV.values(), ids=NO_CSV)
def test_what_is_no_csv_is_refused(row: bytes, problem: str, problems_of: Callable[..., list[str]]) -> None:
    (found,) = problems_of(prices_file=f"{PRICES}\n{PRICE}\n".encode() + row)
    assert found.endswith(problem)


@pytest.mark.parametrize(("row", "problem"), NO_CSV.values(), ids=NO_CSV)
def test_what_is_no_csv_is_refused_with_its_line(row: bytes, problem: str, problems_of: Callable[..., list[str]]) -> None:
    (found,) = problems_of(prices_file=f"{PRICES}\n{PRICE}\n".encode() + row)
    assert found.startswith("catalogue/prices.csv:3: ")


SAME_TABLE = {
    "Windows line ends": f"{PRICES}\n{PRICE}\n".replace("\n", "\r\n").encode(),
    "a byte order mark": f"\ufeff{PRICES}\n{PRICE}\n".encode(),
    "no line end at the end": f"{PRICES}\n{PRICE}".encode(),
    "quoted cells": f'{PRICES}\n"aws","p4d.24xlarge","us-east-1","on_demand","3.06","a, b","2026-10-13",""\n'.encode(),
}


@pytest.mark.parametrize("data", SAME_TABLE.values(), ids=SAME_TABLE)
def test_the_same_table_may_be_saved_by_any_program(data: bytes, problems_of: Callable[..., list[str]]) -> None:
    assert problems_of(prices_file=data) == []


def test_a_problem_behind_a_cell_of_two_lines_has_its_own_line(problems_of: Callable[..., list[str]]) -> None:
    rows = (price(source='"two\nlines"'), price(region="us-west-2", usd_per_hour="0"))
    assert problems_of(prices=rows) == [f"catalogue/prices.csv:4: usd_per_hour: {NO_PRICE}"]


def test_all_problems_of_the_three_tables_are_reported_at_once(
    broken_rules: Callable[..., Path],
) -> None:
    folder = broken_rules()
    ends = {}
    for name, row in (("instances", instance(lifecycle="activ")), ("prices", price(usd_per_hour="0")), ("rates", rate(usd="NaN"))):
        path = folder / "catalogue" / f"{name}.csv"
        text = path.read_text(encoding="utf-8") + row + "\n"
        path.write_text(text, encoding="utf-8")
        ends[name] = text.count("\n")
    with pytest.raises(RulesError) as error:
        load_rulebook(folder)
    assert [str(problem) for problem in error.value.problems] == [
        f"catalogue/instances.csv:{ends['instances']}: lifecycle: unknown `activ`. Did you mean `active`?",
        f"catalogue/prices.csv:{ends['prices']}: usd_per_hour: {NO_PRICE}",
        f"catalogue/rates.csv:{ends['rates']}: usd: `NaN` is not a number in plain digits",
    ]
