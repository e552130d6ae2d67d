"""What the README shows is what the commands print."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import date
from pathlib import Path

from engine.advise import advise
from engine.case import read_case
from engine.rulebook import Rulebook

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, the empty one for those without."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_worked_example_is_what_the_command_prints() -> None:
    block = next(block for block in blocks("") if block.startswith("$ "))
    command, _, shown = block.partition("\n")
    words = shlex.split(command.removeprefix("$ .venv/bin/whichcloud "))
    ran = subprocess.run([sys.executable, "-m", "bot.cli.main", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = shown.rstrip("\n").split("\n")
    assert ran.stdout.split("\n")[: len(lines)] == lines


def test_the_case_of_the_readme_can_be_advised_on(rulebook: Rulebook, today: date) -> None:
    advice = advise(read_case(blocks("yaml")[0], "README.md", rulebook, today), rulebook, today)
    assert (advice.case.workload["gpus"], advice.case.workload["accelerator"]) == (16, "H100-80GB")
    assert advice.case.assumptions["switching_threshold_usd_per_year"] == 80_000


def test_every_command_of_the_readme_exists() -> None:
    listed = set(re.findall(r"^\| `([a-z]+)", README, flags=re.MULTILINE))
    ran = subprocess.run([sys.executable, "-m", "bot.cli.main", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    known = set(re.findall(r"^  ([a-z]+)  ", ran.stdout, flags=re.MULTILINE))
    assert listed == known - {"start"}


def test_the_picture_is_there() -> None:
    assert (ROOT / "docs" / "slack.png").read_bytes().startswith(b"\x89PNG")
