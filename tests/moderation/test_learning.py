"""What the worker learns from decisions, and that posts are held by it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from forum import db
from forum.clock import now
from forum.comments.models import Comment
from forum.moderation.actions import undo
from forum.moderation.learning import UNCHALLENGED, learn
from forum.screening.models import SpamModel
from forum.screening.spam import LEAST
from tests.comments.talk import let, pour, row, say
from tests.moderation.scene import actor, decide

SPAM = "Cheap watches, buy now: https://watches.example"


def taught(cast) -> list[int]:
    """Let Quill remove so much spam as the site needs to learn, beside as much talk; return the decisions."""
    pour(cast.article, [cast.rosa], [None] * LEAST)
    spam = [say(cast.tom, cast.article, f"{SPAM}/{n}") for n in range(LEAST)]
    return [decide(cast.quill, made, "spam") for made in spam]


def learned(later: timedelta = UNCHALLENGED * 2) -> int:
    learn(now() + later)
    db.commit()
    return db.session.scalar(select(func.count(SpamModel.id))) or 0


def test_learned_where_the_site_asks(cast):
    taught(cast)
    assert learned() == 0
    assert row(say(cast.tom, cast.article, SPAM)).status == "published"
    let(hold_spam=True)
    assert learned() == 1
    waits = row(say(cast.tom, cast.article, SPAM + "/more"))
    assert (waits.status, waits.held_reason) == ("held", "spam")
    assert row(say(cast.tom, cast.article, "I saw the herons at the canal today.")).status == "published"


def test_learning_the_same_changes_nothing(cast):
    taught(cast)
    let(hold_spam=True)
    learned()
    before = db.session.scalars(select(SpamModel.id)).one()
    learned()
    assert db.session.scalars(select(SpamModel.id)).one() == before


def test_what_was_taken_back_is_unlearned(cast):
    decisions = taught(cast)
    let(hold_spam=True)
    learned()
    undo(actor(cast.quill), decisions[0])
    db.commit()
    learned()
    assert db.session.scalars(select(SpamModel.spam_texts)).one() == LEAST - 1
    assert row(say(cast.tom, cast.article, SPAM + "/more")).status == "published"  # too little is left to go by


def test_what_stands_since_today_only_teaches_nothing(cast):
    taught(cast)
    let(hold_spam=True)
    db.lock(cast.article.id)
    db.session.query(Comment).update({"created_at": now()})
    db.commit()
    learned(timedelta())
    assert db.session.scalars(select(SpamModel.ham_texts)).one() == 0
