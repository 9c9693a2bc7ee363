"""Write a new comment into its thread and count it: a few plain statements, inside `db.lock(article_id)`.

Whatever else moves counters is in `statuses.py`. If you change what a count means here, also change it there and in
`recount.py`, else a discussion's counts depend on how its comments came to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Executable, Table, bindparam, case, insert, update

from forum.articles.models import Article
from forum.cases import actions as cases
from forum.comments.models import Comment, Source
from forum.comments.writing import placement
from forum.comments.writing.queries import Answered, Ground
from forum.policy import CommentStatus, has_place

Write = tuple[Executable, Mapping[str, Any]]
_comments, _articles = cast(Table, Comment.__table__), cast(Table, Article.__table__)
_INSERT = insert(_comments).inline()
_SOURCE = insert(cast(Table, Source.__table__))
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
        # Every comment ends the silence for which it was to close.
        closes_at=case((_articles.c.closes_for != "silence", _articles.c.closes_at)),
        thread_count=_articles.c.thread_count + bindparam("threads"),
        comment_count=_articles.c.comment_count + bindparam("places"),
    )
)


def insertion(comment: Mapping[str, Any], source: str, ground: Ground, parent: Answered | None) -> list[Write]:
    """Return the writes of a comment whose own columns are given, as the last reply to `parent` or as a new thread.

    They give it its source text, count it where it stands, and open its case if it waits. Where its gap is used up,
    room is made at once. A parent must be published, as `policy.may_reply` demands: then it has a place, and no count
    above it changes.
    """
    placed = has_place(comment["status"], 0)
    position = _below(ground, parent) if parent else _thread(comment["id"], ground, placed)
    writes: list[Write] = [
        (_INSERT, {**comment, "article_id": ground.id, **position}),
        (_SOURCE, {"comment_id": comment["id"], "format": "markdown", "source": source}),
    ]
    if comment["status"] == CommentStatus.HELD:
        writes.append(cases.new_waiting(comment["id"], ground.id, comment))
    if parent and placed:
        writes.append((_ABOVE, {"parent": parent.id, "root": parent.root_id}))
    added = {"threads": int(parent is None), "places": int(placed)}
    return [*writes, (_ARTICLE, {"article": ground.id, "moment": comment["created_at"], **added})]


def _thread(id: int, ground: Ground, placed: bool) -> dict[str, Any]:
    first = {"parent_id": None, "root_id": id, "pos": 0}
    return {**first, "thread_number": ground.thread_count + 1, "thread_size": int(placed)}


def _below(ground: Ground, parent: Answered) -> dict[str, Any]:
    return {
        "parent_id": parent.id,
        "root_id": parent.root_id,
        "pos": placement.label_below(ground.id, parent.root_id, parent.last, parent.following),
        "depth": parent.depth + 1,
        "closure_count": parent.closure_count,
    }
