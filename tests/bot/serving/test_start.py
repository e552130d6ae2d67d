"""`whichcloud start`: the page, the bot behind it, and nothing left when it stops."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot.sandbox.seed import ALEX, ML_PLATFORM
from tests.bot.serving.process import DEADLINE_S, HOST, ROOT, bare_environment, free_port

WHATEVER_IS_SET = {
    "SLACK_BOT_TOKEN": "xoxb-of-a-real-workspace",
    "SLACK_APP_TOKEN": "xapp-of-a-real-workspace",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "of-a-real-app",
    "DATABASE_URL": "postgresql://bot:secret@db.example.com/real",
    "PORT": "1",
    "HTTP_PROXY": f"http://{HOST}:1",
    "http_proxy": f"http://{HOST}:1",
}


@contextmanager
def started(folder: Path, *words: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The command with its own temporary folder, and the file that it prints into."""
    printed, temporary = folder / "printed.txt", folder / "tmp"
    temporary.mkdir()
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli.main", "start", *words],
            cwd=ROOT,
            env={**bare_environment(), **environment, "TMPDIR": str(temporary)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process, printed
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def address(process: subprocess.Popen[bytes], printed: Path) -> str:
    """What it prints once both are up."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if found := re.search(rf"http://{re.escape(HOST)}:\d+/", printed.read_text()):
            return found[0]
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"it printed no address:\n{printed.read_text()}")


def processes_below(parent: int) -> list[int]:
    """The children of a process and theirs."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    children = [pid for pid, above in pairs if above == parent]
    return children + [each for child in children for each in processes_below(child)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_serves_the_page_with_the_bot_and_ends_with_nothing_left(tmp_path: Path) -> None:
    with started(tmp_path, "--port", "0", **WHATEVER_IS_SET) as (process, printed):
        page = address(process, printed)
        assert "A local Slack with whichcloud in it" in printed.read_text()
        with httpx.Client(base_url=page, trust_env=False, follow_redirects=True, timeout=20) as browser:
            assert "#ml-platform" in browser.get(f"/client/{ALEX.id}/{ML_PLATFORM}").text
            sent = browser.post(
                f"/act/{ALEX.id}/say",
                data={"channel": ML_PLATFORM, "text": "/whichcloud", "thread_ts": ""},
                headers={"origin": page.rstrip("/"), "hx-request": "true"},
            )
            assert sent.status_code == 204
            deadline = time.monotonic() + DEADLINE_S
            while "Which cloud for your AI workload?" not in browser.get(f"/client/{ALEX.id}/{ML_PLATFORM}").text:
                assert time.monotonic() < deadline, printed.read_text()
        below = processes_below(process.pid)
        assert below, "the bot is a process of its own"
        process.terminate()
        assert process.wait(DEADLINE_S) == 0
    assert [pid for pid in below if alive(pid)] == []
    assert list((tmp_path / "tmp").glob("whichcloud-*")) == []
    assert "Traceback" not in printed.read_text()


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server((HOST, port)), started(tmp_path, "--port", str(port)) as (process, printed):
        assert process.wait(DEADLINE_S) == 2
    assert printed.read_text().startswith(f"port {port} cannot be used: Address already in use")
    assert printed.read_text().count("\n") == 1
