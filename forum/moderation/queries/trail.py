"""Read the history that staff see: who did what, about whom, why, and what was noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, select, text

from forum import policy
from forum.articles.models import Article
from forum.clock import now
from forum.db import session
from forum.ledger.models import Entry
from forum.moderation.acts import GROUPS, WORDS
from forum.people.models import Person
from forum.people.queries import sign_in_name
from forum.policy import Actor, Role
from forum.policy.facts import is_admin

PAGE = 50  # acts of one page
# The partial index of the log that leaves out what readers write, which is nearly all of it.
_NOT_WRITING = text("act <> 'comment.post'")


@dataclass(frozen=True)
class Filters:
    """What the history is narrowed to: a group of acts, sign-in names of who did it and whom it concerned, an article.

    Empty texts narrow nothing; an unknown name finds nothing.
    """

    group: str = ""
    by: str = ""
    about: str = ""
    article: str = ""


@dataclass(frozen=True)
class Name:
    """A person as the history names them."""

    username: str
    name: str


@dataclass(frozen=True)
class Step:
    """One act in the history. `by` is None for the software, a guest, and those who must stay secret to this viewer."""

    id: int
    act: str
    at: datetime
    by: Name | None
    about: Name | None
    article_slug: str
    article_title: str
    comment_id: int | None
    rule: str
    reason: str  # of a report: a code
    note: str
    is_secret: bool


def trail(actor: Actor, filters: Filters, before: int | None = None) -> tuple[list[Step], int | None]:
    """Return a page of what staff did, newest first, and the id to go on from. Four statements, however long it is."""
    policy.may_moderate_everywhere(actor).require()
    query = select(Entry).where(_NOT_WRITING, Entry.act.in_(GROUPS.get(filters.group, WORDS)))
    query = query.where(*_narrowed(actor, filters), _is_theirs_to_read(actor)).order_by(Entry.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(Entry.id < before)
    entries = list(session.scalars(query))
    shown = entries[:PAGE]
    names = _names(key for entry in shown for key in (entry.actor_id, entry.person_id))
    articles = _articles(actor, (entry.article_id for entry in shown))
    steps = [_step(actor, entry, names, articles) for entry in shown]
    return steps, shown[-1].id if len(entries) > PAGE else None


def _is_theirs_to_read(actor: Actor) -> ColumnElement[bool]:
    """Return `policy.may_see_record` as a condition on entries: nobody reads here what is kept from them there."""
    staff = select(Person.id).where(Person.role.in_((Role.MODERATOR, Role.ADMIN)))
    kept = Entry.person_id == actor.id if is_admin(actor) else Entry.person_id.in_(staff)
    return not_(and_(Entry.act.in_(GROUPS["sanctions"]), kept))


def _narrowed(actor: Actor, filters: Filters) -> Iterable[ColumnElement[bool]]:
    for column, username in ((Entry.actor_id, filters.by), (Entry.person_id, filters.about)):
        if username:
            found = session.execute(select(Person.id).where(Person.username == sign_in_name(username))).scalar()
            yield column == (found or 0)
    if filters.article:
        found = session.execute(select(Article.id).where(Article.slug == filters.article)).scalar()
        yield Entry.article_id == (found if found in _articles(actor, [found]) else 0)


def _step(actor: Actor, entry: Entry, names: dict[int, Name], articles: dict[int, tuple[str, str]]) -> Step:
    secret = entry.act == "flag.add" and not policy.may_see_reporters_of(actor, entry.person_id)
    details = {} if secret else entry.details or {}
    slug, title = articles.get(entry.article_id or 0, ("", ""))
    reason = str(details.get("reason") or "")
    is_report = entry.act == "flag.add"
    return Step(
        id=entry.id,
        act=entry.act,
        at=entry.at,
        by=None if secret else names.get(entry.actor_id or 0),
        about=names.get(entry.person_id or 0) if entry.person_id != entry.actor_id else None,
        article_slug=slug,
        article_title=title,
        comment_id=entry.comment_id,
        rule=entry.rule or "",
        is_secret=secret,
        reason=reason if is_report else "",
        note=str(details.get("note") or ("" if is_report else reason) or details.get("words") or ""),
    )


def _names(ids: Iterable[int | None]) -> dict[int, Name]:
    query = select(Person.id, Person.username, Person.display_name).where(Person.id.in_(set(filter(None, ids))))
    return {row.id: Name(row.username, row.display_name) for row in session.execute(query)}


def _articles(actor: Actor, ids: Iterable[int | None]) -> dict[int, tuple[str, str]]:
    """Return address and title of those articles that somebody may read: a draft is named to nobody else."""
    facts = (Article.author_id, Article.status, Article.published_at)
    query = select(Article.id, Article.slug, Article.title, *facts).where(Article.id.in_(set(filter(None, ids))))
    rows, moment = session.execute(query).all(), now()
    return {row.id: (row.slug, row.title) for row in rows if policy.may_read_article(actor, row, moment)}
