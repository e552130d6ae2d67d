"""rules/catalogue/*.csv -> Catalogue, or every bad cell with its file, line and field."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from engine.catalogue import ACTIVE, ANY, ARTICLE, MANAGED, PREVIOUS, RETIRED, Catalogue, Instance, Price, Rate, spellings
from engine.errors import Problems, did_you_mean, echo
from engine.knowledge import Accelerator, Provider, Purchase, StorageTier

UNDATED = "undated"
_RATES = "catalogue/rates.csv"
_MOST_BYTES = 20_000_000
_MOST_USD_PER_HOUR = Decimal(100_000)
_MOST_RATE = Decimal(2)  # USD a GB or a GB-month, and a premium of 200 %
_MOST_OF = {"endpoint": _MOST_USD_PER_HOUR, "egress_free": Decimal(10_240)}
_INSTANCE_COLUMNS = (
    "provider", "instance", "accelerator", "accelerators", "accelerator_memory_gb", "vcpus", "memory_gib",
    "lifecycle", "lifecycle_note", "source", "as_of",
)  # fmt: skip
_PRICE_COLUMNS = ("provider", "instance", "region", "purchase", "usd_per_hour", "source", "as_of", "note")
_RATE_COLUMNS = (
    "book", "provider", "category", "step", "regions", "to_regions", "from_gb", "to_gb", "unit", "usd",
    "source", "as_of", "confidence", "note",
)  # fmt: skip
_RATE_CATEGORIES = (
    "egress", "egress_free", "inter_region", "cross_zone", "endpoint", "managed_premium",
    "managed_premium:accelerated", "managed_premium:starter",
)  # fmt: skip
_UNIT_OF = {
    "egress": "GB", "inter_region": "GB", "cross_zone": "GB", "storage_retrieval": "GB", "egress_free": "GB per month",
    "storage": "GB-month", "endpoint": "hour", "managed_premium": "ratio",
}  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FRACTION = re.compile(r"[0-9]{1,4}(/[0-9]{1,4})?")
_LARGEST = Decimal(1_000_000_000)
_MAY_BE_ZERO = ("cross_zone", "managed_premium")
_Row = TypeVar("_Row")


class _BadCell(ValueError):
    def __init__(self, column: str, text: str) -> None:
        super().__init__(text)
        self.column = column


@dataclass(frozen=True)
class Known:
    """The ids that a cell may name."""

    providers: tuple[Provider, ...]
    purchases: tuple[Purchase, ...]
    tiers: tuple[StorageTier, ...]
    accelerators: tuple[Accelerator, ...]

    @cached_property
    def accelerator_ids(self) -> list[str]:
        return [accelerator.id for accelerator in self.accelerators]

    @cached_property
    def provider_ids(self) -> list[str]:
        return [provider.id for provider in self.providers]

    @cached_property
    def purchase_ids(self) -> list[str]:
        return [purchase.id for purchase in self.purchases] + [MANAGED]

    @cached_property
    def regions(self) -> list[str]:
        return [region for provider in self.providers for region in provider.known_regions]

    @cached_property
    def price_regions(self) -> list[str]:
        return [*self.regions, ARTICLE]

    @cached_property
    def categories(self) -> list[str]:
        tiers = [tier.id for tier in self.tiers]
        return [*_RATE_CATEGORIES, *(f"storage:{t}" for t in tiers), *(f"storage_retrieval:{t}" for t in tiers)]


@dataclass(frozen=True)
class _Cells:
    """One row's cells, read one at a time; a bad one raises with its column."""

    cells: dict[str, str]

    def text(self, column: str) -> str:
        value = self.cells[column].strip()
        if not value:
            raise _BadCell(column, "empty. Each value needs it")
        return value

    def optional(self, column: str) -> str:
        return self.cells[column].strip()

    def one_of(self, column: str, known: Collection[str]) -> str:
        value = self.text(column)
        if value not in known:
            raise _BadCell(column, f"unknown {echo(value)}. {did_you_mean(value, known)}")
        return value

    def number(self, column: str, least: Decimal, most: Decimal) -> Decimal:
        value = self.text(column)
        if not _NUMBER.fullmatch(value):
            raise _BadCell(column, f"{echo(value)} is not a number in plain digits")
        number = Decimal(value)
        if not least <= number <= most:
            raise _BadCell(column, f"{echo(value)} is out of range, {least} to {most:f}")
        return number

    def size(self, column: str, *, whole: bool = False) -> Decimal | None:
        """A size that may be unknown, and is above 0 where it is known."""
        if not self.optional(column):
            return None
        number = self.number(column, Decimal(0), _LARGEST)
        if number == 0 or (whole and number != int(number)):
            raise _BadCell(column, f"{echo(self.text(column))} is no size. Leave it empty where it is unknown")
        return number

    def bound(self, column: str) -> Decimal | None:
        return self.number(column, Decimal(0), _LARGEST) if self.optional(column) else None

    def positive(self, column: str, most: Decimal) -> Decimal:
        number = self.number(column, Decimal(0), most)
        if number == 0:
            raise _BadCell(column, "a price of 0 means unknown, not free. Leave the row out")
        return number

    def fraction(self, column: str) -> Fraction | None:
        value = self.optional(column)
        try:
            number = Fraction(value) if value and _FRACTION.fullmatch(value) else None
        except ZeroDivisionError:
            number = None
        if value and number is None:
            raise _BadCell(column, f"{echo(value)} is neither a whole number nor a fraction such as 1/6")
        if number is not None and not 0 < number <= 1024:
            raise _BadCell(column, f"{echo(value)} is out of range, above 0 to 1024")
        return number

    def day(self, column: str) -> date:
        value = self.text(column)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise _BadCell(column, f"{echo(value)} is not a date such as 2026-11-21") from None

    def each_of(self, column: str, known: Collection[str]) -> tuple[str, ...]:
        """Words with spaces between them, each known, or `any`."""
        words = tuple(self.optional(column).split())
        for word in words:
            if word not in known and words != (ANY,):
                raise _BadCell(column, f"unknown {echo(word)}. {did_you_mean(word, known)}")
        return words


def read_catalogue(files: dict[str, bytes], known: Known, problems: Problems) -> Catalogue:
    """The three tables, checked cell by cell and against each other."""
    named: set[tuple[str, str]] = set()  # also of rows that are refused, so that their prices are not refused with them

    def instance(cells: _Cells) -> Instance:
        named.add((cells.optional("provider"), cells.optional("instance")))
        return _instance(cells, known)

    instances = _rows(files, "instances.csv", _INSTANCE_COLUMNS, instance, problems)
    prices = _rows(files, "prices.csv", _PRICE_COLUMNS, lambda c: _price(c, known), problems)
    rates = _rows(files, "rates.csv", _RATE_COLUMNS, lambda c: _rate(c, known), problems)
    _check_instances(instances, problems)
    if "catalogue/instances.csv" in files:
        _check_prices(prices, named, problems)
    _check_rates(rates, problems)
    return Catalogue(
        tuple(i for _, i in instances),
        tuple(p for _, p in prices),
        tuple(r for _, r in rates),
        spellings((a.id, a.also_called) for a in known.accelerators),
    )


def _rows(
    files: dict[str, bytes],
    name: str,
    columns: tuple[str, ...],
    build: Callable[[_Cells], _Row],
    problems: Problems,
) -> list[tuple[int, _Row]]:
    rows: list[tuple[int, _Row]] = []
    file = f"catalogue/{name}"
    if file not in files:
        return rows
    for line, cells in _cells(files[file], file, columns, problems):
        try:
            rows.append((line, build(cells)))
        except _BadCell as error:
            problems.add(file, line, error.column, str(error))
    return rows


def _cells(data: bytes, file: str, columns: tuple[str, ...], problems: Problems) -> Iterator[tuple[int, _Cells]]:
    if len(data) > _MOST_BYTES:
        problems.add(file, 0, "", f"the file has {len(data):,} bytes; at most {_MOST_BYTES:,} are read")
        return
    reader = None
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        if tuple(header) != columns:
            problems.add(file, 1, "", f"the header must be {','.join(columns)}")
            return
        for row in reader:
            if len(row) != len(columns):
                problems.add(file, reader.line_num, "", f"{len(row)} cells where the header has {len(columns)}")
                continue
            yield reader.line_num, _Cells(dict(zip(columns, row, strict=True)))
    except UnicodeDecodeError as error:
        problems.add(file, data[: error.start].count(b"\n") + 1, "", f"byte {error.start} is not UTF-8. Save the file as UTF-8")
    except csv.Error as error:
        problems.add(file, reader.line_num if reader else 1, "", f"not CSV: {error}")


def _instance(cells: _Cells, known: Known) -> Instance:
    vcpus = cells.size("vcpus", whole=True)
    return Instance(
        provider=cells.one_of("provider", known.provider_ids),
        name=cells.text("instance"),
        accelerator=cells.one_of("accelerator", known.accelerator_ids),
        accelerators=cells.fraction("accelerators"),
        accelerator_memory_gb=cells.size("accelerator_memory_gb"),
        vcpus=None if vcpus is None else int(vcpus),
        memory_gib=cells.size("memory_gib"),
        lifecycle=cells.one_of("lifecycle", (ACTIVE, PREVIOUS, RETIRED)),
        lifecycle_note=cells.optional("lifecycle_note"),
        source=cells.text("source"),
        as_of=cells.day("as_of"),
    )


def _price(cells: _Cells, known: Known) -> Price:
    return Price(
        provider=cells.one_of("provider", known.provider_ids),
        instance=cells.text("instance"),
        region=cells.one_of("region", known.price_regions),
        purchase=cells.one_of("purchase", known.purchase_ids),
        usd_per_hour=cells.positive("usd_per_hour", _MOST_USD_PER_HOUR),
        source=cells.text("source"),
        as_of=cells.day("as_of"),
        note=cells.optional("note"),
    )


def _rate(cells: _Cells, known: Known) -> Rate:
    category = cells.one_of("category", known.categories)
    may_be_zero = category.startswith(_MAY_BE_ZERO)
    return Rate(
        book=cells.one_of("book", ("current", ARTICLE)),
        provider=cells.one_of("provider", known.provider_ids),
        category=category,
        step=cells.text("step"),
        regions=cells.each_of("regions", known.regions),
        to_regions=cells.each_of("to_regions", known.regions),
        from_gb=cells.bound("from_gb"),
        to_gb=cells.bound("to_gb"),
        unit=cells.one_of("unit", (_UNIT_OF[category.partition(":")[0]],)),
        usd=cells.number("usd", Decimal(0), _MOST_RATE) if may_be_zero else cells.positive("usd", _MOST_OF.get(category, _MOST_RATE)),
        source=cells.text("source"),
        as_of=None if cells.optional("as_of") == UNDATED else cells.day("as_of"),
        confidence=cells.one_of("confidence", ("high", "medium", "low")),
        note=cells.optional("note"),
    )


def _check_instances(rows: list[tuple[int, Instance]], problems: Problems) -> None:
    seen: dict[tuple[str, str], int] = {}
    for line, row in rows:
        first = seen.setdefault((row.provider, row.name), line)
        if first != line:
            problems.add("catalogue/instances.csv", line, "instance", f"{row.name} stands in line {first} already")


def _check_prices(rows: list[tuple[int, Price]], instances: set[tuple[str, str]], problems: Problems) -> None:
    file = "catalogue/prices.csv"
    seen: dict[tuple[str, str, str, str], tuple[int, Price]] = {}
    for line, row in rows:
        if (row.provider, row.instance) not in instances:
            names = [name for provider, name in instances if provider == row.provider]
            problems.add(file, line, "instance", f"unknown {echo(row.instance)}. {did_you_mean(row.instance, names)}")
        key = (row.provider, row.instance, row.region, row.purchase)
        if key in seen:
            problems.add(file, line, "purchase", f"the same price stands in line {seen[key][0]} already")
        seen[key] = (line, row)
    for key, (line, row) in seen.items():
        on_demand = seen.get((*key[:3], "on_demand"))
        if on_demand and row.purchase != "on_demand":
            _check_against_list(line, row, on_demand[1].usd_per_hour, problems)


def _check_against_list(line: int, row: Price, listed: Decimal, problems: Problems) -> None:
    """Spot, reserved and blocks are below the on-demand price, the managed layer is not."""
    if row.purchase == MANAGED:
        wrong = "is below" if row.usd_per_hour < listed else ""
    else:
        wrong = "is not below" if row.usd_per_hour >= listed else ""
    if wrong:
        no_quote = ": no spot quote. Leave the row out" if row.purchase == "spot" else ". Check both"
        text = f"{row.purchase} {row.usd_per_hour} {wrong} on demand {listed}{no_quote}"
        problems.add("catalogue/prices.csv", line, "usd_per_hour", text)


def _check_rates(rows: list[tuple[int, Rate]], problems: Problems) -> None:
    """Every region is in one ladder of its kind, and a ladder goes from GB 0 without gap, overlap or end."""
    ladders: dict[tuple[str, ...], list[tuple[int, Rate]]] = {}
    seen: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        if not row.regions:
            problems.add(_RATES, line, "regions", "empty. Name the regions, or `any`")
        for region in row.regions:
            key = (row.book, row.provider, row.category, " ".join(row.to_regions), region)
            if row.from_gb is not None:
                ladders.setdefault(key, []).append((line, row))
                continue
            step = row.step if row.category == "endpoint" else ""
            first = seen.setdefault((*key, step), line)
            if first != line:
                problems.add(_RATES, line, "regions", f"{region} has this rate in line {first} already")
    for steps in ladders.values():
        _check_ladder(sorted(steps, key=lambda pair: (pair[1].from_gb or 0, pair[0])), problems)


def _check_ladder(steps: list[tuple[int, Rate]], problems: Problems) -> None:
    reached: Decimal | None = Decimal(0)
    for line, row in steps:
        if row.from_gb != reached:
            end = "without end" if reached is None else f"at {reached} GB"
            problems.add(_RATES, line, "from_gb", f"{row.from_gb} GB where the step before ends {end}")
        elif row.to_gb is not None and row.from_gb is not None and row.to_gb <= row.from_gb:
            problems.add(_RATES, line, "to_gb", f"{row.to_gb} GB is not above {row.from_gb} GB")
        reached = row.to_gb
    line, last = steps[-1]
    if reached is not None and last.book != ARTICLE:  # the article's one step goes on as today's book does
        problems.add(_RATES, line, "to_gb", f"the ladder ends at {reached} GB, and what is beyond would be free. Leave it empty")
