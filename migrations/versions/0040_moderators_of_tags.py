"""Who moderates in which tag."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tag_moderators",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("tag_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_tag_moderators_person_id_people"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_tag_moderators_tag_id_tags"),
        sa.PrimaryKeyConstraint("id", name="pk_tag_moderators"),
        sa.UniqueConstraint("person_id", "tag_id", name="uq_tag_moderators_person_id_tag_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tag_moderators_tag_id", "tag_moderators", ["tag_id"])


def downgrade() -> None:
    op.drop_table("tag_moderators")
