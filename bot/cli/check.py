"""`whichcloud check`: every problem under rules/ at once, or a summary."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.qa.check import check_answers
from engine.check import check_rules
from engine.errors import RulesError
from engine.load import load_rulebook


@click.command("check")
@day_option
@rules_option
def command(day: date, rules: Path) -> None:
    """Check everything under rules/: each problem with file, line, field and what to do, or a summary."""
    try:
        summary = check_rules(rules, day)
        answers = check_answers(load_rulebook(rules), rules, day)
    except RulesError as error:
        click.echo(str(error), err=True)
        count = len(error.problems)
        click.echo(f"{count} problem{'s' if count != 1 else ''}. Nothing was changed.", err=True)
        sys.exit(1)
    click.echo(f"rules      {summary.rules}, with {summary.examples} examples that do what they say")
    click.echo(f"sheets     all {summary.sheets} answer sheets get a layer and their leans")
    click.echo(f"knowledge  {summary.assumptions} assumptions, {summary.errata} errata")
    click.echo(f"catalogue  {summary.instances} instances ({summary.retired} retired), {summary.prices} prices, {summary.rates} rates")
    click.echo(f"answers    {answers.entries} entries in {answers.forms} forms, {answers.refused} questions that are refused")
    click.echo(f"           {answers.dimensions} dimensions, {answers.snippets} pieces of code")
    stale = ", ".join(f"{kind} {old} of {every}" for kind, old, every in summary.stale)
    click.echo(f"stale      on {day}: {stale}")
    click.echo(f"version    {summary.version}")
    click.echo("No problem found.")
