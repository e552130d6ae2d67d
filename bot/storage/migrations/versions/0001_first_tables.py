"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "id", name="pk_conversations"),
        sa.UniqueConstraint("workspace", "channel", "thread", name="uq_conversations_workspace_channel_thread"),
    )
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"], unique=False)
    op.create_index("ix_conversations_workspace_owner", "conversations", ["workspace", "owner"], unique=False)
    op.create_table(
        "rulebooks",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("prices_version", sa.String(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rulebooks"),
    )
    op.create_table(
        "seen",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "key", name="pk_seen"),
    )
    op.create_index("ix_seen_at", "seen", ["at"], unique=False)
    op.create_table(
        "settings",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("assumptions", sa.JSON(), nullable=False),
        sa.Column("ea_discount_pct", sa.String(), nullable=True),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_settings"),
    )
    op.create_table(
        "conversation_people",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "conversation"],
            ["conversations.workspace", "conversations.id"],
            name="fk_conversation_people_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace", "conversation", "user", name="pk_conversation_people"),
    )
    op.create_index("ix_conversation_people_workspace_user", "conversation_people", ["workspace", "user"], unique=False)
    op.create_table(
        "posts",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('posting', 'posted', 'unknown')", name=op.f("ck_posts_state")),
        sa.ForeignKeyConstraint(
            ["workspace", "conversation"],
            ["conversations.workspace", "conversations.id"],
            name="fk_posts_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace", "conversation", "slot", name="pk_posts"),
    )
    op.create_table(
        "verdicts",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.String(), nullable=False),
        sa.Column("prices_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "conversation"],
            ["conversations.workspace", "conversations.id"],
            name="fk_verdicts_conversations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace", "id", name="pk_verdicts"),
        sa.UniqueConstraint("workspace", "conversation", "number", name="uq_verdicts_workspace_conversation_number"),
    )
    op.create_index("ix_verdicts_workspace_asked_by", "verdicts", ["workspace", "asked_by"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("workspace", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "verdict"], ["verdicts.workspace", "verdicts.id"], name="fk_feedback_verdicts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace", "verdict", "user", name="pk_feedback"),
    )
    op.create_index("ix_feedback_workspace_user", "feedback", ["workspace", "user"], unique=False)


def _in_conversation(name: str) -> sa.ForeignKeyConstraint:
    keys = ["workspace", "conversation"], ["conversations.workspace", "conversations.id"]
    return sa.ForeignKeyConstraint(*keys, name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_table("feedback")
    op.drop_table("verdicts")
    op.drop_table("posts")
    op.drop_table("conversation_people")
    op.drop_table("settings")
    op.drop_table("seen")
    op.drop_table("rulebooks")
    op.drop_table("conversations")
