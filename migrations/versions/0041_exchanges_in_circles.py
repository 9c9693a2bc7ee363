"""Exchanges of two people that go in circles, each with its case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def to(table: str, column: str) -> sa.ForeignKeyConstraint:
    """Return a foreign key with the name that the models give it."""
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_exchanges_{column}_{table}")


def upgrade() -> None:
    op.add_column("site", sa.Column("watch_exchanges", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "exchanges",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=False),
        sa.Column("last_id", ID, nullable=False),
        sa.Column("person_a_id", ID, nullable=False),
        sa.Column("person_b_id", ID, nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=False),
        sa.Column("growth", sa.Integer(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        to("cases", "case_id"),
        *(to("comments", f"{name}_id") for name in ("first", "last")),
        *(to("people", f"person_{letter}_id") for letter in "ab"),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchanges_case_id", "exchanges", ["case_id"])
    op.create_index("ix_exchanges_first_id", "exchanges", ["first_id"])


def downgrade() -> None:
    # The older program knows neither these cases nor what moderators wrote to two people.
    op.drop_table("exchanges")
    op.execute("DELETE FROM cases WHERE kind = 'exchange'")
    op.execute("DELETE FROM notices WHERE kind = 'word'")
    op.drop_column("site", "watch_exchanges")
