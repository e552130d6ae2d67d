"""`whichcloud cost ...`: the small calculator. Each line with its step, quantity, rate and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from bot.cli.options import COUNT, GB, HOURS, USD_PER_HOUR, Number, day_option, rules_option
from bot.cli.render import show_json, show_table
from bot.contract import plain
from bot.view import Row, Table, quantity, unit_rate
from bot.words import usd_cents
from engine import calculator
from engine.advice import LineItem
from engine.calculator import Charge, read_place
from engine.catalogue import GIVEN
from engine.exact import cents, to_decimal
from engine.load import load_rulebook
from engine.rulebook import HOURS_PER_MONTH, Rulebook


@dataclass(frozen=True)
class _Request:
    """What every question of the calculator needs besides its own numbers."""

    rulebook: Rulebook
    form: str
    day: date

    def show(self, charge: Charge) -> None:
        if self.form == "json":
            lines = [_record(item, self.rulebook, self.day) for item in charge.items]
            show_json({"usd": plain(charge.usd), "lines": lines, "notes": list(charge.notes)})
            return
        rows = [Row(_cells(item, self.rulebook, self.day)) for item in charge.items]
        rows.append(Row(("Total", "", "", usd_cents(charge.usd), "", ""), strong=True))
        show_table(Table("", ("Step", "Quantity", "Rate", "USD", "Source", "Date"), tuple(rows)))
        for note in (*charge.notes, *_figure_notes(charge)):
            click.echo(note)


def _priced(command: Callable[..., Charge]) -> Callable[..., None]:
    """Adds the shared options to a question and shows its answer."""

    @rules_option
    @day_option
    @click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
    def asked(form: str, day: date, rules: Path, **numbers: Any) -> None:
        rulebook = load_rulebook(rules)
        _Request(rulebook, form, day).show(command(rulebook, **numbers))

    asked.__name__ = command.__name__
    asked.__doc__ = command.__doc__
    asked.__click_params__ = [  # type: ignore[attr-defined]
        *getattr(asked, "__click_params__", []), *getattr(command, "__click_params__", [])
    ]  # fmt: skip
    return asked


@click.group("cost")
def command() -> None:
    """Price one thing over the same rates that an advice uses."""


@command.command("egress")
@_priced
@click.option("--from", "source", required=True, help="Place, such as aws:us-east-1.")
@click.option("--gb", type=GB, required=True)
@click.option("--free-gb", type=GB, default=None, help="Free GB a month, off the first step; the catalogue's unless given.")
def egress(rulebook: Rulebook, source: str, gb: Decimal, free_gb: Decimal | None) -> Charge:
    """GB a month to the internet, on the region's ladder."""
    return calculator.egress(rulebook, read_place(source, rulebook), gb, free_gb)


@command.command("transfer")
@_priced
@click.option("--from", "source", required=True, help="Place, such as aws:us-east-1.")
@click.option("--to", "target", required=True, help="Place; the same region means between its zones.")
@click.option("--gb", type=GB, required=True)
@click.option("--hops", type=Number(0, Decimal(10), "borders", whole=True), default=Decimal(1), show_default=True)
def transfer(rulebook: Rulebook, source: str, target: str, gb: Decimal, hops: Decimal) -> Charge:
    """GB from one place to another: between regions, zones (billed each way) or clouds."""
    return calculator.transfer(rulebook, read_place(source, rulebook), read_place(target, rulebook), gb, int(hops))


@command.command("storage")
@_priced
@click.option("--at", "place", required=True, help="Place, such as azure:eastus.")
@click.option("--tier", default="hot", show_default=True, help="hot, infrequent, archive, ...")
@click.option("--gb", type=GB, required=True)
def storage(rulebook: Rulebook, place: str, tier: str, gb: Decimal) -> Charge:
    """GB kept for a month."""
    return calculator.storage(rulebook, read_place(place, rulebook), tier, gb)


@command.command("compute")
@_priced
@click.option("--at", "place", required=True, help="Place, such as aws:us-east-1.")
@click.option("--instance", required=True)
@click.option("--purchase", default="on_demand", show_default=True, help="on_demand, spot, reserved_1y, ...")
@click.option("--hours", type=HOURS, required=True)
@click.option("--count", type=COUNT, default=Decimal(1), show_default=True)
@click.option("--managed", is_flag=True, help="With the managed layer's premium.")
@click.option("--rate", "given", type=USD_PER_HOUR, default=None, help="Your own USD an hour instead of the catalogue's.")
def compute(
    rulebook: Rulebook, place: str, instance: str, purchase: str, hours: Decimal, count: Decimal, managed: bool, given: Decimal | None
) -> Charge:
    """Machines for some hours."""
    where = read_place(place, rulebook)
    return calculator.compute(rulebook, where, instance, purchase, hours, int(count), managed=managed, rate=given)


@command.command("endpoint")
@_priced
@click.option("--at", "place", required=True, help="Place, such as azure:eastus.")
@click.option("--instance", default=None, help="Unless given, the smallest managed endpoint.")
@click.option("--hours", type=HOURS, default=Decimal(HOURS_PER_MONTH), show_default=True, help="Hours a month of each endpoint.")
@click.option("--count", type=COUNT, default=Decimal(1), show_default=True)
@click.option("--raw", is_flag=True, help="Without the managed layer.")
@click.option("--rate", "given", type=USD_PER_HOUR, default=None, help="Your own USD an hour instead of the catalogue's.")
def endpoint(
    rulebook: Rulebook, place: str, instance: str | None, hours: Decimal, count: Decimal, raw: bool, given: Decimal | None
) -> Charge:
    """Inference endpoints, managed unless --raw."""
    where = read_place(place, rulebook)
    return calculator.endpoint(rulebook, where, instance, hours, int(count), raw=raw, rate=given)


def _figure_notes(charge: Charge) -> list[str]:
    """What the sources say of their figures, each once."""
    notes = ((figure.name, figure.note) for item in charge.items for figure in item.figures if figure.note)
    return [f"{name}: {note}" for name, note in dict.fromkeys(notes)]


def _cells(item: LineItem, rulebook: Rulebook, day: date) -> tuple[str, ...]:
    figure = item.figures[0]
    stale = ", stale" if rulebook.is_stale(figure, day) else ""
    borrowed = f" (read for {figure.borrowed_from})" if figure.borrowed_from else ""
    when = f"{figure.as_of or 'undated'}{stale}" if figure.kind != GIVEN else ""
    return (item.name, quantity(item), unit_rate(item), usd_cents(cents(item.usd)), f"{figure.source}{borrowed}", when)


def _record(item: LineItem, rulebook: Rulebook, day: date) -> dict[str, Any]:
    figure = item.figures[0]
    return {
        "step": item.name,
        "quantity": plain(to_decimal(item.quantity)),
        "unit": item.unit,
        "rate": plain(to_decimal(item.usd_per_unit)),
        "usd": plain(cents(item.usd)),
        "source": figure.source,
        "as_of": str(figure.as_of) if figure.as_of else None,
        "stale": rulebook.is_stale(figure, day),
        "borrowed_from": figure.borrowed_from or None,
        "note": figure.note,
    }
