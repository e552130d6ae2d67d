"""The eight worked cases of the specification as a person or a program would write them, and their published verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from tests.bot.terminal import DAY, Ran, run

Sections = dict[str, dict[str, object]]
_QUESTIONS = ("footprint", "training", "microsoft_ea", "inference_regions", "mlops_capacity")
_ARTICLE: dict[str, object] = {
    "price_book": "article",
    "egress_gb_per_month": 0,
    "inter_region_gb_per_month": 0,
    "storage_gb": 0,
}


@dataclass(frozen=True)
class Written:
    """A case file before it is written down."""

    answers: Mapping[str, object]
    workload: Mapping[str, object] = field(default_factory=dict)
    assumptions: Mapping[str, object] = field(default_factory=dict)

    def having(self, section: str, **values: object) -> Written:
        return replace(self, **{section: {**getattr(self, section), **values}})

    def sections(self) -> Sections:
        parts = {"answers": self.answers, "workload": self.workload, "assumptions": self.assumptions}
        return {name: dict(part) for name, part in parts.items() if part}

    def yaml(self) -> str:
        """Words unquoted, as people write them."""
        lines = []
        for name, part in self.sections().items():
            lines += [f"{name}:", *(f"  {key}: {_word(value)}" for key, value in part.items())]
        return "\n".join(lines) + "\n"

    def json(self) -> str:
        """Yes and no as booleans, as programs write them."""
        said = {"yes": True, "no": False}
        parts = self.sections()
        return json.dumps({name: {key: said.get(str(value), value) for key, value in part.items()} for name, part in parts.items()})


def _word(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def answers(text: str) -> dict[str, object]:
    """Reads 'footprint, training, EA, regions, MLOps', as the specification prints them."""
    footprint, training, ea, regions, mlops = text.split(", ")
    return dict(zip(_QUESTIONS, (footprint, training, ea, int(regions), mlops), strict=True))


CASES = {
    "P1": Written(answers("azure, continuous, no, 0, yes"), {**_ARTICLE, "gpus": 4}),
    "P2": Written(answers("none, sporadic, no, 0, yes"), {**_ARTICLE, "gpus": 4}),
    "P3": Written(answers("none, none, no, 5, no"), _ARTICLE),
    "P4": Written(answers("none, continuous, no, 2, yes")),
    "P5": Written(answers("none, sporadic, no, 2, yes")),
    "P6": Written(answers("aws, sporadic, yes, 5, no")),
    "P7": Written(answers("both, continuous, yes, 5, yes"), {"endpoints": 400, "ea_discount_pct": 30}),
    "P8": Written(answers("aws, continuous, yes, 6, no"), {"ea_discount_pct": 40}),
}
# Section 7: the verdict at 1x, 3x and 10x, and the whole dollars a year of AWS and of Azure.
VERDICTS = {
    "P1": (("azure", "stay"), ("azure", "stay"), ("aws", "move")),
    "P2": (("azure", "matrix"),) * 3,
    "P3": (("azure", "matrix"),) * 3,
    "P4": (("aws", "matrix"),) * 3,
    "P5": (("azure", "matrix"),) * 3,
    "P6": (("aws", "stay"), ("aws", "stay"), ("azure", "move")),
    "P7": (("hybrid-aws-azure", "matrix"),) * 3,
    "P8": (("aws", "stay"), ("aws", "stay"), ("azure", "move")),
}


@cache
def reply(name: str, form: str = "json", *more: str) -> Ran:
    """What `advise` prints on a worked case on the day of the tests. The same words give the same reply, so it is asked for once."""
    return run("advise", "-", "--format", form, "--as-of", DAY, *more, said=CASES[name].yaml())
