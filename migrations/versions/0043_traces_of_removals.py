"""An index by which a page finds what was removed in its threads and left no place.

It is by thread: by parent, PostgreSQL read the whole table instead.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

GONE = sa.text("reply_count = 0 AND status IN ('hidden', 'sealed', 'erased')")


def upgrade() -> None:
    columns = ["article_id", "root_id"]
    op.create_index("ix_comments_traces", "comments", columns, sqlite_where=GONE, postgresql_where=GONE)


def downgrade() -> None:
    op.drop_index("ix_comments_traces", "comments")
