"""The site's version is raised when an article comes out, goes, or is listed otherwise: others' pages name it.

A page of an article lists those before and after it, on its subjects and by its author. So what such a line shows, and
what decides where it stands, changes every page. A draft changes none.
"""

from __future__ import annotations

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

LINE = ("slug", "title", "source_name", "author_id", "status", "published_at")
SQLITE = """
CREATE TRIGGER {table}_{verb}_listed AFTER {verb} ON {table} WHEN {when}
BEGIN UPDATE site SET version = random() WHERE id = 1; END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_{verb}_listed AFTER {verb} ON {table} FOR EACH ROW WHEN ({when})
EXECUTE FUNCTION raise_site_version()
"""
TAGGED = """
CREATE TRIGGER article_tags_{verb}_listed AFTER {verb} ON article_tags FOR EACH ROW
EXECUTE FUNCTION raise_site_version_of_listed()
"""
FUNCTION = """
CREATE FUNCTION raise_site_version_of_listed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE site SET version = random_version() WHERE id = 1 AND xmin <> pg_current_xact_id()::xid
        AND EXISTS (SELECT 1 FROM articles
            WHERE id IN (NEW.article_id, OLD.article_id) AND status = 'published');
    RETURN NULL; END $$
"""
ROWS = {"insert": "NEW", "delete": "OLD"}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    make = SQLITE if sqlite else POSTGRESQL
    for verb, row in ROWS.items():
        op.execute(make.format(table="articles", verb=verb, when=f"{row}.status = 'published'"))
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    was_or_is = "(OLD.status = 'published' OR NEW.status = 'published')"
    changed = f"{was_or_is} AND ({_of('OLD')}) {differs} ({_of('NEW')})"
    op.execute(make.format(table="articles", verb="update", when=changed))
    if not sqlite:
        op.execute(FUNCTION)
    for verb, row in {**ROWS, "update": "OLD"}.items():
        ids = "OLD.article_id, NEW.article_id" if verb == "update" else f"{row}.article_id"
        is_out = f"EXISTS (SELECT 1 FROM articles WHERE id IN ({ids}) AND status = 'published')"
        op.execute(SQLITE.format(table="article_tags", verb=verb, when=is_out) if sqlite else TAGGED.format(verb=verb))


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in ("articles", "article_tags"):
        for verb in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{verb}_listed" + ("" if sqlite else f" ON {table}"))
    if not sqlite:
        op.execute("DROP FUNCTION raise_site_version_of_listed()")


def _of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in LINE)
