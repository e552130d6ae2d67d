"""The Terraform that the bot hands out: it parses, what it refers to exists, and `terraform validate` takes it where that is installed.

SETUP_TERRAFORM_PLUGINS may name a folder with providers, as `terraform providers mirror` makes it; else they come from the registry.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import pytest

from tests.bot.qa.setup_cases import WANTED, snippets

TERRAFORM = shutil.which("terraform") or ""
PLUGINS = os.environ.get("SETUP_TERRAFORM_PLUGINS", "")
CHECKS = os.environ.get("SETUP_ENVIRONMENTS", "")
DOCUMENTED = Path(__file__).resolve().parents[2] / "setup" / "azurerm_arguments.json"
_REFERENCE = re.compile(r"(?<![\w.\"])(?P<data>data\.)?(?P<kind>var|local|aws_[a-z0-9_]+|azurerm_[a-z0-9_]+)\.(?P<name>[a-z_][a-z0-9_]*)")
_META = "__"  # what the parser adds: comments, and that something is a block
_MARK = "__is_block__"


def files_of(case: str) -> dict[str, str]:
    return {Path(s.file_name).name: s.code for s in snippets(case) if s.language == "terraform"}


def parsed(case: str) -> dict[str, list[Any]]:
    """All files of a case as one configuration; reading a file takes longer than anything else here."""
    whole: dict[str, list[Any]] = {}
    for code in files_of(case).values():
        for kind, blocks in read(code).items():
            whole.setdefault(kind, []).extend(blocks)
    return whole


@cache
def read(code: str) -> dict[str, list[Any]]:
    return dict(hcl2.loads(code))


def defined(whole: dict[str, list[Any]]) -> set[str]:
    names = {f"var.{bare(name)}" for block in whole.get("variable", []) for name in block}
    names |= {f"local.{name}" for block in whole.get("locals", []) for name in block if not name.startswith(_META)}
    for prefix, blocks in (("", "resource"), ("data.", "data")):
        names |= {
            f"{prefix}{bare(kind)}.{bare(name)}" for block in whole.get(blocks, []) for kind, named in block.items() for name in named
        }
    return names


def bare(name: str) -> str:
    return name.strip('"')


def expressions(value: Any) -> Iterator[str]:
    """Every text in which something may be referred to: what is not quoted, and what stands in `${...}`."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions(inner)
    elif isinstance(value, str):
        yield from re.findall(r"(?<!\$)\$\{(.*?)\}", value, re.DOTALL)
        if value.startswith("${"):
            yield value[2:-1]


def referred(whole: dict[str, list[Any]]) -> set[str]:
    found = {match for text in expressions(whole) for match in _REFERENCE.finditer(text)}
    return {f"{match['data'] or ''}{match['kind']}.{match['name']}" for match in found}


@pytest.mark.parametrize("case", WANTED)
def test_what_is_referred_to_exists(case: str) -> None:
    whole = parsed(case)
    assert set() == referred(whole) - defined(whole)


@pytest.mark.parametrize("case", WANTED)
def test_nothing_is_declared_for_nothing(case: str) -> None:
    whole = parsed(case)
    assert set() == {name for name in defined(whole) - referred(whole) if name.startswith(("var.", "local.", "data."))}


def test_a_missing_variable_would_be_seen() -> None:
    whole = hcl2.loads('resource "aws_s3_bucket" "data" {\n  bucket = "x-${var.gone}"\n  tags = merge(var.lost, {})\n}\n')
    assert {"var.gone", "var.lost"} == referred(whole) - defined(whole)


@pytest.mark.parametrize("case", WANTED)
def test_azure_resources_take_only_documented_arguments(case: str) -> None:
    documented = json.loads(DOCUMENTED.read_text())["resources"]
    wrong = {
        f"{bare(kind)}.{argument}"
        for block in parsed(case).get("resource", [])
        for kind, named in block.items()
        if bare(kind).startswith("azurerm_")
        for body in named.values()
        for argument in arguments(body)
        if argument not in documented[bare(kind)]
    }
    assert set() == wrong


def arguments(body: dict[str, Any], above: str = "") -> Iterator[str]:
    """The arguments of a block, those of inner blocks with their path: identity.type."""
    for name, value in body.items():
        if name.startswith(_META) or name in ("lifecycle", "depends_on", "count", "for_each"):
            continue
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) and _MARK in value[0] else None
        if inner is None:
            yield f"{above}{name}"
        else:
            yield from arguments(inner, f"{above}{name}.")


@pytest.mark.parametrize("case", [name for name, wanted in WANTED.items() if wanted.plan.startswith("hybrid")])
def test_a_hybrid_has_both_providers_and_one_file_of_variables(case: str) -> None:
    whole = parsed(case)
    assert sorted(bare(name) for block in whole["provider"] for name in block) == ["aws", "azurerm"]
    assert len([name for name, code in files_of(case).items() if 'variable "' in code]) == 1


@pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed: the files are parsed, not formatted or validated")
def test_terraform_would_not_format_it_otherwise(tmp_path: Path) -> None:
    for number, case in enumerate(DIFFERENT):
        write(case, tmp_path / str(number))
    command = [TERRAFORM, "fmt", "-check", "-diff", "-recursive", "-no-color", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


DIFFERENT = list({str(sorted(files_of(case).items())): case for case in WANTED}.values())


def with_providers(*providers: str) -> list[str]:
    """The different configurations that use just these."""
    mains = {case: files_of(case)["main.tf"] for case in DIFFERENT}
    return [case for case, main in mains.items() if set(providers) == {name for name in ("aws", "azurerm") if f'provider "{name}"' in main}]


@pytest.mark.skipif(not TERRAFORM, reason="terraform is not installed: the files are parsed, not formatted or validated")
@pytest.mark.skipif(not CHECKS, reason="SETUP_ENVIRONMENTS is not set: `make setup-check` validates the files, which takes a minute")
@pytest.mark.parametrize("providers", [("aws",), ("azurerm",), ("aws", "azurerm")], ids=["aws", "azure", "both"])
def test_terraform_validates_it(providers: tuple[str, ...], tmp_path: Path) -> None:
    for number, case in enumerate(with_providers(*providers)):
        write(case, tmp_path)
        if number == 0:
            initialise(tmp_path, " and ".join(providers))
        found = json.loads(terraform(tmp_path, "validate", "-json").stdout)
        assert [(case, each["summary"], each.get("detail")) for each in found["diagnostics"]] == []


def write(case: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.tf"):
        old.unlink()
    for name, code in files_of(case).items():
        (folder / name).write_text(code)


def initialise(folder: Path, providers: str) -> None:
    """Skips, saying so, where the provider cannot be had."""
    words = [f"-plugin-dir={PLUGINS}"] if PLUGINS else []
    done = terraform(folder, "init", "-backend=false", "-input=false", "-no-color", *words)
    if done.returncode != 0:
        pytest.skip(f"{providers} cannot be had as provider here: the files are parsed, not validated")


def terraform(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    return subprocess.run(
        [TERRAFORM, *words], cwd=folder, env={**clean, "CHECKPOINT_DISABLE": "1"}, capture_output=True, text=True, timeout=300
    )
