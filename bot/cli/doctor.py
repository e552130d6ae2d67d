"""`whichcloud doctor`: is everything in place for the bot to serve?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime

import click

from bot.cli.render import show_json


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Ask Slack nothing.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(offline: bool, form: str) -> None:
    """Look at what `whichcloud serve` needs: one line for each thing, with what to do. Exit code 1 where something is wrong.

    Nothing is changed, and no secret is printed.
    """
    from bot.doctor import examine

    found = []
    for finding in examine(lambda: datetime.now(UTC), offline=offline):
        found.append(finding)
        if form == "text":
            click.echo(str(finding))
    if form == "json":
        show_json([asdict(finding) for finding in found])
    if any(finding.state == "wrong" for finding in found):
        sys.exit(1)
