"""`whichcloud ask`: five questions, then the workload, in a terminal. A bad answer is explained and asked again."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

import click

from bot.cli.options import day_option, rules_option
from bot.cli.render import FORMATS, show_advice
from bot.said import said_number
from bot.words import Words
from engine.advice import Advice
from engine.advise import advise
from engine.case import NO_ACCELERATOR, NO_TRAINING, Value, computes_as, make_case, parse_answer, parse_field, skipped_answer
from engine.errors import CaseError, did_you_mean, echo
from engine.knowledge import FieldOfWork, Question
from engine.load import load_rulebook
from engine.rulebook import Rulebook
from engine.yamltree import typed_word

HELP, _BACK, SKIP, _REST, _QUIT = ("?", "help"), ("back", "b"), ("skip", "s", "not sure"), ("rest",), ("quit", "q", "exit")


class Named(Protocol):
    """An answer as it is listed."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Back(Exception):
    """The person wants the question before."""


class _Rest(Exception):
    """The person takes the default for everything that is left."""


@dataclass
class Interview:
    """What has been said so far; enough to make a case file of."""

    rulebook: Rulebook
    answers: dict[str, Value] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    workload: dict[str, Value] = field(default_factory=dict)

    def as_case_file(self) -> str:
        """The answers as a file that `whichcloud advise` takes."""
        lines = ["answers:", *(f"  {name}: {_written(value)}" for name, value in self.answers.items())]
        if self.workload:
            lines += ["workload:", *(f"  {name}: {_written(value)}" for name, value in self.workload.items())]
        return "\n".join(lines) + "\n"


@click.command("ask")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--full/--brief", default=None, help="With text: every line item and source, or the short reply.")
@click.option("--save", type=click.Path(path_type=Path, dir_okay=False, writable=True), help="Keep the answers as a case file.")
@day_option
@rules_option
def command(form: str, full: bool | None, save: Path | None, day: date, rules: Path) -> None:
    """Ask the five questions and the workload, then advise. At any question: ? for help, back, skip, quit."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is no text is asked about again, not a reason to stop
    interview = Interview(load_rulebook(rules))
    try:
        ask_everything(interview)
        show_advice(advice_on(interview, day), interview.rulebook, form, full=full)
    except (EOFError, KeyboardInterrupt, click.Abort):
        leave(interview)
    finally:
        if save and interview.answers:
            _keep(interview, save)


def _keep(interview: Interview, file: Path) -> None:
    try:
        file.write_text(interview.as_case_file(), encoding="utf-8")
    except OSError as error:
        say(f"{file} cannot be written: {error.strerror}. Your answers:\n\n{interview.as_case_file()}")
        return
    say(f"Your answers are in {file}. Again: whichcloud advise {file}")


def ask_everything(interview: Interview) -> None:
    say("Which cloud for your AI workload? Five questions, about a minute. ? explains, back goes back, skip if you are not sure.\n")
    questions = enumerate(interview.rulebook.questions, 1)
    steps = [*(partial(_ask_question, interview, question, number) for number, question in questions), partial(_ask_workload, interview)]
    at = 0
    while at < len(steps):
        try:
            steps[at]()
            at += 1
            if at == len(steps) - 1 and _nothing_to_place(interview):
                say("You neither train nor serve, so there is nothing to place. How many regions would serve, if any?")
                at = list(interview.rulebook.question).index("inference_regions")
        except Back:
            if at == 0:
                say("This is the first question.")
            at = max(at - 1, 0)


def _nothing_to_place(interview: Interview) -> bool:
    return interview.answers["training"] == NO_TRAINING and interview.answers["inference_regions"] == 0


def _ask_question(interview: Interview, question: Question, number: int) -> None:
    """One of the five, until it is answered."""
    count = len(interview.rulebook.questions)
    say(f"{number} of {count}. {question.ask}")
    if question.answers:
        say("  " + "   ".join(f"{at} {answer.name}" for at, answer in enumerate(question.answers, 1)))
    say(f"  {question.why_asked.strip()}", faint=True)
    while True:
        said = read_line("> ")
        if said.lower() in HELP:
            say(question.help.strip())
        elif said.lower() in SKIP:
            interview.skipped.add(question.id)
            interview.answers[question.id] = skipped_answer(question)
            say(f"  Not sure: computed as {computes_as(question, skipped_answer(question))}. {question.if_skipped_because.strip()}\n")
            return
        else:
            try:
                answer = _understood(question, said)
            except ValueError as error:
                say(f"  {error} ? explains the question.")
                continue
            interview.skipped.discard(question.id)
            interview.answers[question.id] = answer
            say(f"  {Words(interview.rulebook).answer(answer, question.id)}, understood.\n")
            return


def _understood(question: Question, said: str) -> Value:
    """An answer by its number in the list, its id or its name."""
    if question.whole_number:
        return parse_answer(question, said_number(said))
    return picked(said, question.answers)


def picked(said: str, answers: Sequence[Named]) -> str:
    """The id of the answer that was said, or ValueError with the nearest."""
    by_word = {word.lower(): answer.id for answer in answers for word in (answer.id, answer.name)}
    by_word |= {str(at): answer.id for at, answer in enumerate(answers, 1)}
    by_word |= {word: answer for word, answer in (("y", "yes"), ("n", "no")) if answer in by_word}
    if said.lower() in by_word:
        return by_word[said.lower()]
    raise ValueError(f"I did not get an answer from {echo(said)}. {did_you_mean(said, [answer.name for answer in answers])}")


def _ask_workload(interview: Interview) -> None:
    """Typical numbers, or each field with its default."""
    rulebook = interview.rulebook
    say("Now the workload. Enter takes typical numbers for all of it; n lets you give your own, one by one.")
    while True:
        said = read_line("Typical numbers? [Y/n] ").lower()
        if said in ("", "y", "yes"):
            interview.workload.clear()
            return
        if said in ("n", "no"):
            break
        say("  Enter for typical numbers, n for your own." if said in HELP else f"  {echo(said)} is neither y nor n.")
    say("Enter takes what stands in brackets, skip the default. rest takes the defaults for everything that is left.\n")
    at, fields = 0, list(rulebook.fields)
    while at < len(fields):
        try:
            _ask_field(interview, fields[at])
            at += 1
        except Back:
            if at == 0:
                raise
            at -= 1
        except _Rest:
            for left in fields[at:]:
                interview.workload.pop(left.id, None)
            return


def _ask_field(interview: Interview, wanted: FieldOfWork) -> None:
    rulebook = interview.rulebook
    hint = f" ({', '.join(wanted.choices)})" if wanted.choices else f", {wanted.unit}" if wanted.unit else ""
    default = _default(interview, wanted)
    while True:
        said = read_line(f"{wanted.name}{hint} [{default}]: ")
        if said.lower() in HELP:
            say(f"  {wanted.help}")
            continue
        if said.lower() in _REST:
            raise _Rest
        if said.lower() in SKIP:
            interview.workload.pop(wanted.id, None)
        if not said or said.lower() in SKIP:
            return
        try:
            interview.workload[wanted.id] = parse_field(wanted, _field_value(wanted, said), rulebook)
            return
        except ValueError as error:
            say(f"  {error} ? explains the field.")


def _field_value(wanted: FieldOfWork, said: str) -> object:
    if wanted.kind in ("whole", "number"):
        return said_number(said.removesuffix("%"))
    lowered = said.lower()
    return {"y": "yes", "n": "no"}.get(lowered, typed_word(lowered)) if wanted.kind == "boolean" else said


def _default(interview: Interview, wanted: FieldOfWork) -> str:
    if wanted.id in interview.workload:
        return _written(interview.workload[wanted.id])
    default = wanted.default
    if isinstance(default, dict):
        said = {**{f.id: f.default for f in interview.rulebook.fields}, **interview.answers, **interview.workload}
        default = default[str(said[default["by"]])]
    if default is None:
        return NO_ACCELERATOR
    return default if isinstance(default, str) else "yes" if default else "no"


def advice_on(interview: Interview, day: date) -> Advice:
    """Raises CaseError, after showing what was said, where it cannot be computed."""
    rulebook = interview.rulebook
    try:
        case = make_case(rulebook, day, interview.answers, interview.workload, skipped=interview.skipped)
        return advise(case, rulebook, day)
    except CaseError:
        say("Your answers so far:\n\n" + interview.as_case_file())
        raise


def leave(interview: Interview) -> None:
    say("\nStopped.")
    if interview.answers:
        say("What you said so far, for `whichcloud advise`:\n\n" + interview.as_case_file())
    sys.exit(130)


def read_line(prompt: str) -> str:
    """One line from the person. Prompts go to standard error, so that the advice alone is on standard output."""
    click.echo(prompt, nl=False, err=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    said = line.strip()
    if said.lower() in _QUIT:
        raise EOFError
    if said.lower() in _BACK:
        raise Back
    return said


def say(text: str, *, faint: bool = False) -> None:
    click.secho(text, err=True, dim=faint)


def _written(value: Value) -> str:
    if value is None:
        return NO_ACCELERATOR
    return str(value).lower() if isinstance(value, bool) else f"{value}"
