"""Work out what a move would do, before anybody makes it: what moves, what closings do, who is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from forum import policy
from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.db import session
from forum.policy import Actor, CommentStatus

_PLACED = (Comment.status == CommentStatus.PUBLISHED) | (Comment.reply_count > 0)  # `policy.has_place`, as SQL
_SHOWN = Comment.status == CommentStatus.PUBLISHED
_STANDING = CommentStatus.PUBLISHED, CommentStatus.HELD


@dataclass(frozen=True)
class Extent:
    """What a move takes along: comments with a place, of how many people, and closings; and how many people it tells.

    `freed` counts the closings of branches above that would no longer keep anybody from answering there.
    """

    comments: int
    people: int
    closings: int
    freed: int
    told: int


def of_branch(actor: Actor, comment_id: int, to_article_id: int | None) -> Extent:
    """Return what it would be to move a branch; to a new article of the actor's without `to_article_id`."""
    top = session.get_one(Comment, comment_id)
    rows = in_branch(top)
    above = session.get_one(Comment, top.parent_id).closure_count if top.parent_id else 0
    return _extent(actor, rows, [top.article_id, to_article_id], above)


def of_article(actor: Actor, article_id: int, to_article_id: int) -> Extent:
    """Return what it would be to move the whole discussion of an article."""
    return _extent(actor, [Comment.article_id == article_id], [article_id, to_article_id], 0)


def in_branch(top: Comment) -> list[ColumnElement[bool]]:
    """Return the conditions that the rows of a branch fulfil."""
    range = Comment.pos.between(top.pos, end_of_branch(top))
    return [Comment.article_id == top.article_id, Comment.root_id == top.root_id, range]


def told(actor: Actor, rows: Sequence[ColumnElement[bool]], articles: Iterable[int | None]) -> dict[int, int | None]:
    """Return who is told of a move of these rows, each with the first comment of theirs among them."""
    query = select(Comment.author_id, func.min(Comment.id)).where(*rows, Comment.status.in_(_STANDING))
    theirs = session.execute(query.where(Comment.author_id.is_not(None)).group_by(Comment.author_id))
    first: dict[int, int] = {row[0]: row[1] for row in theirs if row[0] is not None}
    authors = session.scalars(select(Article.author_id).where(Article.id.in_(set(articles) - {None})))
    return {id: first.get(id) for id in sorted(policy.told_of_move(first, authors, actor.id))}


def _extent(actor: Actor, rows: Sequence[ColumnElement[bool]], articles: Sequence[int | None], above: int) -> Extent:
    writers = (func.count(func.distinct(column)).filter(_SHOWN) for column in (Comment.author_id, Comment.guest_name))
    placed, *people = session.execute(select(func.count().filter(_PLACED), *writers).where(*rows)).one()
    ids = select(Comment.id).where(*rows)
    closings = select(func.count(Closure.id)).where(Closure.branch_id.in_(ids), Closure.reopened_at.is_(None))
    return Extent(placed, sum(people), session.scalar(closings) or 0, above, len(told(actor, rows, articles)))
