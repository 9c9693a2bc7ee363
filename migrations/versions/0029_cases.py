"""Cases: what somebody must decide, with the reports that belong to each; today's are moved into them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = {"sqlite_autoincrement": True}  # the database does not tell it of the table that SQLite has to make anew

REMOVED = ("hidden", "spam")
COLUMNS = "kind, comment_id, person_id, article_id, state, queue, priority, report_count, held_reason, since"
WORST = "min(CASE reason WHEN 'danger' THEN 1 WHEN 'illegal' THEN 2 ELSE 3 END)"
# The status before the decision, as its JSON says it: {"12": "held"}.
WAS_HELD = """CAST(d.before AS TEXT) LIKE '%"' || c.id || '": "held"%'"""

# What was decided: each decision that stands, and each comment whose reports one about another comment answered.
DECIDED = f"""
INSERT INTO cases ({COLUMNS}, outcome, decision_id, decided_by_id, decided_at)
SELECT 'comment', c.id, c.author_id, c.article_id, 'decided',
    CASE WHEN r.number IS NOT NULL THEN 'reported' WHEN {WAS_HELD} THEN 'waiting' ELSE 'unasked' END,
    coalesce(r.worst, 3), coalesce(r.number, 0), CASE WHEN {WAS_HELD} THEN coalesce(c.held_reason, 'held') END,
    CASE WHEN r.first IS NOT NULL AND (r.first < c.created_at OR NOT {WAS_HELD}) THEN r.first
        WHEN {WAS_HELD} THEN c.created_at ELSE d.created_at END,
    d.decision, d.id, d.moderator_id, d.created_at
FROM (
    SELECT comment_id, id AS decision_id FROM decisions WHERE undone_at IS NULL
    UNION SELECT comment_id, decision_id FROM flags WHERE decision_id IS NOT NULL
) pair
JOIN decisions d ON d.id = pair.decision_id JOIN comments c ON c.id = pair.comment_id
LEFT JOIN (
    SELECT comment_id, decision_id, count(*) AS number, min(created_at) AS first, {WORST} AS worst
    FROM flags WHERE decision_id IS NOT NULL GROUP BY comment_id, decision_id
) r ON r.comment_id = pair.comment_id AND r.decision_id = pair.decision_id
ORDER BY d.id, c.id
"""
OPEN = f"""
INSERT INTO cases ({COLUMNS})
SELECT 'comment', c.id, c.author_id, c.article_id, 'open',
    CASE WHEN r.number IS NOT NULL THEN 'reported' ELSE 'waiting' END,
    coalesce(r.worst, 3), coalesce(r.number, 0),
    CASE WHEN c.status = 'held' THEN coalesce(c.held_reason, 'held') END,
    CASE WHEN r.first IS NOT NULL AND (r.first < c.created_at OR c.status <> 'held') THEN r.first
        ELSE c.created_at END
FROM comments c LEFT JOIN (
    SELECT comment_id, count(*) AS number, min(created_at) AS first, {WORST} AS worst
    FROM flags WHERE decision_id IS NULL GROUP BY comment_id
) r ON r.comment_id = c.id
WHERE c.status = 'held' OR (c.status = 'published' AND r.number IS NOT NULL)
ORDER BY c.id
"""
ACCOUNTS = f"""
INSERT INTO cases ({COLUMNS})
SELECT 'account', NULL, id, NULL, 'open', 'accounts', 3, 0, NULL, created_at
FROM people WHERE approved_at IS NULL AND deactivated_at IS NULL ORDER BY id
"""
LINKS = (
    "UPDATE flags SET reporter = 'guest' WHERE person_id IS NULL",
    "UPDATE flags SET case_id = (SELECT id FROM cases WHERE cases.decision_id = flags.decision_id"
    " AND cases.comment_id = flags.comment_id) WHERE decision_id IS NOT NULL",
    "UPDATE flags SET case_id = (SELECT id FROM cases WHERE cases.comment_id = flags.comment_id AND state = 'open')"
    " WHERE decision_id IS NULL",
)


def upgrade() -> None:
    _make_cases()
    with op.batch_alter_table("flags", table_kwargs=KEPT) as flags:
        flags.add_column(sa.Column("case_id", ID))
        flags.add_column(sa.Column("reporter", sa.String(8), nullable=False, server_default="person"))
        flags.create_foreign_key("fk_flags_case_id_cases", "cases", ["case_id"], ["id"])
    op.drop_index("ix_flags_open", "flags")
    _index("ix_flags_open", "flags", ["reason", "case_id"], "decision_id IS NULL")
    op.create_index("ix_flags_case_id", "flags", ["case_id"])
    # How many comments of somebody were removed: part of the record that the queue shows.
    _index("ix_comments_removed", "comments", ["author_id"], f"status IN {REMOVED}")
    for statement in (DECIDED, OPEN, ACCOUNTS, *LINKS):
        op.execute(sa.text(statement))
    with op.batch_alter_table("flags", table_kwargs=KEPT) as flags:
        flags.alter_column("reporter", server_default=None)


def downgrade() -> None:
    op.drop_index("ix_comments_removed", "comments")
    op.drop_index("ix_flags_open", "flags")
    op.drop_index("ix_flags_case_id", "flags")
    with op.batch_alter_table("flags", table_kwargs=KEPT) as flags:
        flags.drop_constraint("fk_flags_case_id_cases", type_="foreignkey")
        flags.drop_column("case_id")
        flags.drop_column("reporter")
    _index("ix_flags_open", "flags", ["created_at", "id"], "decision_id IS NULL")
    op.drop_table("cases")


def _make_cases() -> None:
    keys = {"comment_id": "comments", "person_id": "people", "article_id": "articles", "claimed_by_id": "people"}
    keys |= {"decision_id": "decisions", "decided_by_id": "people"}
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        *(sa.Column(name, ID) for name in ("comment_id", "person_id", "article_id")),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("queue", sa.String(12), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("report_count", sa.Integer(), nullable=False),
        sa.Column("held_reason", sa.String(40)),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("claimed_by_id", ID),
        sa.Column("claimed_until", MOMENT),
        sa.Column("outcome", sa.String(12)),
        sa.Column("decision_id", ID),
        sa.Column("decided_by_id", ID),
        sa.Column("decided_at", MOMENT),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_cases_{column}_{table}")
            for column, table in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sqlite_autoincrement=True,
    )
    is_open = "state = 'open'"
    _index("ix_cases_queue", "cases", ["queue", "priority", "since", "id"], is_open)
    _index("ix_cases_newest", "cases", ["queue", "since", "id"], is_open)
    _index("ix_cases_decided", "cases", ["decided_at", "id"], "state = 'decided'")
    _index("uq_cases_subject", "cases", ["comment_id", "kind"], is_open, unique=True)
    _index("uq_cases_account", "cases", ["person_id"], f"{is_open} AND kind = 'account'", unique=True)
    _index("ix_cases_claimed", "cases", ["claimed_by_id"], "claimed_by_id IS NOT NULL")
    op.create_index("ix_cases_comment_id", "cases", ["comment_id"])
    op.create_index("ix_cases_person_id", "cases", ["person_id", "state"])
    op.create_index("ix_cases_article_id", "cases", ["article_id", "state"])
    op.create_index("ix_cases_decision_id", "cases", ["decision_id"])


def _index(name: str, table: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
