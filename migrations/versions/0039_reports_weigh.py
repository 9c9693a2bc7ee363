"""From which weight on reports hide a comment until somebody decides. 0 is never."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("site", sa.Column("report_limit", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    # What reports hid waits for approval, which the older program knows; it knows no such decision.
    op.execute("DELETE FROM notices WHERE kind = 'held'")
    op.execute("DELETE FROM decisions WHERE decision = 'hold'")
    op.drop_column("site", "report_limit")
