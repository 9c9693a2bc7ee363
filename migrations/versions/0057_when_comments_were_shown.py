"""When a comment that waited came before its readers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

INDEX = "ix_comments_shown"
SHOWN = sa.text("shown_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("comments", sa.Column("shown_at", sa.DateTime(timezone=True)))
    op.create_index(INDEX, "comments", ["article_id", "shown_at", "id"], sqlite_where=SHOWN, postgresql_where=SHOWN)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="comments")
    op.drop_column("comments", "shown_at")
