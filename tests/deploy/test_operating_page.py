"""A new operator: docs/operating.md from its first command to its last, in a bare folder with Python. `make page-check` runs it.

Two kinds of blocks do not run: those that need a container engine and those that need systemd. They are named at the end.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from bot.sandbox.seed import ALEX, ML_PLATFORM
from tests.bot.serving.process import free_port
from tests.deploy.files import ROOT
from tests.deploy.page import AFTER_STOPPING, Block, blocks

DEADLINE_S, LOOK_S = 900, 0.1
TRY_IT, INTO_SLACK = 1, 2
KEPT = re.compile(r"(PATH|HOME|LANG|TMPDIR|PIP_.*|SSL_.*|.*_(?i:proxy))")
HOST = "127.0.0.1"


@dataclass
class Terminal:
    """A block that has been typed in a terminal of its own."""

    block: Block
    process: subprocess.Popen[bytes]
    printed: Path

    def said(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="backslashreplace")

    def stop(self) -> None:
        """Ctrl-C, which reaches everything that was started in the terminal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(DEADLINE_S)


@dataclass
class Operator:
    folder: Path
    printed: Path
    ports: dict[str, str]
    open: list[Terminal] = field(default_factory=list)

    def types(self, block: Block) -> Terminal:
        """Returns once the next block may be typed."""
        commands = re.sub(r"\b300\d\b", lambda port: self.ports[port[0]], block.text)
        printed = self.printed / f"{len(list(self.printed.iterdir()))}.txt"
        with printed.open("wb") as file:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", commands],
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if KEPT.fullmatch(name)} | {"NO_PROXY": HOST, "no_proxy": HOST},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        terminal = Terminal(block, process, printed)
        self.open.append(terminal)
        if block.until:
            until(lambda: block.until in terminal.said(), terminal)
        else:
            assert process.wait(DEADLINE_S) == 0, f"{block.text}\n{terminal.said()}"
            self.open.remove(terminal)
        return terminal

    def stops_the_bots_for(self, block: Block) -> None:
        """And starts them again afterwards."""
        bots = [each for each in self.open if re.search(r"whichcloud (serve|worker)", each.block.text)]
        for bot in bots:
            bot.stop()
            self.open.remove(bot)
        self.types(block)
        for bot in bots:
            self.types(bot.block)

    def leaves(self) -> None:
        for terminal in reversed(self.open):
            terminal.stop()

    def browser(self, terminal: Terminal) -> httpx.Client:
        """On the local Slack that a terminal serves."""
        address = re.search(rf"http://{HOST}:\d+", terminal.said())
        assert address is not None
        page = address[0]
        return httpx.Client(
            base_url=page, headers={"origin": page, "hx-request": "true"}, trust_env=False, follow_redirects=True, timeout=20
        )


def until(condition: Callable[[], bool], terminal: Terminal) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"{terminal.block.text}\n{terminal.said()}"
        assert terminal.process.poll() is None, f"{terminal.block.text}\n{terminal.said()}"
        time.sleep(LOOK_S)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """With a copy of the project: what is tracked and what is about to be, nothing that was installed or built."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / "project" / name)
    printed = tmp_path / "printed"
    printed.mkdir()
    return Operator(tmp_path / "project", printed, {f"300{at}": str(free_port()) for at in range(3)})


def test_a_new_operator_gets_through_the_page(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    began, minutes = time.monotonic(), 0.0
    try:
        for block in blocks():
            if block.how == AFTER_STOPPING:
                operator.stops_the_bots_for(block)
            elif block.runs_here:
                operator.types(block)
            if block == last_of(TRY_IT):
                is_asked(operator)
                minutes = (time.monotonic() - began) / 60
            elif block == last_of(INTO_SLACK):
                can_install(operator)
        is_asked(operator)  # by the bots that have been backed up, restored and joined by others
    finally:
        operator.leaves()
    assert 0 < minutes < 15
    with capsys.disabled():
        print(f"\nAn empty folder became a bot that asks in {minutes:.1f} minutes. Not run, for want of what they need:")  # noqa: T201
        for block in blocks():
            if not block.runs_here:
                print(f"  {block.how}: {'; '.join(block.text.splitlines())}")  # noqa: T201


def last_of(part: int) -> Block:
    return [block for block in blocks() if block.part == part][-1]


def is_asked(operator: Operator) -> None:
    """A person in the local Slack types the command, and the first question comes from PostgreSQL's conversation."""
    slack = operator.open[0]
    until(lambda: "The bot is ready." in slack.said(), slack)
    with operator.browser(slack) as browser:
        channel = f"/client/{ALEX.id}/{ML_PLATFORM}"
        before = browser.get(channel).text.count("Which cloud for your AI workload?")
        sent = browser.post(f"/act/{ALEX.id}/say", data={"channel": ML_PLATFORM, "text": "/whichcloud", "thread_ts": ""})
        assert sent.is_success
        until(lambda: browser.get(channel).text.count("Which cloud for your AI workload?") > before, slack)


def can_install(operator: Operator) -> None:
    page = httpx.get(f"http://{HOST}:{operator.ports['3002']}/slack/install", trust_env=False)
    assert page.status_code == 200
    assert "whichcloud" in page.text
