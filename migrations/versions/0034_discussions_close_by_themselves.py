"""Discussions that close by themselves: after so many days, or so many days of silence. 0 is never."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

DAYS = ("auto_close_days", "auto_close_silent_days")


def upgrade() -> None:
    for name in DAYS:
        op.add_column("site", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        op.add_column("articles", sa.Column(name, sa.Integer()))  # without one as the site says
    op.add_column("site", sa.Column("auto_close_words", sa.Text(), nullable=False, server_default=""))
    op.add_column("articles", sa.Column("closes_at", sa.DateTime(timezone=True)))
    op.add_column("articles", sa.Column("closes_for", sa.String(10), nullable=False, server_default=""))
    op.add_column("closures", sa.Column("cause", sa.String(10), nullable=False, server_default=""))
    announced = sa.text("closes_at IS NOT NULL")
    op.create_index(
        "ix_articles_closes_at", "articles", ["closes_at"], sqlite_where=announced, postgresql_where=announced
    )


def downgrade() -> None:
    op.drop_index("ix_articles_closes_at", "articles")
    op.drop_column("closures", "cause")
    op.drop_column("articles", "closes_for")
    op.drop_column("articles", "closes_at")
    op.drop_column("site", "auto_close_words")
    for name in reversed(DAYS):
        op.drop_column("articles", name)
        op.drop_column("site", name)
