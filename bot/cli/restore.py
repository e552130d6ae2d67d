"""`whichcloud restore FILE`: a backup in place of the SQLite database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Put FILE, made by `whichcloud backup`, in place of the database of DATABASE_URL. Stop the bot before.

    The database that was there stays beside it under another name.
    """
    from bot.settings import SettingsError, read_what_is_set
    from bot.storage import StorageError
    from bot.storage.backup import restore

    try:
        restored = restore(read_what_is_set().database_url.get_secret_value(), file, datetime.now(UTC))
    except StorageError as error:
        raise SettingsError(str(error)) from None
    click.echo(f"Restored {restored.contents}.")
    if restored.kept:
        click.echo(f"What was there before is {restored.kept}. Delete it when all is well.")
