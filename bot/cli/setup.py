"""`whichcloud setup CASE.yml`: the code that acts on the advice, printed or written into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from bot.cli.options import day_option, rules_option
from bot.cli.reading import read_bytes
from bot.qa.setup import Snippet, setup_answer, setup_for
from engine.advise import advise
from engine.case import read_case
from engine.errors import AdviceError
from engine.load import load_rulebook

_FOLDER = "setup"
_EXAMPLE = "example_case.yml"


@click.command("setup")
@click.option("--case", metavar="FILE", help="The case, as for `advise`; - is standard input. The example case unless given.")
@click.option("--plan", metavar="PLAN", help="Another plan than the advised one, such as azure or hybrid-aws-azure.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write the files into this folder, which must not hold them yet."
)
@day_option
@rules_option
def command(case: str | None, plan: str | None, out: Path | None, day: date, rules: Path) -> None:
    """The code for the plan that a case is advised: jobs, endpoints, roles, Terraform. Filled with the case's numbers, without any id."""
    content, name = read_bytes(case if case is not None else str(rules / _EXAMPLE))
    rulebook = load_rulebook(rules)
    advice = advise(read_case(content, name, rulebook, day), rulebook, day)
    folder = rules / _FOLDER
    if out is None:
        click.echo(setup_answer(rulebook, advice, day, plan=plan, folder=folder).text)
        return
    snippets = setup_for(rulebook, advice, day, plan=plan, folder=folder)
    write_files(snippets, out)
    for snippet in snippets:
        click.echo(f"{out / snippet.file_name}  {snippet.says}")
        for note in snippet.notes:
            click.echo(f"    {note}")


def write_files(snippets: Sequence[Snippet], folder: Path) -> None:
    """Every file, or none where one is there already. Raises AdviceError where the folder cannot be written."""
    there = [snippet.file_name for snippet in snippets if (folder / snippet.file_name).exists()]
    if there:
        raise AdviceError(f"{folder}: {there[0]} is there already. Nothing was written; give an empty folder.")
    try:
        for snippet in snippets:
            path = folder / snippet.file_name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(snippet.code, encoding="utf-8")
    except OSError as error:
        raise AdviceError(f"{folder}: cannot be written: {error.strerror}") from None
