"""Closures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "closures",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("branch_id", ID),
        sa.Column("at_id", ID),
        sa.Column("person_a_id", ID),
        sa.Column("person_b_id", ID),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_by_id", ID),
        sa.Column("took_part", sa.Boolean(), nullable=False),
        sa.Column("staff_may", sa.Boolean(), nullable=False),
        sa.Column("once_id", ID),
        sa.Column("once_used_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("lapsed_at", MOMENT),
        sa.Column("reopened_at", MOMENT),
        sa.Column("reopened_by_id", ID),
        sa.Column("reopen_reason", sa.String(300), nullable=False),
        sa.Column("origin", sa.String(32)),
        sa.Column("foreign_id", sa.String(100)),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_closures_article_id_articles"),
        sa.ForeignKeyConstraint(["at_id"], ["comments.id"], name="fk_closures_at_id_comments"),
        sa.ForeignKeyConstraint(["branch_id"], ["comments.id"], name="fk_closures_branch_id_comments"),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name="fk_closures_closed_by_id_people"),
        sa.ForeignKeyConstraint(["once_id"], ["people.id"], name="fk_closures_once_id_people"),
        sa.ForeignKeyConstraint(["person_a_id"], ["people.id"], name="fk_closures_person_a_id_people"),
        sa.ForeignKeyConstraint(["person_b_id"], ["people.id"], name="fk_closures_person_b_id_people"),
        sa.ForeignKeyConstraint(["reopened_by_id"], ["people.id"], name="fk_closures_reopened_by_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_closures"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_closures_article", "closures", ["article_id", "reopened_at"])
    op.create_index("ix_closures_branch", "closures", ["branch_id"])


def downgrade() -> None:
    op.drop_table("closures")
