"""Versions: what tells whether a page that was kept is still true. The database itself raises them, by triggers.

A version is a random 64-bit number and is compared for equality only. It is no counter, so it does not come again
after a restored backup, a failover or a clock put back. An article's stands in a small row of its own, so that raising
it does not write the article's text anew. What changes the pages of one article raises the article's version, what may
change every page raises the site's. PostgreSQL's triggers run once a statement, because an import changes many rows at
once, and raise a version once a transaction, because PostgreSQL walks through all that a transaction wrote of a row
before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PARTS = ("comments", "closures", "article_tags")  # their rows belong to one article, named by article_id
SHOWN = ("username", "display_name", "role", "deactivated_at")  # what pages show of people
SITE_WIDE = (
    *(("tags", "update"), ("tags", "delete"), ("people", "delete")),
    *(("documents", "insert"), ("documents", "update"), ("documents", "delete")),
)
TRUNCATED = ("articles", *PARTS, "people", "tags", "documents")

SQLITE = """
CREATE TRIGGER {table}_{verb}_version AFTER {verb} ON {table} {when}
BEGIN {statement}; END
"""
SQLITE_INSERT = "INSERT INTO article_versions (article_id, version) VALUES (NEW.id, random())"
# Foreign keys are off where somebody writes through SQLite's own shell.
SQLITE_DELETE = "DELETE FROM article_versions WHERE article_id = OLD.id"
SQLITE_ARTICLE = "UPDATE article_versions SET version = random() WHERE article_id IN ({ids})"
SQLITE_SITE = "UPDATE site SET version = random() WHERE id = 1"

# If something is ever drawn from inside a write and kept, also raise versions anew with every statement, else what the
# later statements of that transaction change is missing from it.
ONCE = "xmin <> pg_current_xact_id()::xid"
# An array, because then the plan looks ids up in the index, however many rows the session's first statement changed.
OF_CHANGED = "ARRAY(SELECT DISTINCT article_id FROM changed)"
OF_BOTH = "ARRAY(SELECT article_id FROM before UNION SELECT article_id FROM after)"
RAISE = f"UPDATE article_versions SET version = random_version() WHERE {ONCE} AND article_id = ANY"
FUNCTIONS = {
    "random_version() RETURNS bigint LANGUAGE sql": "SELECT hashtextextended(gen_random_uuid()::text, 0)",
    "insert_article_versions() RETURNS trigger LANGUAGE plpgsql": """BEGIN
        INSERT INTO article_versions (article_id, version) SELECT id, random_version() FROM after;
        RETURN NULL; END""",
    "raise_versions_of_articles() RETURNS trigger LANGUAGE plpgsql": f"""BEGIN
        {RAISE} (ARRAY(SELECT id FROM after));
        RETURN NULL; END""",
    "raise_article_versions() RETURNS trigger LANGUAGE plpgsql": f"""BEGIN
        {RAISE} ({OF_CHANGED});
        RETURN NULL; END""",
    "raise_both_article_versions() RETURNS trigger LANGUAGE plpgsql": f"""BEGIN
        {RAISE} ({OF_BOTH});
        RETURN NULL; END""",
    "raise_site_version() RETURNS trigger LANGUAGE plpgsql": f"""BEGIN
        UPDATE site SET version = random_version() WHERE id = 1 AND {ONCE};
        RETURN NULL; END""",
    "raise_version_of_site() RETURNS trigger LANGUAGE plpgsql": """BEGIN
        NEW.version := random_version();
        RETURN NEW; END""",
}
POSTGRESQL = """
CREATE TRIGGER {table}_{verb}_version {timing} {verb} ON {table} {clause} EXECUTE FUNCTION {function}()
"""


def upgrade() -> None:
    op.create_table(
        "article_versions",
        sa.Column("article_id", ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_article_versions_article_id_articles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name="pk_article_versions"),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO article_versions SELECT id, random() FROM articles")
        _sqlite()
    else:
        for declaration, body in FUNCTIONS.items():
            op.execute(f"CREATE FUNCTION {declaration} AS $$ {body} $$")
        op.execute("INSERT INTO article_versions SELECT id, random_version() FROM articles")
        _postgresql()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table, verb in _triggers(postgresql):
        op.execute(f"DROP TRIGGER {table}_{verb}_version" + (f" ON {table}" if postgresql else ""))
    if postgresql:
        for declaration in reversed(FUNCTIONS):
            op.execute(f"DROP FUNCTION {declaration.partition(' ')[0]}")
    op.drop_table("article_versions")


def _triggers(postgresql: bool) -> list[tuple[str, str]]:
    parts = [(table, verb) for table in PARTS for verb in ("insert", "update", "delete")]
    found = [*parts, *SITE_WIDE, ("articles", "insert"), *((name, "update") for name in ("articles", "people", "site"))]
    return [*found, *(((table, "truncate") for table in TRUNCATED) if postgresql else [("articles", "delete")])]


def _sqlite() -> None:
    def make(table: str, verb: str, statement: str, when: str = "") -> None:
        op.execute(SQLITE.format(table=table, verb=verb, statement=statement, when=when))

    make("articles", "insert", SQLITE_INSERT)
    make("articles", "update", SQLITE_ARTICLE.format(ids="NEW.id"))
    make("articles", "delete", SQLITE_DELETE)
    for table in PARTS:
        make(table, "insert", SQLITE_ARTICLE.format(ids="NEW.article_id"))
        make(table, "update", SQLITE_ARTICLE.format(ids="OLD.article_id, NEW.article_id"))
        make(table, "delete", SQLITE_ARTICLE.format(ids="OLD.article_id"))
    for table, verb in SITE_WIDE:
        make(table, verb, SQLITE_SITE)
    make("people", "update", SQLITE_SITE, f"WHEN ({_of('OLD')}) IS NOT ({_of('NEW')})")
    make("site", "update", SQLITE_SITE, "WHEN NEW.version = OLD.version")


def _postgresql() -> None:
    def make(table: str, verb: str, clause: str, function: str, timing: str = "AFTER") -> None:
        op.execute(POSTGRESQL.format(table=table, verb=verb, clause=clause, function=function, timing=timing))

    new, both = "REFERENCING NEW TABLE AS after", "REFERENCING OLD TABLE AS before NEW TABLE AS after"
    make("articles", "insert", new, "insert_article_versions")
    make("articles", "update", new, "raise_versions_of_articles")
    for table in PARTS:
        make(table, "insert", "REFERENCING NEW TABLE AS changed", "raise_article_versions")
        make(table, "update", both, "raise_both_article_versions")
        make(table, "delete", "REFERENCING OLD TABLE AS changed", "raise_article_versions")
    for table, verb in (*SITE_WIDE, *((table, "truncate") for table in TRUNCATED)):
        make(table, verb, "", "raise_site_version")
    changed = f"FOR EACH ROW WHEN (({_of('OLD')}) IS DISTINCT FROM ({_of('NEW')}))"
    make("people", "update", changed, "raise_site_version")
    make("site", "update", "FOR EACH ROW", "raise_version_of_site", timing="BEFORE")


def _of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in SHOWN)
