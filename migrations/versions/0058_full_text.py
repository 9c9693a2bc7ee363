"""Search by the databases' own full-text indexes, FTS5 and GIN, instead of sets of our own.

What is there already is noted, so that the worker looks at all of it; until then search finds the newest only.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
# The program gives FTS5 the words as they are to be found, with spaces between them, and `=` before what is no word.
# Where they stand is not kept (`detail`), nor how many they are (`columnsize`), nor they a second time (`content`).
# With which three letters they begin is kept besides (`prefix`).
FTS5 = """CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_texts', content_rowid='id', detail=none,
    columnsize=0, prefix=3, tokenize="ascii tokenchars '='")"""
# What is new waits in a list until it is so long; each search reads it.
GIN = "CREATE INDEX ix_search_texts_words ON search_texts USING gin (words) WITH (gin_pending_list_limit = 256)"


def upgrade() -> None:
    for name in ("search_words", "search_places", "search_shelves"):
        op.drop_table(name)
    op.add_column("search_head", sa.Column("purge_at", MOMENT))
    op.create_table(
        "search_texts",
        sa.Column("id", ID, autoincrement=False, nullable=False),
        sa.Column("comment_id", ID),
        sa.Column("article_id", ID),
        sa.Column("words", sa.Text().with_variant(TSVECTOR(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_texts"),
        sa.UniqueConstraint("comment_id", name="uq_search_texts_comment_id"),
        sa.UniqueConstraint("article_id", name="uq_search_texts_article_id"),
    )
    op.execute(FTS5 if op.get_bind().dialect.name == "sqlite" else GIN)
    _note_all()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_texts")
    op.drop_column("search_head", "purge_at")
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
    _note_all()


def _note_all() -> None:
    op.execute("DELETE FROM search_changes")
    for kind, at in (("comment", "created_at"), ("article", "published_at")):
        op.execute(
            f"INSERT INTO search_changes (at, {kind}_id) SELECT {at}, id FROM {kind}s WHERE status = 'published'"
        )
