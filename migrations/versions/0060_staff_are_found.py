"""An index of people by role: who else is an admin or a moderator is asked on pages of staff, and most are readers."""

from __future__ import annotations

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

INDEX = "ix_people_role"


def upgrade() -> None:
    op.create_index(INDEX, "people", ["role"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="people")
