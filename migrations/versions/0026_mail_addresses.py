"""Whether somebody confirmed their mail address, and whether mail to it is paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("people", sa.Column("email_verified_at", MOMENT))
    op.add_column("people", sa.Column("mail_paused_at", MOMENT))
    op.add_column("people", sa.Column("mail_pause_reason", sa.String(300), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("mail_pause_reason", "mail_paused_at", "email_verified_at"):
        op.drop_column("people", column)
    op.execute(sa.text("DELETE FROM one_time_links WHERE purpose = 'verify'"))
