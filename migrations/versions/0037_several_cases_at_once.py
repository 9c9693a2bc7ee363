"""Acts about several cases at once, with what became of each case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def to(name: str, table: str, column: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_{name}_{column}_{table}")


def upgrade() -> None:
    op.create_table(
        "bulks",
        sa.Column("id", ID, nullable=False),
        sa.Column("moderator_id", ID, nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("rule", sa.String(10), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("undo_at", MOMENT, nullable=True),
        sa.Column("undo_by_id", ID, nullable=True),
        to("bulks", "people", "moderator_id"),
        to("bulks", "people", "undo_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bulks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bulk_cases",
        sa.Column("bulk_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("decision_id", ID, nullable=True),
        sa.Column("why", sa.String(10), nullable=False),
        *(to("bulk_cases", f"{name}s", f"{name}_id") for name in ("bulk", "case", "article", "comment", "decision")),
        sa.PrimaryKeyConstraint("bulk_id", "case_id", name="pk_bulk_cases"),
    )
    op.create_index("ix_bulk_cases_state", "bulk_cases", ["bulk_id", "state", "article_id", "case_id"])


def downgrade() -> None:
    op.drop_table("bulk_cases")
    op.drop_table("bulks")
