"""The systemd unit: what systemd itself says of it, and what the bot does."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.cli.main import _COMMANDS
from bot.serve import _GRACE_S
from bot.settings import Settings
from tests.bot.serving.process import DEADLINE_S, local_slack, sqlite, starting
from tests.deploy.files import UNIT, unit

INSTALLED = "/opt/whichcloud/.venv/bin/whichcloud"
MOST_EXPOSED = 20  # in tenths, of a hundred; systemd calls it OK up to 44


@pytest.fixture
def verified(tmp_path: Path) -> Path:
    """The unit with a program that there is on this machine."""
    file = tmp_path / UNIT.name
    file.write_text(UNIT.read_text(encoding="utf-8").replace(f"ExecStart={INSTALLED}", "ExecStart=/bin/true"), encoding="utf-8")
    return file


def systemd_analyze(*words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("there is no systemd-analyze here: the unit is not verified")
    ran = subprocess.run([program, *words], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if "unrecognized option" in ran.stderr:
        pytest.skip(f"this systemd-analyze is too old: {ran.stderr.strip()}")
    return ran


def test_systemd_has_nothing_to_say(verified: Path) -> None:
    ran = systemd_analyze("verify", str(verified))
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")


def test_systemd_counts_it_among_the_least_exposed(verified: Path) -> None:
    ran = systemd_analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager", str(verified))
    assert ran.returncode == 0, ran.stdout


def test_it_starts_what_make_setup_leaves() -> None:
    command = re.fullmatch(rf"{re.escape(INSTALLED)} (\w+)", unit()["ExecStart"][0])
    assert command is not None
    assert command[1] in _COMMANDS


def test_it_waits_until_what_was_acknowledged_is_done() -> None:
    assert int(unit()["TimeoutStopSec"][0]) > _GRACE_S
    assert unit()["KillMode"] == ["mixed"], "SIGTERM to the first process alone: it tells the others"
    assert unit()["Restart"] == ["on-failure"]


def test_it_writes_to_two_folders_that_systemd_makes() -> None:
    assert (unit()["DynamicUser"], unit()["StateDirectory"], unit()["CacheDirectory"]) == (["yes"], ["whichcloud"], ["whichcloud"])
    held = dict(word.split("=", 1) for line in unit()["Environment"] for word in line.split())
    assert held["DATABASE_URL"] == "sqlite:////var/lib/whichcloud/whichcloud.db"
    assert held["MPLCONFIGDIR"] == "/var/cache/whichcloud"
    of_python = {"MPLCONFIGDIR", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert set(held) - of_python <= {name.upper() for name in Settings.model_fields}


def test_the_bot_says_when_it_has_started_as_the_unit_expects(tmp_path: Path) -> None:
    """With Type=notify a bot that says nothing would be ended as one that hangs."""
    assert unit()["Type"] == ["notify"]
    with TemporaryDirectory() as short, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(f"{short}/s")
        told.settimeout(DEADLINE_S)
        with local_slack() as slack, starting(slack, "http", sqlite(tmp_path), tmp_path, NOTIFY_SOCKET=f"{short}/s"):
            assert told.recv(1_000).startswith(b"READY=1\n")
