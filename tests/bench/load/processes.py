"""The processes of a bench: the stand-in for Slack, the bot, the bare Bolt app; and what each takes of memory and processor."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.bench.load.wire import SECRET
from tests.bot.serving.process import HOST, ROOT, bare_environment, free_port

_HERE = Path(__file__).parent
_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
_FEED_BYTES = 1_000_000  # a line holds a whole message
_DEADLINE_S = 60


@dataclass(frozen=True)
class Process:
    """Started here, ended here, with all that it started itself."""

    popen: subprocess.Popen[bytes]
    port: int
    printed: Path

    def family(self) -> list[int]:
        """The process and its descendants, as far as the machine tells."""
        found = [self.popen.pid]
        for parent in found:
            for task in Path(f"/proc/{parent}/task").glob("*/children"):
                found += [int(child) for child in task.read_text().split()]
        return found

    def kill(self) -> None:
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(_DEADLINE_S)

    def said(self) -> str:
        return self.printed.read_text(encoding="utf-8", errors="backslashreplace")[-4_000:]

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _DEADLINE_S
        while not condition():
            assert self.popen.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def answers(self, path: str) -> bool:
        try:
            return httpx.get(f"http://{HOST}:{self.port}{path}", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def started(folder: Path, port: int, *command: str, **environment: str) -> Iterator[Process]:
    printed = folder / f"printed-{port}.txt"
    with printed.open("wb") as file:
        popen = subprocess.Popen(
            [sys.executable, *command],
            env={**bare_environment(), **environment},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(popen, port, printed)
    try:
        yield process
    finally:
        process.kill()


# -- the stand-in for Slack --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StandIn:
    """What the driver sees of it."""

    process: Process

    @property
    def base(self) -> str:
        return f"http://{HOST}:{self.process.port}"

    @asynccontextmanager
    async def feed(self, hear: Callable[[dict[str, Any]], None]) -> AsyncIterator[None]:
        """Every line goes to `hear` as it comes, until the block ends."""
        reader, writer = await asyncio.open_connection(HOST, self.process.port, limit=_FEED_BYTES)
        writer.write(b"GET /feed HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")

        async def listen() -> None:
            while line := await reader.readline():
                hear(json.loads(line))

        listening = asyncio.ensure_future(listen())
        try:
            yield
        finally:
            listening.cancel()
            writer.close()
            await asyncio.gather(listening, writer.wait_closed(), return_exceptions=True)

    def tally(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.base}/tally", timeout=30, trust_env=False).json()
        return found


@contextmanager
def stand_in(folder: Path) -> Iterator[StandIn]:
    port = free_port()
    with started(folder, port, str(_HERE / "stand_in.py"), str(port)) as process:
        process.until(lambda: process.answers("/tally"))
        yield StandIn(process)


# -- the bot, and the app beside it ------------------------------------------------------------------------------------


@contextmanager
def bot(folder: Path, slack: StandIn, database: str, **extra: str) -> Iterator[Process]:
    """`whichcloud serve` over HTTP, ready."""
    port = free_port()
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-any",
        "SLACK_SIGNING_SECRET": SECRET,
        "WHICHCLOUD_SLACK_API": f"{slack.base}/api/",
        "WHICHCLOUD_LOG_LEVEL": "WARNING",
        "DATABASE_URL": database,
        "PORT": str(port),
        **extra,
    }
    with started(folder, port, "-m", "bot.cli.main", "serve", **environment) as process:
        process.until(lambda: process.answers("/readyz"))
        yield process


@contextmanager
def bare_app(folder: Path, slack: StandIn, how: str) -> Iterator[Process]:
    """A Bolt app that only acknowledges. `how`: `polled` as Bolt is by default, `direct` with process_before_response."""
    port = free_port()
    with started(folder, port, str(_HERE / "bare.py"), str(port), how, f"{slack.base}/api/", SECRET) as process:
        process.until(lambda: process.answers("/readyz"))
        yield process


# -- what they take ----------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """Memory and processor time of processes, once a second. Nothing where the machine has no /proc."""

    processes: dict[str, list[Process]]
    rss_mb: dict[str, list[float]] = field(default_factory=dict)
    _cpu_s: dict[str, float] = field(default_factory=dict)
    _since: float = 0.0

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Watch]:
        self._cpu_s, self._since = {name: _cpu_s(each) for name, each in self.processes.items()}, time.monotonic()
        task = asyncio.ensure_future(self._sample())
        try:
            yield self
        finally:
            task.cancel()

    async def _sample(self) -> None:
        while True:
            for name, each in self.processes.items():
                self.rss_mb.setdefault(name, []).append(_rss_mb(each))
            await asyncio.sleep(1)

    def cpu_s(self) -> dict[str, float]:
        """Since the watch began."""
        return {name: _cpu_s(each) - self._cpu_s[name] for name, each in self.processes.items()}

    def cpu_share(self) -> dict[str, float]:
        """The same of one core."""
        took = time.monotonic() - self._since
        return {name: seconds / took for name, seconds in self.cpu_s().items()}


def _rss_mb(processes: list[Process]) -> float:
    return sum(_page_count(pid) for process in processes for pid in process.family()) * _PAGE / 1_000_000


def _page_count(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0


def _cpu_s(processes: list[Process]) -> float:
    return sum(_ticks(pid) for process in processes for pid in process.family()) / _TICKS


def _ticks(pid: int) -> int:
    """User and system time, that of ended children too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
