"""Read what somebody follows, as they may know of it now: a person, or an address without an account."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from forum import policy
from forum.articles import lists
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.models import Comment
from forum.comments.queries import CommentView
from forum.db import session
from forum.following.inbox import articles_of, people_of
from forum.notifications import mailing, queries
from forum.notifications.models import Subscription
from forum.people.models import Person
from forum.policy import NOBODY, Actor, Nobody
from forum.text.words import excerpt

FOLLOWED = 50  # lines of one page
FIRST = 60  # characters by which one knows a comment again
MOST = 20_000  # subscriptions of one line that are paused or ended at once
_OF_COMMENTS = ("answers", "branch")


@dataclass(frozen=True)
class Followed:
    """One line of what somebody follows: in which words, where it leads, since when, and whether it is paused.

    `name` is the title of the article, the name of the tag or the person; nothing where it is the site. `words` are the
    first of a comment. The answers to `count` comments under one article are one line, with the id of the newest.
    """

    id: int
    kind: str
    subject_id: int
    name: str
    slug: str
    words: str
    created_at: datetime
    paused_at: datetime | None
    count: int = 1


@dataclass(frozen=True)
class MailChoice:
    """When somebody gets each kind of mail, and whether mail goes to them at all."""

    username: str
    has_address: bool
    is_reached: bool
    when: dict[str, str]


def followed(actor: Actor, before: int | None = None) -> tuple[list[Followed], int | None]:
    """Return a page of what somebody follows, newest first, and the id to go on from."""
    newest, count = func.max(Subscription.id), func.count(Subscription.id)
    query = select(newest, count).where(Subscription.person_id == actor.id)
    query = query.outerjoin(Comment, _is_of_answers()).group_by(*_LINE).order_by(newest.desc()).limit(FOLLOWED + 1)
    if before is not None:
        query = query.having(newest < before)
    counts = {row[0]: row[1] for row in session.execute(query)}
    shown = list(counts)[:FOLLOWED]
    rows = {row.id: row for row in session.scalars(select(Subscription).where(Subscription.id.in_(shown)))}
    found = _named(actor, [rows[id] for id in shown], [counts[id] for id in shown])
    return [item for item in found if item], shown[-1] if len(counts) > FOLLOWED else None


def line(actor: Actor, id: int) -> list[int]:
    """Return the subscriptions of somebody's line that has one of them: what it is of under one article, or itself."""
    found = session.get(Subscription, id)
    if found is None or found.person_id != actor.id:
        return []
    if found.kind != "answers":
        return [id]
    here = select(Comment.article_id).where(Comment.id == found.subject_id).scalar_subquery()
    same = Subscription.paused_at.is_(None) if found.paused_at is None else Subscription.paused_at.is_not(None)
    mine = Subscription.person_id == actor.id, Subscription.kind == "answers", same
    query = select(Subscription.id).join(Comment, Comment.id == Subscription.subject_id).where(*mine)
    return list(session.scalars(query.where(Comment.article_id == here).limit(MOST)))


def own_comments(actor: Actor, article_id: int) -> list[int]:
    """Return somebody's own comments under an article that can be answered, or wait for it."""
    can = Comment.status.in_((policy.CommentStatus.PUBLISHED, policy.CommentStatus.HELD))
    mine = select(Comment.id).where(Comment.author_id == actor.id, Comment.article_id == article_id, can)
    return list(session.scalars(mine.order_by(Comment.id).limit(MOST)))


def article_of(comment_id: int) -> int | None:
    """Return the article of a comment."""
    return session.scalar(select(Comment.article_id).where(Comment.id == comment_id))


def wanted(actor: Actor) -> tuple[bool, bool]:
    """Return whether somebody follows answers to what they write, and their own articles, without being asked."""
    row = session.execute(select(Person.follows_answers, Person.follows_articles).where(Person.id == actor.id)).one()
    return row.follows_answers, row.follows_articles


def mail_choice(actor: Actor) -> MailChoice:
    """Return when somebody gets each kind of mail."""
    person = session.get_one(Person, actor.id)
    chosen, reached = mailing.chosen(person.mail_when), person.is_reached_by_mail
    return MailChoice(person.username, person.email is not None, reached, chosen)


def name_of(actor: Actor, kind: str, subject_id: int) -> Followed | None:
    """Return what somebody could follow, None for what is not there or not theirs to read."""
    asked = Subscription(id=0, kind=kind, subject_id=subject_id, created_at=now(), paused_at=None)
    return _named(actor, [asked], [1])[0]


def by_visitor(kind: str, subject_id: int) -> Followed | None:
    """Return what an address could follow, as `name_of`; answers to what a guest wrote are its own to follow."""
    return name_of(_visitor([subject_id] if kind == "answers" else []), kind, subject_id)


def of_address(address_id: int) -> list[Followed]:
    """Return what an address follows, the newest first."""
    rows = queries.followed_by_address(address_id)
    own = [row.subject_id for row in rows if row.kind == "answers"]
    return [item for item in _named(_visitor(own), rows, [1] * len(rows)) if item]


def _visitor(own: Collection[int]) -> Actor:
    return Nobody(guest_comments=frozenset(own)) if own else NOBODY


def _is_of_answers() -> Any:
    return (Subscription.kind == "answers") & (Comment.id == Subscription.subject_id)


# What one line of the page has in common.
_LINE = (
    Subscription.kind,
    case((Subscription.kind == "answers", Comment.article_id), else_=Subscription.subject_id),
    Subscription.paused_at.is_(None),
)


def _named(actor: Actor, rows: Sequence[Subscription], counts: Sequence[int]) -> list[Followed | None]:
    by_kind: dict[str, list[int]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row.subject_id)
    written = comments.many([id for kind in _OF_COMMENTS for id in by_kind.get(kind, [])])
    articles = articles_of(by_kind.get("article", []))
    tags = lists.tags(by_kind.get("tag", []))
    people = people_of(by_kind.get("person", []))

    def words(row: Subscription, count: int) -> tuple[str, str, str] | None:
        if row.kind in _OF_COMMENTS:
            comment = written.get(row.subject_id)
            return _of_comment(actor, comment, row.kind, count) if comment else None
        if row.kind == "article":
            article = articles.get(row.subject_id)
            known = article and policy.may_read_article(actor, article, now())
            return (article.title, article.slug, "") if article and known else None
        if row.kind == "tag":
            tag = tags.get(row.subject_id)
            return (tag.name, tag.slug, "") if tag else None
        if row.kind == "person":
            person = people.get(row.subject_id)
            shown = person and policy.may_see_profile(actor, person)
            return (person.display_name, person.username, "") if person and shown else None
        return "", "", ""

    found: list[Followed | None] = []
    for row, count in zip(rows, counts, strict=True):
        named = words(row, count)
        when = row.created_at, row.paused_at
        found.append(Followed(row.id, row.kind, row.subject_id, *named, *when, count) if named else None)
    return found


def _of_comment(actor: Actor, comment: CommentView, kind: str, count: int) -> tuple[str, str, str] | None:
    """Return the article's title and address, and the first words of the comment where it is one and may be read."""
    if kind == "answers" and not policy.is_answered(actor, comment):
        return None
    known = count > 1 or policy.may_see_frame(actor, comment, comment.article)
    if not policy.may_read_article(actor, comment.article, now()) or not known:
        return None
    # An address may have been given by another than its owner, who is shown nothing that waits.
    reader = actor if actor.id is not None else NOBODY
    readable = count == 1 and policy.may_see(reader, comment, comment.article)
    return comment.article_title, comment.article_slug, excerpt(comment.html, FIRST) if readable else ""
