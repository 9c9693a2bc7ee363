"""Put a new comment into its thread and count it in, in as few statements as it takes.

Posting is what a discussion does all day, so this goes past the ORM: the comment is written once, and each row that
counts it once. Whatever else moves counters is in `standing.py`. Call it inside `db.lock(article_id)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, insert, update

from forum.articles.models import Article
from forum.comments import labels
from forum.comments.circumstances import Answered, Ground
from forum.comments.models import Comment, Source
from forum.db import session
from forum.policy import has_place

_comments, _articles = cast(Table, Comment.__table__), cast(Table, Article.__table__)
_INSERT, _SOURCE = insert(_comments), insert(cast(Table, Source.__table__))
_ROOT = update(_comments).where(_comments.c.id == bindparam("comment")).values(root_id=_comments.c.id)
# The parent and the first comment of the thread, which may be the same row.
_ABOVE = (
    update(_comments)
    .where(_comments.c.id.in_((bindparam("parent"), bindparam("root"))))
    .values(
        reply_count=_comments.c.reply_count + case((_comments.c.id == bindparam("parent"), 1), else_=0),
        thread_size=_comments.c.thread_size + case((_comments.c.id == bindparam("root"), 1), else_=0),
    )
)
_ARTICLE = (
    update(_articles)
    .where(_articles.c.id == bindparam("article"))
    .values(
        last_comment_at=bindparam("moment"),
        thread_count=_articles.c.thread_count + bindparam("threads"),
        comment_count=_articles.c.comment_count + bindparam("places"),
        version=_articles.c.version + bindparam("places"),
    )
)


def place(comment: Mapping[str, Any], source: str, ground: Ground, parent: Answered | None) -> int:
    """Write a comment whose own columns are given, as the last reply to `parent` or as a new thread; return its id.

    A parent must be published, as `policy.may_reply` demands: then it has a place, and no count above it changes.
    """
    connection = session.connection()
    placed = has_place(comment["status"], 0)
    row = {**comment, "article_id": ground.id, "reply_count": 0, **_position(ground, parent, placed)}
    made = cast(int, connection.execute(_INSERT, row).inserted_primary_key[0])  # type: ignore[index]  # there is one
    connection.execute(_SOURCE, {"comment_id": made, "format": "markdown", "source": source})
    if parent is None:
        connection.execute(_ROOT, {"comment": made})
    elif placed:
        connection.execute(_ABOVE, {"parent": parent.id, "root": parent.root_id})
    counts = {"article": ground.id, "moment": comment["created_at"], "threads": int(parent is None)}
    connection.execute(_ARTICLE, {**counts, "places": int(placed)})
    return made


def _position(ground: Ground, parent: Answered | None, placed: bool) -> dict[str, Any]:
    if parent is None:
        # Its root is itself, known once it is written.
        number, size = ground.thread_count + 1, int(placed)
        thread = {"parent_id": None, "root_id": None, "pos": 0, "depth": 0, "closure_count": 0}
        return {**thread, "thread_number": number, "thread_size": size}
    return {
        "parent_id": parent.id,
        "root_id": parent.root_id,
        "pos": labels.label_below(parent),
        "depth": parent.depth + 1,
        "closure_count": parent.closure_count,
        "thread_number": None,
        "thread_size": None,
    }
