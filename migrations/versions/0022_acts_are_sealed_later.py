"""Acts are written at once and sealed later: an entry's number and hash come with its seal, its words stand in its row.

So no write waits for the newest entry of the whole site. Triggers refuse every change of an entry but two: the seal,
once, and that its words are erased with their salt.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACTS = ("act", "at", "actor_id", "person_id", "article_id", "comment_id", "closure_id", "rule")
COPIED = ", ".join((*FACTS, "details_hash"))
UNSEALED = sa.text("number IS NULL")

SQLITE_CHANGED = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in ("id", *FACTS, "details_hash"))
SQLITE_UPDATE = f"""
CREATE TRIGGER ledger_entries_update_refused BEFORE UPDATE ON ledger_entries
WHEN {SQLITE_CHANGED}
  OR (OLD.number IS NOT NULL AND (NEW.number IS NOT OLD.number OR NEW.hash IS NOT OLD.hash))
  OR (OLD.number IS NULL AND EXISTS (SELECT 1 FROM ledger_entries WHERE number = NEW.number))
  OR (NEW.salt IS NOT NULL AND NEW.salt IS NOT OLD.salt)
  OR (NEW.details IS NOT NULL AND NEW.details IS NOT OLD.details)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
SQLITE_DELETE = """
CREATE TRIGGER ledger_entries_delete_refused BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
SQLITE_INSERT = """
CREATE TRIGGER ledger_entries_insert_refused BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE id = NEW.id OR number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
ALL = ", ".join(("{row}.id", *(f"{{row}}.{name}" for name in FACTS), "{row}.details_hash"))
POSTGRESQL_REWRITE = f"""
CREATE FUNCTION refuse_ledger_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ROW({ALL.format(row="NEW")}) IS DISTINCT FROM ROW({ALL.format(row="OLD")})
    OR (OLD.number IS NOT NULL AND ROW(NEW.number, NEW.hash) IS DISTINCT FROM ROW(OLD.number, OLD.hash))
    OR (NEW.salt IS NOT NULL AND NEW.salt IS DISTINCT FROM OLD.salt)
    OR (NEW.details IS NOT NULL AND NEW.details::text IS DISTINCT FROM OLD.details::text)
  THEN RAISE EXCEPTION 'the ledger is append-only'; END IF;
  RETURN NEW;
END $$
"""
POSTGRESQL_UPDATE = """
CREATE TRIGGER ledger_entries_update_refused BEFORE UPDATE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION refuse_ledger_rewrite()
"""
STATEMENT = """
CREATE TRIGGER {table}_{verb}_refused BEFORE {verb} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()
"""
SQLITE_CHANGE = """
CREATE TRIGGER {table}_{verb}_refused BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
SQLITE_REPLACE = """
CREATE TRIGGER {table}_insert_refused BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""


def upgrade() -> None:
    _put_aside("ledger_entries")
    _sealed_entries()
    op.execute(
        f"INSERT INTO ledger_entries (id, number, hash, salt, details, {COPIED}) "
        f"SELECT old.number, old.number, hash, salt, details, {COPIED} FROM old_entries AS old "
        "LEFT JOIN ledger_details ON ledger_details.number = old.number"
    )
    op.drop_table("ledger_details")
    op.drop_table("old_entries")
    if op.get_bind().dialect.name == "sqlite":
        for trigger in (SQLITE_UPDATE, SQLITE_DELETE, SQLITE_INSERT):
            op.execute(trigger)
    else:
        _count_on("ledger_entries")
        op.execute(POSTGRESQL_REWRITE)
        op.execute(POSTGRESQL_UPDATE)
        for verb in ("delete", "truncate"):
            op.execute(STATEMENT.format(table="ledger_entries", verb=verb))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ledger_entries_update_refused")
    else:
        op.execute("DROP TRIGGER ledger_entries_update_refused ON ledger_entries")
        op.execute("DROP FUNCTION refuse_ledger_rewrite()")
    _seal()
    _put_aside("ledger_entries", "ix_ledger_entries_unsealed")
    _numbered_entries()
    op.execute(
        f"INSERT INTO ledger_entries (number, hash, {COPIED}) "
        f"SELECT number, hash, {COPIED} FROM old_entries ORDER BY number"
    )
    op.execute(
        "INSERT INTO ledger_details (number, salt, details) "
        "SELECT number, salt, details FROM old_entries WHERE salt IS NOT NULL"
    )
    op.drop_table("old_entries")
    if op.get_bind().dialect.name == "sqlite":
        for table, verb in (("ledger_entries", "update"), ("ledger_entries", "delete"), ("ledger_details", "update")):
            op.execute(SQLITE_CHANGE.format(table=table, verb=verb))
        for table in ("ledger_entries", "ledger_details"):
            op.execute(SQLITE_REPLACE.format(table=table))
    else:
        for verb in ("update", "delete", "truncate"):
            op.execute(STATEMENT.format(table="ledger_entries", verb=verb))
        op.execute(STATEMENT.format(table="ledger_details", verb="update"))


def _put_aside(table: str, *indexes: str) -> None:
    """Rename a table to old_entries, and give the names of its constraints and indexes free."""
    for index in ("ix_ledger_entries_act", "ix_ledger_entries_comment", *indexes):
        op.drop_index(index, table)
    op.rename_table(table, "old_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE old_entries RENAME CONSTRAINT pk_ledger_entries TO pk_old_entries")
        op.execute("ALTER TABLE old_entries DROP CONSTRAINT IF EXISTS uq_ledger_entries_number")
        op.execute("ALTER SEQUENCE IF EXISTS ledger_entries_id_seq RENAME TO old_entries_id_seq")


def _count_on(table: str) -> None:
    op.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
    )


def _columns() -> list[sa.Column]:
    return [
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, ID) for name in ("actor_id", "person_id", "article_id", "comment_id", "closure_id")),
        sa.Column("rule", sa.String(300)),
        sa.Column("details_hash", sa.String(64), nullable=False),
    ]


def _indexes(newest: str) -> None:
    op.create_index("ix_ledger_entries_act", "ledger_entries", ["act", newest])
    op.create_index("ix_ledger_entries_comment", "ledger_entries", ["comment_id"])


def _sealed_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", ID, nullable=False),
        *_columns(),
        sa.Column("salt", sa.String(32)),
        sa.Column("details", sa.JSON()),
        sa.Column("number", ID),
        sa.Column("hash", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entries"),
        sa.UniqueConstraint("number", name="uq_ledger_entries_number"),
        sqlite_autoincrement=True,
    )
    _indexes("id")
    op.create_index(
        "ix_ledger_entries_unsealed", "ledger_entries", ["id"], sqlite_where=UNSEALED, postgresql_where=UNSEALED
    )


def _numbered_entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        *_columns(),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_entries"),
    )
    _indexes("number")
    op.create_table(
        "ledger_details",
        sa.Column("number", ID, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["ledger_entries.number"], name="fk_ledger_details_number_ledger_entries"),
        sa.PrimaryKeyConstraint("number", name="pk_ledger_details"),
    )


def _seal() -> None:
    """Seal what waits for it, because an entry of the older schema cannot be without a number."""
    entries = sa.table("ledger_entries", *(sa.column(name, column.type) for name, column in _types().items()))
    head = sa.table("ledger_head", sa.column("number"), sa.column("hash"))
    bind = op.get_bind()
    found = bind.execute(sa.select(head)).one_or_none()
    number, last = found or (0, "0" * 64)
    for row in bind.execute(sa.select(entries).where(entries.c.number.is_(None)).order_by(entries.c.id)).all():
        number += 1
        at = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
        facts = [at.astimezone(UTC).isoformat() if name == "at" else getattr(row, name) for name in FACTS]
        chained = json.dumps([last, number, *facts, row.details_hash], separators=(",", ":"), ensure_ascii=False)
        last = hashlib.sha256(chained.encode()).hexdigest()
        bind.execute(entries.update().where(entries.c.id == row.id).values(number=number, hash=last))
    bind.execute(head.update().values(number=number, hash=last))


def _types() -> dict[str, sa.Column]:
    return {
        column.name: column
        for column in (sa.Column("id", ID), sa.Column("number", ID), *_columns(), sa.Column("hash", sa.String(64)))
    }
