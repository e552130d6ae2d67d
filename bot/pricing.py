"""The tables of the price list and of the calculator, as text: the terminal and the thread show the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot.view import Row, Table, quantity, unit_rate
from bot.words import Words, rate, usd_cents
from engine.advice import LineItem
from engine.calculator import Charge, QuestionError
from engine.catalogue import GIVEN
from engine.errors import did_you_mean, echo
from engine.exact import cents
from engine.pricelist import Beside, PriceList, PriceRow
from engine.rulebook import Rulebook

_HEADS = ("Cloud", "Instance", "GPUs", "Purchase", "$ an hour", "$ a GPU hour", "Date", "Age", "Lifecycle")


def charge_table(charge: Charge, rulebook: Rulebook, day: date) -> Table:
    """Each step with its quantity, rate and source, and the total."""
    rows = [Row(_charge_cells(item, rulebook, day)) for item in charge.items]
    rows.append(Row(("Total", "", "", usd_cents(charge.usd), "", ""), strong=True))
    return Table("", ("Step", "Quantity", "Rate", "USD", "Source", "Date"), tuple(rows))


def figure_notes(charge: Charge) -> list[str]:
    """What the sources say of their figures, each once."""
    notes = ((figure.name, figure.note) for item in charge.items for figure in item.figures if figure.note)
    return [f"{name}: {note}" for name, note in dict.fromkeys(notes)]


def _charge_cells(item: LineItem, rulebook: Rulebook, day: date) -> tuple[str, ...]:
    figure = item.figures[0]
    stale = ", stale" if rulebook.is_stale(figure, day) else ""
    borrowed = f" (read for {figure.borrowed_from})" if figure.borrowed_from else ""
    when = f"{figure.as_of or 'undated'}{stale}" if figure.kind != GIVEN else ""
    return (item.name, quantity(item), unit_rate(item), usd_cents(cents(item.usd)), f"{figure.source}{borrowed}", when)


def prices_table(listed: PriceList, region: str, words: Words) -> Table:
    """Every price of the families asked for."""
    rows = tuple(Row(_price_cells(row, words)) for row in listed.rows)
    return Table(f"Every price of {', '.join(listed.families)} in {region}", _HEADS, rows)


def beside_table(entries: Sequence[Beside], words: Words, region: str) -> Table:
    """The cheapest of each cloud, one row for each family and purchase."""
    heads = ("Accelerator", "Purchase", *(f"{provider.name}, $ a GPU hour" for provider in words.rulebook.providers))
    rows = []
    for entry in entries:
        cells = [_cheapest(row, len(entry.families) > 1) for row in entry.by_provider]
        rows.append(Row((" / ".join(entry.families), _purchase(entry.purchase, words), *cells)))
    return Table(f"The cheapest of each cloud in {region}, active machines only", heads, tuple(rows))


def _cheapest(row: PriceRow | None, mixed: bool) -> str:
    if row is None or row.usd_per_accelerator is None:
        return "no price"
    which = f"{row.instance.accelerator}, " if mixed else ""
    return f"{_each(row.usd_per_accelerator)} ({which}{row.instance.name}{', stale' if row.stale else ''})"


def _each(usd: Decimal) -> str:
    """A price for one GPU, to a hundredth of a cent."""
    return rate(usd.quantize(Decimal("0.0001")))


def _purchase(purchase: str, words: Words) -> str:
    return words.purchase(purchase) if purchase in words.rulebook.purchase else purchase


def read_region(asked: str | None, rulebook: Rulebook) -> str:
    """The region choice that a case knows too."""
    choices = rulebook.field["region"].choices
    if asked is not None and asked not in choices:
        raise QuestionError(f"{echo(asked)} is no region choice. {did_you_mean(asked, choices)}")
    return asked or choices[0]


def _price_cells(row: PriceRow, words: Words) -> tuple[str, ...]:
    count = row.instance.accelerators
    age = "undated" if row.age_days is None else f"{row.age_days} d"
    return (
        words.provider(row.instance.provider),
        row.instance.name,
        "unknown" if count is None else str(count),
        _purchase(row.purchase, words),
        rate(row.figure.usd),
        "unknown" if row.usd_per_accelerator is None else _each(row.usd_per_accelerator),
        str(row.figure.as_of),
        f"{age}, stale" if row.stale else age,
        row.instance.lifecycle,
    )
