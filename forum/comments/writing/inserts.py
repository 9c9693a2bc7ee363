"""Put a new comment into its thread and count it in, in as few statements as it takes.

Posting is what a discussion does all day, so this goes past the ORM: the comment is written once, and each row that
counts it once. Whatever else moves counters is in `statuses.py`. What is returned here is sent by the log, together
with the act; all of it happens inside `db.lock(article_id)`.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, bindparam, case, insert, update

from forum.articles.models import Article
from forum.comments import labels
from forum.comments.models import Comment, Source
from forum.comments.writing.queries import Answered, Ground
from forum.policy import has_place
from forum.prepared import Prepared, Values, Write

_comments, _articles = cast(Table, Comment.__table__), cast(Table, Article.__table__)
_LATER = {"rule", "edited_at", "withdrawn_at", "origin", "foreign_id", "foreign_parent_id"}  # no new comment has these
_INSERT = Prepared(insert(_comments), [column.name for column in _comments.c if column.name not in _LATER])
_SOURCE = Prepared(insert(cast(Table, Source.__table__)), ["comment_id", "format", "source"])
# The parent and the first comment of the thread, which may be the same row.
_ABOVE = Prepared(
    update(_comments)
    .where(_comments.c.id.in_((bindparam("parent"), bindparam("root"))))
    .values(
        reply_count=_comments.c.reply_count + case((_comments.c.id == bindparam("parent"), 1), else_=0),
        thread_size=_comments.c.thread_size + case((_comments.c.id == bindparam("root"), 1), else_=0),
    )
)
_ARTICLE = Prepared(
    update(_articles)
    .where(_articles.c.id == bindparam("article"))
    .values(
        last_comment_at=bindparam("moment"),
        thread_count=_articles.c.thread_count + bindparam("threads"),
        comment_count=_articles.c.comment_count + bindparam("places"),
    )
)


def writes(fresh: int, comment: Values, source: str, ground: Ground, parent: Answered | None) -> list[Write]:
    """Return what writes a comment whose own columns are given, as the last reply to `parent` or as a new thread.

    A parent must be published, as `policy.may_reply` demands: then it has a place, and no count above it changes.
    """
    placed = has_place(comment["status"], 0)
    row = {
        **comment,
        "id": fresh,
        "article_id": ground.id,
        "reply_count": 0,
        **_position(fresh, ground, parent, placed),
    }
    counts = {"article": ground.id, "moment": comment["created_at"], "threads": int(parent is None)}
    found: list[Write] = [
        (_INSERT, row),
        (_SOURCE, {"comment_id": fresh, "format": "markdown", "source": source}),
        (_ARTICLE, {**counts, "places": int(placed)}),
    ]
    if parent is not None and placed:
        found.append((_ABOVE, {"parent": parent.id, "root": parent.root_id}))
    return found


def _position(fresh: int, ground: Ground, parent: Answered | None, placed: bool) -> Values:
    if parent is None:
        number, size = ground.thread_count + 1, int(placed)
        thread = {"parent_id": None, "root_id": fresh, "pos": 0, "depth": 0, "closure_count": 0}
        return {**thread, "thread_number": number, "thread_size": size}
    return {
        "parent_id": parent.id,
        "root_id": parent.root_id,
        "pos": labels.label_below(ground.id, parent.root_id, parent.last, parent.following),
        "depth": parent.depth + 1,
        "closure_count": parent.closure_count,
        "thread_number": None,
        "thread_size": None,
    }
