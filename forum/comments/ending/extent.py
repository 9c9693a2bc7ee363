"""Find the exchange that a comment ends, and count what a closure would cover, before anybody makes it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from forum.articles.models import Article, Tag
from forum.comments import ancestry
from forum.comments.ancestry import Ancestor
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.db import session
from forum.policy import ArticleStatus


def run_of_two(comment_id: int) -> tuple[list[Ancestor], set[int]]:
    """Return the exchange a comment ends: from it upwards while the same two people write, and who they are.

    Nearest first. With fewer than two people, or a guest among them, the set is smaller than two.
    """
    line = ancestry.line(comment_id)
    people: set[int] = set()
    run: list[Ancestor] = []
    for step in line:
        if step.author_id is None or len(people | {step.author_id}) > 2:
            break
        people.add(step.author_id)
        run.append(step)
    return run or line[:1], people


def discussions(tag_id: int | None) -> int:
    """Return how many published articles have a tag, or without one how many there are."""
    query = select(func.count(Article.id)).where(Article.status == ArticleStatus.PUBLISHED)
    if tag_id is not None:
        query = query.where(Article.tags.any(Tag.id == tag_id))
    return session.execute(query).scalar_one()


def below(chain: Sequence[int]) -> dict[int, int]:
    """Return for each of these comments how many published ones it and its branch hold.

    `chain` are ids from a comment upwards, each answering the next. Three statements, however many there are: a
    branch ends before the next reply to what it answers, or where the branch above it ends.
    """
    following = aliased(Comment)
    beside = select(func.min(following.pos)).where(
        following.parent_id == Comment.parent_id, following.pos > Comment.pos
    )
    found = session.execute(select(Comment.id, Comment.pos, beside.scalar_subquery()).where(Comment.id.in_(chain)))
    rows = {id: (pos, after) for id, pos, after in found}
    top = session.get_one(Comment, chain[-1])
    end = end_of_branch(top)
    sums = []
    for id in reversed(chain):
        pos, after = rows[id]
        end = end if after is None else min(end, after - 1)
        sums.append(func.coalesce(func.sum(case((Comment.pos.between(pos, end), 1), else_=0)), 0))
    query = select(*sums).where(
        Comment.article_id == top.article_id,
        Comment.root_id == top.root_id,
        Comment.pos >= top.pos,
        Comment.status == "published",
    )
    return dict(zip(reversed(chain), map(int, session.execute(query).one()), strict=True))
