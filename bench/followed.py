"""What a reply costs its writer where many people hear of it, and where nobody does."""

from __future__ import annotations

from sqlalchemy import func, insert, select

from bench.costs import SAMPLES
from bench.inprocess import Writer, times
from bench.load import QUICK
from bench.site import Planted
from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.notifications.models import Subscription
from forum.people.models import Person

FOLLOWERS = 100 if QUICK else 10_000


def measure(site: Planted, slug: str) -> dict[str, dict[str, float]]:
    """Return the ms of a reply to a comment that FOLLOWERS people follow, and to its neighbour that nobody follows.

    The people and what they follow stay, so this comes after what they could spoil.
    """
    article_id = site.articles[slug]
    with site.app.app_context():
        query = select(Comment.id).where(Comment.article_id == article_id, Comment.parent_id.is_(None))
        followed, alone = db.session.scalars(query.order_by(Comment.id.desc()).limit(2)).all()
        _follow(followed)
        db.session.remove()
    writer = Writer(site.app, site.people[1])
    acts = {
        "nobody": lambda: writer.post(article_id, alone),
        "many": lambda: writer.post(article_id, followed),
    }
    found = times(acts, SAMPLES * 4)
    return {label: {"ms": ms} for label, ms in found.items()}


def _follow(comment_id: int) -> None:
    """Let people follow the exchange below a comment."""
    db.lock()
    moment = now()
    first = (db.session.scalar(select(func.max(Person.id))) or 0) + 1
    person = {"role": "reader", "created_at": moment, "approved_at": moment}
    ids = range(first, first + FOLLOWERS)
    people = [{**person, "id": id, "username": f"hearer{id}", "display_name": f"Hearer {id}"} for id in ids]
    db.session.execute(insert(Person), people)
    follows = {"kind": "branch", "subject_id": comment_id, "created_at": moment}
    db.session.execute(insert(Subscription), [{**follows, "person_id": id} for id in ids])
    db.commit()
