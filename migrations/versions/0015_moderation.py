"""Reports of comments, and decisions about them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("moderator_id", ID),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("rule", sa.String(300), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by_id", ID),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_decisions_comment_id_comments"),
        sa.ForeignKeyConstraint(["moderator_id"], ["people.id"], name="fk_decisions_moderator_id_people"),
        sa.ForeignKeyConstraint(["undone_by_id"], ["people.id"], name="fk_decisions_undone_by_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_comment_id", "decisions", ["comment_id"])
    removed = sa.text("undone_at IS NULL AND decision <> 'keep'")
    op.create_index("ix_decisions_removed", "decisions", ["id"], sqlite_where=removed, postgresql_where=removed)
    op.create_table(
        "flags",
        sa.Column("id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("decision_id", ID),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_flags_comment_id_comments"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_flags_decision_id_decisions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_flags_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_flags"),
        sa.UniqueConstraint("comment_id", "person_id", name="uq_flags_comment_id_person_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_flags_decision_id", "flags", ["decision_id"])
    op.create_index("ix_flags_person_id", "flags", ["person_id"])
    unanswered = sa.text("decision_id IS NULL")
    columns = ["created_at", "id"]
    op.create_index("ix_flags_open", "flags", columns, sqlite_where=unanswered, postgresql_where=unanswered)


def downgrade() -> None:
    op.drop_table("flags")
    op.drop_table("decisions")
