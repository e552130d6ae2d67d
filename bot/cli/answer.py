"""`whichcloud answer QUESTION`: from knowledge or from the engine, with sources and dates, or not at all."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.cli.render import show_markdown
from bot.qa.asker import Asker
from bot.qa.contract import contract
from bot.qa.spoken import spoken
from engine.load import load_rulebook

STANDARD_INPUT = "-"


@click.command("answer")
@click.argument("question")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@day_option
@rules_option
def command(question: str, form: str, day: date, rules: Path) -> None:
    """Answer QUESTION; - reads one question a line from standard input. With json, one object a line."""
    asker = Asker(load_rulebook(rules), rules)
    for asked in _questions(question):
        answer = asker.ask(asked, day)
        if form == "json":
            click.echo(json.dumps(contract(answer)))
        else:
            show_markdown(spoken(answer, asker.words))


def _questions(question: str) -> Iterator[str]:
    """A line that is no UTF-8 is read as far as it can be; every line has its answer, an empty one too."""
    if question != STANDARD_INPUT:
        yield question
        return
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")
