"""Earlier versions of articles: what their words were until somebody saved others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLE = "article_revisions"
KEYS = {"article_id": "articles", "editor_id": "people"}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("standfirst", sa.String(300), nullable=False, server_default=""),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("foreword", sa.Text(), nullable=False, server_default=""),
        sa.Column("afterword", sa.Text(), nullable=False, server_default=""),
        sa.Column("source_name", sa.String(120), nullable=False),
        sa.Column("source_url", sa.String(500), nullable=False),
        sa.Column("was_public", sa.Boolean(), nullable=False),
        sa.Column("editor_id", ID),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_{TABLE}_{name}_{table}")
            for name, table in KEYS.items()
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{TABLE}_article_id", TABLE, ["article_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
