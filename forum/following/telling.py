"""Jobs that tell people of a new comment or article, some hundreds of them in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from forum import db, policy
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.following import audience
from forum.following.audience import AT_ONCE, Hearer
from forum.jobs.actions import Later, Taken
from forum.notifications import actions as notices


def tell_of_comments(job: Taken) -> Later | None:
    """Tell those who hear of comments that were published; `comments` are their ids, `after` the last person told."""
    first, *others = job.subject["comments"]
    after = int(job.subject.get("after", 0))
    told = _comment(first, after, job.created_at)
    if len(told) == AT_ONCE:
        return Later({"comments": [first, *others], "after": told[-1].person_id}, now())
    return Later({"comments": others}, now()) if others else None


def tell_of_article(job: Taken) -> Later | None:
    """Tell those who hear of an article that comes out; one that is scheduled waits for its moment."""
    id, after = int(job.subject["article"]), int(job.subject.get("after", 0))
    row = session.scalars(select(Article).where(Article.id == id)).one_or_none()
    if row is None or row.status != policy.ArticleStatus.PUBLISHED or row.published_at is None:
        return None
    if not policy.is_out(row, now()):
        return Later(job.subject, row.published_at)
    published_at = row.published_at
    hearers = audience.of_article(id, row.author_id, published_at, after)
    db.lock()
    notices.tell_each(
        [
            {
                **_row(hearer, notices.article_key(id), published_at),
                "kind": "article",
                "article_id": id,
                "comment_id": None,
            }
            for hearer in hearers
        ]
    )
    return Later({"article": id, "after": hearers[-1].person_id}, now()) if len(hearers) == AT_ONCE else None


def _comment(id: int, after: int, moment: datetime) -> list[Hearer]:
    comment = session.scalars(select(Comment).where(Comment.id == id)).one_or_none()
    if comment is None:
        return []
    hearers = audience.of_comment(comment, moment, after)
    # The article is locked, so that nobody removes the comment between the look at it and the notices.
    db.lock(comment.article_id)
    comment, article = session.get_one(Comment, id), session.get_one(Article, comment.article_id)
    if not policy.is_tellable(comment, article, now()):
        return []
    about = {"article_id": article.id, "comment_id": id}
    key, kinds = notices.comment_key(id), {"answers": "answer"}
    rows = [{**_row(hearer, key, moment), **about, "kind": kinds.get(hearer.reason, "comment")} for hearer in hearers]
    notices.tell_each(rows)
    return hearers


def _row(hearer: Hearer, key: str, moment: datetime) -> dict[str, object]:
    return {"person_id": hearer.person_id, "key": key, "details": {"why": hearer.reason}, "created_at": moment}
