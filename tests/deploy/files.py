"""The files of deploy/ as tests read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE, COMPOSE, UNIT, EXAMPLE = (DEPLOY / name for name in ("Dockerfile", "compose.yml", "whichcloud.service", "example.env"))


@dataclass(frozen=True)
class Variable:
    """A line of the example: what it says above, and whether it is only shown."""

    name: str
    value: str
    shown: bool
    said: str


def variables() -> list[Variable]:
    found = re.findall(r"^# (.+)\n(#?)([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
    return [Variable(name, value, shown == "#", said) for said, shown, name, value in found]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, in order: its lines joined, without comments."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in joined]


def unit() -> dict[str, list[str]]:
    """Every setting of the unit, each as often as it stands there."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Z]\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found
