"""Read what a person was told, as they may see it now, and what they follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forum import policy
from forum.articles import lists
from forum.articles.models import Article
from forum.clock import now
from forum.comments import queries as comments
from forum.comments.queries import CommentView
from forum.db import session
from forum.notifications import mailing
from forum.notifications import queries as notices
from forum.notifications.models import Subscription
from forum.notifications.queries import NoticeView
from forum.people.models import Person
from forum.policy import Actor
from forum.text.words import excerpt

PAGE = 60  # notices read for one page; those of one conversation are one line
FOLLOWED = 50  # subscriptions of one page
WORDS = 300  # characters of a comment
FIRST = 60  # characters by which one knows a comment again
NAMED = 8  # comments that a line leads to


@dataclass(frozen=True)
class Link:
    """A comment that a line of the page leads to."""

    comment_id: int
    name: str
    created_at: datetime


@dataclass(frozen=True)
class Told:
    """One line of the page: one notice as it was written, or several of one conversation.

    `notice` is the newest. Where it is about comments others wrote, `links` are these, the oldest first, `name` and
    `words` are of the newest, `others` counts further writers, and `own` says that the article is the reader's. Where
    it is about a new article, `name` is its author's and `slug` leads there.
    """

    notice: NoticeView
    title: str = ""
    slug: str = ""
    name: str = ""
    words: str = ""
    others: int = 0
    count: int = 1
    own: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Inbox:
    """A page of what a person was told, newest first; `newest` is the newest id on it, `older` the next cursor."""

    items: list[Told]
    newest: int
    older: int | None
    unseen: int


@dataclass(frozen=True)
class Followed:
    """One thing that a person follows: in which words, where it leads, since when, and whether it is paused.

    `name` is the title of the article, the name of the tag or the person; nothing where it is the site. `words` are the
    first of a comment.
    """

    id: int
    kind: str
    subject_id: int
    name: str
    slug: str
    words: str
    created_at: datetime
    paused_at: datetime | None


@dataclass(frozen=True)
class MailChoice:
    """When somebody gets each kind of mail, and whether mail goes to them at all."""

    username: str
    has_address: bool
    is_reached: bool
    when: dict[str, str]


def inbox(actor: Actor, before: int | None = None) -> Inbox:
    """Return a page of what somebody was told. What they may not read any more is left out."""
    page = notices.notices(actor.id or 0, before, PAGE)
    return Inbox(lines(actor, page.items), page.newest, page.older, page.unseen)


def lines(actor: Actor, rows: Sequence[NoticeView]) -> list[Told]:
    """Return notices, the newest first, as lines: those of one conversation are one. What may not be read is left out.

    Mail is made of the same lines.
    """
    written = comments.many([row.comment_id for row in rows if row.kind in _COMMENT and row.comment_id])
    articles = _articles(row.article_id for row in rows if row.kind == "article")
    authors = _people(article.author_id for article in articles.values())
    groups: dict[object, list[NoticeView]] = {}
    for row in rows:
        if _is_seen(actor, row, written, articles):
            groups.setdefault(_group(row, written), []).append(row)
    return [_told(actor, group, written, articles, authors) for group in groups.values()]


def followed(actor: Actor, before: int | None = None) -> tuple[list[Followed], int | None]:
    """Return a page of what somebody follows, newest first, and the id to go on from."""
    query = select(Subscription).where(Subscription.person_id == actor.id).order_by(Subscription.id.desc())
    if before is not None:
        query = query.where(Subscription.id < before)
    rows = session.scalars(query.limit(FOLLOWED + 1)).all()
    shown = rows[:FOLLOWED]
    found = [item for item in _named(actor, shown) if item]
    return found, shown[-1].id if len(rows) > FOLLOWED else None


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
    return _named(actor, [asked])[0]


_COMMENT = ("answer", "comment")
_OF_COMMENTS = ("answers", "branch")


def _is_seen(
    actor: Actor, row: NoticeView, written: Mapping[int, CommentView], articles: Mapping[int, Article]
) -> bool:
    if row.kind in _COMMENT:
        comment = written.get(row.comment_id or 0)
        return comment is not None and policy.is_tellable(comment.status, comment.article, now())
    if row.kind == "article":
        article = articles.get(row.article_id or 0)
        return article is not None and policy.is_out(article, now())
    return True


def _group(row: NoticeView, written: Mapping[int, CommentView]) -> object:
    """Return what the notices of one line have in common; whatever is decided about somebody stands for itself."""
    if row.kind not in _COMMENT:
        return row.id
    parent = written[row.comment_id or 0].parent_id if row.kind == "answer" else None
    return row.kind, row.article_id, parent, row.is_new


def _told(
    actor: Actor,
    rows: list[NoticeView],
    written: Mapping[int, CommentView],
    articles: Mapping[int, Article],
    authors: Mapping[int, Person],
) -> Told:
    newest = rows[0]
    if newest.kind == "article":
        article = articles[newest.article_id or 0]
        name = authors[article.author_id].display_name
        return Told(newest, title=article.title, slug=article.slug, name=name)
    if newest.kind not in _COMMENT:
        return Told(newest)
    said = [written[row.comment_id or 0] for row in rows]
    writers = {(comment.author_id, comment.guest_name) for comment in said}
    return Told(
        newest,
        title=said[0].article_title,
        slug=said[0].article_slug,
        name=said[0].name,
        words=excerpt(said[0].html, WORDS),
        others=len(writers) - 1,
        count=len(said),
        own=said[0].article_author_id == actor.id,
        links=tuple(Link(comment.id, comment.name, comment.created_at) for comment in reversed(said[:NAMED])),
    )


def _named(actor: Actor, rows: Sequence[Subscription]) -> list[Followed | None]:
    by_kind: dict[str, list[int]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row.subject_id)
    written = comments.many([id for kind in _OF_COMMENTS for id in by_kind.get(kind, [])])
    articles = _articles(by_kind.get("article", []))
    tags = lists.tags(by_kind.get("tag", []))
    people = _people(by_kind.get("person", []))

    def words(row: Subscription) -> tuple[str, str, str] | None:
        if row.kind in _OF_COMMENTS:
            comment = written.get(row.subject_id)
            if not comment or not _is_known(actor, comment, row.kind):
                return None
            readable = policy.may_see(actor, comment, comment.article)
            return comment.article_title, "", excerpt(comment.html, FIRST) if readable else ""
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
    for row in rows:
        named = words(row)
        when = row.created_at, row.paused_at
        found.append(Followed(row.id, row.kind, row.subject_id, *named, *when) if named else None)
    return found


def _is_known(actor: Actor, comment: CommentView, kind: str) -> bool:
    """Tell whether somebody may know that there is such a comment, as its own page decides it."""
    if kind == "answers" and not policy.is_answered(actor, comment):
        return False
    readable = policy.may_read_article(actor, comment.article, now())
    return bool(readable and policy.may_see_frame(actor, comment, comment.article))


def _articles(ids: Iterable[int | None]) -> dict[int, Article]:
    return {row.id: row for row in session.scalars(select(Article).where(Article.id.in_(set(ids) - {None})))}


def _people(ids: Iterable[int]) -> dict[int, Person]:
    return {row.id: row for row in session.scalars(select(Person).where(Person.id.in_(list(ids))))}
