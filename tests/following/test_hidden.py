"""Nothing hidden is told to those who follow: every state of a comment, in every channel by which somebody hears of it.

`tests/feeds/test_hidden.py` has the channels that are for everybody: feeds, JSON-LD, heads of pages, sitemap.
"""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from forum import db
from forum.clock import now
from forum.following import telling
from forum.jobs import actions as jobs
from forum.jobs.models import Job
from forum.moderation import erasing
from forum.notifications import followers, subscriptions
from forum.notifications.address_links import Wish
from forum.notifications.models import Notice
from forum.policy import CommentStatus
from tests import factories
from tests.comments.talk import let, put, say
from tests.following.test_by_mail import reach
from tests.moderation.scene import actor
from tests.web.acting import act

WORDS, NAME = "Unspeakable words", "Zebedee Quux"
CHANNELS = (
    *("notices of who was answered", "notices of who follows", "number in the head"),
    *("mail", "digest", "mail to an address", "digest to an address"),
)
ALL, NONE = (True,) * len(CHANNELS), (False,) * len(CHANNELS)
TABLE = {state: ALL if state == CommentStatus.PUBLISHED else NONE for state in CommentStatus}


@pytest.fixture
def told(mailing):
    """Zebedee answered Tom; Tom is mailed at once, Ida daily, Sam's address at once, Kit's daily. No mail went yet."""
    cast = mailing.cast
    let(guests_follow=True)
    reach(cast.tom, answer="now")
    reach(cast.ida, comment="daily")
    subscriptions.follow(actor(cast.ida), "article", cast.article.id)
    for name, when in (("sam", "now"), ("kit", "daily")):
        id = followers.confirm_address(Wish(f"{name}@post.example", "article", cast.article.id))
        followers.choose_for_address(id, {"comment": when})
    db.commit()
    first = say(cast.tom, cast.article, "A beginning.")
    mailing.work()
    db.lock()
    for table in (Notice, Job):
        db.session.query(table).delete()
    db.commit()
    mailing.server.received.clear()
    made = say(factories.person(NAME), cast.article, WORDS, first)
    taken = jobs.take(now(), ("comments.tell",), only=("comments.tell",))
    with cast.app.test_request_context():
        jobs.finish(taken, telling.tell_of_comments(taken))
    db.commit()
    assert db.session.scalar(select(func.count(Notice.id))) == 4
    return mailing, made


def test_every_state_has_a_row():
    assert set(TABLE) == set(CommentStatus)
    assert {len(row) for row in TABLE.values()} == {len(CHANNELS)}


@pytest.mark.parametrize("state", TABLE)
def test_what_each_channel_tells_of_a_comment(told, state):
    mailing, made = told
    cast = mailing.cast
    if state == CommentStatus.ERASED:
        act(cast, "ada", erasing.erase_comment, made)
    elif state != CommentStatus.PUBLISHED:
        put(made, state)
    pages = [cast.browser(person).get("/notices").text for person in (cast.tom, cast.ida)]
    found = [WORDS in page for page in pages]
    assert [NAME in page for page in pages] == found
    found.append('"New' in pages[0] or 'class="new"' in pages[0])
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))
    db.commit()
    mailing.work()
    for name in ("tom", "ida", "sam", "kit"):
        letters = mailing.server.to(f"{name}@post.example")
        parts = [one.part(kind) for one in letters for kind in ("plain", "html")]
        told = [WORDS in part for part in parts]
        assert [NAME in part for part in parts] == told
        assert not any(NAME in one.message["Subject"] for one in letters)
        found.append(bool(told) and all(told))
    assert tuple(found) == TABLE[state]
