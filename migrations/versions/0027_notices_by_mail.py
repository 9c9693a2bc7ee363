"""What each person gets by mail and when, and which notices were mailed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("mail_when", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("notices", sa.Column("mailed_at", sa.DateTime(timezone=True)))
    # What was told before there was mail is not mailed.
    op.execute("UPDATE notices SET mailed_at = created_at")


def downgrade() -> None:
    op.drop_column("notices", "mailed_at")
    op.drop_column("people", "mail_when")
