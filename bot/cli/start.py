"""`whichcloud start`: what `make run` does. Asks where a terminal is attached, else shows the advice on the example case."""

from __future__ import annotations

import sys

import click

from bot.cli.options import today
from bot.cli.render import show_advice
from engine.advise import advise
from engine.case import read_case
from engine.load import RULES_FOLDER, load_rulebook

EXAMPLE = RULES_FOLDER / "example_case.yml"


@click.command("start")
@click.pass_context
def command(context: click.Context) -> None:
    """Ask in a terminal; without one, advise on the example case and say how to go on."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        from bot.cli import ask

        context.invoke(ask.command)
        return
    rulebook, day = load_rulebook(), today()
    case = read_case(EXAMPLE.read_bytes(), EXAMPLE.name, rulebook, day)
    click.echo("No terminal is attached, so this is the advice on the example case (rules/example_case.yml).\n")
    show_advice(advise(case, rulebook, day), rulebook, "text", full=False)
    click.echo("Go on with: .venv/bin/whichcloud ask, or .venv/bin/whichcloud advise CASE.yml (--help shows a case).")
