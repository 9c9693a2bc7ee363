"""Tables of articles and their tags."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.clock import now
from forum.db import Base, Id, Moment, ids_of, partial_index
from forum.policy import ArticleStatus

MAX_STANDFIRST = 300  # characters: what a list and a preview of a link show whole

article_tags = Table(
    "article_tags",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True, index=True),
)
# Written by the database's own triggers (migration 0018), which give an article a new random version with anything
# visible in it or its discussion. An article without a row has no version, and nothing of it is kept.
article_versions = Table(
    "article_versions",
    Base.metadata,
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
)


class Tag(Base):
    """One tag. `slug` is its address, `name` is shown."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))


class Article(Base):
    """One article. Scheduled means published with a `published_at` still to come, so no job has to run.

    With `source_url` it is a link article: its text is a piece quoted from there, with words of its author's before
    and after it.
    The counters count comments that have a place (design, section 3) and all threads ever begun.
    """

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("origin", "foreign_id"),
        Index("ix_articles_published", "status", "published_at", "id"),
        partial_index("ix_articles_closes_at", "closes_at", where="closes_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    format: Mapped[str] = mapped_column(String(10), default="markdown")
    source: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str] = mapped_column(Text, default="")
    standfirst: Mapped[str] = mapped_column(String(MAX_STANDFIRST), default="", server_default="")
    foreword: Mapped[str] = mapped_column(Text, default="", server_default="")
    foreword_html: Mapped[str] = mapped_column(Text, default="", server_default="")
    afterword: Mapped[str] = mapped_column(Text, default="", server_default="")
    afterword_html: Mapped[str] = mapped_column(Text, default="", server_default="")
    source_name: Mapped[str] = mapped_column(String(120), default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")
    lead: Mapped[str] = mapped_column(String(60), default="", server_default="")  # the name of its lead picture
    lead_alt: Mapped[str] = mapped_column(String(500), default="", server_default="")
    status: Mapped[str] = mapped_column(String(12), default=ArticleStatus.DRAFT)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    updated_at: Mapped[datetime | None] = mapped_column(Moment)  # when readers were last told that it was updated
    update_note: Mapped[str] = mapped_column(String(MAX_STANDFIRST), default="", server_default="")  # what was updated
    # Days of its own instead of the site's (0: never), and when the software closes it, once that is announced:
    # `policy.auto_close`, `comments.ending.automatic`.
    auto_close_days: Mapped[int | None] = mapped_column(Integer)
    auto_close_silent_days: Mapped[int | None] = mapped_column(Integer)
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    closes_for: Mapped[str] = mapped_column(String(10), default="", server_default="")
    comment_count: Mapped[int] = mapped_column(Integer, default=0)
    thread_count: Mapped[int] = mapped_column(Integer, default=0)
    last_comment_at: Mapped[datetime | None] = mapped_column(Moment)
    origin: Mapped[str | None] = mapped_column(String(32))
    foreign_id: Mapped[str | None] = mapped_column(String(100))

    tags: Mapped[list[Tag]] = relationship(secondary=article_tags, order_by=Tag.name)

    @property
    def mark(self) -> str:
        """Return a hash of the words, by which a form notices that they were changed meanwhile."""
        around = [self.standfirst, self.foreword, self.afterword, self.slug]
        quoted = [self.source_name, self.source_url]
        words = [self.title, self.source, *quoted, [tag.slug for tag in self.tags], *around]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]

    @property
    def tag_ids(self) -> frozenset[int]:
        """Return the ids of its tags, by which their moderators have it in their reach."""
        return frozenset(tag.id for tag in self.tags)


class ArticleRevision(Base):
    """An earlier version of an article: its words until `editor_id` saved others; blank once erased.

    `was_public`: readers could read it when it was replaced.
    """

    __tablename__ = "article_revisions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    standfirst: Mapped[str] = mapped_column(String(MAX_STANDFIRST), default="", server_default="")
    format: Mapped[str] = mapped_column(String(10), default="markdown")
    source: Mapped[str] = mapped_column(Text)
    foreword: Mapped[str] = mapped_column(Text, default="", server_default="")
    afterword: Mapped[str] = mapped_column(Text, default="", server_default="")
    source_name: Mapped[str] = mapped_column(String(120), default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")
    was_public: Mapped[bool] = mapped_column(default=False)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    replaced_at: Mapped[datetime] = mapped_column(Moment, default=now)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)


class ArticleChanges(Base):
    """What somebody typed into the form of an article and did not save yet: its fields by name. One an article.

    `mark` tells these from later ones.
    """

    __tablename__ = "article_changes"

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, autoincrement=False)
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    mark: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    saved_at: Mapped[datetime] = mapped_column(Moment, default=now)


class FormerAddress(Base):
    """An address that readers had of an article before it got its present one; it is given to no other article."""

    __tablename__ = "article_addresses"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)


# The same beside the columns of an article, for statements that select them.
TAG_IDS = ids_of(article_tags.c.tag_id, article_tags.c.article_id == Article.id)
