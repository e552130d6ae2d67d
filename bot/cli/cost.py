"""`whichcloud cost ...`: the small calculator. Each line with its step, quantity, rate and source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.calculations import QUESTIONS
from bot.cli.options import day_option, rules_option
from bot.cli.render import show_json, show_table
from bot.contract import plain
from bot.pricing import charge_table, figure_notes
from engine.advice import LineItem
from engine.calculator import Charge
from engine.exact import cents, to_decimal
from engine.load import load_rulebook
from engine.rulebook import Rulebook


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
        show_table(charge_table(charge, self.rulebook, self.day))
        for note in (*charge.notes, *figure_notes(charge)):
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


for _name, _question in QUESTIONS.items():
    command.command(_name)(_priced(_question))


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
