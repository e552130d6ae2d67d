"""A file under rules/ -> the model that it is written for, or its problems with line, field and the way to mend them."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Problems, RulesError, did_you_mean, echo
from engine.yamltree import Mapping, Node, Sequence, line_of, node_at, plain, read_tree

_SHAPES = {
    "model_type": "Give `key: value` lines",
    "dict_type": "Give `key: value` lines",
    "list_type": "Give a list",
    "string_type": "Give a word or a text",
    "bool_type": "Give true or false",
}
_TYPE_NAME = re.compile(r"str|bool|\[key\]|[a-z]+\[.*\]|function-.*")
_Model = TypeVar("_Model", bound=BaseModel)


def read_file(folder: Path, name: str, model: type[_Model]) -> _Model:
    """One file of the folder. Raises RulesError with every problem of it."""
    problems = Problems()
    try:
        read = Written({name: (folder / name).read_bytes()}, problems).read(name, model)
    except OSError as error:
        problems.add(name, 0, "", f"cannot be read: {error.strerror}")
        read = None
    if read is None or problems:
        raise RulesError(problems.found)
    return read


class Written:
    """The YAML files as trees, kept so that a problem found later still has its line."""

    def __init__(self, files: dict[str, bytes], problems: Problems) -> None:
        self.files = files
        self.problems = problems
        self.trees: dict[str, Node] = {}

    def read(self, name: str, model: type[_Model]) -> _Model | None:
        tree = read_tree(self.files[name], name, self.problems, strict=True)
        if tree is None:
            return None
        self.trees[name] = tree
        try:
            return model.model_validate(plain(tree))
        except ValidationError as error:
            read = {problem.line for problem in self.problems.found if problem.file == name}
            details = error.errors(include_url=False, include_context=True)
            for detail in sorted(details, key=lambda detail: detail["type"] == "missing"):
                self._note(name, tree, model, detail, read)
            return None

    def place(self, name: str, *path: str | int) -> int:
        return line_of(self.trees[name], path)

    def _note(self, name: str, tree: Node, model: type[BaseModel], detail: ErrorDetails, read: set[int]) -> None:
        path = _written_path(detail["loc"], tree)
        line = line_of(tree, path)
        words = [step for step in (detail["loc"][-1:] if detail["type"] == "missing" else path) if isinstance(step, str)]
        field = words[-1] if words else ""
        if line in read or any((p.file, p.line, p.field) == (name, line, field) for p in self.problems.found):
            return  # the first finding says more than what follows from it
        self.problems.add(name, line, field, _say(detail, model, path))


def _written_path(location: tuple[str | int, ...], tree: Node) -> tuple[str | int, ...]:
    """Pydantic's location without the names of types, which a writer of rules never wrote."""
    path: list[str | int] = []
    for step in location:
        here = node_at(tree, tuple(path))
        is_key = isinstance(here, Mapping) and isinstance(step, str) and not _TYPE_NAME.fullmatch(step)
        is_item = isinstance(here, Sequence) and isinstance(step, int)
        if is_key or is_item:
            path.append(step)
    return tuple(path)


def _say(detail: ErrorDetails, model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    """Pydantic's finding in plain words, with a hint where there is a near word."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown key. {did_you_mean(str(path[-1]), _known_keys(model, path[:-1]), 'Known keys')}"
    if kind == "missing":
        return "missing. Add it"
    if kind == "too_short":
        return "empty. At least one is needed"
    if kind == "literal_error":
        known = [word.strip(" '") for word in str(context.get("expected", "")).replace(" or ", ",").split(",")]
        return f"unknown {_quoted(detail['input'])}. {did_you_mean(str(detail['input']), known)}"
    if kind == "string_pattern_mismatch":
        return f"{_quoted(detail['input'])} does not have the form of such a value: it must match {context.get('pattern')}"
    if kind in _SHAPES:
        return f"{_quoted(detail['input'])} does not fit here. {_SHAPES[kind]}"
    return f"{_quoted(detail['input'])}: {detail['msg'].removeprefix('Value error, ')}"


def _quoted(value: object) -> str:
    """What was written, in words where it is more than one."""
    if isinstance(value, dict):
        return "a block of `key: value` lines"
    if isinstance(value, list):
        return "a list"
    return echo({True: "true", False: "false"}[value] if isinstance(value, bool) else value)


def _known_keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """The keys that the model knows at a path, found by following its annotations."""
    at: Any = model
    for step in path:
        at = _step(at, step)
    return [field.alias or name for name, field in at.model_fields.items()] if _is_model(at) else []


def _step(annotation: Any, step: str | int) -> Any:
    """What stands behind one key or index of an annotation such as `list[Rule]` or `Effective | None`."""
    if _is_model(annotation):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return _without_none(fields.get(str(step)))
    arguments = get_args(annotation)
    return _without_none(arguments[-1]) if get_origin(annotation) in (list, dict) else annotation


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (types.UnionType, Union):
        return annotation
    return next(argument for argument in get_args(annotation) if argument is not type(None))


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel)
