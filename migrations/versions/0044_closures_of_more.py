"""Closures of the site, of a tag and for one person, and closures that begin later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = {"sqlite_autoincrement": True}  # the database does not tell it of the table that SQLite has to make anew
VERBS = ("insert", "update", "delete")
PLACE = (
    "(article_id IS NOT NULL AND tag_id IS NULL) OR"
    " (article_id IS NULL AND branch_id IS NULL AND at_id IS NULL AND person_b_id IS NULL)"
)
PEOPLE = "person_a_id IS NOT NULL OR person_b_id IS NULL"
FOR_ONE = sa.text("person_a_id IS NOT NULL AND person_b_id IS NULL AND reopened_at IS NULL")

SQLITE = "CREATE TRIGGER closures_{verb}_version AFTER {verb} ON closures BEGIN {statements} END"
SQLITE_ARTICLE = "UPDATE article_versions SET version = random() WHERE article_id IN ({ids});"
SQLITE_SITE = "UPDATE site SET version = random() WHERE id = 1 AND ({wide});"
SQLITE_ROWS = {"insert": ("NEW",), "update": ("OLD", "NEW"), "delete": ("OLD",)}

POSTGRESQL = """
CREATE TRIGGER closures_{verb}_version AFTER {verb} ON closures REFERENCING {tables} EXECUTE FUNCTION {function}()
"""
POSTGRESQL_TABLES = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS before NEW TABLE AS after",
    "delete": "OLD TABLE AS changed",
}
ONCE = "xmin <> pg_current_xact_id()::xid"
FUNCTION = """CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE article_versions SET version = random_version() WHERE {once} AND article_id = ANY (ARRAY({ids}));
    IF EXISTS (SELECT FROM ({ids}) AS raised WHERE article_id IS NULL) THEN
        UPDATE site SET version = random_version() WHERE id = 1 AND {once};
    END IF;
    RETURN NULL; END $$"""
IDS = {
    "raise_closure_versions": "SELECT article_id FROM changed",
    "raise_both_closure_versions": "SELECT article_id FROM before UNION SELECT article_id FROM after",
}
# What a version of the program without these kinds of closures would misread: as closed for all, or at once.
UNKNOWN = "article_id IS NULL OR (person_a_id IS NOT NULL AND person_b_id IS NULL) OR begins_at > CURRENT_TIMESTAMP"
COUNTED = f"SELECT branch_id FROM closures WHERE ({UNKNOWN}) AND branch_id IS NOT NULL AND person_b_id IS NULL"
UNCOUNT = """
UPDATE comments SET closure_count = closure_count - 1 WHERE id IN (
    WITH RECURSIVE below (id) AS (
        SELECT CAST(:top AS bigint)
        UNION ALL SELECT reply.id FROM comments AS reply JOIN below ON reply.parent_id = below.id
    ) SELECT id FROM below)
"""


def upgrade() -> None:
    _drop_triggers()
    newest = _newest_id()
    with op.batch_alter_table("closures", table_kwargs=KEPT) as closures:
        closures.alter_column("article_id", existing_type=ID, nullable=True)
        closures.add_column(sa.Column("tag_id", ID))
        closures.add_column(sa.Column("begins_at", sa.DateTime(timezone=True)))
        closures.create_foreign_key("fk_closures_tag_id_tags", "tags", ["tag_id"], ["id"])
        closures.create_check_constraint(op.f("ck_closures_place"), PLACE)
        closures.create_check_constraint(op.f("ck_closures_people"), PEOPLE)
    _keep_newest_id(newest)
    op.create_index("ix_closures_one", "closures", ["person_a_id"], sqlite_where=FOR_ONE, postgresql_where=FOR_ONE)
    if op.get_bind().dialect.name == "sqlite":
        _on_sqlite(site=True)
        return
    for name, ids in IDS.items():
        op.execute(FUNCTION.format(name=name, ids=ids, once=ONCE))
    _on_postgresql("raise_closure_versions", "raise_both_closure_versions")


def downgrade() -> None:
    """Delete the closures of these kinds: kept, they would close an article for everybody, or at once."""
    bind = op.get_bind()
    for top in bind.execute(sa.text(f"{COUNTED} AND reopened_at IS NULL AND lapsed_at IS NULL")).scalars().all():
        bind.execute(sa.text(UNCOUNT), {"top": top})
    op.execute(f"DELETE FROM closures WHERE {UNKNOWN}")
    _drop_triggers()
    newest = _newest_id()
    op.drop_index("ix_closures_one", "closures")
    with op.batch_alter_table("closures", table_kwargs=KEPT) as closures:
        closures.drop_constraint(op.f("ck_closures_people"), type_="check")
        closures.drop_constraint(op.f("ck_closures_place"), type_="check")
        closures.drop_constraint("fk_closures_tag_id_tags", type_="foreignkey")
        closures.drop_column("begins_at")
        closures.drop_column("tag_id")
        closures.alter_column("article_id", existing_type=ID, nullable=False)
    _keep_newest_id(newest)
    if bind.dialect.name == "sqlite":
        _on_sqlite(site=False)
        return
    for name in IDS:
        op.execute(f"DROP FUNCTION {name}")
    _on_postgresql("raise_article_versions", "raise_both_article_versions")


def _drop_triggers() -> None:
    suffix = " ON closures" if op.get_bind().dialect.name == "postgresql" else ""
    for verb in VERBS:
        op.execute(f"DROP TRIGGER closures_{verb}_version{suffix}")


def _on_sqlite(*, site: bool) -> None:
    for verb, rows in SQLITE_ROWS.items():
        statements = SQLITE_ARTICLE.format(ids=", ".join(f"{row}.article_id" for row in rows))
        if site:
            statements += SQLITE_SITE.format(wide=" OR ".join(f"{row}.article_id IS NULL" for row in rows))
        op.execute(SQLITE.format(verb=verb, statements=statements))


def _on_postgresql(changed: str, both: str) -> None:
    for verb, tables in POSTGRESQL_TABLES.items():
        function = both if verb == "update" else changed
        op.execute(POSTGRESQL.format(verb=verb, tables=tables, function=function))


def _newest_id() -> int | None:
    """Return the newest id that SQLite gave; the table that it makes anew would begin behind the newest row's."""
    if op.get_bind().dialect.name != "sqlite":
        return None
    found = op.get_bind().execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'closures'")).scalar()
    return None if found is None else int(found)


def _keep_newest_id(newest: int | None) -> None:
    if newest is None:
        return
    bind = op.get_bind()
    bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'closures'"))
    bind.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('closures', :newest)"), {"newest": newest})
