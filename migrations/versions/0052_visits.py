"""When members were last at a discussion, so that a page can say what is new to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_visits_person_id_people"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_visits_article_id_articles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "article_id", name="pk_visits"),
    )
    op.create_index("ix_visits_article_id", "visits", ["article_id"])
    op.create_index("ix_visits_at", "visits", ["at"])


def downgrade() -> None:
    op.drop_table("visits")
