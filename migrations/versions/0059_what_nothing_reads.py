"""Two columns that nothing reads go: when a worker began, and who made a link that works once (the log says so)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

ID, MOMENT = sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.DateTime(timezone=True)
KEPT = {"sqlite_autoincrement": True}  # no id is given twice, also not after a table was copied
MADE_BY = "fk_one_time_links_created_by_id_people"


def upgrade() -> None:
    with op.batch_alter_table("one_time_links", table_kwargs=KEPT) as links:
        links.drop_constraint(MADE_BY, type_="foreignkey")
        links.drop_column("created_by_id")
    op.drop_column("workers", "started_at")


def downgrade() -> None:
    """Bring the columns back: nobody is known to have made a link, and workers began when they were last seen."""
    op.add_column("workers", sa.Column("started_at", MOMENT))
    op.execute("UPDATE workers SET started_at = seen_at")
    with op.batch_alter_table("workers") as workers:
        workers.alter_column("started_at", existing_type=MOMENT, nullable=False)
    with op.batch_alter_table("one_time_links", table_kwargs=KEPT) as links:
        links.add_column(sa.Column("created_by_id", ID))
        links.create_foreign_key(MADE_BY, "people", ["created_by_id"], ["id"])
