"""Comments, their source texts and their earlier versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _comments()
    _indexes()
    op.create_table(
        "comment_sources",
        sa.Column("comment_id", ID, autoincrement=False, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_comment_sources_comment_id_comments"),
        sa.PrimaryKeyConstraint("comment_id", name="pk_comment_sources"),
    )
    op.create_table(
        "revisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("editor_id", ID),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_revisions_comment_id_comments"),
        sa.ForeignKeyConstraint(["editor_id"], ["people.id"], name="fk_revisions_editor_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_revisions_comment_id", "revisions", ["comment_id"])


def downgrade() -> None:
    for table in ("revisions", "comment_sources", "comments"):
        op.drop_table(table)


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("parent_id", ID),
        sa.Column("root_id", ID),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("closure_count", sa.Integer(), nullable=False),
        sa.Column("thread_number", sa.Integer()),
        sa.Column("thread_size", sa.Integer()),
        sa.Column("author_id", ID),
        sa.Column("guest_name", sa.String(80)),
        sa.Column("guest_email", sa.String(254)),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("held_reason", sa.String(40)),
        sa.Column("rule", sa.String(300)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("post_key", sa.String(40)),
        sa.Column("origin", sa.String(32)),
        sa.Column("foreign_id", sa.String(100)),
        sa.Column("foreign_parent_id", sa.String(100)),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_comments_article_id_articles"),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name="fk_comments_author_id_people"),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name="fk_comments_parent_id_comments"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.UniqueConstraint("article_id", "root_id", "pos", name="uq_comments_article_id_root_id_pos"),
        sa.UniqueConstraint("origin", "foreign_id", name="uq_comments_origin_foreign_id"),
        sa.UniqueConstraint("post_key", name="uq_comments_post_key"),
        sqlite_autoincrement=True,
    )


def _indexes() -> None:
    op.create_index("ix_comments_author", "comments", ["author_id", "id"])
    op.create_index("ix_comments_parent", "comments", ["parent_id", "pos"])
    held, first = sa.text("status = 'held'"), sa.text("parent_id IS NULL")
    columns = ["created_at", "id"]
    op.create_index("ix_comments_held", "comments", columns, sqlite_where=held, postgresql_where=held)
    columns = ["article_id", "created_at", "id"]
    op.create_index("ix_comments_threads", "comments", columns, sqlite_where=first, postgresql_where=first)
