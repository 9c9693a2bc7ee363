"""Notices by mail: who gets which and when, in its place among others, nothing that went, and how it ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from forum import db
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.comments.writing import actions as writing
from forum.jobs.models import Job
from forum.notifications import leaving, subscriptions
from forum.notifications import mailing as rules
from forum.notifications.mailing import Follower
from forum.notifications.models import Notice
from forum.people import actions as people
from forum.people.models import Person
from forum.sanctions import actions as sanctions
from forum.site.queries import site
from tests.comments.talk import say
from tests.moderation.scene import actor, decide
from tests.sanctions.scene import impose

KEY = re.compile(r"https://talk\.example(/mail/unsubscribe/\S+)")


def reach(*everybody, **when):
    """Let mail go to people."""
    db.lock()
    for person in everybody:
        found = db.session.get_one(Person, person.id)
        found.email, found.email_verified_at = f"{found.username}@post.example", now()
        found.mail_when = dict(when)
    db.commit()


def pending():
    db.session.rollback()
    return sorted((job.kind, job.subject.get("when", "now")) for job in db.session.scalars(select(Job)))


def due_now():
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))
    db.commit()


@pytest.fixture
def talk(mailing):
    """Tom wrote under Ida's article, which she follows; mail goes to both."""
    cast = mailing.cast
    reach(cast.tom, cast.ida)
    subscriptions.follow(actor(cast.ida), "article", cast.article.id)
    db.commit()
    first = say(cast.tom, cast.article, "The ferry sailed **early**.\n\nTwice!")
    mailing.work()
    assert mailing.server.received == []  # what she gets once a day waits
    return mailing, cast, first


def test_an_answer_is_mailed_at_once_in_its_place(talk):
    mailing, cast, first = talk
    second = say(cast.rosa, cast.article, "It was late.\n\n<b>Really</b> & truly.", parent=first)
    assert mailing.work() == ["tom@post.example"]
    (received,) = mailing.server.received
    message = received.message
    assert message["Subject"] == "Re: The library opens on Saturday"
    origin = site().origin
    assert message["Message-ID"].strip() == f"<comment-{second}.{origin}@talk.example>"
    assert message["In-Reply-To"].strip() == f"<comment-{first}.{origin}@talk.example>"
    assert message["References"].split() == [
        f"<article-{cast.article.id}.{origin}@talk.example>",
        f"<comment-{first}.{origin}@talk.example>",
    ]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "<answer.talk.example>" in message["List-Id"]
    plain, html = received.part(), received.part("html")
    assert plain.startswith("You wrote:")
    assert plain.index("> The ferry sailed early. Twice!") < plain.index("It was late.")
    assert "It was late.\n\n<b>Really</b> & truly." in plain.replace("\r\n", "\n")
    assert "Rosa answered you under “The library opens on Saturday”." in plain
    assert f"https://talk.example/comments/{second}" in plain
    assert "&lt;b&gt;Really&lt;/b&gt; &amp; truly." in html
    assert f'href="https://talk.example/comments/{second}"' in html


def test_all_who_get_a_comment_get_it_under_one_id(talk):
    mailing, cast, first = talk
    reach(cast.ida, comment="now")
    say(cast.rosa, cast.article, parent=first)
    assert sorted(mailing.work()) == ["ida@post.example", "tom@post.example"]
    assert len({one.message["Message-ID"] for one in mailing.server.received}) == 1


def test_the_last_ten_above_are_named(talk):
    mailing, cast, last = talk
    for _ in range(6):
        last = say(cast.rosa, cast.article, parent=last)
        last = say(cast.tom, cast.article, parent=last)
    say(cast.rosa, cast.article, parent=last)
    mailing.work()
    newest = mailing.server.received[-1].message
    assert len(newest["References"].split()) == 10
    assert newest["In-Reply-To"].strip() == newest["References"].split()[-1]


@pytest.mark.parametrize("state", ["unverified", "paused", "off", "never"])
def test_to_whom_no_mail_goes(mailing, state):
    cast = mailing.cast
    first = say(cast.tom, cast.article)
    reach(cast.tom, **({"answer": "never"} if state == "never" else {}))
    db.lock()
    tom = db.session.get_one(Person, cast.tom.id)
    if state == "unverified":
        tom.email_verified_at = None
    elif state == "paused":
        tom.mail_paused_at = now()
    elif state == "off":
        tom.deactivated_at = now()
    db.commit()
    say(cast.rosa, cast.article, parent=first)
    assert mailing.work() == []
    assert pending() == []


def told_and_waiting(talk, monkeypatch):
    """Let Rosa answer Tom, and the letter about it wait."""
    mailing, cast, first = talk
    mailing.server.stop()
    second = say(cast.rosa, cast.article, "Words that go.", parent=first)
    mailing.work()
    assert pending() == [("notices.digest", "daily"), ("notices.mail", "now")]
    mailing.server.start()
    monkeypatch.setattr("forum.worker.letters._quiet_until", 0.0)
    return second


def reads(cast, first, second):
    """Let Tom read his notices."""
    cast.browser(cast.tom).post("/notices/read", up_to="99999")


def withdraws(cast, first, second):
    """Let Rosa delete her comment."""
    writing.withdraw(actor(cast.rosa), second)
    db.commit()


def hides(cast, first, second):
    """Let a moderator remove it."""
    decide(cast.quill, second, "hide", "1")


def spam(cast, first, second):
    """Let a moderator remove it as spam."""
    decide(cast.quill, second, "spam")


def unpublishes(cast, first, second):
    """Let Ida take her article back."""
    cast.browser(cast.ida).post(f"/articles/{cast.article.slug}/unpublish")


def leaves(cast, first, second):
    """Let Tom end such mails."""
    cast.browser(cast.tom).post("/following/mail", answer="never")


def changes_address(cast, first, second):
    """Let Tom have another address, which is not confirmed."""
    people.edit_profile(actor(cast.tom), "", "other@post.example", False)
    db.commit()


@pytest.mark.parametrize("act", [reads, withdraws, hides, spam, unpublishes, leaves, changes_address])
def test_what_happened_before_the_mail_went_out_holds(talk, monkeypatch, act):
    mailing, cast, first = talk
    second = told_and_waiting(talk, monkeypatch)
    act(cast, first, second)
    due_now()
    mailing.work()
    gone = act in (withdraws, hides, spam, unpublishes)  # from everybody; else Ida gets it in the morning
    came = [one for one in mailing.server.received if gone or not one.to.startswith("ida")]
    assert not any("Words that go." in one.part() for one in came)


def test_the_answered_words_are_left_out_where_they_went(talk, monkeypatch):
    mailing, cast, first = talk
    told_and_waiting(talk, monkeypatch)
    decide(cast.quill, first, "hide", "1")
    due_now()
    mailing.work()
    text = "".join(one.part() for one in mailing.server.received if one.to == "tom@post.example")
    assert "Words that go." in text
    assert "> The ferry" not in text.partition("Words that go.")[0]


def test_a_digest_comes_in_the_morning_with_all_that_was_told(talk):
    mailing, cast, _first = talk
    for body in ("One remark.", "Another remark."):
        say(cast.rosa, cast.article, body)
    mailing.work()
    assert pending() == [("notices.digest", "daily")]
    due_now()
    assert mailing.work() == ["ida@post.example"]
    (received,) = mailing.server.received
    plain = received.part()
    assert "wrote under your article “The library opens on Saturday”" in plain
    assert "> Another remark." in plain
    assert "\n\n\n\n" not in plain.replace("\r\n", "\n")
    assert received.message["Subject"].startswith("1 notice ")
    assert "<daily.talk.example>" in received.message["List-Id"]
    assert db.session.scalars(select(Notice.id).where(Notice.mailed_at.is_(None))).all() == []
    say(cast.rosa, cast.article, "A later one.")
    mailing.work()
    due_now()
    mailing.work()
    assert "Another remark." not in mailing.server.received[-1].part()
    assert "A later one." in mailing.server.received[-1].part()


def test_what_was_told_while_a_digest_was_sent_is_in_the_next(talk, monkeypatch):
    mailing, cast, _first = talk
    monkeypatch.setattr("forum.following.letters.MOST", 2)
    for n in range(5):
        say(cast.rosa, cast.article, f"Remark {n}.")
    mailing.work()
    due_now()
    mailing.work()
    assert len(mailing.server.received) == 3
    assert len({one.message["Message-ID"] for one in mailing.server.received}) == 3
    assert pending() == []


def test_what_was_done_about_a_person_is_mailed_with_the_moderators_words(talk):
    mailing, cast, _first = talk
    mailing.server.received.clear()
    made = impose(cast.quill, cast.tom, "slow", words="Please take your time.", note="Third time.")
    mailing.work()
    sanctions.lift(actor(cast.quill), made, "You did.")
    db.commit()
    mailing.work()
    done, lifted = (received.part() for received in mailing.server.to("tom@post.example"))
    assert "You can write a comment only every 10 minutes." in done
    assert "Until it is lifted. “Please take your time.”" in done
    assert "You did." in lifted
    for text in (done, lifted):
        assert "Third time." not in text
        assert "Quill" not in text


def test_a_decision_is_mailed_in_the_words_of_the_page(talk):
    mailing, cast, first = talk
    reach(cast.rosa)
    second = say(cast.rosa, cast.article, parent=first)
    mailing.work()
    mailing.server.received.clear()
    ending.close_branch(actor(cast.quill), second, Ending(words="Enough now.", people="two"))
    db.commit()
    mailing.work()
    assert {one.to for one in mailing.server.received} >= {"tom@post.example", "rosa@post.example"}
    for person in (cast.tom, cast.rosa):
        (received,) = mailing.server.to(f"{person.username}@post.example")
        sentence = f"You and {'Rosa' if person is cast.tom else 'Tom'} can no longer answer each other here."
        assert sentence in received.part()
        assert sentence in cast.browser(person).get("/notices").text
        assert "Enough now." in received.part()


def test_times(cast):
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert rules.due("now", noon, "UTC") == noon
    assert rules.due("hourly", noon, "UTC") == noon + timedelta(hours=1)
    assert rules.due("daily", noon, "Asia/Tokyo") == datetime(2026, 6, 1, 22, tzinfo=UTC)
    assert rules.due("daily", noon, "America/New_York") == datetime(2026, 6, 2, 11, tzinfo=UTC)
    assert rules.due("daily", datetime(2026, 6, 1, 7, tzinfo=UTC), "UTC") == datetime(2026, 6, 2, 7, tzinfo=UTC)


def test_one_click_ends_a_kind_of_mail_and_opening_the_page_does_not(talk):
    mailing, cast, first = talk
    say(cast.rosa, cast.article, parent=first)
    mailing.work()
    (received,) = mailing.server.received
    (path,) = KEY.findall(received.message["List-Unsubscribe"].replace(">", ""))
    assert path in received.part()
    visitor = cast.browser()
    for _ in range(2):
        assert "Answers to what you wrote" in visitor.get(path).text
    assert chosen(cast.tom)["answer"] == "now"
    answer = visitor.open(
        path, "POST", data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
    )
    assert answer.status_code == 200
    assert "You get no more of these mails" in answer.text
    assert chosen(cast.tom) == {**dict(rules.USUAL), "answer": "never"}
    say(cast.rosa, cast.article, parent=first)
    assert mailing.work() == []
    undo = re.search(r'action="(/mail/unsubscribe/[^"]+/undo)"', answer.text)[1]
    assert visitor.forge(undo).status_code == 403
    assert visitor.post(undo).status_code == 303
    assert chosen(cast.tom)["answer"] == "now"


def test_leaving_what_comes_daily_ends_all_of_it(talk):
    _mailing, cast, _first = talk
    token = leaving.token(Follower(cast.ida.id), "daily")
    cast.browser().open(f"/mail/unsubscribe/{token}", "POST")
    assert chosen(cast.ida) == {"answer": "now", "comment": "never", "article": "never", "decision": "now"}


@pytest.mark.parametrize("token", ["x", "WzEsImFuc3dlciIse31d.abc", "WzEsImFuc3dlciIse31d", "a" * 900])
def test_an_address_that_was_made_up_is_not_found(talk, token):
    _mailing, cast, _first = talk
    path = f"/mail/unsubscribe/{token}"
    for answer in (cast.browser().get(path), cast.browser().open(path, "POST"), cast.browser().post(f"{path}/undo")):
        assert answer.status_code == 404
    assert chosen(cast.tom)["answer"] == "now"


def test_nothing_else_can_be_posted_from_anywhere(talk):
    _mailing, cast, first = talk
    headers = {"Origin": "https://mail.example"}
    undo = leaving.token(Follower(cast.tom.id), "answer", {"answer": "never"})
    for path in (f"/mail/unsubscribe/{undo}/undo", "/following/mail", f"/comments/{first}/reply"):
        assert cast.browser(cast.tom).open(path, "POST", data={"answer": "never"}, headers=headers).status_code == 403
    assert chosen(cast.tom)["answer"] == "now"


def test_everybody_chooses(talk):
    _mailing, cast, _first = talk
    tom = cast.browser(cast.tom)
    assert "By mail" in tom.get("/following").text
    assert tom.post("/following/mail", answer="daily", comment="never").status_code == 303
    assert chosen(cast.tom) == {"answer": "daily", "comment": "never", "article": "daily", "decision": "now"}
    assert '<option value="daily" selected>' in tom.get("/following").text
    assert tom.post("/following/mail", answer="sometimes").status_code == 422
    assert tom.forge("/following/mail", answer="never").status_code == 403
    assert chosen(cast.tom)["answer"] == "daily"
    assert "your profile has no mail address" in cast.browser(cast.rosa).get("/following").text


def test_a_site_without_mail_offers_no_choice(cast):
    assert "By mail" not in cast.browser(cast.tom).get("/following").text


def test_what_was_told_long_before_is_not_mailed_later(talk):
    """A person who confirms an address hears of what comes from then on."""
    mailing, cast, first = talk
    say(cast.tom, cast.article, parent=say(cast.rosa, cast.article, parent=first))
    mailing.work()
    mailing.server.received.clear()
    with time_machine.travel(now() + timedelta(days=40), tick=True):
        reach(cast.rosa, answer="daily")
        say(cast.tom, cast.article, "New.", parent=say(cast.rosa, cast.article))
        mailing.work()
        due_now()
        mailing.work()
    (received,) = mailing.server.to("rosa@post.example")
    assert received.part().count("Tom answered you") == 1


def chosen(person):
    db.session.expire_all()
    return rules.chosen(db.session.get_one(Person, person.id).mail_when)
