"""Indexes by time: of comments, reports, decisions and what waited, for the figures of the desk.

That of comments has the article, too, so that a month is counted by article without a look at the comments themselves.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WAITED = sa.text("held_reason IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_comments_created_at", "comments", ["created_at", "article_id"])
    op.create_index("ix_flags_created_at", "flags", ["created_at"])
    op.create_index("ix_decisions_created_at", "decisions", ["created_at"])
    op.create_index("ix_cases_waited", "cases", ["since"], sqlite_where=WAITED, postgresql_where=WAITED)


def downgrade() -> None:
    op.drop_index("ix_cases_waited", "cases")
    op.drop_index("ix_decisions_created_at", "decisions")
    op.drop_index("ix_flags_created_at", "flags")
    op.drop_index("ix_comments_created_at", "comments")
