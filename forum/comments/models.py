"""Tables of comments. What a page reads stands in one, source texts and earlier versions in tables of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.clock import now
from forum.db import Base, Id, Moment, partial_index
from forum.policy import CommentStatus

# What was removed and left no place; written out, so that both databases use the index (`reading/traces.py`).
_TRACES = "reply_count = 0 AND status IN ('hidden', 'sealed', 'erased')"


class Comment(Base):
    """One comment.

    `root_id` is the first comment of its thread (its own id there), `pos` a preorder label with gaps within the
    thread (`tree.py`), `parent_id` is rewritten only by a move, which keeps the former one. `reply_count` counts direct
    replies that have a place, `closure_count` the branch closures above it that nobody reopened and whose end was not
    yet taken note of. `thread_number` (shown) and `thread_size` (rows with a place) are set on a thread's first comment
    only, `guest_*` where a guest wrote. `rule` is the rule a removed comment broke, shown in its place; an erased one
    has it only where readers had seen the comment.
    """

    __tablename__ = "comments"
    # Reading goes by (article, root, pos) only: another index beginning with article_id would be its rival, and
    # SQLite would take that one and sort the article (48 ms, not 0.2). The others are partial or begin elsewhere.
    __table_args__ = (
        UniqueConstraint("article_id", "root_id", "pos"),
        UniqueConstraint("origin", "foreign_id"),
        Index("ix_comments_parent", "parent_id", "pos"),
        Index("ix_comments_author", "author_id", "id"),
        partial_index("ix_comments_threads", "article_id", "created_at", "id", where="parent_id IS NULL"),
        partial_index("ix_comments_held", "created_at", "id", where="status = 'held'"),
        partial_index("ix_comments_removed", "author_id", where="status IN ('hidden', 'spam')"),
        Index("ix_comments_created_at", "created_at", "article_id"),  # for the figures of the desk
        partial_index("ix_comments_traces", "article_id", "root_id", where=_TRACES),
        partial_index("ix_comments_newest", "article_id", "created_at", "id", where="status <> 'held'"),
        partial_index("ix_comments_shown", "article_id", "shown_at", "id", where="shown_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    root_id: Mapped[int | None] = mapped_column(Id)  # None only between the two statements that make a thread
    pos: Mapped[int] = mapped_column(BigInteger, default=0)
    depth: Mapped[int] = mapped_column(Integer, default=0)
    reply_count: Mapped[int] = mapped_column(Integer, default=0)
    closure_count: Mapped[int] = mapped_column(Integer, default=0)
    thread_number: Mapped[int | None] = mapped_column(Integer)
    thread_size: Mapped[int | None] = mapped_column(Integer)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    guest_name: Mapped[str | None] = mapped_column(String(80))
    guest_email: Mapped[str | None] = mapped_column(String(254))
    html: Mapped[str] = mapped_column(Text)
    renderer_version: Mapped[int] = mapped_column(Integer, default=1)
    status: Mapped[str] = mapped_column(String(10), default=CommentStatus.PUBLISHED)
    held_reason: Mapped[str | None] = mapped_column(String(40))
    rule: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    shown_at: Mapped[datetime | None] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    post_key: Mapped[str | None] = mapped_column(String(40), unique=True)  # `writing.actions.once`
    origin: Mapped[str | None] = mapped_column(String(32))
    foreign_id: Mapped[str | None] = mapped_column(String(100))
    foreign_parent_id: Mapped[str | None] = mapped_column(String(100))


class Source(Base):
    """The text as its writer typed it, or as it was imported; `format` is markdown or html."""

    __tablename__ = "comment_sources"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True, autoincrement=False)
    format: Mapped[str] = mapped_column(String(10), default="markdown")
    source: Mapped[str] = mapped_column(Text)


class Revision(Base):
    """An earlier version of a comment: the text that stood there until `replaced_at`; blank once erased."""

    __tablename__ = "revisions"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    format: Mapped[str] = mapped_column(String(10), default="markdown")
    source: Mapped[str] = mapped_column(Text)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    replaced_at: Mapped[datetime] = mapped_column(Moment, default=now)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)


class Visit(Base):
    """When a member was last at a discussion: what came after `since` is new to them, up to `until` they have seen it.

    `at` is when they last opened a page of it. Within one visit `since` stays as it is (`reading/visits.py`).
    """

    __tablename__ = "visits"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    since: Mapped[datetime | None] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class Move(Base):
    """One move of a branch: from which article and comment to which; without a comment, it was or is a thread.

    `comment_count` is how many comments with a place were moved, which the lines about it tell; `reason` is what their
    writers were told. Undone within ten minutes by moving it back, a move is kept and told of no more.
    """

    __tablename__ = "moves"
    __table_args__ = (Index("ix_moves_from_article_id", "from_article_id", "from_parent_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), index=True)
    from_article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    from_parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), index=True)
    to_article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    to_parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    comment_count: Mapped[int] = mapped_column(Integer)
    moved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(Moment, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
