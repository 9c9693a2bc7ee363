"""Seed the one row of the site and of the ledger's head, and refuse changes to ledger entries."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER ledger_entries_no_{verb} BEFORE {verb} ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
"""


def upgrade() -> None:
    connection = op.get_bind()
    site = sa.table(
        "site",
        *(sa.column(name) for name in ("id", "origin", "version", "is_demo", "name", "tagline", "url", "language")),
        *(sa.column(name) for name in ("timezone", "accent", "contact", "sign_up", "who_may_comment", "edit_minutes")),
        sa.column("public_history"),
        sa.column("logo_hash"),
        sa.column("footer_links", sa.JSON),
    )
    row = {
        "id": 1,
        "origin": secrets.token_hex(16),
        "version": 1,
        "is_demo": False,
        "language": "en",
        "timezone": "UTC",
        "sign_up": "open",
        "who_may_comment": "members",
        "edit_minutes": 30,
        "public_history": True,
        "footer_links": [],
    }
    row |= dict.fromkeys(("name", "tagline", "url", "accent", "contact", "logo_hash"), "")
    connection.execute(sa.insert(site).values(row))
    head = sa.table("ledger_head", sa.column("id"), sa.column("number"), sa.column("hash"))
    connection.execute(sa.insert(head).values(id=1, number=0, hash="0" * 64))
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(SQLITE.format(verb=verb))
    else:
        op.execute(POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER ledger_entries_no_{verb}")
    else:
        op.execute("DROP TRIGGER ledger_entries_append_only ON ledger_entries")
        op.execute("DROP FUNCTION ledger_is_append_only()")
    op.execute("DELETE FROM ledger_head")
    op.execute("DELETE FROM site")
