"""Notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("article_id", ID),
        sa.Column("comment_id", ID),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_notices_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notices_comment", "notices", ["comment_id"])
    op.create_index("ix_notices_person", "notices", ["person_id", "id"])
    unseen = sa.text("seen_at IS NULL")
    op.create_index("ix_notices_unseen", "notices", ["person_id"], sqlite_where=unseen, postgresql_where=unseen)


def downgrade() -> None:
    op.drop_table("notices")
