"""From which networks accounts signed in: a keyed hash of each, for some days, which a setting says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("site", sa.Column("network_days", sa.Integer(), nullable=False, server_default="30"))
    op.create_table(
        "person_networks",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("network", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_networks_person_id_people"),
        sa.PrimaryKeyConstraint("person_id", "network", name="pk_person_networks"),
    )
    op.create_index("ix_person_networks_network", "person_networks", ["network", "seen_at"])
    op.create_index("ix_person_networks_seen_at", "person_networks", ["seen_at"])


def downgrade() -> None:
    op.drop_table("person_networks")
    op.drop_column("site", "network_days")
