"""The settings of what waits for approval, and what is learned about spam."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SETTINGS = (
    ("hold_everything", sa.Boolean(), sa.false()),
    ("hold_guests", sa.Boolean(), sa.true()),  # as it was before there was a setting
    ("hold_first", sa.Integer(), "0"),
    ("hold_links", sa.Integer(), "0"),
    ("hold_words", sa.JSON(), "[]"),
    ("hold_spam", sa.Boolean(), sa.false()),
)


def upgrade() -> None:
    for name, kind, before in SETTINGS:
        op.add_column("site", sa.Column(name, kind, nullable=False, server_default=before))
    op.create_table(
        "spam_models",
        sa.Column("id", ID, nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("spam_texts", sa.Integer(), nullable=False),
        sa.Column("ham_texts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spam_models"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("spam_models")
    for name, _, _ in reversed(SETTINGS):
        op.drop_column("site", name)
