"""Text, Markdown, HTML and JSON of an advice, and tables: coloured in a terminal, plain when piped."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

import click

from bot.contract import contract
from bot.view import Table, view_of
from bot.words import Words
from engine.advice import Advice
from engine.errors import printable
from engine.rulebook import Rulebook

FORMATS = ("text", "markdown", "html", "json")
_WIDTH_WHEN_PIPED = 110
_HINT = "More: `--full` adds every line item, price and source; `--format html` makes a page of it."


def show_advice(advice: Advice, rulebook: Rulebook, form: str, *, full: bool | None = None) -> None:
    """Prints an advice. Text in a terminal is the short reply unless `full`; piped, it is the whole."""
    words = Words(rulebook)
    if form == "json":
        click.echo(json.dumps(contract(advice, words), indent=1))
        return
    if form == "html":
        click.echo(words.environment.get_template("advice.html.j2").render(v=view_of(advice, words)))
        return
    whole = full if full is not None else form == "markdown" or not sys.stdout.isatty()
    text = words.environment.get_template("advice.md.j2").render(v=view_of(advice, words), full=whole)
    if form == "markdown":
        click.echo(text)
        return
    show_markdown(text if whole else f"{text}\n{_HINT}\n")


def show_markdown(text: str) -> None:
    """Markdown laid out for a terminal; without one, the same layout without colours."""
    from rich.console import Console
    from rich.markdown import Markdown, TableElement
    from rich.table import Table as RichTable

    class FoldedTable(TableElement):
        """A table whose long cells go on in the next line; nothing of a source is cut off."""

        def __rich_console__(self, console: Any, options: Any) -> Any:
            for part in super().__rich_console__(console, options):
                for column in part.columns if isinstance(part, RichTable) else ():
                    column.overflow = "fold"
                yield part

    class Reply(Markdown):
        elements: ClassVar[dict[str, Any]] = {**Markdown.elements, "table_open": FoldedTable}

    width = None if sys.stdout.isatty() else _WIDTH_WHEN_PIPED
    Console(width=width, soft_wrap=False).print(Reply(text))


def show_table(table: Table) -> None:
    """One table; whole columns are kept on one line where they fit."""
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    tty = sys.stdout.isatty()
    grid = RichTable(title=table.title or None, title_justify="left", box=None if not tty else _box(), pad_edge=False)
    for at, head in enumerate(table.heads):
        grid.add_column(head, justify="right" if table.right and at else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(printable(cell)) for cell in row.cells), style="bold" if row.strong else None)
    Console(width=None if tty else 180).print(grid)


def _box() -> Any:
    from rich import box

    return box.SIMPLE_HEAD


def show_json(value: dict[str, Any] | Sequence[Any]) -> None:
    click.echo(json.dumps(value, indent=1))
