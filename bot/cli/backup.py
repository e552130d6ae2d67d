"""`whichcloud backup FILE`: the SQLite database in one file, while the bot serves."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
def command(file: Path, force: bool) -> None:
    """Copy the database of DATABASE_URL into FILE while the bot serves, and look through the copy.

    FILE holds what people asked and answered: keep it where only operators can read it. The keys in WHICHCLOUD_KEYS are not in it.
    """
    from bot.settings import SettingsError, read_what_is_set
    from bot.storage import StorageError
    from bot.storage.backup import back_up

    try:
        contents = back_up(read_what_is_set().database_url.get_secret_value(), file, force=force)
    except StorageError as error:
        raise SettingsError(str(error)) from None
    click.echo(f"Kept {contents} in {file}.")
