"""`whichcloud manifest`: what to paste into Slack."""

from __future__ import annotations

import json
from typing import Any

import click

from bot.manifest import for_http, for_many_workspaces, for_socket_mode, read_manifest


@click.command("manifest")
@click.option("--socket", is_flag=True, help="The bot connects to Slack; no address is needed.")
@click.option("--http", "address", metavar="https://HOST", help="Slack calls the bot at this address.")
@click.option("--distributed", is_flag=True, help="With --http: any workspace may install the app, at https://HOST/slack/install.")
def command(socket: bool, address: str | None, distributed: bool) -> None:
    """Print the app's manifest as JSON, for 'Create New App, From a manifest' in Slack."""
    if socket == (address is not None):
        raise click.UsageError("Give one of --socket and --http https://HOST.")
    if distributed and address is None:
        raise click.UsageError("--distributed needs --http https://HOST: over Socket Mode the bot serves one workspace.")
    click.echo(json.dumps(_variant(address, distributed), indent=2))


def _variant(address: str | None, distributed: bool) -> dict[str, Any]:
    manifest = read_manifest()
    if address is None:
        return for_socket_mode(manifest)
    return for_many_workspaces(manifest, address) if distributed else for_http(manifest, address)
