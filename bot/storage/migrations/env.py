"""Alembic's entry. The connection comes from bot/storage/migrate.py, which holds the lock and the transaction."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from bot.storage.schema import METADATA

connection: Connection = context.config.attributes["connection"]
# Batches: SQLite changes a table by copying it.
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
