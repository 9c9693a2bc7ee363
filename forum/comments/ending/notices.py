"""Tell those whom an ending concerns, and take that back with it; `policy.told_of_closure` says who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum import policy
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.labels import end_of_branch
from forum.comments.models import Comment
from forum.db import session
from forum.notifications import actions
from forum.people.models import Person
from forum.policy import Actor, CommentStatus


def after_closing(actor: Actor, closure: Closure, article: Article | None) -> None:
    """Tell everybody concerned that it was closed, by whom, in which words, from when and until when."""
    details = {"words": closure.words, "cause": _cause(closure)}
    details |= {name: at.isoformat() for name in ("begins_at", "until") if (at := getattr(closure, name))}
    _tell(_concerned(closure, article), actor, closure, article, details, closure.created_at)


def after_reopening(actor: Actor, closure: Closure, article: Article | None) -> None:
    """Tell those who have read of the ending that it is open again; for the others nothing has happened."""
    concerned = _concerned(closure, article)
    unaware = actions.withdraw(_cause(closure), comments=_place(closure), people=concerned)
    details = {"words": closure.reopen_reason, "outcome": "reopened"}
    _tell(concerned - unaware - {actor.id or 0}, actor, closure, article, details, now())


def _tell(
    people: set[int], actor: Actor, closure: Closure, article: Article | None, details: dict[str, Any], moment: datetime
) -> None:
    title = article.title if article else _tag(closure)
    shared = {**details, "title": title, "by": actions.by(actor, article) if article else "moderator"}
    others = _others(closure)
    about = {"article_id": closure.article_id, "comment_id": next(iter(_place(closure)), None)}
    for id in sorted(people):
        named = {"reach": _reach(id, closure, article), "other": others.get(id, "")}
        actions.tell(id, "closed", **about, details=shared | named, at=moment)


def _tag(closure: Closure) -> str:
    return session.get_one(Tag, closure.tag_id).name if closure.tag_id is not None else ""


def _concerned(closure: Closure, article: Article | None) -> set[int]:
    return policy.told_of_closure(closure, article, _writers(closure))


def _writers(closure: Closure) -> list[int]:
    """Return who wrote what stands in the closed branch."""
    if closure.branch_id is None or closure.person_a_id is not None:
        return []
    top = session.get_one(Comment, closure.branch_id)
    inside = Comment.pos.between(top.pos, end_of_branch(top)), Comment.status == CommentStatus.PUBLISHED
    query = select(Comment.author_id).where(
        Comment.article_id == top.article_id, Comment.root_id == top.root_id, *inside, Comment.author_id.is_not(None)
    )
    return [id for id in session.scalars(query.distinct()) if id is not None]


def _others(closure: Closure) -> dict[int, str]:
    """Return for each of two people the name of the other."""
    if closure.person_a_id is None or closure.person_b_id is None:
        return {}
    pair = closure.person_a_id, closure.person_b_id
    names = {id: session.get_one(Person, id).display_name for id in pair}
    return {pair[0]: names[pair[1]], pair[1]: names[pair[0]]}


def _reach(person_id: int, closure: Closure, article: Article | None) -> str:
    if article is None:
        return "one-site" if closure.tag_id is None else "one-tag"
    if closure.person_a_id == person_id and not closure.for_two:
        return "one-branch" if closure.branch_id else "one-article"
    if person_id in (closure.person_a_id, closure.person_b_id):
        return "two"
    if closure.branch_id is None and closure.person_a_id is None:
        return "article"
    return "own" if person_id == article.author_id else "branch"


def _place(closure: Closure) -> list[int]:
    """Return the comment at which it was ended, where there is one."""
    at = closure.at_id or closure.branch_id
    return [at] if at else []


def _cause(closure: Closure) -> str:
    return f"closure:{closure.id}"
