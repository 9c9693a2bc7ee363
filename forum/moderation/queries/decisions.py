"""Read what was decided about one comment, and the public history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from forum import policy
from forum.articles.models import Article
from forum.clock import now
from forum.closures.models import Closure
from forum.db import session, view
from forum.ledger import queries as ledger
from forum.ledger.queries import Act
from forum.moderation.models import Decision
from forum.people.models import Person
from forum.policy import Actor

PAGE = 20  # removals, or decisions, of one page
DEEDS = 50  # lines of the public history: one screen and a half
CLOSING = ("closure.make", "article.close", "tag.close", "site.close", "closure.reopen")
# What the public history tells. Keeping is not in it: it would betray that somebody reported.
PUBLIC = (
    "comment.hide",
    "comment.hide-replies",
    "comment.spam",
    "comment.approve",
    "comment.restore",
    "comment.erase",
    *("comment.move", "comment.move-back", "article.merge"),
    *CLOSING,
)


@dataclass(frozen=True)
class Ruling:
    """One decision as the desk shows it; `changed` counts the comments it concerned."""

    id: int
    comment_id: int
    decision: str
    moderator: str
    rule: str
    note: str
    changed: int
    created_at: datetime
    undone_at: datetime | None
    undone_by: str


@dataclass(frozen=True)
class Deed:
    """One line of the public history; never a name, never a text."""

    id: int
    act: str
    at: datetime
    article_slug: str
    article_title: str
    rule: str
    undone_at: datetime | None = None


def rulings(comment_id: int) -> list[Ruling]:
    """Return every decision about a comment, newest first."""
    rows = session.scalars(
        select(Decision).where(Decision.comment_id == comment_id).order_by(Decision.id.desc()).limit(PAGE)
    ).all()
    return _rulings(list(rows))


def history(actor: Actor, before: int | None = None) -> tuple[list[Deed], int | None]:
    """Return a page of the public history, newest first, and the id to go on from.

    What was taken back is one line that says so: of a decision, since of a closure nothing is told then.
    """
    acts = ledger.acts(*PUBLIC, before=before, limit=DEEDS + 1)
    shown = acts[:DEEDS]
    articles = _readable(actor, shown)
    standing, undone = _standing_closures(shown), _undone(shown)
    deeds = [
        Deed(
            act.id,
            act.act,
            act.at,
            *articles.get(act.article_id or 0, ("", "")),
            act.rule or "",
            undone.get(act.id),
        )
        for act in shown
        if act.act not in CLOSING or act.closure_id in standing  # undone without trace, so here neither
    ]
    return deeds, shown[-1].id if len(acts) > DEEDS else None


def _undone(acts: list[Act]) -> dict[int, datetime]:
    """Return when decisions were taken back, by the ids of their acts; one statement.

    That something was kept and no longer is would betray the report, so it is not told.
    """
    waiting: dict[int, list[Act]] = {}
    comments = {act.comment_id for act in acts if act.comment_id is not None}
    for undo in reversed(ledger.acts("decision.undo", comments=comments, limit=len(acts) * 4)):
        if undo.details and undo.details.get("decision") != "keep":
            waiting.setdefault(undo.comment_id or 0, []).append(undo)
    found: dict[int, datetime] = {}
    for act in reversed(acts):
        undone = waiting.get(act.comment_id or 0, [])
        match = next((undo for undo in undone if undo.id > act.id and undo.details == act.details), None)
        if match:
            found[act.id] = match.at
            undone.remove(match)
    return found


def _readable(actor: Actor, acts: list[Act]) -> dict[int, tuple[str, str]]:
    ids = {act.article_id for act in acts if act.article_id is not None}
    columns = (Article.id, Article.slug, Article.title, Article.author_id, Article.status, Article.published_at)
    moment = now()
    rows = session.execute(select(*columns).where(Article.id.in_(ids)))
    return {row.id: (row.slug, row.title) for row in rows if policy.may_read_article(actor, row, moment)}


def _standing_closures(acts: list[Act]) -> set[int]:
    ids = {act.closure_id for act in acts if act.closure_id is not None}
    # Of what is closed for one person others are told nothing.
    for_more = Closure.person_a_id.is_(None) | Closure.person_b_id.is_not(None)
    return set(session.scalars(select(Closure.id).where(Closure.id.in_(ids), for_more)))


def _rulings(rows: list[Decision]) -> list[Ruling]:
    ids = {key for row in rows for key in (row.moderator_id, row.undone_by_id) if key is not None}
    people = select(Person.id, Person.display_name).where(Person.id.in_(ids))
    names = {row.id: row.display_name for row in session.execute(people)}
    return [
        view(
            Ruling,
            row,
            moderator=names.get(row.moderator_id or 0, ""),
            changed=len(row.before),
            undone_by=names.get(row.undone_by_id or 0, ""),
        )
        for row in rows
    ]
