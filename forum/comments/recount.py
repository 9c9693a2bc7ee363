"""Work out everything derived of a whole article: for imports, and for putting right what a bug left crooked."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.labels import STEP
from forum.comments.models import Comment
from forum.comments.tree import Letter, preorder
from forum.db import session
from forum.policy import has_place

CHUNK = 5000  # rows an UPDATE statement is sent with at once

# Many rows in one statement: with one for each, triggers take three times as long as the rows.
_UPDATE = {
    "sqlite": text("""
        UPDATE comments SET
            root_id = json_extract(value, '$.root_id'), pos = json_extract(value, '$.pos'),
            depth = json_extract(value, '$.depth'), reply_count = json_extract(value, '$.reply_count'),
            closure_count = json_extract(value, '$.closure_count'),
            thread_number = json_extract(value, '$.thread_number'),
            thread_size = json_extract(value, '$.thread_size')
        FROM json_each(:rows) WHERE comments.id = json_extract(value, '$.row')"""),
    "postgresql": text("""
        UPDATE comments SET
            root_id = one.root_id, pos = one.pos, depth = one.depth, reply_count = one.reply_count,
            closure_count = one.closure_count, thread_number = one.thread_number, thread_size = one.thread_size
        FROM json_to_recordset(CAST(:rows AS json)) AS one (
            "row" bigint, root_id bigint, pos bigint, depth integer, reply_count integer, closure_count integer,
            thread_number integer, thread_size integer
        ) WHERE comments.id = one."row" """),
}

_NUMBER = (
    func.row_number().over(partition_by=Comment.article_id, order_by=(Comment.created_at, Comment.id)).label("number")
)


def rebuild(article_id: int) -> None:
    """Recompute root_id, pos, depth, reply_count, closure_count and the thread's and article's counters.

    Everything follows from parent_id, status, who wrote, the order (created_at, id) and the article's closures. Call
    it inside `db.lock(article_id)`.
    """
    values = derived(session.connection(), article_id)
    # Labels are unique within a thread: first nobody is in any thread, then each gets its place.
    everybody = update(Comment).where(Comment.article_id == article_id, Comment.root_id.is_not(None))
    session.execute(everybody.values(root_id=None), execution_options={"synchronize_session": False})
    connection = session.connection()
    statement = _UPDATE[connection.dialect.name]
    for start in range(0, len(values), CHUNK):
        connection.execute(statement, {"rows": json.dumps(values[start : start + CHUNK])})
    _count_article(article_id, values)
    session.expire_all()


def derived(connection: Connection, article_id: int) -> list[dict[str, Any]]:
    """Return for each comment of an article, in reading order, its id as `row` and the columns that are derived."""
    rows = connection.execute(
        select(Comment.id, Comment.parent_id, Comment.status, Comment.author_id, Comment.guest_name)
        .where(Comment.article_id == article_id)
        .order_by(Comment.created_at, Comment.id)
    ).all()
    ordered = preorder(Letter(row.id, row.parent_id, row.author_id or row.guest_name) for row in rows)
    statuses = {row.id: row.status for row in rows}
    parents = {row.id: row.parent_id for row in rows}
    closed = Counter(connection.execute(_open_branches(article_id)).scalars())
    return _values(ordered, parents, statuses, closed)


def count_articles(*article_ids: int) -> None:
    """Count articles anew, and number their threads, from the threads' own sizes, when threads came or went."""
    threads = select(Comment.id, _NUMBER).where(Comment.article_id.in_(article_ids), Comment.parent_id.is_(None))
    numbered = threads.subquery("numbered")
    changed = Comment.id == numbered.c.id, Comment.thread_number.is_distinct_from(numbered.c.number)
    quiet = {"synchronize_session": False}
    session.execute(update(Comment).where(*changed).values(thread_number=numbered.c.number), execution_options=quiet)
    mine = Comment.article_id == Article.id
    first = mine, Comment.parent_id.is_(None)
    counters = {
        "comment_count": select(func.coalesce(func.sum(Comment.thread_size), 0)).where(*first).scalar_subquery(),
        "thread_count": select(func.count(Comment.id)).where(*first).scalar_subquery(),
        "last_comment_at": select(func.max(Comment.created_at)).where(mine).scalar_subquery(),
    }
    session.execute(update(Article).where(Article.id.in_(article_ids)).values(counters), execution_options=quiet)
    session.expire_all()


def _open_branches(article_id: int) -> Any:
    return select(Closure.branch_id).where(
        Closure.article_id == article_id,
        Closure.branch_id.is_not(None),
        Closure.person_b_id.is_(None),
        Closure.reopened_at.is_(None),
        Closure.lapsed_at.is_(None),
    )


def _values(
    ordered: list[tuple[int, int, int]],
    parents: Mapping[int, int | None],
    statuses: Mapping[int, str],
    closed: Mapping[int, int],
) -> list[dict[str, Any]]:
    replies: dict[int, int] = {}
    sizes: dict[int, int] = {}
    for id, root, _ in reversed(ordered):  # replies come before their parents here
        if has_place(statuses[id], replies.get(id, 0)):
            sizes[root] = sizes.get(root, 0) + 1
            if (parent := parents[id]) is not None:
                replies[parent] = replies.get(parent, 0) + 1
    values: list[dict[str, Any]] = []
    closures: dict[int, int] = {}
    thread = offset = 0
    for number, (id, root, depth) in enumerate(ordered):
        if depth == 0:
            thread, offset = thread + 1, number
        closures[id] = closures.get(parents[id] or 0, 0) + closed.get(id, 0)
        values.append(
            {
                "row": id,
                "root_id": root,
                "pos": (number - offset) * STEP,
                "depth": depth,
                "reply_count": replies.get(id, 0),
                "closure_count": closures[id],
                "thread_number": thread if depth == 0 else None,
                "thread_size": sizes.get(root, 0) if depth == 0 else None,
            }
        )
    return values


def _count_article(article_id: int, values: list[dict[str, Any]]) -> None:
    threads = [value for value in values if value["depth"] == 0]
    latest = select(func.max(Comment.created_at)).where(Comment.article_id == article_id).scalar_subquery()
    session.execute(
        update(Article)
        .where(Article.id == article_id)
        .values(
            comment_count=sum(value["thread_size"] for value in threads),
            thread_count=len(threads),
            last_comment_at=latest,
        ),
        execution_options={"synchronize_session": False},
    )
