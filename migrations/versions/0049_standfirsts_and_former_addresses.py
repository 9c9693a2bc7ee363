"""Standfirsts, an author's words around a quoted piece, what was updated, and the former addresses of articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = {
    **dict.fromkeys(("standfirst", "update_note"), sa.String(300)),
    **dict.fromkeys(("foreword", "foreword_html", "afterword", "afterword_html"), sa.Text()),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("articles", sa.Column(name, kind, nullable=False, server_default=""))
    op.create_table(
        "article_addresses",
        sa.Column("slug", sa.String(120), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_addresses_article_id_articles"),
        sa.PrimaryKeyConstraint("slug", name="pk_article_addresses"),
    )
    op.create_index("ix_article_addresses_article_id", "article_addresses", ["article_id"])


def downgrade() -> None:
    op.drop_table("article_addresses")
    for name in reversed(COLUMNS):
        op.drop_column("articles", name)
