"""`whichcloud worker`: works on the jobs, beside bots that serve."""

from __future__ import annotations

import gc

import click


@click.command("worker")
@click.option("--port", type=click.IntRange(0, 65_535), help="Also answer /metrics, /healthz and /readyz there, on WHICHCLOUD_HOST.")
def command(port: int | None) -> None:
    """Work on the jobs that `whichcloud serve` hands over, on this machine or another, until stopped.

    Set what is set for `whichcloud serve`: the same PostgreSQL in DATABASE_URL, the same tokens and keys. WHICHCLOUD_WORKERS says how many
    jobs are done at once. With WHICHCLOUD_WORKERS=0 there, all of the work is done here.
    """
    gc.enable()  # commands run without the collector; this one stays
    from bot.settings import SettingsError, read_settings
    from bot.storage import StorageError
    from bot.working import work

    try:
        work(read_settings(), port)
    except StorageError as error:
        raise SettingsError(f"DATABASE_URL: {error}") from None
