"""Search: shelves of texts with their words, and triggers that note which text came, changed or went.

A post writes one row more, which says nothing but which comment it is. What is there already is noted at once, so that
the worker looks at all of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
# PostgreSQL compares words byte by byte, as SQLite does, so that all that begin alike stand together.
WORD = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
# What of a row decides whether and by which words it is found.
COMMENTS = ("html", "status", "article_id", "author_id", "created_at")
ARTICLES = (
    *("title", "standfirst", "foreword_html", "html", "afterword_html", "source_name"),
    *("status", "published_at", "author_id"),
)

NOTE_COMMENT = "INSERT INTO search_changes (at, comment_id) SELECT created_at, id FROM"
NOTE_ARTICLE = "INSERT INTO search_changes (at, article_id) SELECT published_at, id FROM"
FUNCTIONS = {
    "note_comments_for_search": f"{NOTE_COMMENT} changed WHERE status = 'published'; RETURN NULL;",
    "note_comment_for_search": "INSERT INTO search_changes (at, comment_id) VALUES (NEW.created_at, NEW.id);"
    " RETURN NULL;",
    "note_article_for_search": "INSERT INTO search_changes (at, article_id)"
    " VALUES (coalesce(NEW.published_at, NEW.created_at), NEW.id); RETURN NULL;",
}


def upgrade() -> None:
    _tables()
    op.execute("INSERT INTO search_head (id) VALUES (1)")
    op.execute(f"{NOTE_COMMENT} comments WHERE status = 'published'")
    op.execute(f"{NOTE_ARTICLE} articles WHERE status = 'published'")
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in ("comments", "articles"):
        for verb in ("insert", "update"):
            op.execute(f"DROP TRIGGER {table}_{verb}_search" + (f" ON {table}" if postgresql else ""))
    for name in FUNCTIONS if postgresql else ():
        op.execute(f"DROP FUNCTION {name}")
    for name in ("search_words", "search_places", "search_shelves", "search_changes", "search_head"):
        op.drop_table(name)


def _tables() -> None:
    op.create_table(
        "search_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_head"),
    )
    op.create_table(
        "search_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("comment_id", ID),
        sa.Column("article_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_search_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_changes_at", "search_changes", ["at"])
    op.create_table(
        "search_shelves",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("oldest_at", MOMENT, nullable=False),
        sa.Column("newest_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_shelves"),
    )
    op.create_table(
        "search_places",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("comment_id", ID),
        sa.Column("article_id", ID),
        sa.PrimaryKeyConstraint("id", name="pk_search_places"),
        sa.UniqueConstraint("comment_id", name="uq_search_places_comment_id"),
        sa.UniqueConstraint("article_id", name="uq_search_places_article_id"),
        sa.ForeignKeyConstraint(["comment_id"], ["comments.id"], name="fk_search_places_comment_id_comments"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_search_places_article_id_articles"),
    )
    op.create_table(
        "search_words",
        sa.Column("shelf", ID, autoincrement=False, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shelf", "word", name="pk_search_words"),
        sqlite_with_rowid=False,
    )


def _sqlite() -> None:
    def make(table: str, event: str, when: str, values: str) -> None:
        name = f"{table}_{event.partition(' ')[0].lower()}_search"
        kind = table.removesuffix("s")
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {when}"
            f" BEGIN INSERT INTO search_changes (at, {kind}_id) VALUES ({values}, NEW.id); END"
        )

    moment = "coalesce(NEW.published_at, NEW.created_at)"
    make("comments", "INSERT", "NEW.status = 'published'", "NEW.created_at")
    make("comments", f"UPDATE OF {', '.join(COMMENTS)}", _differs(COMMENTS, "IS NOT"), "NEW.created_at")
    make("articles", "INSERT", "NEW.status = 'published'", moment)
    make("articles", f"UPDATE OF {', '.join(ARTICLES)}", _differs(ARTICLES, "IS NOT"), moment)


def _postgresql() -> None:
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    op.execute(
        "CREATE TRIGGER comments_insert_search AFTER INSERT ON comments REFERENCING NEW TABLE AS changed"
        " EXECUTE FUNCTION note_comments_for_search()"
    )
    op.execute(
        "CREATE TRIGGER articles_insert_search AFTER INSERT ON articles FOR EACH ROW WHEN (NEW.status = 'published')"
        " EXECUTE FUNCTION note_article_for_search()"
    )
    for table, columns in (("comments", COMMENTS), ("articles", ARTICLES)):
        op.execute(
            f"CREATE TRIGGER {table}_update_search AFTER UPDATE OF {', '.join(columns)} ON {table} FOR EACH ROW"
            f" WHEN ({_differs(columns, 'IS DISTINCT FROM')})"
            f" EXECUTE FUNCTION note_{table.removesuffix('s')}_for_search()"
        )


def _differs(columns: tuple[str, ...], how: str) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"({old}) {how} ({new})"
