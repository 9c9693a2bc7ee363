"""An index of the newest comments of an article, for its feed.

It is partial, because another whole index that begins with article_id would be the rival of the one by which
discussions are read (see comments/models.py). Only a statement that says the same words, `status <> 'held'`, uses it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SHOWN = sa.text("status <> 'held'")


def upgrade() -> None:
    columns = ["article_id", "created_at", "id"]
    op.create_index("ix_comments_newest", "comments", columns, sqlite_where=SHOWN, postgresql_where=SHOWN)


def downgrade() -> None:
    op.drop_index("ix_comments_newest", "comments")
