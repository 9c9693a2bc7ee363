"""Jobs that tell people of a new comment or article, some hundreds of them in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum import db, policy
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.db import session
from forum.following import audience
from forum.following.audience import AT_ONCE, FIRST, Hearer, Told
from forum.jobs.actions import Later, Taken
from forum.notifications import actions as notices

_TOLD = [getattr(Comment, field.name) for field in fields(Told)]


def tell_of_comments(jobs: Sequence[Taken]) -> dict[int, Later]:
    """Tell those who hear of comments that were published, and return what is left of each job by its id.

    A job's `comments` are their ids, of which one is told of at a time, `after` is the number of the last who was told
    of it. The hearers are read before the lock, for that takes longest, and the lock keeps others from posting.
    """
    heard: dict[int, list[Hearer]] = {}
    comments = _comments(job.subject["comments"][0] for job in jobs)
    for job in jobs:
        if sum(map(len, heard.values())) < AT_ONCE and (comment := comments.get(job.subject["comments"][0])):
            heard[job.id] = audience.of_comment(comment, job.created_at, int(job.subject.get("after", FIRST)))
    # All articles at once and in order: nobody removes a comment between the look at it and the notices.
    db.lock(*{comment.article_id for comment in comments.values()})
    out = _out(comments)
    notices.tell_each([row for job in jobs if job.id in heard for row in _rows(job, comments, out, heard[job.id])])
    return {job.id: later for job in jobs if (later := _left(job, heard.get(job.id), comments))}


def tell_of_article(job: Taken) -> Later | None:
    """Tell those who hear of an article that comes out; one that is scheduled waits for its moment."""
    id, after = int(job.subject["article"]), int(job.subject.get("after", FIRST))
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
    return Later({"article": id, "after": hearers[-1].number}, now()) if len(hearers) == AT_ONCE else None


def _comments(ids: Iterable[int]) -> dict[int, Told]:
    rows = session.execute(select(*_TOLD).where(Comment.id.in_(set(ids))))
    return {row.id: Told(*row) for row in rows}


def _out(ids: Iterable[int]) -> set[int]:
    """Return those of some comments that others may be told of."""
    columns = (Comment.id, Comment.status.label("state"), Article.author_id, Article.status, Article.published_at)
    rows: Any = session.execute(select(*columns).join(Article).where(Comment.id.in_(set(ids))))
    moment = now()
    return {row.id for row in rows if policy.is_tellable(row.state, row, moment)}


def _rows(
    job: Taken, comments: Mapping[int, Told], out: set[int], hearers: Sequence[Hearer]
) -> list[dict[str, object]]:
    id = job.subject["comments"][0]
    if id not in out:
        return []
    about = {"article_id": comments[id].article_id, "comment_id": id}
    return [
        {
            **_row(hearer, notices.comment_key(id), job.created_at),
            **about,
            "kind": "answer" if hearer.reason == "answers" else "comment",
        }
        for hearer in hearers
    ]


def _left(job: Taken, hearers: Sequence[Hearer] | None, comments: Mapping[int, Told]) -> Later | None:
    """Return what is left of a job: further hearers, further comments, or all of it where others took the time."""
    first, *others = job.subject["comments"]
    if hearers is None and first in comments:
        return Later(job.subject, now())
    if hearers and len(hearers) == AT_ONCE:
        return Later({"comments": [first, *others], "after": hearers[-1].number}, now())
    return Later({"comments": others}, now()) if others else None


def _row(hearer: Hearer, key: str, moment: datetime) -> dict[str, object]:
    person_id, address_id = hearer.follower
    return {"person_id": person_id, "address_id": address_id, "key": key, "details": {}, "created_at": moment}
