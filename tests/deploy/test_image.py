"""The Dockerfile, as far as it can be judged unbuilt. `make image-check` carries its steps out."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.deploy.files import DEPLOY, DOCKERFILE, ROOT, instructions

BUILD, LAST = 0, 1


def stage(number: int) -> list[tuple[str, str]]:
    starts = [at for at, (name, _) in enumerate(instructions()) if name == "FROM"]
    return instructions()[starts[number] : [*starts, None][number + 1]]


def arguments(instruction: str, number: int = LAST) -> list[str]:
    return [rest for name, rest in stage(number) if name == instruction]


def environment() -> dict[str, str]:
    return dict(word.split("=", 1) for rest in arguments("ENV") for word in shlex.split(rest))


def sources() -> Iterator[str]:
    """What is copied out of the project."""
    for rest in arguments("COPY", BUILD):
        yield from shlex.split(rest)[:-1]


def test_a_linter_finds_nothing() -> None:
    hadolint = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)
    if hadolint is None:
        pytest.skip("hadolint is not installed: the Dockerfile is not linted")
    linted = subprocess.run([hadolint, "--no-color", str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, "")


def test_both_stages_begin_with_one_python_that_the_project_supports() -> None:
    assert [rest.split()[0] for number in (BUILD, LAST) for rest in arguments("FROM", number)] == ["python:${PYTHON}-slim-bookworm"] * 2
    version = dict([instructions()[0][1].split("=")])["PYTHON"]
    least = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert least is not None
    assert tuple(map(int, version.split("."))) >= tuple(map(int, least.groups()))


def test_only_what_is_pinned_by_its_hash_is_installed() -> None:
    """The second call installs the project itself, and nothing that it needs."""
    installs = [rest for rest in arguments("RUN", BUILD) if " install " in rest]
    assert [("--require-hashes -r requirements.txt" in rest, "--no-deps --no-build-isolation -e ." in rest) for rest in installs] == [
        (True, False), (False, True),
    ]  # fmt: skip
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert [line for line in lines if line.strip() and "--hash=sha256:" not in line] == []


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    rules = [line for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert rules[0] == "*", "nothing but what is named goes to the builder: no .git, no database, no .env"
    named = {rule[1:] for rule in rules if rule.startswith("!")}
    assert named == set(sources())
    assert [each for each in sources() if not (ROOT / each).exists()] == []
    assert [rule for rule in rules[1:] if not rule.startswith("!") and any(fnmatch(each, rule) for each in named)] == []


def test_everything_that_the_program_reads_is_copied() -> None:
    """The packages, and the manifest that lies beside them."""
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"rules"}
    assert packages - {"tests"} | {"manifest.yml", "README.md", "pyproject.toml", "requirements.txt"} == set(sources())


def test_what_runs_has_no_right_and_no_installer() -> None:
    assert arguments("USER") == ["10001:10001"]
    assert [name for name, _ in stage(LAST)].index("USER") > max(at for at, (name, _) in enumerate(stage(LAST)) if name in ("RUN", "COPY"))
    assert any("pip uninstall" in rest for rest in arguments("RUN"))
    assert "apt-get" not in DOCKERFILE.read_text(encoding="utf-8")


def test_it_writes_to_two_folders_that_are_its_own() -> None:
    own = {shlex.split(rest)[-1] for rest in arguments("COPY") if "--chown=10001:10001" in rest}
    assert own == {"/var/lib/whichcloud", "/var/cache/whichcloud"}
    held = environment()
    assert (held["DATABASE_URL"], held["MPLCONFIGDIR"]) == ("sqlite:////var/lib/whichcloud/whichcloud.db", "/var/cache/whichcloud")
    assert held["PYTHONDONTWRITEBYTECODE"] == "1"


def test_its_variables_are_such_as_the_bot_or_python_reads() -> None:
    of_others = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"}
    assert set(environment()) - of_others <= {name.upper() for name in Settings.model_fields}


def test_it_serves_asks_whether_it_is_ready_and_ends_by_sigterm() -> None:
    words = [json.loads(arguments(name)[0]) for name in ("ENTRYPOINT", "CMD")]
    assert words == [["whichcloud"], ["serve"]]
    asked = json.loads(arguments("HEALTHCHECK")[0].partition("CMD ")[2])
    assert asked[0] == "python"
    assert "'/readyz'" in asked[-1]
    compile(asked[-1], "HEALTHCHECK", "exec")
    assert arguments("STOPSIGNAL") == ["SIGTERM"]
    assert arguments("EXPOSE") == [environment()["PORT"]]


def test_the_script_that_tries_it_knows_every_instruction() -> None:
    script = (DEPLOY / "try-image.sh").read_text(encoding="utf-8")
    known = {word for line in re.findall(r"^ {8}([A-Z |]+)\) ", script, re.MULTILINE) for word in line.split(" | ")}
    assert {name for name, _ in instructions()} <= known
