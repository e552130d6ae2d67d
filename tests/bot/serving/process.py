"""`whichcloud serve` as a process behind a local Slack, over signed HTTP or Socket Mode; what it prints is kept in a file."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from bot.manifest import read_manifest
from bot.sandbox.server import LocalSlack

Transport = Literal["http", "socket"]
ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
DEADLINE_S, _LOOK_S = 60, 0.05
_FOREIGN = ("SLACK_", "WHICHCLOUD_", "DATABASE_URL", "PORT", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


@dataclass(frozen=True)
class Served:
    """A bot that serves, and the local Slack that it serves."""

    slack: LocalSlack
    process: subprocess.Popen[bytes]
    port: int
    printed: Path

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}{path}"

    def get(self, path: str) -> tuple[int, str]:
        """Status and text; 0 where nobody answers."""
        try:
            answer = httpx.get(self.url(path), timeout=20, trust_env=False)
        except httpx.TransportError as error:
            return 0, type(error).__name__
        return answer.status_code, answer.text

    def until(self, condition: Callable[[], object]) -> None:
        """Returns once the condition holds; fails where the bot ends before, or where it takes for ever."""
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"it never came true; the bot printed:\n{self.said()}"
            assert not self.ends_within(_LOOK_S), f"the bot ended with {self.process.returncode}:\n{self.said()}"

    def ready(self) -> bool:
        return self.get("/readyz") == (200, "ready")

    def ends_within(self, seconds: float) -> bool:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> int:
        """SIGTERM, as a deployment sends it; the exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE_S)

    def kill(self) -> None:
        """SIGKILL to all of it, as when the machine goes."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEADLINE_S)

    def said(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="backslashreplace")


@contextmanager
def local_slack() -> Iterator[LocalSlack]:
    with LocalSlack(manifest=read_manifest()) as slack:
        yield slack


@contextmanager
def serving(slack: LocalSlack, transport: Transport, database_url: str, folder: Path, **extra: str) -> Iterator[Served]:
    """A bot that is ready. At the end it is killed, unless the test has ended it."""
    with starting(slack, transport, database_url, folder, **extra) as served:
        served.until(lambda: served.ready() and (transport == "http" or slack.sockets.connected > 0))
        yield served


@contextmanager
def starting(slack: LocalSlack, transport: Transport, database_url: str, folder: Path, **extra: str) -> Iterator[Served]:
    """The same as soon as there is a process."""
    port = free_port()
    printed = folder / f"printed-{port}.txt"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli.main", "serve"],
            env=environment(slack, transport, PORT=str(port), DATABASE_URL=database_url, **extra),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(slack, process, port, printed)
    if transport == "http":
        slack.connect(served.url("/slack/events"))
    try:
        yield served
    finally:
        served.kill()


def environment(slack: LocalSlack, transport: Transport, **extra: str) -> dict[str, str]:
    """What a person would set for this local Slack; nothing of what may be set here for a real one."""
    how = {"SLACK_SIGNING_SECRET": slack.signing_secret} if transport == "http" else {"SLACK_APP_TOKEN": slack.app_token}
    return {**bare_environment(), "SLACK_BOT_TOKEN": slack.bot_token, "WHICHCLOUD_SLACK_API": slack.api_url, **how, **extra}


def bare_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'whichcloud.db'}"
