"""An index along which the ended sessions of visitors are found, past those of members.

It begins with the person, so it also serves the foreign key, as the index did that it replaces.
"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sessions_person_id_seen_at", "sessions", ["person_id", "seen_at"])
    op.drop_index("ix_sessions_person_id", "sessions")


def downgrade() -> None:
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.drop_index("ix_sessions_person_id_seen_at", "sessions")
