"""Saved replies: texts that moderators keep, each for themselves, and admins for everybody who moderates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_replies",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_saved_replies_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_replies"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_replies_person_id", "saved_replies", ["person_id"])


def downgrade() -> None:
    op.drop_table("saved_replies")
