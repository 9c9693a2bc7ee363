"""What somebody typed into the form of an article and did not save yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEYS = {"article_id": "articles", "person_id": "people"}


def upgrade() -> None:
    op.create_table(
        "article_changes",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(16), nullable=False),
        sa.Column("person_id", ID),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_changes"),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_article_changes_{name}_{table}")
            for name, table in KEYS.items()
        ),
    )


def downgrade() -> None:
    op.drop_table("article_changes")
