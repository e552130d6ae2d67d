"""Reads rules/asking/: the words that people ask with. Every problem is listed with its file and line."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from engine.errors import Problems, RulesError
from engine.load import RULES_FOLDER
from engine.yamltree import line_of, plain, read_tree

FOLDER = "asking"


class Written(BaseModel):
    """What stands in a file; a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_Model = TypeVar("_Model", bound=BaseModel)


def read_asking(name: str, model: type[_Model], folder: Path = RULES_FOLDER) -> _Model:
    """One file of the folder. Raises RulesError with every problem."""
    file = f"{FOLDER}/{name}"
    problems = Problems()
    try:
        tree = read_tree((folder / file).read_bytes(), file, problems, strict=True)
    except OSError as error:
        problems.add(file, 0, "", f"cannot be read: {error.strerror}")
        tree = None
    if tree is not None:
        try:
            return model.model_validate(plain(tree))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path = tuple(step for step in detail["loc"] if step != "[key]")
                problems.add(file, line_of(tree, path), ".".join(map(str, path)), detail["msg"])
    raise RulesError(problems.found)
