"""Pictures in three widths, the articles that show them, and each article's lead picture; their limits are settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SETTINGS = {"picture_megabytes": "10", "picture_megapixels": "50", "article_pictures": "40"}


def upgrade() -> None:
    for name, value in SETTINGS.items():
        op.add_column("site", sa.Column(name, sa.Integer(), nullable=False, server_default=value))
    op.add_column("articles", sa.Column("lead", sa.String(60), nullable=False, server_default=""))
    op.add_column("articles", sa.Column("lead_alt", sa.String(500), nullable=False, server_default=""))
    op.create_table(
        "pictures",
        sa.Column("id", ID, nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(500), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unused_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_pictures_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("hash", name="uq_pictures_hash"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pictures_person_id", "pictures", ["person_id"])
    waits = sa.text("unused_since IS NOT NULL")
    op.create_index(
        "ix_pictures_unused_since", "pictures", ["unused_since"], sqlite_where=waits, postgresql_where=waits
    )
    _files_and_uses()


def _files_and_uses() -> None:
    op.create_table(
        "picture_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("picture_id", ID, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name="fk_picture_files_picture_id_pictures", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_picture_files"),
        sa.UniqueConstraint("picture_id", "width", name="uq_picture_files_picture_id_width"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "picture_uses",
        sa.Column("article_id", ID, nullable=False),
        sa.Column("picture_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_picture_uses_article_id_articles", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name="fk_picture_uses_picture_id_pictures", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "picture_id", name="pk_picture_uses"),
    )
    op.create_index("ix_picture_uses_picture_id", "picture_uses", ["picture_id"])


def downgrade() -> None:
    op.drop_table("picture_uses")
    op.drop_table("picture_files")
    op.drop_table("pictures")
    for name in ("lead_alt", "lead"):
        op.drop_column("articles", name)
    for name in reversed(SETTINGS):
        op.drop_column("site", name)
