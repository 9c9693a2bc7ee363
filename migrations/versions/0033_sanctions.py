"""Sanctions: what moderators do about people; today's suspensions are moved into them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
# What is in force, on the row that the path of a post reads.
FAST = {"held_until": MOMENT, "slow_until": MOMENT, "slow_minutes": sa.Integer()}
# Who suspended, and when, says the newest entry of the log; without one it was when the person came.
MOVE = """
INSERT INTO sanctions (kind, person_id, by_id, rule, words, note, minutes, created_at, until, lift_reason, is_undone)
SELECT 'suspension', p.id, (SELECT id FROM people WHERE id = e.actor_id), '', p.suspension_reason, '', 0,
    coalesce(e.at, p.created_at), p.suspended_until, '', false
FROM people p LEFT JOIN ledger_entries e
    ON e.id = (SELECT max(id) FROM ledger_entries WHERE act = 'person.suspend' AND person_id = p.id)
WHERE p.suspended_until IS NOT NULL ORDER BY p.id
"""


def upgrade() -> None:
    op.add_column("site", sa.Column("suspension_days", sa.Integer(), nullable=False, server_default="30"))
    for name, kind in FAST.items():
        number = {"nullable": False, "server_default": "0"} if name == "slow_minutes" else {}
        op.add_column("people", sa.Column(name, kind, **number))
    op.create_table(
        "sanctions",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        *(sa.Column(name, ID) for name in ("by_id", "comment_id")),
        sa.Column("rule", sa.String(300), nullable=False),
        *(sa.Column(name, sa.String(1000), nullable=False) for name in ("words", "note")),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, MOMENT) for name in ("until", "lifted_at")),
        sa.Column("lifted_by_id", ID),
        sa.Column("lift_reason", sa.String(1000), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sanctions"),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_sanctions_{name}_{table}")
            for name, table in (
                ("person_id", "people"),
                ("by_id", "people"),
                ("comment_id", "comments"),
                ("lifted_by_id", "people"),
            )
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sanctions_person_id", "sanctions", ["person_id", "id"])
    op.create_index("ix_sanctions_comment_id", "sanctions", ["comment_id"])
    op.execute(sa.text(MOVE))


def downgrade() -> None:
    op.drop_table("sanctions")
    for name in reversed(FAST):
        op.drop_column("people", name)
    op.drop_column("site", "suspension_days")
