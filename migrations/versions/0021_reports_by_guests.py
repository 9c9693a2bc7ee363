"""Reports by people without an account: a report may have no reporter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEPT = {"sqlite_autoincrement": True}  # the database does not tell it of the table that SQLite has to make anew


def upgrade() -> None:
    with op.batch_alter_table("flags", table_kwargs=KEPT) as flags:
        flags.alter_column("person_id", nullable=True)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM flags WHERE person_id IS NULL"))
    with op.batch_alter_table("flags", table_kwargs=KEPT) as flags:
        flags.alter_column("person_id", nullable=False)
