"""The log of acts, and the triggers that refuse to change it.

SQLite's INSERT OR REPLACE deletes without a DELETE trigger, and PostgreSQL's TRUNCATE deletes without one too, so both
have a trigger of their own. Deleting details stays possible: that is how words are erased.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE_CHANGE = """
CREATE TRIGGER {table}_{verb}_refused BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
SQLITE_REPLACE = """
CREATE TRIGGER {table}_insert_refused BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
REFUSE = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
"""
POSTGRESQL_CHANGE = """
CREATE TRIGGER {table}_{verb}_refused BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
"""


def upgrade() -> None:
    _entries()
    _details()
    _head()
    if op.get_bind().dialect.name == "sqlite":
        for table, verb in (("ledger_entries", "update"), ("ledger_entries", "delete"), ("ledger_details", "update")):
            op.execute(SQLITE_CHANGE.format(table=table, verb=verb))
        for table in ("ledger_entries", "ledger_details"):
            op.execute(SQLITE_REPLACE.format(table=table))
    else:
        op.execute(REFUSE)
        for verb in ("update", "delete", "truncate"):
            op.execute(POSTGRESQL_CHANGE.format(table="ledger_entries", verb=verb))
        op.execute(POSTGRESQL_CHANGE.format(table="ledger_details", verb="update"))


def downgrade() -> None:
    for table in ("ledger_details", "ledger_head", "ledger_entries"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_ledger_change()")


def _entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID),
        sa.Column("person_id", ID),
        sa.Column("article_id", ID),
        sa.Column("comment_id", ID),
        sa.Column("closure_id", ID),
        sa.Column("rule", sa.String(300)),
        sa.Column("details_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_entries"),
    )
    op.create_index("ix_ledger_entries_act", "ledger_entries", ["act", "number"])
    op.create_index("ix_ledger_entries_comment", "ledger_entries", ["comment_id"])


def _details() -> None:
    op.create_table(
        "ledger_details",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger_entries.number"], name="fk_ledger_details_number_ledger_entries"),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_details"),
    )


def _head() -> None:
    table = op.create_table(
        "ledger_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_head"),
    )
    op.bulk_insert(table, [{"id": 1, "number": 0, "hash": "0" * 64}])
