"""`whichcloud compare`: the guided comparison in a terminal. Which platform fits on each dimension, beside the cost verdict."""

from __future__ import annotations

import io
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from bot.cli.ask import HELP, SKIP, Back, Interview, advice_on, ask_everything, leave, picked, read_line, say
from bot.cli.options import day_option, rules_option
from bot.cli.reading import STANDARD_INPUT, read_bytes
from bot.cli.render import show_json, show_markdown
from bot.contract import plain
from bot.qa.answer import Answer
from bot.qa.contract import contract
from bot.qa.guided import comparison_answer, guided_comparison
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import read_case
from engine.dimensions import Asked, Dimension, Dimensions, load_dimensions
from engine.fitting import Comparison, Fit, Ground
from engine.load import load_rulebook

_FORMATS = ("text", "markdown", "json")


@click.command("compare")
@click.option("--case", "file", help="The case to compare beside, as for `advise`. Without it, the five questions are asked first.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@day_option
@rules_option
def command(file: str | None, form: str, day: date, rules: Path) -> None:
    """Ask how your team works with projects, data, compute and environments, and say which platform fits on each.

    At any question: ? for help, back, skip, quit.
    """
    if file == STANDARD_INPUT:
        raise click.UsageError("the questions are answered on standard input; give the case as a file")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    rulebook = load_rulebook(rules)
    dimensions = load_dimensions(rulebook, rules)
    interview = Interview(rulebook)
    try:
        advice = _advice(interview, file, day)
        chosen = _ask(dimensions)
    except (EOFError, KeyboardInterrupt, click.Abort):
        leave(interview)
        return
    comparison = guided_comparison(rulebook, dimensions, chosen, {}, advice)
    _show(comparison, Words(rulebook), form)


def _advice(interview: Interview, file: str | None, day: date) -> Advice:
    """The cost verdict on the case of a file, or on what is answered now."""
    if file is not None:
        content, name = read_bytes(file)
        case = read_case(content, name, interview.rulebook, day)
        return advise(case, interview.rulebook, day)
    ask_everything(interview)
    return advice_on(interview, day)


def _ask(dimensions: Dimensions) -> dict[str, str]:
    """Every question of the dimensions; what somebody is not sure of is left out."""
    questions = dimensions.questions
    say(f"Now how your team works: {len(questions)} questions. ? explains, back goes back, skip if you are not sure.\n")
    chosen: dict[str, str] = {}
    at = 0
    while at < len(questions):
        asked = questions[at]
        chosen.pop(asked.id, None)
        try:
            answer = _answer(asked, dimensions.dimension_of(asked.id), f"{at + 1} of {len(questions)}")
        except Back:
            if at == 0:
                say("This is the first of these questions.")
            at = max(at - 1, 0)
            continue
        chosen |= {asked.id: answer} if answer else {}
        at += 1
    return chosen


def _answer(asked: Asked, dimension: Dimension, place: str) -> str | None:
    """The answer, None for 'not sure'."""
    say(f"{place}. {dimension.title}. {asked.ask}")
    say("  " + "   ".join(f"{at} {answer.name}" for at, answer in enumerate(asked.answers, 1)))
    say(f"  {asked.why_asked}", faint=True)
    while True:
        said = read_line("> ")
        if said.lower() in HELP:
            say(asked.help)
        elif said.lower() in SKIP:
            say("  Not sure: it speaks for neither.\n")
            return None
        else:
            try:
                answer = picked(said, asked.answers)
            except ValueError as error:
                say(f"  {error} ? explains the question.")
                continue
            say(f"  {asked.answer(answer).name}, understood.\n")
            return answer


def _show(comparison: Comparison, words: Words, form: str) -> None:
    answer = comparison_answer(comparison, words)
    if form == "json":
        show_json(_record(comparison, answer))
    elif form == "markdown":
        click.echo(answer.text)
    else:
        show_markdown(answer.text)


# -- as JSON -----------------------------------------------------------------------------------------------------------


def _record(comparison: Comparison, answer: Answer) -> dict[str, Any]:
    beside = comparison.beside
    return {
        **contract(answer),
        "dimensions": [_dimension(fit) for fit in comparison.fits],
        "verdict": {
            "plan": beside.advice.plan,
            "held_against": {"part": beside.part, "provider": beside.provider},
            "stance": beside.stance,
            "agree": _ids(beside.agree),
            "pulls": [
                {"provider": p.provider, "dimensions": _ids(p.fits), "plan": p.plan, "usd_more_per_year": plain(p.by_usd_per_year)}
                for p in beside.pulls
            ],
        }
        if beside
        else None,
    }


def _dimension(fit: Fit) -> dict[str, Any]:
    return {"id": fit.dimension.id, "state": fit.state, "provider": fit.provider, "reasons": [_reason(ground) for ground in fit.grounds]}


def _reason(ground: Ground) -> dict[str, Any]:
    said = ground.statement
    return {
        "question": ground.question,
        "answer": said.id,
        "speaks_for": ground.provider,
        "because": said.because,
        "though": said.though,
        "judgement": said.judgement,
        "claims": said.claims,
        "entries": said.entries,
        "sources": [{"title": s.title, "publisher": s.publisher, "as_of": s.as_of.isoformat()} for s in said.sources],
    }


def _ids(fits: tuple[Fit, ...]) -> list[str]:
    return [fit.dimension.id for fit in fits]
