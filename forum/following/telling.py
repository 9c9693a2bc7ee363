"""Jobs that tell people of a new comment or article, some hundreds of them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
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


def tell_of_comments(jobs: Sequence[Taken]) -> dict[int, Later]:
    """Tell those who hear of comments that were published, and return what is left of each job by its id.

    A job's `comments` are their ids, of which one is told of at a time, `after` is the last person told of it.
    """
    ids = [job.subject["comments"][0] for job in jobs]
    # All articles at once and in order: nobody removes a comment between the look at it and the notices.
    db.lock(*set(session.scalars(select(Comment.article_id).where(Comment.id.in_(ids)))))
    left: dict[int, Later] = {}
    for job in jobs:
        first, *others = job.subject["comments"]
        told = _tell(first, int(job.subject.get("after", 0)), job.created_at)
        if len(told) == AT_ONCE:
            left[job.id] = Later({"comments": [first, *others], "after": told[-1].person_id}, now())
        elif others:
            left[job.id] = Later({"comments": others}, now())
    return left


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


def _tell(id: int, after: int, moment: datetime) -> list[Hearer]:
    comment = session.get(Comment, id)
    article = session.get_one(Article, comment.article_id) if comment else None
    if comment is None or article is None or not policy.is_tellable(comment, article, now()):
        return []
    hearers = audience.of_comment(comment, moment, after)
    about = {"article_id": article.id, "comment_id": id}
    key, kinds = notices.comment_key(id), {"answers": "answer"}
    notices.tell_each(
        [{**_row(hearer, key, moment), **about, "kind": kinds.get(hearer.reason, "comment")} for hearer in hearers]
    )
    return hearers


def _row(hearer: Hearer, key: str, moment: datetime) -> dict[str, object]:
    return {"person_id": hearer.person_id, "key": key, "details": {"why": hearer.reason}, "created_at": moment}
