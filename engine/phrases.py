"""Do the phrases fit the questions? Every question has some, every answer named is one, and no phrase means two answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from engine.case import Value, parse_answer
from engine.errors import Problems, did_you_mean, echo
from engine.knowledge import Phrases, Question, QuestionPhrases

FILE = "phrases.yml"
Place = Callable[..., int]
Path = tuple[str | int, ...]


def said_answer(question: Question, written: str) -> Value:
    """An answer as phrases.yml writes it, or ValueError with what is accepted."""
    return parse_answer(question, Decimal(written) if question.whole_number and written.isascii() and written.isdigit() else written)


def check_phrases(phrases: Phrases, questions: tuple[Question, ...], place: Place, problems: Problems) -> None:
    """Adds a problem for each thing that does not fit."""
    by_id = {question.id: question for question in questions}
    seen: set[str] = set()
    for at, said in enumerate(phrases.questions):
        path: Path = ("questions", at)
        if said.id not in by_id:
            _add(problems, place, (*path, "id"), f"unknown question {echo(said.id)}. {did_you_mean(said.id, list(by_id))}")
            continue
        if said.id in seen:
            _add(problems, place, (*path, "id"), f"{echo(said.id)} is written twice. Keep one")
        seen.add(said.id)
        _check_answers(said, by_id[said.id], path, place, problems)
        _check_phrases(said, path, place, problems)
    for name in by_id.keys() - seen:
        problems.add(FILE, place(FILE, "questions"), "questions", f"{echo(name)} has no phrases. Add them")


def _check_answers(said: QuestionPhrases, question: Question, path: Path, place: Place, problems: Problems) -> None:
    for where, written in _answers_named(said):
        try:
            said_answer(question, written)
        except ValueError as error:
            _add(problems, place, (*path, *where), str(error))


def _answers_named(said: QuestionPhrases) -> Iterator[tuple[Path, str]]:
    """Each answer that the phrases of a question name, and where."""
    for at, answer in enumerate(said.answers):
        yield ("answers", at, "id"), answer.id
        yield from ((("answers", at, "joins"), joined) for joined in answer.joins)
    for name, written in (("asserted", said.asserted), ("denied", said.denied)):
        if written is not None:
            yield (name,), written
    if said.elsewhere:
        yield ("elsewhere", "means"), said.elsewhere.means


def _check_phrases(said: QuestionPhrases, path: Path, place: Place, problems: Problems) -> None:
    means: dict[str, str] = {}
    for at, answer in enumerate(said.answers):
        listed = [("phrases", n, phrase) for n, phrase in enumerate(answer.phrases)]
        listed += [("whole", n, phrase) for n, phrase in enumerate(answer.whole)]
        for key, number, phrase in listed:
            other = means.setdefault(phrase.casefold(), answer.id)
            if other != answer.id:
                text = f"{echo(phrase)} means {echo(other)} already. A phrase has one answer"
                _add(problems, place, (*path, "answers", at, key, number), text, key)


def _add(problems: Problems, place: Place, path: Path, text: str, field: str = "") -> None:
    problems.add(FILE, place(FILE, *path), field or str(path[-1]), text)
