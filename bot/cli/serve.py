"""`whichcloud serve`: the Slack bot."""

from __future__ import annotations

import gc

import click


@click.command("serve")
def command() -> None:
    """Serve the Slack bot until stopped.

    Set SLACK_BOT_TOKEN and either SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP, at /slack/events of PORT, 3000 unless set).
    DATABASE_URL is a SQLite or PostgreSQL URL, whichcloud.db in this folder unless set. /healthz and /readyz say how it is.
    """
    gc.enable()  # commands run without the collector; this one stays
    from bot.settings import SettingsError, read_settings
    from bot.storage import StorageError
    from bot.tally import counted_together

    try:
        with counted_together():
            from bot.serve import serve

            serve(read_settings())
    except StorageError as error:
        raise SettingsError(f"DATABASE_URL: {error}") from None
