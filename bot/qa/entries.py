"""An entry of the knowledge as an answer: its figures filled in, its sources and dates beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.qa.answer import Answer, Cited
from bot.qa.named import FUNCTIONS, Named, NoSuchFigure
from bot.words import Words
from engine.entries import Entry
from engine.errors import Problems, RulesError

_MONEY = re.compile(r"\$\s?[0-9]|\bUSD\s?[0-9]|[0-9]\s?(?:USD|dollars|cents)\b", re.IGNORECASE)
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class Library:
    """The entries by their ids, ready to be read out."""

    def __init__(self, words: Words, entries: Iterable[Entry]) -> None:
        self.words = words
        self.entries = tuple(entries)
        self.by_id = {entry.id: entry for entry in self.entries}

    def answer(self, entry: Entry, day: date) -> Answer:
        """Raises NoSuchFigure where the catalogue no longer has what the entry names."""
        named = Named(self.words, entry, day)
        text = _ENVIRONMENT.from_string(entry.body).render(named.functions())
        own = (Cited(source.title, source.publisher, source.as_of) for source in entry.sources)
        return Answer(
            kind="entry",
            id=entry.id,
            text=text,
            sources=tuple(dict.fromkeys((*own, *named.cited))),
            claims=tuple(entry.covers),
            suggestions=tuple(self.by_id[other].question for other in entry.see[:3]),
        )


def check_entries(library: Library, day: date) -> None:
    """Every entry can be read out on that day. Raises RulesError with what stands in the way."""
    problems = Problems()
    for entry in library.entries:
        file = f"{entry.topics[0]}/{entry.id}.md"
        if _MONEY.search(entry.said):
            problems.add(file, 0, "body", "an amount of money is typed. Take it from the catalogue by name, such as {{ price(...) }}")
        try:
            if not _calls_only(entry.body):
                problems.add(
                    file, 0, "body", 'between {{ and }} stands one call with constant arguments, such as {{ assumed("materiality_pct") }}'
                )
            else:
                library.answer(entry, day)
        except TemplateSyntaxError as error:
            problems.add(file, 0, "body", str(error))
        except (NoSuchFigure, TypeError) as error:
            problems.add(file, 0, "body", f"{error}. Name a row of the catalogue as it is written there")
    if problems:
        raise RulesError(problems.found)


def _calls_only(body: str) -> bool:
    """Nothing but text, and calls by name with constants: a template chooses words and never computes."""
    outputs = _ENVIRONMENT.parse(body).body
    if not all(isinstance(output, nodes.Output) for output in outputs):
        return False
    parts = [part for output in outputs if isinstance(output, nodes.Output) for part in output.nodes]
    return all(isinstance(part, nodes.TemplateData) or _is_call(part) for part in parts)


def _is_call(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
        return False
    plain = not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
    return plain and node.node.name in FUNCTIONS and all(isinstance(argument, nodes.Const) for argument in node.args)
