"""An index by thread of what was removed and left no place; by parent, PostgreSQL read the whole table instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

GONE = sa.text("reply_count = 0 AND status IN ('hidden', 'sealed', 'erased')")


def upgrade() -> None:
    _index("article_id", "root_id")


def downgrade() -> None:
    _index("parent_id", "article_id")


def _index(*columns: str) -> None:
    op.drop_index("ix_comments_traces", "comments")
    op.create_index("ix_comments_traces", "comments", list(columns), sqlite_where=GONE, postgresql_where=GONE)
