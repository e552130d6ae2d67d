"""Every combination of answers, and a second, plain reading of dimensions.yml: what a dimension comes to, from the bare YAML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from engine.case import Value
from engine.dimensions import Dimensions
from engine.load import RULES_FOLDER


@cache
def _dimensions() -> dict[str, Any]:
    text = (RULES_FOLDER / "dimensions.yml").read_text(encoding="utf-8")
    return {each["id"]: each for each in yaml.load(text, yaml.BaseLoader)["dimensions"]}


def provider_and_state(name: str, chosen: Mapping[str, str], said: Mapping[str, Value]) -> tuple[str | None, str]:
    """Own answers first; the five only where those name nobody."""
    dimension = _dimensions()[name]
    own = [a for q in dimension["questions"] for a in q["answers"] if chosen.get(q["id"]) == a["id"]]
    reused = [a for q in dimension.get("reused", []) for a in q["answers"] if said.get(q["question"]) == a["id"]]
    for spoken in (own, reused):
        naming = [a for a in spoken if a["speaks_for"] != "neither"]
        providers = {a["speaks_for"] for a in naming}
        if len(providers) > 1:
            return None, "apart"
        if providers:
            opinion = all(a.get("judgement") == "true" for a in naming)
            return providers.pop(), "leans" if opinion else "fits"
    return None, "silent"


def every_choice(dimensions: Dimensions) -> Iterator[dict[str, str]]:
    """Each question answered in each way, or not at all."""
    options = [[None, *(choice.id for choice in question.answers)] for question in dimensions.questions]
    for picked in itertools.product(*options):
        yield {question.id: answer for question, answer in zip(dimensions.questions, picked, strict=True) if answer}
