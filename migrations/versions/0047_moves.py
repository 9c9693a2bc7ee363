"""Moves: which branch was moved from where to where, by whom and why.

A move raises the versions of both articles. The lines that tell of it name the other article, so its title, address and
publication raise them, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEYS = {
    "comment_id": "comments",
    "from_article_id": "articles",
    "from_parent_id": "comments",
    "to_article_id": "articles",
    "to_parent_id": "comments",
    "moved_by_id": "people",
    "undone_by_id": "people",
}
NAMED = ("title", "slug", "status", "published_at")  # what such a line shows of the other article

SQLITE = """
CREATE TRIGGER {name} AFTER {event} ON {table} {when}
BEGIN UPDATE article_versions SET version = random() WHERE article_id IN ({ids}); END
"""
BESIDE = """SELECT from_article_id FROM moves WHERE to_article_id = NEW.id
    UNION SELECT to_article_id FROM moves WHERE from_article_id = NEW.id"""
ONCE = "xmin <> pg_current_xact_id()::xid"  # as in migration 0018
RAISE = f"UPDATE article_versions SET version = random_version() WHERE {ONCE} AND article_id IN"
FUNCTIONS = {
    "raise_versions_of_moved": f"""
        IF TG_OP <> 'INSERT' THEN {RAISE} (OLD.from_article_id, OLD.to_article_id); END IF;
        IF TG_OP <> 'DELETE' THEN {RAISE} (NEW.from_article_id, NEW.to_article_id); END IF;
        RETURN NULL;""",
    "raise_versions_beside": f"{RAISE} ({BESIDE}); RETURN NULL;",
}


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("id", ID, nullable=False),
        sa.Column("comment_id", ID, nullable=False),
        sa.Column("from_article_id", ID, nullable=False),
        sa.Column("from_parent_id", ID),
        sa.Column("to_article_id", ID, nullable=False),
        sa.Column("to_parent_id", ID),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("moved_by_id", ID),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_moves_{name}_{table}")
            for name, table in KEYS.items()
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_moves_comment_id", "moves", ["comment_id"])
    op.create_index("ix_moves_from_parent_id", "moves", ["from_parent_id"])
    op.create_index("ix_moves_from_article_id", "moves", ["from_article_id", "from_parent_id"])
    op.create_index("ix_moves_to_article_id", "moves", ["to_article_id"])
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    """Drop the table; the branches stay where they are, and nobody knows any more where they were."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER articles_named_version" + (" ON articles" if postgresql else ""))
    op.drop_table("moves")
    if postgresql:
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}")


def _sqlite() -> None:
    old, new = (f"{row}.from_article_id, {row}.to_article_id" for row in ("OLD", "NEW"))
    for verb, ids in (("insert", new), ("update", f"{old}, {new}"), ("delete", old)):
        op.execute(SQLITE.format(name=f"moves_{verb}_version", event=verb, table="moves", when="", ids=ids))
    when = f"WHEN ({_of('OLD')}) IS NOT ({_of('NEW')})"
    op.execute(SQLITE.format(name="articles_named_version", event="update", table="articles", when=when, ids=BESIDE))


def _postgresql() -> None:
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    for verb in ("insert", "update", "delete"):
        op.execute(
            f"CREATE TRIGGER moves_{verb}_version AFTER {verb} ON moves"
            " FOR EACH ROW EXECUTE FUNCTION raise_versions_of_moved()"
        )
    op.execute("CREATE TRIGGER moves_truncate_version AFTER TRUNCATE ON moves EXECUTE FUNCTION raise_site_version()")
    op.execute(
        "CREATE TRIGGER articles_named_version AFTER UPDATE ON articles FOR EACH ROW"
        f" WHEN (({_of('OLD')}) IS DISTINCT FROM ({_of('NEW')})) EXECUTE FUNCTION raise_versions_beside()"
    )


def _of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in NAMED)
