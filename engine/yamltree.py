"""Reads YAML into a tree that remembers lines. The only module that reads YAML; it knows nothing of rules.

Stricter than YAML: no anchors, aliases, tags or merge keys, no key twice, nothing empty, and words stay words
(`no` is the word no; only `true` and `false` are booleans). Numbers stay text until somebody asks for a number,
so that money never passes through a float.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

import yaml

from engine.errors import Problems, echo

MOST_BYTES = 1_000_000
_MOST_DEPTH = 20
_LONGEST_KEY = 100
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser where the wheel has it
_TRAPS = (
    (
        re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"),
        "an underscore in a number is read differently by different programs. Write the digits alone",
    ),
    (re.compile(r"[-+]?0[0-9]+"), "a leading zero makes plain YAML read an octal number. Drop the zero, or quote it"),
    (re.compile(r"[-+]?[0-9]+(:[0-9]{1,2}){1,2}"), "plain YAML reads this as a number in base 60. Quote it"),
)
_NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "false": False}
_EMPTY = ("", "~", "null")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_CUT = re.compile(r"\s+(#\S.{0,18})")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what YAML takes for the end of a line


@dataclass(frozen=True)
class Scalar:
    """A word, a text or a number as it was written; `quoted` also for `>-` and `|` blocks."""

    line: int
    text: str
    quoted: bool


@dataclass(frozen=True)
class Sequence:
    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Mapping:
    line: int
    keys: dict[str, int]
    items: dict[str, Node]


Node = Scalar | Sequence | Mapping
Plain = str | bool | list["Plain"] | dict[str, "Plain"]
Typed = str | bool | Decimal | None | list["Typed"] | dict[str, "Typed"]


class _Stop(Exception):
    """The rest of the file cannot be read; the problem is already noted."""


def read_tree(text: str | bytes, file: str, problems: Problems, *, strict: bool) -> Node | None:
    """The tree of one document, or None when it cannot be read at all.

    Problems are collected with their line. `strict` (files under rules/) also refuses what plain YAML
    misreads: `200_000`, `010`, `12:30`, unquoted decimals, and text cut off at a `#`.
    """
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        problems.add(file, 0, "", f"the file has {size:,} bytes; at most {MOST_BYTES:,} are read")
        return None
    try:
        source = (text.decode("utf-8") if isinstance(text, bytes) else text).removeprefix("\ufeff")
        source.encode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.add(file, line, "", f"byte {error.start} is not UTF-8. Save the file as UTF-8")
        return None
    except UnicodeEncodeError as error:
        line = error.object[: error.start].count("\n") + 1
        problems.add(file, line, "", "a character is half of a surrogate pair. Save the file as UTF-8")
        return None
    try:
        return _Builder(source, file, problems, strict).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(file, mark.line + 1 if mark else 0, "", _syntax(error))
    except yaml.reader.ReaderError as error:
        line = source[: error.position].count("\n") + 1 if isinstance(error.position, int) else 0
        problems.add(file, line, "", "a control character is not allowed. Remove it")
    except _Stop:
        pass
    return None


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "not YAML"
    if "mapping values are not allowed" in problem:
        return "a second `: ` in one line. Quote the text, or put it in a `>-` block"
    return f"not YAML: {problem}"


class _Builder:
    """Builds the tree from parser events; nothing is constructed, expanded or guessed on the way."""

    def __init__(self, source: str, file: str, problems: Problems, strict: bool) -> None:
        self.lines = _BREAK.split(source)
        self.file = file
        self.problems = problems
        self.strict = strict
        self.events: Iterator[yaml.Event] = yaml.parse(source, Loader=_LOADER)

    def document(self) -> Node | None:
        next(self.events)  # the start of the stream
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self.problem(1, "", "the file is empty")
            return None
        node = self.node(next(self.events), "", 0)
        next(self.events)  # the end of the document
        if not isinstance(event := next(self.events), yaml.StreamEndEvent):
            self.stop(_line(event), "", "the file has more than one document. Remove the `---` between them")
        return node

    def node(self, event: yaml.Event, field: str, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self.stop(line, field, "anchors and aliases (`&`, `*`) are refused: text is read where it stands. Write it out")
        if getattr(event, "tag", None):
            self.stop(line, field, f"the tag {echo(getattr(event, 'tag', ''))} is refused. Remove it")
        if depth > _MOST_DEPTH:
            self.stop(line, field, f"nested deeper than {_MOST_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(line, field, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(line, field, depth)
        assert isinstance(event, yaml.ScalarEvent)
        return self.scalar(event, field)

    def mapping(self, line: int, field: str, depth: int) -> Mapping:
        keys: dict[str, int] = {}
        items: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            place = _line(event)
            key = self.node(event, field, depth + 1)
            if not isinstance(key, Scalar) or len(key.text) > _LONGEST_KEY:
                self.stop(place, field, f"a key must be one word of at most {_LONGEST_KEY} characters")
            if key.text == "<<":
                self.stop(place, field, "merge keys (`<<`) are refused: text is read where it stands. Write it out")
            value = self.node(next(self.events), key.text, depth + 1)
            if key.text in items:
                self.problem(place, key.text, "is written twice. Keep one")
                continue
            keys[key.text] = place
            items[key.text] = value
        return Mapping(line, keys, items)

    def sequence(self, line: int, field: str, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, field, depth + 1))
        return Sequence(line, tuple(items))

    def scalar(self, event: yaml.ScalarEvent, field: str) -> Scalar:
        line = _line(event)
        quoted = bool(event.style)  # the C parser gives "" for plain text, the other None
        if self.strict and not quoted:
            self.refuse_traps(event, line, field)
        return Scalar(line, event.value, quoted)

    def refuse_traps(self, event: yaml.ScalarEvent, line: int, field: str) -> None:
        text = event.value
        cut = self.cut_off(event)
        if cut:
            self.problem(line, field, f"the text is cut off at {echo(cut)}. Quote it, or put it in a `>-` block")
        if text[:1].isalpha() and text[:1] not in "nN":
            return  # neither a number nor nothing
        if text.lower() in _EMPTY:
            self.problem(line, field, "empty. Give a value, or leave the key out: empty never means any")
        for pattern, why in _TRAPS:
            if pattern.fullmatch(text):
                self.problem(line, field, f"{echo(text)}: {why}")
        if _DECIMAL.fullmatch(text):
            self.problem(line, field, f"{echo(text)}: a number with decimals is quoted, so that it is never a float")

    def cut_off(self, event: yaml.Event) -> str:
        """What stands behind a value on its line and looks like text, though YAML takes it for a comment."""
        mark = event.end_mark
        if mark is None or mark.line >= len(self.lines) or "#" not in self.lines[mark.line]:
            return ""
        found = _CUT.match(self.lines[mark.line], mark.column)
        return found[1] if found else ""

    def problem(self, line: int, field: str, text: str) -> None:
        self.problems.add(self.file, line, field, text)

    def stop(self, line: int, field: str, text: str) -> NoReturn:
        self.problem(line, field, text)
        raise _Stop


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def plain(node: Node) -> Plain:
    """The tree without its lines: text, true and false, lists and dicts."""
    if isinstance(node, Scalar):
        return node.text == "true" if not node.quoted and node.text in ("true", "false") else node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(item) for key, item in node.items.items()}


def typed(node: Node) -> Typed:
    """As `plain`, for what people hand over as a case: unquoted numbers are exact numbers, null and nothing are None."""
    if isinstance(node, Scalar):
        return node.text if node.quoted else typed_word(node.text)
    if isinstance(node, Sequence):
        return [typed(item) for item in node.items]
    return {key: typed(item) for key, item in node.items.items()}


def typed_word(text: str) -> str | bool | Decimal | None:
    """An unquoted word: a number (never octal, hexadecimal or with underscores), true, false, nothing, or itself."""
    word = text.lower()
    if word in _EMPTY:
        return None
    if word in _BOOLEANS:
        return _BOOLEANS[word]
    return Decimal(text) if len(text) <= _LONGEST_KEY and _NUMBER.fullmatch(text) else text


def node_at(node: Node, path: tuple[str | int, ...]) -> Node | None:
    """The node at a path of keys and indices, None where the path leads nowhere."""
    for step in path:
        below = _below(node, step)
        if below is None:
            return None
        node = below[1]
    return node


def line_of(node: Node, path: tuple[str | int, ...]) -> int:
    """The line of the key or item at a path; of the nearest parent where the path leads nowhere."""
    line = node.line
    for step in path:
        below = _below(node, step)
        if below is None:
            return line
        line, node = below
    return line


def _below(node: Node, step: str | int) -> tuple[int, Node] | None:
    """One step down, with the line of the key or item."""
    if isinstance(node, Mapping) and isinstance(step, str) and step in node.items:
        return node.keys[step], node.items[step]
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step].line, node.items[step]
    return None
