"""`whichcloud start`: what `make run` does. A local Slack in the browser, with the real bot behind it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from engine.errors import AdviceError

if TYPE_CHECKING:
    from bot.sandbox.server import LocalSlack

_PORT = 8321
_READY_S, _POLL_S, _STOP_S, _PAUSE_MS = 60, 1, 30, 50
_HOST = "127.0.0.1"
_OF_THIS_MACHINE = re.compile(r"http://(?:127\.0\.0\.1|localhost):[0-9]{1,5}/?")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class StartError(AdviceError):
    """The local Slack or the bot behind it did not come up."""


@click.command("start")
@click.option("--port", type=click.IntRange(0, 65_535), default=None, help=f"Of the page; {_PORT} or, where that is taken, any free one.")
@click.option("--slack-only", is_flag=True, help="No bot in it: start one of your own over HTTP, as for a real workspace.")
@click.option("--bot", "address", metavar="URL", help="With --slack-only: where that bot serves; port 3000 of this machine unless given.")
@click.option("--many", is_flag=True, help="With --slack-only: the bot is in no workspace yet; people install it from its own page.")
@click.option("--env", "file", type=click.Path(dir_okay=False, path_type=Path), help="With --slack-only: write that bot's variables here.")
def command(port: int | None, slack_only: bool, address: str | None, many: bool, file: Path | None) -> None:
    """A local Slack with the bot in it. Nothing leaves this machine, and nothing is kept after it stops."""
    import gc

    if not slack_only and (address or many or file):
        raise click.UsageError("--bot, --many and --env are for a bot of your own: give --slack-only with them.")
    gc.enable()  # commands run without the collector; this one stays
    signal.signal(signal.SIGTERM, _stop)
    try:
        if slack_only:
            _without_bot(port, _of_this_machine(address or f"http://{_HOST}:3000"), many, file)
        else:
            _with_bot(port)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _of_this_machine(address: str) -> str:
    """The address of a bot, without a slash at the end."""
    if _OF_THIS_MACHINE.fullmatch(address) is None:
        raise StartError(f"{address} is no address on this machine with a port. Give one such as http://{_HOST}:3000")
    return address.rstrip("/")


def _local_slack(port: int | None, **how: Any) -> LocalSlack:
    from bot.manifest import read_manifest
    from bot.sandbox.server import LocalSlack

    try:
        return LocalSlack(manifest=read_manifest(), port=_free(_PORT) if port is None else port, **how)
    except OSError as error:
        raise StartError(f"port {port} cannot be used: {error.strerror}. Name another, or none to get a free one") from None


def _with_bot(port: int | None) -> None:
    with _local_slack(port) as slack, bot_behind(slack) as bot:
        click.echo(f"A local Slack with whichcloud in it: {slack.page_url}")
        click.echo("Open it in a browser, pick a channel and type /whichcloud. Ctrl-C stops it. In this terminal instead: whichcloud ask")
        bot.wait()
    raise StartError("the bot ended by itself; its last lines stand above")


def _without_bot(port: int | None, address: str, many: bool, file: Path | None) -> None:
    """Until stopped; says when the bot has come."""
    with _local_slack(port, installed=not many, redirect_urls=[f"{address}/slack/oauth_redirect"]) as slack:
        slack.connect(f"{address}/slack/events")
        variables = {**(_of_an_app(slack, address) if many else _of_the_bot(slack)), "PORT": address.rpartition(":")[2]}
        click.echo(f"A local Slack without a bot: {slack.page_url}")
        if file is None:
            click.echo(
                "\n".join(["Set in another terminal, then start the bot there:", *(f"export {n}={v}" for n, v in variables.items())])
            )
        else:
            _write(file, variables)
            click.echo(
                f"The bot's variables stand in {file}, for: set -a; . {file if file.is_absolute() else f'./{file}'}; whichcloud serve"
            )
        while not _is_ready(address):
            time.sleep(_POLL_S)
        click.echo(f"The bot is ready. Install it: {address}/slack/install" if many else "The bot is ready.")
        click.echo("Open the local Slack in a browser, pick a channel and type /whichcloud. Ctrl-C stops the local Slack.")
        slack.stopping.wait()


def _of_an_app(slack: LocalSlack, address: str) -> dict[str, str]:
    """What makes a bot one for many workspaces of this Slack. The key is new: nothing that it seals outlives the local Slack."""
    from cryptography.fernet import Fernet

    return {
        "SLACK_CLIENT_ID": slack.client_id,
        "SLACK_CLIENT_SECRET": slack.client_secret,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "WHICHCLOUD_SLACK_API": slack.api_url,
        "WHICHCLOUD_URL": address,
        "WHICHCLOUD_KEYS": Fernet.generate_key().decode(),
    }


def _write(file: Path, variables: Mapping[str, str]) -> None:
    """Readable by its owner alone, as the file of a real workspace must be."""
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
            written.writelines(f"{name}={value}\n" for name, value in variables.items())
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}") from None


@contextmanager
def bot_behind(
    slack: LocalSlack, database_url: str | None = None, extra: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`whichcloud serve` as a process of its own, connected to a local Slack over signed HTTP."""
    with TemporaryDirectory(prefix="whichcloud-") as folder:
        port = _free(0)
        url = database_url or f"sqlite:///{Path(folder) / 'whichcloud.db'}"
        with _started({**_environment(slack, port, url), **(extra or {})}) as bot:
            _wait_until_ready(bot, port)
            slack.connect(f"http://{_HOST}:{port}/slack/events")
            yield bot


def _environment(slack: LocalSlack, port: int, database_url: str) -> dict[str, str]:
    """Nothing of a real workspace that may be set here reaches the bot, and no proxy stands between it and the local Slack."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("SLACK_", "WHICHCLOUD_", *_PROXIES))}
    return {
        **kept,
        **_of_the_bot(slack),
        "WHICHCLOUD_HOST": _HOST,
        "WHICHCLOUD_LOG_LEVEL": "WARNING",
        "DATABASE_URL": database_url,
        "PORT": str(port),
    }


def _of_the_bot(slack: LocalSlack) -> dict[str, str]:
    """What connects a bot to this Slack over HTTP."""
    return {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret, "WHICHCLOUD_SLACK_API": slack.api_url}


@contextmanager
def _started(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    bot = subprocess.Popen([sys.executable, "-m", "bot.cli.main", "serve"], env=dict(environment), start_new_session=True)
    try:
        yield bot
    finally:
        bot.terminate()
        try:
            bot.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            bot.kill()
            bot.wait()


def _wait_until_ready(bot: subprocess.Popen[bytes], port: int) -> None:
    """Returns when the bot says that it is ready; raises StartError where it ends before, or takes too long."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        if bot.poll() is not None:
            raise StartError("the bot did not start; its last lines stand above")
        if _is_ready(f"http://{_HOST}:{port}"):
            return
        time.sleep(_PAUSE_MS / 1000)
    raise StartError(f"the bot was not ready after {_READY_S} seconds")


def _is_ready(address: str) -> bool:
    import httpx

    try:
        return httpx.get(f"{address}/readyz", timeout=_POLL_S, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _free(wanted: int) -> int:
    """The port if nobody has it, else a free one."""
    for port in (wanted, 0):
        try:
            with socket.create_server((_HOST, port)) as server:
                found: int = server.getsockname()[1]
                return found
        except OSError:
            continue
    raise StartError("no port is free on this machine")


def _stop(number: int, frame: object) -> None:
    """SIGTERM ends it as Ctrl-C does."""
    raise KeyboardInterrupt
