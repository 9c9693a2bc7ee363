"""${message}"""

# If you recreate a table with `op.batch_alter_table`, also create its triggers again (0017, 0018) and pass
# `table_kwargs={"sqlite_autoincrement": True}`: SQLite drops both with the old table. Else entries of the log can be
# changed, pages stay as they were before a write, and ids are given twice. Import nothing from `forum`: it changes.

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
