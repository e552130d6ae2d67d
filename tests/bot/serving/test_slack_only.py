"""`whichcloud start --slack-only`: a local Slack for a bot that is started as for a real workspace."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import click
import httpx
import pytest

from bot.cli.start import StartError, command
from bot.sandbox.seed import ALEX, ML_PLATFORM
from tests.bot.serving.process import DEADLINE_S, HOST, ROOT, bare_environment, free_port
from tests.bot.serving.test_start import address, started


def until(process: subprocess.Popen[bytes], printed: Path, words: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while words not in printed.read_text():
        assert time.monotonic() < deadline, printed.read_text()
        assert process.poll() is None, printed.read_text()
        time.sleep(0.05)


def test_a_bot_that_reads_the_file_of_variables_is_in_the_local_slack(tmp_path: Path) -> None:
    port, file = free_port(), tmp_path / "variables"
    file.write_text("what stood here before\n")
    file.chmod(0o644)
    words = ("--port", "0", "--slack-only", "--bot", f"http://{HOST}:{port}", "--env", str(file))
    with started(tmp_path, *words) as (process, printed):
        page = address(process, printed)
        until(process, printed, f"set -a; . {file}; whichcloud serve")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        variables = dict(line.split("=", 1) for line in file.read_text().splitlines())
        assert sorted(variables) == ["PORT", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "WHICHCLOUD_SLACK_API"]
        assert variables["PORT"] == str(port)
        environment = {**bare_environment(), **variables, "DATABASE_URL": f"sqlite:///{tmp_path / 'whichcloud.db'}"}
        bot = subprocess.Popen([sys.executable, "-m", "bot.cli.main", "serve"], cwd=ROOT, env=environment)
        try:
            until(process, printed, "The bot is ready.")
            with httpx.Client(base_url=page, trust_env=False, follow_redirects=True, timeout=20) as browser:
                browser.post(
                    f"/act/{ALEX.id}/say",
                    data={"channel": ML_PLATFORM, "text": "/whichcloud", "thread_ts": ""},
                    headers={"origin": page.rstrip("/"), "hx-request": "true"},
                )
                deadline = time.monotonic() + DEADLINE_S
                while "Which cloud for your AI workload?" not in browser.get(f"/client/{ALEX.id}/{ML_PLATFORM}").text:
                    assert time.monotonic() < deadline, printed.read_text()
        finally:
            bot.terminate()
            assert bot.wait(DEADLINE_S) == 0
        process.terminate()
        assert process.wait(DEADLINE_S) == 0


def test_without_a_file_the_variables_are_printed_for_a_shell(tmp_path: Path) -> None:
    with started(tmp_path, "--port", "0", "--slack-only") as (process, printed):
        until(process, printed, "export PORT=3000")
    named = [line.partition("=")[0] for line in printed.read_text().splitlines() if line.startswith("export ")]
    assert named == ["export SLACK_BOT_TOKEN", "export SLACK_SIGNING_SECRET", "export WHICHCLOUD_SLACK_API", "export PORT"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--bot", "http://127.0.0.1:3000"], "--bot, --many and --env are for a bot of your own: give --slack-only with them."),
        (["--env", "variables"], "--bot, --many and --env are for a bot of your own: give --slack-only with them."),
        (["--many"], "--bot, --many and --env are for a bot of your own: give --slack-only with them."),
        (["--slack-only", "--bot", "http://example.com:80"], "http://example.com:80 is no address on this machine with a port."),
        (["--slack-only", "--bot", "http://127.0.0.1"], "http://127.0.0.1 is no address on this machine with a port."),
        (["--slack-only", "--bot", "https://127.0.0.1:3000"], "https://127.0.0.1:3000 is no address on this machine with a port."),
        (["--slack-only", "--env", "none/such/file"], "none/such/file cannot be written: No such file or directory"),
    ],
    ids=["an address without it", "a file without it", "many without it", "another machine", "no port", "TLS", "no such folder"],
)
def test_what_cannot_be_is_said_in_one_line(words: list[str], said: str) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises((click.UsageError, StartError), match=re.escape(said)):
            command.main(["--port", "0", *words], standalone_mode=False)
    finally:
        signal.signal(signal.SIGTERM, before)
