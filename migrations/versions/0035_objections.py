"""Objections: what somebody who was acted on says against it, once, each with its case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEYS = {"case_id": "cases", "person_id": "people", "comment_id": "comments", "decided_by_id": "people"}
OPEN = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "objections",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("comment_id", ID),
        sa.Column("words", sa.String(2000), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(8)),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("decided_by_id", ID),
        sa.Column("decided_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
        sa.UniqueConstraint("person_id", "cause", name="uq_objections_person_id_cause"),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_objections_{name}_{table}")
            for name, table in KEYS.items()
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_objections_open", "objections", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("ix_objections_case_id", "objections", ["case_id"])
    op.create_index("ix_objections_comment_id", "objections", ["comment_id"])


def downgrade() -> None:
    op.drop_table("objections")
    op.execute(sa.text("DELETE FROM cases WHERE kind = 'objection'"))
