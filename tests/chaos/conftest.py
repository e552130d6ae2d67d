"""What a chaos run is told on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos")
    group.addoption("--conversations", type=int, default=500)
    group.addoption("--kills", type=int, default=50)
    group.addoption("--under-way", type=int, default=40, help="conversations at once")
    group.addoption("--workspaces", type=int, default=5)
    group.addoption("--seed", type=int, default=1)
    group.addoption("--results", type=Path, default=Path("build/chaos"), help="the folder for what came out, as JSON")
