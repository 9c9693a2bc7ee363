"""Who hears of what: subscriptions, and one notice of each thing for each person.

Whoever wrote hears of answers from now on, and authors of what is written under their articles, as if they had chosen
so when they wrote.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WRITERS = """
INSERT INTO subscriptions (person_id, kind, subject_id, created_at)
SELECT author_id, 'answers', id, created_at FROM comments
WHERE author_id IS NOT NULL AND status IN ('published', 'held') ORDER BY id
"""
AUTHORS = """
INSERT INTO subscriptions (person_id, kind, subject_id, created_at)
SELECT author_id, 'article', id, created_at FROM articles ORDER BY id
"""


def upgrade() -> None:
    op.add_column("people", sa.Column("follows_answers", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("people", sa.Column("follows_articles", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("notices", sa.Column("key", sa.String(40)))
    op.create_index("ix_notices_person_id_key", "notices", ["person_id", "key"], unique=True)
    op.create_table(
        "subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("paused_at", MOMENT),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_subscriptions_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("person_id", "kind", "subject_id", name="uq_subscriptions_person_id_kind_subject_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscriptions_kind", "subscriptions", ["kind", "subject_id", "person_id"])
    op.execute(WRITERS)
    op.execute(AUTHORS)


def downgrade() -> None:
    op.drop_table("subscriptions")
    # The schema before knows no notices of these kinds.
    op.execute("DELETE FROM notices WHERE kind IN ('answer', 'comment', 'article')")
    op.drop_index("ix_notices_person_id_key", "notices")
    op.drop_column("notices", "key")
    op.drop_column("people", "follows_articles")
    op.drop_column("people", "follows_answers")
