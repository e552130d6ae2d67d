"""`whichcloud prices [ACCELERATOR]`: both clouds side by side, with age and lifecycle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.cli.render import show_json, show_table
from bot.contract import plain
from bot.view import Row, Table
from bot.words import Words, rate
from engine.calculator import QuestionError
from engine.errors import did_you_mean, echo
from engine.load import load_rulebook
from engine.pricelist import Beside, PriceRow, price_list
from engine.rulebook import Rulebook

_HEADS = ("Cloud", "Instance", "GPUs", "Purchase", "$ an hour", "$ a GPU hour", "Date", "Age", "Lifecycle")


@click.command("prices")
@click.argument("accelerator", required=False)
@click.option("--region", default=None, help="us-east, us-west or europe; the first unless given.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@day_option
@rules_option
def command(accelerator: str | None, region: str | None, form: str, day: date, rules: Path) -> None:
    """Prices of ACCELERATOR (A100, T4-16GB, ...) on every cloud; without one, the cheapest of each family."""
    rulebook = load_rulebook(rules)
    region = _region(region, rulebook)
    listed = price_list(rulebook, accelerator, region, day)
    if form == "json":
        show_json([_record(row) for row in listed.rows])
        return
    words = Words(rulebook)
    if not listed.rows:
        click.echo(f"No price for {echo(accelerator)} in {region}. Unknown, not free: try another --region.")
        return
    if listed.beside:
        show_table(_beside(listed.beside, words, region))
    else:
        click.echo("How many GPUs these machines hold is unknown, so there is no price for one GPU.")
    if accelerator:
        click.echo()
        show_table(
            Table(f"Every price of {', '.join(listed.families)} in {region}", _HEADS, tuple(Row(_cells(r, words)) for r in listed.rows))
        )
    for family, note in listed.nearest:
        click.echo(f"{family} is listed as the nearest counterpart. {note}")


def _beside(entries: Sequence[Beside], words: Words, region: str) -> Table:
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


def _region(asked: str | None, rulebook: Rulebook) -> str:
    """The region choice that a case knows too."""
    choices = rulebook.field["region"].choices
    if asked is not None and asked not in choices:
        raise QuestionError(f"{echo(asked)} is no region choice. {did_you_mean(asked, choices)}")
    return asked or choices[0]


def _cells(row: PriceRow, words: Words) -> tuple[str, ...]:
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


def _record(row: PriceRow) -> dict[str, object]:
    count = row.instance.accelerators
    return {
        "provider": row.instance.provider,
        "instance": row.instance.name,
        "family": row.instance.family,
        "accelerators": None if count is None else float(count),
        "region": row.region,
        "purchase": row.purchase,
        "usd_per_hour": plain(row.figure.usd),
        "usd_per_accelerator_hour": None if row.usd_per_accelerator is None else float(round(row.usd_per_accelerator, 6)),
        "source": row.figure.source,
        "as_of": str(row.figure.as_of),
        "age_days": row.age_days,
        "stale": row.stale,
        "lifecycle": row.instance.lifecycle,
        "lifecycle_note": row.instance.lifecycle_note,
    }
