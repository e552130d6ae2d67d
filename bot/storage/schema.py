"""The tables. Every key of a table with a workspace begins with it, so that no id of one workspace leads into another."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Moments with their zone, kept in UTC; SQLite keeps them as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

conversations = Table(
    "conversations",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("id", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread", String),
    Column("owner", String, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("stage", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    # JSON and not JSONB: the order of keys is kept, and so is whatever character a person types.
    Column("state", JSON, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "channel", "thread"),
    Index(None, "workspace", "owner"),
    Index(None, "updated_at"),
)

conversation_people = Table(
    "conversation_people",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("user", String, nullable=False),
    PrimaryKeyConstraint("workspace", "conversation", "user"),
    ForeignKeyConstraint(["workspace", "conversation"], ["conversations.workspace", "conversations.id"], ondelete="CASCADE"),
    Index(None, "workspace", "user"),
)

verdicts = Table(
    "verdicts",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("id", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("day", Date, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("outputs", JSON, nullable=False),
    Column("rules_version", String, nullable=False),
    Column("prices_version", String, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
    UniqueConstraint("workspace", "conversation", "number"),
    ForeignKeyConstraint(["workspace", "conversation"], ["conversations.workspace", "conversations.id"], ondelete="CASCADE"),
    Index(None, "workspace", "asked_by"),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("user", String, nullable=False),
    Column("value", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "verdict", "user"),
    ForeignKeyConstraint(["workspace", "verdict"], ["verdicts.workspace", "verdicts.id"], ondelete="CASCADE"),
    Index(None, "workspace", "user"),
)

posts = Table(
    "posts",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("slot", String, nullable=False),
    Column("ts", String),
    Column("digest", String, nullable=False),
    Column("state", String, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "conversation", "slot"),
    ForeignKeyConstraint(["workspace", "conversation"], ["conversations.workspace", "conversations.id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('posting', 'posted', 'unknown')", name="state"),
)

settings = Table(
    "settings",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("assumptions", JSON, nullable=False),
    Column("ea_discount_pct", String),
    Column("editors", JSON, nullable=False),
    Column("retention_days", Integer),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("workspace"),
)

seen = Table(
    "seen",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "key"),
    Index(None, "at"),
)

# Rules and prices are public and the same for every workspace.
rulebooks = Table(
    "rulebooks",
    METADATA,
    Column("version", String, nullable=False),
    Column("prices_version", String, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("version"),
)

# What is to be done. `args` may hold what people typed, so they are emptied when the job has ended; the key is kept as a hash.
jobs = Table(
    "jobs",
    METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("workspace", String, nullable=False),
    Column("key", String, nullable=False),
    Column("lane", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("person", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("args", JSON, nullable=False),
    Column("saved", JSON),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("waits", Integer, nullable=False),  # how many of the tries ended in good order, to be followed by another
    Column("error", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("workspace", "key"),
    CheckConstraint("state IN ('ready', 'done', 'failed', 'cancelled')", name="state"),
    Index(None, "workspace", "lane", "state", "id"),
    Index(None, "ended_at"),
    sqlite_autoincrement=True,  # the number of a job that was deleted while it ran must not become that of another
)

# A lane is there while jobs wait in it, or while it rests. Its row is the lock, the lease of the job in hand and the pause: until
# `free_at`, in seconds since 1970 by the clock of the database, nobody takes a job from it.
lanes = Table(
    "lanes",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("name", String, nullable=False),
    Column("owner", String),
    Column("urgent", Boolean, nullable=False),
    Column("free_at", Float(53), nullable=False),
    PrimaryKeyConstraint("workspace", "name"),
    Index(None, "free_at"),
)

# One row an installation; `workspace` is the id of the workspace, or of the organisation that installed for all of its own. Until
# `refreshing_until` one process alone asks Slack for the next token: what it asks with is good for one time.
installations = Table(
    "installations",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("sealed", String, nullable=False),
    Column("installed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("refreshing_until", UtcDateTime),
    PrimaryKeyConstraint("workspace"),
)

# Which workspaces are served by the installation of an organisation.
organisations = Table(
    "organisations",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("organisation", String, nullable=False),
    PrimaryKeyConstraint("workspace"),
    Index(None, "organisation"),
)

# Kept as hashes, each taken once. No workspace yet: somebody has just begun to install.
oauth_states = Table(
    "oauth_states",
    METADATA,
    Column("state", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("state"),
)

# Reports in channels: which verdict each shows now, which it showed `before`, and where it stands.
reports = Table(
    "reports",
    METADATA,
    Column("workspace", String, nullable=False),
    Column("id", String, nullable=False),
    Column("conversation", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("note", String, nullable=False),
    Column("before", String, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("updated_at", UtcDateTime),
    Column("url", String, nullable=False),
    Column("ts", String),
    Column("digest", String, nullable=False),
    Column("state", String, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("workspace", "id"),
    ForeignKeyConstraint(["workspace", "conversation"], ["conversations.workspace", "conversations.id"], ondelete="CASCADE"),
    CheckConstraint("state IN ('waiting', 'posting', 'posted', 'unknown')", name="state"),
    Index(None, "workspace", "conversation"),
)
