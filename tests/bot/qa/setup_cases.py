"""Cases whose code is looked at: every plan on both layers, every way to buy, training or serving alone, and odd machines."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from bot.qa.setup import Snippet, setup_for
from engine.advice import Advice
from engine.advise import advise
from engine.case import make_case
from engine.load import load_rulebook
from engine.rulebook import Rulebook

DAY = date(2026, 11, 22)
AWS, AZURE, TRAIN_AWS, TRAIN_AZURE = "aws", "azure", "hybrid-aws-azure", "hybrid-azure-aws"


@dataclass(frozen=True)
class Wanted:
    """A plan of a case."""

    plan: str
    managed: bool = True
    training: str = "sporadic"
    regions: int = 5
    workload: dict[str, object] = field(default_factory=dict)

    def advice(self) -> Advice:
        answers = {
            "footprint": "both", "training": self.training, "microsoft_ea": "yes", "inference_regions": self.regions,
            "mlops_capacity": "no" if self.managed else "yes",
        }  # fmt: skip
        return advise(make_case(rulebook(), DAY, answers, self.workload), rulebook(), DAY)

    def snippets(self) -> tuple[Snippet, ...]:
        return setup_for(rulebook(), self.advice(), DAY, plan=self.plan)

    def code(self, file_name: str) -> str:
        return next(snippet.code for snippet in self.snippets() if snippet.file_name == file_name)


_ON_DEMAND: dict[str, object] = {"interruptible": False}
_PLANS = (AWS, AZURE, TRAIN_AWS, TRAIN_AZURE)
WANTED: dict[str, Wanted] = {
    **{f"{plan}, {layer}": Wanted(plan, managed=layer == "managed") for plan in _PLANS for layer in ("managed", "raw")},
    **{f"{plan}, {layer}, continuous": Wanted(plan, managed=layer == "managed", training="continuous", workload={"gpus": 32})
       for plan in _PLANS for layer in ("managed", "raw")},
    "aws, on demand": Wanted(AWS, workload=_ON_DEMAND),
    "azure, on demand": Wanted(AZURE, workload=_ON_DEMAND),
    "azure, on demand, raw": Wanted(AZURE, managed=False, workload=_ON_DEMAND),
    "aws, training only": Wanted(AWS, regions=0),
    "azure, training only": Wanted(AZURE, regions=0),
    "aws, serving only": Wanted(AWS, training="none"),
    "azure, serving only, raw": Wanted(AZURE, managed=False, training="none"),
    "azure, serving only": Wanted(AZURE, training="none", workload={"endpoint_accelerator": "T4"}),
    "aws, serving on T4, raw": Wanted(AWS, managed=False, training="none", workload={"endpoint_accelerator": "T4"}),
    "azure, serving on T4, raw": Wanted(AZURE, managed=False, training="none", workload={"endpoint_accelerator": "T4"}),
    "aws, one T4 in europe": Wanted(AWS, regions=1, workload={"accelerator": "T4", "gpus": 1, "region": "europe"}),
    "aws, Trainium": Wanted(AWS, workload={"accelerator": "Trainium", "gpus": 16}),
    "azure, the article's machine": Wanted(AZURE, workload={"price_book": "article"}),
    "aws, cool storage": Wanted(AWS, workload={"storage_tier": "infrequent"}),
    "azure, cool storage": Wanted(AZURE, workload={"storage_tier": "infrequent"}),
}  # fmt: skip


@cache
def rulebook() -> Rulebook:
    return load_rulebook()


@cache
def snippets(name: str) -> tuple[Snippet, ...]:
    return WANTED[name].snippets()


def every_snippet(language: str) -> Iterator[tuple[str, Snippet]]:
    """Each different text of that language once, with the case that it is for."""
    seen: set[str] = set()
    for name in WANTED:
        for snippet in snippets(name):
            if snippet.language == language and snippet.code not in seen:
                seen.add(snippet.code)
                yield name, snippet


def environment_of(snippet: Snippet) -> str:
    """The environment of tests/setup/make-environments.sh that a Python snippet is for."""
    modules = {node.module or "" for node in ast.walk(ast.parse(snippet.code)) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(ast.parse(snippet.code)) if isinstance(node, ast.Import) for name in node.names}
    if any(module.startswith("azure.") for module in modules):
        return "azure"
    if any(module == "sagemaker" or module.startswith("sagemaker.") for module in modules):
        return "sagemaker_v3" if any(module.startswith("sagemaker.train") for module in modules) else "sagemaker_v2"
    return "sagemaker_v3"


@dataclass(frozen=True)
class Call:
    """A call of something that a package defines, with the keywords that it is given."""

    name: str
    keywords: frozenset[str]


def calls(code: str) -> Iterator[Call]:
    """What a program calls of packages: what it imports, the methods of what it makes of that, and requests to AWS services."""
    tree = ast.parse(code)
    known = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
            made = _made(node.value, known)
            if made:
                known[node.targets[0].id] = made
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := _path(node.func, known)):
            yield Call(name, frozenset(keyword.arg for keyword in node.keywords if keyword.arg))


def _imported(tree: ast.Module) -> dict[str, str]:
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] not in sys.stdlib_module_names:
            known |= {each.name: f"{node.module}:{each.name}" for each in node.names}
        if isinstance(node, ast.Import):
            known |= {each.name: f"{each.name}:" for each in node.names if each.name not in sys.stdlib_module_names}
    return known


def _path(node: ast.expr, known: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _made(node.value, known) if isinstance(node.value, ast.Call) else _path(node.value, known)
        if owner:
            return f"{owner}{'' if owner.endswith(':') else '.'}{node.attr}"
    return None


def _made(call: ast.Call, known: dict[str, str]) -> str | None:
    """The class that a call makes an object of, or the client of a service; None where only the package knows what comes back."""
    name = _path(call.func, known)
    if name == "boto3:client" and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
        return f"{name}.{call.args[0].value}"
    return name if name and re.split(r"[:.]", name)[-1][:1].isupper() else None
