"""`whichcloud`: the group of commands. Each command is imported when it is called, so that none pays for another."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

import click

from engine.errors import AdviceError, RulesError, printable

BAD_INPUT, BROKEN_RULES = 2, 1
_COMMANDS = {
    "advise": ("bot.cli.advise", "Advise on a case from a file or standard input."),
    "answer": ("bot.cli.answer", "Answer a question on AWS and Azure for AI work, with sources."),
    "ask": ("bot.cli.ask", "Answer five questions and get the advice."),
    "backup": ("bot.cli.backup", "Copy the bot's SQLite database into a file, while the bot serves."),
    "check": ("bot.cli.check", "Is everything under rules/ sound?"),
    "compare": ("bot.cli.compare", "Which platform fits how your team works, beside the cost verdict."),
    "cost": ("bot.cli.cost", "Price one thing: egress, transfer, storage, compute, endpoint."),
    "doctor": ("bot.cli.doctor", "Is everything in place for the bot to serve?"),
    "jobs": ("bot.cli.jobs", "What waits to be done and what failed; try it again, or take it back."),
    "manifest": ("bot.cli.manifest", "Print the Slack app's manifest, for Socket Mode or HTTP."),
    "prices": ("bot.cli.prices", "What an accelerator costs on both clouds, with age and lifecycle."),
    "restore": ("bot.cli.restore", "Put a backup in place of the bot's SQLite database."),
    "serve": ("bot.cli.serve", "Serve the Slack bot."),
    "setup": ("bot.cli.setup", "The code that acts on the advice: jobs, endpoints, roles, Terraform."),
    "sweep": ("bot.cli.sweep", "The verdict and every plan's cost along one number."),
    "start": ("bot.cli.start", "A local Slack with the bot in it, to try in a browser."),
    "worker": ("bot.cli.worker", "Work on the jobs of bots that serve elsewhere."),
}


class _Commands(click.Group):
    """Names and one-line help are known here; the rest is loaded with the command."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[name][0]).command
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="whichcloud", message="%(prog)s %(version)s")
def group() -> None:
    """AWS or Azure for AI work: five answers in, a verdict with its numbers and sources out."""


def main() -> None:
    """Runs a command. What a person can mend goes to standard error, one line a problem, exit code 2."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins costs a start 30 ms, and there are none
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal without our letters shows their numbers
    gc.disable()  # a command is short and makes little garbage; the collector would only look through the imports
    try:
        group(standalone_mode=False)
    except click.ClickException as error:
        click.echo(printable(error.format_message()), err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except RulesError as error:
        click.echo(f"{error}\nThe rules do not hold together. `whichcloud check` lists every problem.", err=True)
        sys.exit(BROKEN_RULES)
    except AdviceError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone; what is left goes nowhere
    except OSError as error:
        click.echo(f"the answer cannot be written: {error.strerror}", err=True)
        sys.exit(BROKEN_RULES)


def run() -> NoReturn:
    """`main` as a process: once all is written, it ends without taking every object apart, which costs a tenth of a second."""
    code: object = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # whoever read us has gone, or the stream was closed
            stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    run()
