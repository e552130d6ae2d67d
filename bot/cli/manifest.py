"""`whichcloud manifest`: what to paste into Slack."""

from __future__ import annotations

import json

import click

from bot.manifest import for_http, for_socket_mode, read_manifest


@click.command("manifest")
@click.option("--socket", is_flag=True, help="The bot connects to Slack; no address is needed.")
@click.option("--http", "address", metavar="https://HOST", help="Slack calls the bot at this address.")
def command(socket: bool, address: str | None) -> None:
    """Print the app's manifest as JSON, for 'Create New App, From a manifest' in Slack."""
    if socket == (address is not None):
        raise click.UsageError("Give one of --socket and --http https://HOST.")
    manifest = read_manifest()
    click.echo(json.dumps(for_socket_mode(manifest) if address is None else for_http(manifest, address), indent=2))
