"""Say which machine may answer from memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeper",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("machine", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1 AND state IN ('shared', 'kept', 'leaving')", name=op.f("ck_keeper_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeper")),
    )
    # A new site has a keeper at once. Beside one that stands, servers of the version before may still write for a
    # while, and they do not look into this table: ten minutes from now.
    op.execute(
        "INSERT INTO keeper (id, state, since) SELECT 1, 'shared',"
        " CASE WHEN set_up_at IS NULL THEN '1970-01-01 00:00:00+00:00' ELSE CURRENT_TIMESTAMP END FROM site"
    )


def downgrade() -> None:
    op.drop_table("keeper")
