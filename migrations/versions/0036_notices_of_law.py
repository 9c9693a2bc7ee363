"""Notices of law: what somebody says is against the law, the addresses each names, and their settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
SETTINGS = (("notice_days", "7"), ("complainants_days", "180"))


def upgrade() -> None:
    for name, before in SETTINGS:
        op.add_column("site", sa.Column(name, sa.Integer(), nullable=False, server_default=before))
    op.create_table(
        "legal_notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("name", sa.String(120)),
        sa.Column("email", sa.String(254)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT),
        sa.Column("meanwhile", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("passed_at", MOMENT),
        sa.Column("outcome", sa.String(8)),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_legal_notices"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_legal_notices_case_id_cases"),
        sa.UniqueConstraint("case_id", name="uq_legal_notices_case_id"),
        sa.UniqueConstraint("reference", name="uq_legal_notices_reference"),
        sqlite_autoincrement=True,
    )
    not_erased = sa.text("erased_at IS NULL")
    where = {"sqlite_where": not_erased, "postgresql_where": not_erased}
    op.create_index("ix_legal_notices_decided", "legal_notices", ["decided_at", "id"], **where)
    op.create_table(
        "legal_subjects",
        sa.Column("id", ID, nullable=False),
        sa.Column("notice_id", ID, nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("comment_id", ID),
        sa.Column("article_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_legal_subjects"),
        sa.ForeignKeyConstraint(["notice_id"], ["legal_notices.id"], name="fk_legal_subjects_notice_id_legal_notices"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_legal_subjects_notice_id", "legal_subjects", ["notice_id"])
    op.create_index("ix_legal_subjects_article_id", "legal_subjects", ["article_id"])


def downgrade() -> None:
    op.drop_table("legal_subjects")
    op.drop_table("legal_notices")
    op.execute("DELETE FROM cases WHERE kind = 'notice'")
    for name, _ in reversed(SETTINGS):
        op.drop_column("site", name)
