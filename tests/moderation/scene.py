"""What the tests of the desk begin with: comments, reports and decisions, each committed."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import event, func, select

from forum import db
from forum.articles.models import Article
from forum.cases.models import Case, Flag
from forum.comments.models import Comment
from forum.comments.writing import actions as comments
from forum.ledger import queries as ledger
from forum.moderation import actions
from forum.moderation.models import Decision
from forum.notifications import queries as notifications
from forum.notifications.actions import mark_read
from forum.people.models import Person
from forum.people.queries import Viewer, viewer_of
from forum.policy import NOBODY
from forum.site.models import Site
from tests import factories
from tests.cast import Cast


def actor(person: Person) -> Viewer:
    """Return somebody as an actor."""
    found = viewer_of(person.id)
    assert found is not None
    return found


def write(person: Person | None, article: Article, body: str = "Good morning.", parent: int | None = None) -> int:
    """Write a comment, a guest's where nobody is given, and return its id."""
    who = actor(person) if person else NOBODY
    made = comments.post(who, article.id, body, parent_id=parent, guest_name="" if person else "Passer-by")
    db.commit()
    return made.id


def let_guests_write() -> None:
    """Allow guests, whose comments wait."""
    db.lock()
    db.session.get_one(Site, 1).who_may_comment = "guests"
    db.commit()


def report(person: Person | None, comment_id: int, reason: str = "abuse", note: str = "") -> int:
    """Report a comment, as a guest where nobody is given, and return the report's id."""
    made = actions.flag(actor(person) if person else NOBODY, comment_id, reason, note)
    db.commit()
    return made.id


def decide(person: Person, comment_id: int, decision: str, rule: str = "1", note: str = "") -> int:
    """Decide about a comment and return the decision's id."""
    made = actions.decide(actor(person), comment_id, decision, rule, note)
    db.commit()
    return made.id


def many_reported(cast: Cast, number: int) -> list[int]:
    """Write and report so many comments, each an answer to another, oldest report first."""
    parent = write(cast.ida, cast.article, "Anyone who was there?")
    made = [write(cast.tom, cast.article, f"Answer {index}", parent) for index in range(number)]
    for key in made:
        report(cast.rosa, key, note="Look at this")
    return made


def case_of(comment_id: int) -> int:
    """Return the newest case of a comment."""
    query = select(Case.id).where(Case.comment_id == comment_id).order_by(Case.id.desc()).limit(1)
    return db.session.execute(query).scalar_one()


def status(comment_id: int) -> str:
    """Return a comment's status as it stands in the table."""
    db.session.expire_all()
    return db.session.get_one(Comment, comment_id).status


def flags() -> int:
    """Return how many reports there are."""
    return db.session.scalar(select(func.count(Flag.id))) or 0


def decisions() -> int:
    """Return how many decisions there are."""
    return db.session.scalar(select(func.count(Decision.id))) or 0


def told(person: Person) -> list[tuple[str, str]]:
    """Return what somebody was told, newest first: kind, and outcome where it answers a report."""
    return [(notice.kind, notice.outcome) for notice in notifications.notices(person.id).items]


def last_act() -> ledger.Act:
    """Return the newest entry of the log."""
    return ledger.acts(limit=1)[0]


def another_article(cast: Cast) -> Article:
    """Make an article by Otto."""
    return factories.article(cast.otto, "A bridge for the ferry")


class Statements:
    """Count the SQL statements inside a with block."""

    def __init__(self, app: Flask) -> None:
        self.engine, self.count = db.engine(), 0

    def __enter__(self) -> Statements:
        event.listen(self.engine, "before_cursor_execute", self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._hear)

    def _hear(self, *_: object) -> None:
        self.count += 1


def has_read(person: Person) -> None:
    """Let somebody mark all their notices as read."""
    page = notifications.notices(person.id)
    mark_read(actor(person), page.newest)
    db.commit()
