"""What people follow comes back from an archive as it was; what addresses without an account follow is in none."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles import actions as articles
from forum.notifications import by_mail, followers, subscriptions
from forum.notifications.address_links import Wish
from forum.notifications.models import Address, Notice, Subscription
from forum.people.models import Person
from tests.cast import Cast
from tests.comments.talk import let, say
from tests.moderation.scene import actor
from tests.transfer import scene
from tests.web.acting import act
from tests.worker import resting

FOLLOWS = select(Subscription.person_id, Subscription.kind, Subscription.subject_id, Subscription.paused_at)


def furnish(cast: Cast) -> None:
    """Let Rosa follow one of everything, pause one of it and choose her mails; an address follows, too."""
    let(guests_follow=True)
    made = act(cast, "otto", articles.create, articles.check_words("Ferries", "Words.", ["Boats"]))
    act(cast, "otto", articles.publish, made.id)
    tag, comment = made.tags[0].id, say(cast.tom, cast.article)
    wanted = (
        ("branch", comment),
        ("article", made.id),
        ("tag", tag),
        ("person", cast.ida.id),
        ("site", 0),
        ("tag", 99),
    )
    for kind, subject in wanted:
        subscriptions.follow(actor(cast.rosa), kind, subject)
    db.commit()
    last = db.session.scalar(select(Subscription.id).where(Subscription.kind == "site"))
    subscriptions.pause(actor(cast.rosa), [last])
    subscriptions.remember(actor(cast.rosa), answers=False, articles=True)
    by_mail.choose(actor(cast.rosa), {"answer": "daily"})
    followers.confirm_address(Wish("sam@post.example", "article", cast.article.id))
    db.commit()
    say(cast.tom, cast.article, parent=comment)
    resting.work(cast.app)


def test_what_people_follow_comes_back_and_addresses_are_in_no_archive(cast: Cast, empty: Flask) -> None:
    furnish(cast)
    assert db.session.scalars(select(Notice.id).where(Notice.address_id.is_not(None))).all()
    data = scene.taken_out()
    assert b"sam@post.example" not in data
    before = db.session.execute(FOLLOWS.where(Subscription.person_id.is_not(None)).order_by(Subscription.id)).all()
    assert len(before) > 7
    rosa = cast.rosa.id
    db.session.rollback()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        assert db.session.execute(FOLLOWS.order_by(Subscription.id)).all() == before
        assert db.session.scalars(select(Address.id)).all() == []
        person = db.session.get_one(Person, rosa)
        assert (person.follows_answers, person.follows_articles, person.mail_when) == (False, True, {"answer": "daily"})


def test_an_archive_of_before_comes_in(cast: Cast, empty: Flask) -> None:
    furnish(cast)
    records = [record for record in scene.lines(scene.taken_out()) if record["type"] != "subscription"]
    for record in records:
        if record["type"] == "person":
            for field in ("follows_answers", "mail_when"):
                record.pop(field, None)
        if record["type"] == "manifest":
            record["counts"].pop("subscription")
            record["site"].pop("guests_follow")
    rosa = cast.rosa.id
    db.session.rollback()
    with empty.app_context():
        scene.bring_in(scene.sealed(records))
        person = db.session.get_one(Person, rosa)
        assert (person.follows_answers, person.mail_when) == (True, {})
        assert db.session.scalars(select(Subscription.id)).all() == []
