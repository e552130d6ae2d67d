"""`whichcloud sweep CASE FIELD LOW HIGH`: the verdict and every plan's cost along one number, as a table or as CSV."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from bot.cli.options import MOST_GB, Number, day_option, rules_option
from bot.cli.reading import read_bytes
from bot.cli.render import show_table
from bot.view import Row, Table
from bot.words import Words, number, usd
from engine.calculator import QuestionError
from engine.case import read_case
from engine.errors import did_you_mean, echo
from engine.knowledge import FieldOfWork
from engine.load import load_rulebook
from engine.rulebook import Rulebook

_ANY = Number(0, MOST_GB, "")
_STEPS = Number(2, Decimal(10_000), "values", whole=True)


@click.command("sweep")
@click.argument("case")
@click.argument("field")
@click.argument("low", type=_ANY)
@click.argument("high", type=_ANY)
@click.option("--steps", type=_STEPS, default=Decimal(11), show_default=True, help="How many values, ends included.")
@click.option("--format", "form", type=click.Choice(("text", "csv")), default="text", show_default=True)
@day_option
@rules_option
def command(case: str, field: str, low: Decimal, high: Decimal, steps: Decimal, form: str, day: date, rules: Path) -> None:
    """Vary FIELD of CASE from LOW to HIGH: which plan is advised, and what each costs a month."""
    from engine.compare import sweep  # pandas takes longer to import than anything else here

    rulebook = load_rulebook(rules)
    wanted = _field(field, rulebook)
    parsed = read_case(*read_bytes(case), rulebook, day)
    values = _values(wanted, low, high, int(steps))
    frame = sweep(rulebook, parsed, day, field, values)
    if form == "csv":
        click.echo(frame.to_csv(index=False), nl=False)
        return
    words = Words(rulebook)
    plans = [plan.id for plan in rulebook.plans if frame[f"{plan.id}_usd_per_month"].notna().any()]
    heads = (wanted.name, "Advised", "Basis", *(f"{words.plan(plan)}, $ a month" for plan in plans))
    rows = []
    for record in frame.to_dict("records"):
        costs = [usd(Decimal(str(record[f"{plan}_usd_per_month"]))) for plan in plans]
        rows.append(Row((number(Decimal(str(record[field]))), words.plan(record["plan"]), record["basis"], *costs)))
    show_table(Table("", heads, tuple(rows), right=True))


def _field(name: str, rulebook: Rulebook) -> FieldOfWork:
    known = {field.id: field for field in rulebook.fields if field.kind in ("whole", "number")}
    if name not in known:
        raise QuestionError(f"{echo(name)} is no number of the workload. {did_you_mean(name, list(known))}")
    return known[name]


def _values(wanted: FieldOfWork, low: Decimal, high: Decimal, steps: int) -> list[float]:
    """Evenly spaced values within the range of the field; whole ones where it counts things."""
    if not (wanted.min or 0) <= low < high <= (wanted.max or high):
        raise QuestionError(f"{wanted.id}: {number(low)} to {number(high)} is not a range within {wanted.min} to {wanted.max}")
    values = [low + (high - low) * at / (steps - 1) for at in range(steps)]
    return sorted({float(round(value)) for value in values}) if wanted.kind == "whole" else [float(value) for value in values]
