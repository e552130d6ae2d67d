"""What the bot keeps, by workspace: conversations, verdicts, settings, posts, seen events. SQLite or PostgreSQL."""

from __future__ import annotations

from bot.storage.database import Database, open_database
from bot.storage.errors import ChangeRefused, DatabaseUnavailable, Stale, StorageError, UnscopedQuery
from bot.storage.installations import SealedInstallation
from bot.storage.jobs import NewJob
from bot.storage.queue import Depth, Listed, Taken
from bot.storage.records import Feedback, Forgotten, Post, Verdict, WorkspaceSettings
from bot.storage.reports import Report
from bot.storage.snapshots import rulebook_from, snapshot
from bot.storage.workspace import Workspace

__all__ = [
    "ChangeRefused",
    "Database",
    "DatabaseUnavailable",
    "Depth",
    "Feedback",
    "Forgotten",
    "Listed",
    "NewJob",
    "Post",
    "Report",
    "SealedInstallation",
    "Stale",
    "StorageError",
    "Taken",
    "UnscopedQuery",
    "Verdict",
    "Workspace",
    "WorkspaceSettings",
    "open_database",
    "rulebook_from",
    "snapshot",
]
