"""rules/dimensions.yml -> the dimensions by which platforms are compared: what a team is asked, and what each answer speaks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from engine.entries import Entry
from engine.errors import Problems, RulesError, did_you_mean, echo
from engine.knowledge import Flag, Id, Source, Text, WrittenModel
from engine.load import RULES_FOLDER
from engine.rulebook import Rulebook
from engine.written import Written

FILE = "dimensions.yml"
NEITHER = "neither"
MOST_QUESTIONS, MOST_OF_A_DIMENSION, MOST_ANSWERS = 6, 2, 4
_ArticleClaim = Annotated[str, Field(pattern=r"^[AB][1-9][0-9]?$")]
_Path = tuple[str | int, ...]


def _at_most(most: int) -> AfterValidator:
    """Longer ones do not fit where they are shown."""

    def checked(value: str) -> str:
        if len(value) > most:
            raise ValueError(f"{len(value)} characters; at most {most} fit")
        return value

    return AfterValidator(checked)


_Name = Annotated[Text, _at_most(40)]


class Grounded(WrittenModel):
    """Something said, with the claims and the entries that it is drawn from; what it cites are sources of these entries."""

    claims: Annotated[list[_ArticleClaim], Field(min_length=1)]
    entries: Annotated[list[Id], Field(min_length=1)]
    sources: Annotated[list[Source], Field(min_length=1)]


class Statement(Grounded):
    """What an answer speaks for and why. `though`: what to know before resting on it; `judgement`: an opinion, not a fact."""

    id: Id
    speaks_for: Id
    because: Text
    though: Text | None = None
    judgement: Flag = False


class Choice(Statement):
    """One answer to a question of a dimension; its name is a button."""

    name: _Name


class Asked(WrittenModel):
    """One question to the team."""

    id: Id
    name: _Name
    ask: Annotated[Text, _at_most(200)]
    why_asked: Annotated[Text, _at_most(300)]
    help: Annotated[Text, _at_most(500)]
    answers: Annotated[list[Choice], Field(min_length=2, max_length=MOST_ANSWERS)]

    def answer(self, name: str) -> Choice:
        """Raises ValueError with the answers that there are."""
        found = next((choice for choice in self.answers if choice.id == name), None)
        if found is None:
            raise ValueError(f"{echo(name)} is not accepted. Give one of: {', '.join(choice.id for choice in self.answers)}.")
        return found


class Reused(WrittenModel):
    """What answers to one of the five questions say on a dimension; answers left out say nothing."""

    question: Id
    answers: Annotated[list[Statement], Field(min_length=1)]


class Dimension(Grounded):
    """`name` stands in sentences, `title` above them; `differ`: in what the platforms differ here."""

    id: Id
    name: _Name
    title: Annotated[Text, _at_most(60)]
    differ: Text
    questions: Annotated[list[Asked], Field(min_length=1, max_length=MOST_OF_A_DIMENSION)]
    reused: list[Reused] = Field(default_factory=list)


class Dimensions(WrittenModel):
    dimensions: Annotated[list[Dimension], Field(min_length=1)]

    @property
    def questions(self) -> tuple[Asked, ...]:
        """Every question, in the order in which they are asked."""
        return tuple(question for dimension in self.dimensions for question in dimension.questions)

    def question(self, name: str) -> Asked:
        return next(question for question in self.questions if question.id == name)

    def dimension_of(self, question: str) -> Dimension:
        return next(dimension for dimension in self.dimensions if any(asked.id == question for asked in dimension.questions))


def load_dimensions(rulebook: Rulebook, folder: Path = RULES_FOLDER, entries: Iterable[Entry] | None = None) -> Dimensions:
    """The dimensions of a rules/ folder. Raises RulesError with every problem found.

    With the entries of the knowledge, what is said is also held against the claims and the sources that they have.
    """
    problems = Problems()
    try:
        written = Written({FILE: (folder / FILE).read_bytes()}, problems)
    except OSError as error:
        problems.add(FILE, 0, "", f"cannot be read: {error.strerror}")
        raise RulesError(problems.found) from None
    dimensions = written.read(FILE, Dimensions)
    if dimensions is not None:
        _Checker(dimensions, rulebook, written, problems).check(entries)
    if problems or dimensions is None:
        raise RulesError(problems.found)
    return dimensions


@dataclass
class _Checker:
    dimensions: Dimensions
    rulebook: Rulebook
    written: Written
    problems: Problems

    def check(self, entries: Iterable[Entry] | None) -> None:
        self.names()
        self.speakers()
        for path, reused in self.reused():
            self.of_the_five(path, reused)
        if entries is not None:
            known = {entry.id: entry for entry in entries}
            for path, grounded in self.grounded():
                self.grounds(path, grounded, known)

    def names(self) -> None:
        """Every dimension, question and answer is named once, and no question as one of the five."""
        listed = self.dimensions.dimensions
        self.once([(("dimensions", at), dimension.id) for at, dimension in enumerate(listed)], set())
        self.once([(path, asked.id) for path, asked in self.asked()], set(self.rulebook.question))
        if len(self.dimensions.questions) > MOST_QUESTIONS:
            text = f"{len(self.dimensions.questions)} questions; more than {MOST_QUESTIONS} are not answered. Leave out the weakest"
            self.problem(("dimensions",), "questions", text)
        for path, asked in self.asked():
            self.once([((*path, "answers", at), choice.id) for at, choice in enumerate(asked.answers)], set())
            self.once([((*path, "answers", at), choice.name) for at, choice in enumerate(asked.answers)], set(), "name")
            if all(choice.speaks_for == NEITHER for choice in asked.answers):
                self.problem(path, "answers", f"no answer to {echo(asked.id)} speaks for a provider. It need not be asked")

    def once(self, named: list[tuple[_Path, str]], taken: set[str], field: str = "id") -> None:
        seen = set(taken)
        for path, name in named:
            if name in seen:
                self.problem((*path, field), field, f"{echo(name)} is used already. Choose another")
            seen.add(name)

    def speakers(self) -> None:
        known = [*self.rulebook.provider_index, NEITHER]
        for path, grounded in self.grounded():
            if isinstance(grounded, Statement) and grounded.speaks_for not in known:
                text = f"unknown {echo(grounded.speaks_for)}. {did_you_mean(grounded.speaks_for, known)}"
                self.problem((*path, "speaks_for"), "speaks_for", text)

    def of_the_five(self, path: _Path, reused: Reused) -> None:
        question = self.rulebook.question.get(reused.question)
        if question is None or not question.answers:
            known = [each.id for each in self.rulebook.questions if each.answers]
            text = f"{echo(reused.question)} is no question with a list of answers. {did_you_mean(reused.question, known)}"
            self.problem((*path, "question"), "question", text)
            return
        answers = [answer.id for answer in question.answers]
        self.once([((*path, "answers", at), said.id) for at, said in enumerate(reused.answers)], set())
        for at, said in enumerate(reused.answers):
            if said.id not in answers:
                text = f"unknown answer {echo(said.id)}. {did_you_mean(said.id, answers)}"
                self.problem((*path, "answers", at, "id"), "id", text)

    def grounds(self, path: _Path, grounded: Grounded, known: dict[str, Entry]) -> None:
        """Its entries exist, answer its claims and have its sources, of the same day."""
        for name in grounded.entries:
            if name not in known:
                self.problem((*path, "entries"), "entries", f"unknown {echo(name)}. {did_you_mean(name, list(known))}")
        named = [known[name] for name in grounded.entries if name in known]
        answered = {claim for entry in named for claim in entry.covers}
        for claim in grounded.claims:
            if claim not in answered:
                self.problem((*path, "claims"), "claims", f"{echo(claim)} is covered by none of its entries. Name one that covers it")
        cited = {(source.title, source.publisher, source.as_of) for entry in named for source in entry.sources}
        for at, source in enumerate(grounded.sources):
            if (source.title, source.publisher, source.as_of) not in cited:
                text = f"{echo(source.title)} of {source.as_of} is no source of its entries. Cite what they cite"
                self.problem((*path, "sources", at), "sources", text)

    def asked(self) -> Iterator[tuple[_Path, Asked]]:
        for at, dimension in enumerate(self.dimensions.dimensions):
            for number, question in enumerate(dimension.questions):
                yield ("dimensions", at, "questions", number), question

    def reused(self) -> Iterator[tuple[_Path, Reused]]:
        for at, dimension in enumerate(self.dimensions.dimensions):
            for number, reused in enumerate(dimension.reused):
                yield ("dimensions", at, "reused", number), reused

    def grounded(self) -> Iterator[tuple[_Path, Grounded]]:
        """All that carries sources."""
        yield from ((("dimensions", at), dimension) for at, dimension in enumerate(self.dimensions.dimensions))
        for path, asked in self.asked():
            yield from (((*path, "answers", at), choice) for at, choice in enumerate(asked.answers))
        for path, reused in self.reused():
            yield from (((*path, "answers", at), said) for at, said in enumerate(reused.answers))

    def problem(self, path: _Path, field: str, text: str) -> None:
        self.problems.add(FILE, self.written.place(FILE, *path), field, text)
