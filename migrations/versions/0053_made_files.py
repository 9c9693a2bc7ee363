"""Files that a worker makes, as a large export: in pieces, in the database, for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "made_files",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.String(250), nullable=False),
        sa.Column("media_type", sa.String(60), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_made_files_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_made_files"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_made_files_person_id", "made_files", ["person_id"])
    op.create_index("ix_made_files_created_at", "made_files", ["created_at"])
    op.create_table(
        "made_parts",
        sa.Column("file_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["made_files.id"], name="fk_made_parts_file_id_made_files"),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_made_parts"),
    )


def downgrade() -> None:
    op.drop_table("made_parts")
    op.drop_table("made_files")
