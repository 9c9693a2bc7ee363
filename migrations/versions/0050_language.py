"""The language that a person chose for pages and mails; empty where it is the site's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("language", sa.String(20), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("people", "language")
