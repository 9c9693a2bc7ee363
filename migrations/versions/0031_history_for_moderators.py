"""An index of the acts that moderators and admins read about: what readers write is nearly all of the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STAFF = sa.text("act <> 'comment.post'")


def upgrade() -> None:
    op.create_index("ix_ledger_entries_staff", "ledger_entries", ["id"], sqlite_where=STAFF, postgresql_where=STAFF)


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_staff", "ledger_entries")
