"""`whichcloud prices [ACCELERATOR]`: both clouds side by side, with age and lifecycle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.cli.render import show_json, show_table
from bot.contract import plain
from bot.pricing import beside_table, prices_table, read_region
from bot.words import Words
from engine.errors import echo
from engine.load import load_rulebook
from engine.pricelist import PriceRow, price_list


@click.command("prices")
@click.argument("accelerator", required=False)
@click.option("--region", default=None, help="us-east, us-west or europe; the first unless given.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@day_option
@rules_option
def command(accelerator: str | None, region: str | None, form: str, day: date, rules: Path) -> None:
    """Prices of ACCELERATOR (A100, T4-16GB, ...) on every cloud; without one, the cheapest of each family."""
    rulebook = load_rulebook(rules)
    region = read_region(region, rulebook)
    listed = price_list(rulebook, accelerator, region, day)
    if form == "json":
        show_json([_record(row) for row in listed.rows])
        return
    words = Words(rulebook)
    if not listed.rows:
        click.echo(f"No price for {echo(accelerator)} in {region}. Unknown, not free: try another --region.")
        return
    if listed.beside:
        show_table(beside_table(listed.beside, words, region))
    else:
        click.echo("How many GPUs these machines hold is unknown, so there is no price for one GPU.")
    if accelerator:
        click.echo()
        show_table(prices_table(listed, region, words))
    for family, note in listed.nearest:
        click.echo(f"{family} is listed as the nearest counterpart. {note}")


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
