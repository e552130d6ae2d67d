"""What several commands share: the day, the rules folder, and numbers as options."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import click

from bot.said import said_number
from engine.case import parse_number
from engine.load import RULES_FOLDER

_Command = TypeVar("_Command", bound=Callable[..., Any])
MOST_GB = Decimal(1_000_000_000)


class Number(click.ParamType[Decimal]):
    """An exact number in a range; thousands may be separated by commas."""

    name = "number"

    def __init__(self, least: int, most: Decimal, unit: str, *, whole: bool = False) -> None:
        self.least, self.most, self.unit, self.whole = Decimal(least), most, unit, whole

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        written = said_number(value) if isinstance(value, str) else value
        try:
            return parse_number(written, self.least, self.most, self.unit, whole=self.whole)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Day(click.ParamType[date]):
    """A day such as 2026-11-22."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-11-22", param, ctx)


def today() -> date:
    """The day on which prices are judged, in UTC."""
    return datetime.now(UTC).date()


def day_option(command: _Command) -> _Command:
    return click.option("--as-of", "day", type=Day(), default=today, help="The day asked; today unless given.")(command)


def rules_option(command: _Command) -> _Command:
    return click.option(
        "--rules", type=click.Path(path_type=Path, file_okay=False, exists=True), default=RULES_FOLDER,
        show_default=False, help="Another rules folder than the installed one.",
    )(command)  # fmt: skip


GB = Number(0, MOST_GB, "GB")
HOURS = Number(0, Decimal(1_000_000), "hours")
COUNT = Number(0, Decimal(1_000_000), "", whole=True)
USD_PER_HOUR = Number(0, Decimal(100_000), "USD an hour")
