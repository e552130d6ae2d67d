"""The bot's processes: started, killed, started again, or replaced by one that was never there before."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.bot.serving.process import DEADLINE_S, HOST, ROOT, free_port
from tests.chaos.balancer import Balancer
from tests.chaos.disturbances import FOR_GOOD, ONE_PROCESS, PARENT
from tests.chaos.processes import children, is_running, send

_PROGRAM = "bot.cli.main"
_AGAIN_S, _LOOK_S = 1.0, 0.2


@dataclass
class Replica:
    """A place behind the balancer, and the process that fills it now."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


@dataclass
class Fleet:
    """What is killed stays away for as long as whoever killed it says; what ends by itself is started again, as an init system does it."""

    environment: Mapping[str, str]
    balancer: Balancer
    folder: Path
    replicas: list[Replica]
    ended_by_themselves: int = 0
    orphans: set[int] = field(default_factory=set)
    _held_down: set[int] = field(default_factory=set)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        for replica in self.replicas:
            self._run(replica)
        self._announce()

    def until_ready(self) -> None:
        """Returns once each answers; fails where one ends before, or takes for ever."""
        deadline = time.monotonic() + DEADLINE_S
        for replica in self.replicas:
            while not _is_ready(replica):
                assert _runs(replica), f"a bot did not start:\n{self.said(replica)}"
                assert time.monotonic() < deadline, f"a bot is not ready:\n{self.said(replica)}"
                time.sleep(_LOOK_S)

    def said(self, replica: Replica) -> str:
        return self._printed(replica).read_text(encoding="utf-8", errors="backslashreplace")

    async def kill(self, kind: str, away_s: float, chance: Random) -> None:
        """SIGKILL to one bot, or to a part of it. It comes back at its port, or another one at a port of its own."""
        up = [at for at, each in enumerate(self.replicas) if at not in self._held_down and _runs(each)]
        if not up:
            return
        at = chance.choice(up)
        if kind == ONE_PROCESS:
            _kill_one(self.replicas[at], chance)
            return
        self._held_down.add(at)
        if kind == PARENT and (process := self.replicas[at].process):
            self.orphans |= {*children(process.pid)}
        _kill(self.replicas[at], alone=kind == PARENT)
        await asyncio.sleep(away_s)
        if kind == FOR_GOOD:
            self.replicas[at] = Replica()
        self._run(self.replicas[at])
        self._announce()
        self._held_down.discard(at)

    def strike_all(self) -> None:
        """SIGKILL to every one, each of which is started again at once."""
        with self._turn:
            for replica in self.replicas:
                _kill(replica)
            for replica in self.replicas:
                self._run(replica)

    async def look_after(self) -> None:
        """For ever: what ended by itself is started again."""
        while True:
            await asyncio.sleep(_LOOK_S)
            for at, replica in enumerate(self.replicas):
                if self._is_over(at, replica):
                    await asyncio.sleep(_AGAIN_S)
                    self._restart(at, replica)

    def _is_over(self, at: int, replica: Replica) -> bool:
        return at not in self._held_down and not _runs(replica)

    def _restart(self, at: int, replica: Replica) -> None:
        """Unless somebody else has done so meanwhile."""
        with self._turn:
            if self._is_over(at, replica) and self.replicas[at] is replica:
                self.ended_by_themselves += 1
                self._run(replica)

    def left_alone(self) -> list[int]:
        """Children that go on although their parent is long gone."""
        return [pid for pid in sorted(self.orphans) if is_running(pid, _PROGRAM)]

    def stop(self) -> None:
        for replica in self.replicas:
            _kill(replica)
        for pid in self.left_alone():
            send(pid, signal.SIGKILL)

    def _printed(self, replica: Replica) -> Path:
        return self.folder / f"printed-{replica.port}.txt"

    def _announce(self) -> None:
        self.balancer.ports = [each.port for each in self.replicas]

    def _run(self, replica: Replica) -> None:
        with self._printed(replica).open("ab") as printed:
            replica.process = subprocess.Popen(
                [sys.executable, "-m", _PROGRAM, "serve"],
                env={**self.environment, "PORT": str(replica.port)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _is_ready(replica: Replica) -> bool:
    try:
        return httpx.get(f"{replica.address}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _runs(replica: Replica) -> bool:
    return replica.process is not None and replica.process.poll() is None


def _kill(replica: Replica, *, alone: bool = False) -> None:
    """All of it at once, as when the machine goes; or the parent alone, and its children have to see that it is gone."""
    if replica.process is None:
        return
    if replica.process.poll() is None:
        (os.kill if alone else os.killpg)(replica.process.pid, signal.SIGKILL)
    replica.process.wait()


def _kill_one(replica: Replica, chance: Random) -> None:
    """A child, which its parent starts again."""
    assert replica.process is not None
    if found := children(replica.process.pid):
        send(chance.choice(found), signal.SIGKILL)
