"""Prints as JSON what the callables named on standard input take, as the packages installed beside define them.

Knows nothing of whichcloud. Standard input: a JSON list of names such as `sagemaker.train:ModelTrainer.train`, or
`boto3:client.sagemaker.create_model` for a request to a service.
A class that hands keywords on to its bases takes theirs too; what a class swallows without naming it does not count.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from importlib import import_module
from importlib.metadata import version
from typing import Any, get_type_hints

_SERVICE = "boto3:client."


def main() -> None:
    os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
    names = json.load(sys.stdin)
    taken = {name: {"from": package_of(name), "parameters": sorted(parameters_of(name))} for name in sorted(names)}
    sys.stdout.write(json.dumps(taken) + "\n")


def package_of(name: str) -> str:
    """The distribution that a program asks for, and its version: sagemaker 3.27.0."""
    module = "botocore" if name.startswith(_SERVICE) else name.split(":")[0]
    top = module.split(".")[0]
    distribution = {"azure": "azure-identity" if module.startswith("azure.identity") else "azure-ai-ml"}.get(top, top)
    return f"{distribution} {version(distribution)}"


def parameters_of(name: str) -> set[str]:
    if name.startswith(_SERVICE):
        return request_members(*name.removeprefix(_SERVICE).split("."))
    module, path = name.split(":")
    if name == "boto3:client":
        module, path = "boto3.session", "Session.client"
    found: Any = import_module(module)
    for step in path.split("."):
        found = getattr(found, step, None) or import_module(f"{module}.{step}")
        if isinstance(found, property):
            found = get_type_hints(found.fget)["return"]
    return of_class(found) if inspect.isclass(found) else named(found)


def request_members(service: str, method: str) -> set[str]:
    if method == "get_waiter":
        return {"waiter_name"}  # a method of every client, and no request
    xform_name = import_module("botocore").xform_name
    model = import_module("botocore.session").get_session().get_service_model(service)
    operation = next(each for each in model.operation_names if xform_name(each) == method)
    shape = model.operation_model(operation).input_shape
    return set(shape.members) if shape else set()


def of_class(found: type) -> set[str]:
    fields = getattr(found, "model_fields", None)
    if fields:
        return set(fields)
    taken: set[str] = set()
    for each in found.__mro__:
        constructor = vars(each).get("__init__")
        if constructor is None:
            continue
        taken |= named(constructor)
        if not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(constructor).parameters.values()):
            break
    return taken


def named(function: Any) -> set[str]:
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {p.name for p in inspect.signature(function).parameters.values() if p.kind in kinds and p.name != "self"}


if __name__ == "__main__":
    main()
