"""Following by a mail address alone: asked, confirmed, told as members are, ended; nobody learns who follows what."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from forum import create_app, db
from forum.clock import now
from forum.jobs.models import Job
from forum.ledger.models import Entry
from forum.moderation import erasing
from forum.notifications import address_links, followers, leaving
from forum.notifications.address_links import Wish
from forum.notifications.mailing import Follower
from forum.notifications.models import Address, Notice, Subscription
from forum.people.models import Person
from tests.comments.talk import counted, let, put, say
from tests.moderation.scene import actor, decide

SAM = "sam@post.example"
LINK = re.compile(r"https://talk\.example(/mail/follow/\S+)")
PAGE = re.compile(r"https://talk\.example(/mail/follows/\S+)")


@pytest.fixture
def site(mailing):
    """Return a site that lets guests write and follow."""
    let(guests_follow=True, who_may_comment="guests")
    return mailing


def ask(site, email=SAM, what="", **fields):
    """Let a visitor ask that an address follows the discussion, or something else."""
    what = what or f"article/{site.cast.article.id}"
    return site.cast.browser().post(f"/follow/{what}/mail", email=email, **fields)


def confirm(site, email=SAM, kind="article", subject=None, **when):
    """Let an address follow something, and return its id."""
    id = followers.confirm_address(Wish(email, kind, subject or site.cast.article.id))
    followers.choose_for_address(id, when)
    db.commit()
    return id


def known():
    """Return the addresses that are kept."""
    db.session.rollback()
    return list(db.session.scalars(select(Address.email).order_by(Address.email)))


def left_by(site, received):
    """Use the one click of a letter, as a mail program does."""
    path = re.search(r"<https://talk\.example([^>]+)>", received.message["List-Unsubscribe"].replace("\n", ""))[1]
    assert received.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    headers = {"Origin": "https://mail.example"}
    return path, site.cast.browser().open(path, "POST", data={"List-Unsubscribe": "One-Click"}, headers=headers)


def test_the_whole_way(site):
    cast, visitor = site.cast, site.cast.browser()
    page = visitor.get(f"/follow/article/{cast.article.id}").text
    assert 'name="email"' in page
    assert ask(site, " Sam@Post.Example ").status_code == 303
    assert known() == []
    assert site.work() == [SAM]
    (received,) = site.server.received
    assert "every comment under “The library opens on Saturday”" in received.part()
    (path,) = LINK.findall(received.part())
    for _ in range(2):
        assert SAM in visitor.get(path).text
        visitor.open(path, "HEAD")
    assert known() == []
    assert visitor.forge(path).status_code == 403
    assert known() == []
    done = visitor.post(path)
    assert (done.status_code, known()) == (303, [SAM])
    own = visitor.get(done.location)
    assert "Every comment under" in own.text
    assert own.headers["Cache-Control"] == "private, no-store"
    assert visitor.post(f"{done.location}/when", comment="now").status_code == 303
    assert visitor.post(f"{done.location}/when", comment="never").status_code == 422
    made = say(cast.rosa, cast.article, "It opens at nine.")
    assert site.work() == [SAM]
    letter = site.server.received[-1]
    assert "It opens at nine." in letter.part()
    assert f"https://talk.example/comments/{made}" in letter.part()
    assert PAGE.search(letter.part())[1] == done.location
    way_out, answer = left_by(site, letter)
    assert "is erased" in answer.text
    assert known() == []
    assert db.session.scalars(select(Notice.id).where(Notice.address_id.is_not(None))).all() == []
    assert visitor.get(done.location).status_code == 404
    assert visitor.open(way_out, "POST").status_code == 200
    say(cast.rosa, cast.article, "Or at ten.")
    assert site.work() == []


def test_a_guest_hears_of_answers(site):
    cast, visitor = site.cast, site.cast.browser()
    page = visitor.get(f"/articles/{cast.article.slug}/comments").text
    assert "Tell me of answers by mail" in page
    fields = {"body": "When does it open?", "guest_name": "Sam", "answers": "y"}
    refused = visitor.post(f"/articles/{cast.article.slug}/comments", **fields)
    assert refused.status_code == 422
    assert "For that we need your mail address." in refused.text
    assert "When does it open?" in refused.text
    posted = visitor.post(f"/articles/{cast.article.slug}/comments", **fields, guest_email="Sam@post.example")
    assert posted.status_code == 303
    question = int(posted.location.rsplit("/", 1)[1].partition("#")[0])
    assert site.work() == [SAM]
    asked = site.server.received[-1].part()
    assert "When does it open?" not in asked
    assert "Sam" not in asked.replace("Same", "")
    visitor.post(LINK.findall(asked)[0])
    decide(cast.quill, question, "keep")
    assert site.work() == []
    say(cast.rosa, cast.article, "At nine.", parent=question)
    assert site.work() == [SAM]
    plain = site.server.received[-1].part()
    assert plain.startswith("You wrote:")
    assert "Rosa answered you under" in plain
    again = say(None, cast.article, "Thank you.", parent=question, guest_name="Sam", guest_email="SAM@post.example")
    other = say(None, cast.article, "Really?", parent=question, guest_name="Kit", guest_email="kit@post.example")
    for id in (again, other):
        decide(cast.quill, id, "keep")
    assert site.work() == [SAM]
    assert "Really?" in site.server.received[-1].part()


def test_without_the_tick_nobody_is_asked(site):
    cast = site.cast
    fields = {"body": "When?", "guest_name": "Sam", "guest_email": SAM}
    cast.browser().post(f"/articles/{cast.article.slug}/comments", **fields)
    let(guests_follow=False)
    cast.browser().post(f"/articles/{cast.article.slug}/comments", **{**fields, "body": "How?", "answers": "y"})
    assert site.work() == []


def test_it_is_off_until_an_admin_allows_it(mailing):
    visitor = mailing.cast.browser()
    article = mailing.cast.article.id
    token = address_links.confirming(Wish(SAM, "article", article))
    assert visitor.get(f"/follow/article/{article}").location.startswith("/sign-in")
    assert visitor.post(f"/follow/article/{article}/mail", email=SAM).status_code in (303, 403)
    assert visitor.post(f"/mail/follow/{token}").status_code == 404
    assert "confirm it by a link" not in visitor.get("/subscribe").text
    assert mailing.work() == []
    assert known() == []
    assert mailing.cast.browser(mailing.cast.ada).post(
        "/admin/settings", name="Room", sign_up="open", who_may_comment="members", edit_minutes=30, guests_follow="y",
        language="en", timezone="UTC", hold_first=0, hold_links=0, auto_close_days=0, auto_close_silent_days=0,
        report_limit=0, suspension_days=30, notice_days=7, complainants_days=180, network_days=30,
        picture_megabytes=10, picture_megapixels=50, article_pictures=40,
    ).status_code == 303  # fmt: skip
    assert visitor.get(f"/follow/article/{article}").status_code == 200
    assert "confirm it by a link" in visitor.get("/subscribe").text


def test_without_mail_it_is_not_offered(cast):
    let(guests_follow=True, who_may_comment="guests")
    visitor = cast.browser()
    assert visitor.get(f"/follow/article/{cast.article.id}").location.startswith("/sign-in")
    assert "By mail" not in visitor.get("/subscribe").text
    assert "by mail" not in visitor.get(f"/articles/{cast.article.slug}/comments").text
    assert "with a mail address and no account" not in visitor.get("/privacy").text


def test_nobody_learns_whether_an_address_is_known(site):
    """The same page, the same headers, and the same work."""
    cast = site.cast
    confirm(site)
    db.lock()
    db.session.get_one(Person, cast.rosa.id).email = "rosa@post.example"
    db.commit()
    answers, work = [], []
    for email in (SAM, "rosa@post.example", "nobody@post.example"):
        with counted() as sent:
            answer = ask(site, email)
        said = cast.browser().get("/").status_code, answer.location, dict(answer.headers)
        said[2].pop("Set-Cookie", None)
        answers.append((answer.status_code, said))
        work.append([statement.split("(")[0] for statement in sent])
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]


@pytest.fixture
def limiting(site, database, settings, tmp_path):
    """Yield a second process of the same site, which counts what is asked."""
    mail = site.cast.app.extensions["forum"].smtp_url
    one = replace(settings, instance=tmp_path / "limits", database_url=database, rate_limits=True, smtp_url=mail)
    made = create_app(one)
    yield made
    with made.app_context():
        db.engine().dispose()


def test_an_address_is_asked_six_times_a_day_and_nothing_says_so(site, limiting):
    worker, site.cast.app = site.cast.app, limiting
    answers = [ask(site, f"Sam+{n}@post.example" if n % 2 else SAM) for n in range(8)]
    answers.append(ask(site, "kit@post.example"))
    assert [answer.status_code for answer in answers] == [303] * 9
    assert ask(site, "ann@post.example").status_code == 303
    assert ask(site, "lee@post.example").status_code == 429  # of one network, ten an hour
    site.cast.app = worker
    came = site.work()
    # What waits is asked once; of what was asked too often nothing waits.
    assert sorted(came) == ["ann@post.example", "kit@post.example", *(f"sam+{n}@post.example" for n in (1, 3, 5)), SAM]


@pytest.mark.parametrize(
    "typed",
    [
        "", "x", "a@b@c", "a b@post.example", "sam@post.example\r\nBcc: all@post.example", "sam@post.example\n",
        "Sam <sam@post.example>", "sam@post.example,kit@post.example", "<script>@post.example", "a" * 300 + "@x.de",
        "\u202esam@post.example", "sam@post.example\x00", '"a\\"b"@post.example', "sam@[127.0.0.1]",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_or_is_one(site, typed):
    answer = ask(site, typed)
    assert answer.status_code in (303, 400, 422)
    site.work()
    for received in site.server.received:
        assert received.to == SAM
        assert received.message["Bcc"] is None
        assert received.message.get_all("To") == [SAM]


@pytest.mark.parametrize(
    ("typed", "sent_to"),
    [
        ("ÉMILE@Post.Example", "émile@post.example"),
        ("sam+news@post.example", "sam+news@post.example"),
        ("o'neil@post.example", "o'neil@post.example"),
        ("sam@bücher.example", "sam@xn--bcher-kva.example"),
    ],
)
def test_addresses_of_all_kinds_work(site, typed, sent_to):
    assert ask(site, typed).status_code == 303
    assert site.work() == [sent_to]
    (path,) = LINK.findall(site.server.received[0].part())
    done = site.cast.browser().post(path)
    assert done.status_code == 303
    assert site.cast.browser().get(done.location).status_code == 200
    assert len(known()) == 1
    assert ask(site, typed.swapcase()).status_code == 303
    site.work()
    site.cast.browser().post(LINK.findall(site.server.received[1].part())[0])
    assert len(known()) == 1


@pytest.mark.parametrize("what", ["answers/1", "article/999", "site/1", "tag/7", "person/999", "x/1", "branch/0"])
def test_only_what_is_there_can_be_asked_for(site, what):
    say(site.cast.tom, site.cast.article)
    assert ask(site, what=what).status_code in (404, 422)
    assert site.work() == []


def test_what_was_made_up_or_is_too_old_confirms_nothing(site):
    cast, visitor = site.cast, site.cast.browser()
    token = address_links.confirming(Wish(SAM, "article", cast.article.id))
    others = [leaving.token(Follower(cast.tom.id), "answer"), address_links.own(1), token[:-1], "x" * 500, "é"]
    for forged in others:
        assert visitor.get(f"/mail/follow/{forged}").status_code == 404
        assert visitor.post(f"/mail/follow/{forged}").status_code == 404
        assert visitor.get(f"/mail/follows/{token}").status_code == 404
    with time_machine.travel(now() + timedelta(days=8), tick=True):
        assert cast.browser().get(f"/mail/follow/{token}").status_code == 404
        assert cast.browser().post(f"/mail/follow/{token}").status_code == 404
    assert known() == []


def test_nobody_ends_what_another_follows(site):
    mine, others = confirm(site), confirm(site, "kit@post.example")
    other = db.session.scalar(select(Subscription.id).where(Subscription.address_id == others))
    own = address_links.own(mine)
    visitor = site.cast.browser()
    assert visitor.post(f"/mail/follows/{own}/stop/{other}").status_code == 404
    for path in ("end", "when", f"stop/{other}"):
        assert visitor.forge(f"/mail/follows/{own}/{path}").status_code == 403
    assert known() == ["kit@post.example", SAM]
    assert visitor.post(f"/mail/follows/{own}/end").status_code == 303
    assert known() == ["kit@post.example"]


def test_stopping_one_thing_leaves_the_others(site):
    id = confirm(site)
    followers.confirm_address(Wish(SAM, "site", 0))
    db.commit()
    own, visitor = address_links.own(id), site.cast.browser()
    first = db.session.scalar(select(Subscription.id).where(Subscription.kind == "site"))
    assert visitor.post(f"/mail/follows/{own}/stop/{first}").location.endswith(own)
    assert known() == [SAM]
    say(site.cast.rosa, site.cast.article)
    site.work()
    due_now()
    assert site.work() == [SAM]  # the digest of the day
    left_by(site, site.server.received[-1])
    assert known() == []


def due_now():
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))
    db.commit()


@pytest.mark.parametrize("how", ["erased", "hidden", "spam", "withdrawn", "unpublished"])
def test_what_goes_between_notice_and_mail_is_not_told(site, how):
    cast = site.cast
    confirm(site, comment="now")
    made = say(cast.rosa, cast.article, "Unspeakable words")
    with site.cast.app.test_request_context():
        from forum.following import telling
        from forum.jobs import actions as jobs

        taken = jobs.take(now(), ("comments.tell",), only=("comments.tell",))
        left = telling.tell_of_comments(taken)
        jobs.finish(taken, left)
        db.commit()
    assert db.session.scalar(select(func.count(Notice.id)).where(Notice.address_id.is_not(None))) == 1
    if how == "erased":
        erasing.erase_comment(actor(cast.ada), made)
        db.commit()
    elif how == "unpublished":
        cast.browser(cast.ida).post(f"/articles/{cast.article.slug}/unpublish")
    else:
        put(made, how)
    assert site.work() == []


def test_an_address_that_is_refused_is_erased_and_no_news_for_admins(site):
    confirm(site, comment="now")
    site.server.refuse["RCPT"] = "550 5.1.1 No such mailbox"
    ask(site, "nobody@post.example")
    say(site.cast.rosa, site.cast.article)
    assert site.work() == []
    assert known() == []
    assert db.session.scalars(select(Job.id)).all() == []


def test_a_letter_that_cannot_be_sent_is_not_kept_for_long(site, monkeypatch):
    site.server.stop()
    ask(site)
    db.lock()
    db.session.execute(update(Job).values(failed_at=now()))
    db.commit()
    assert followers.settle_addresses(now()) == 0
    assert followers.settle_addresses(now() + timedelta(days=8)) == 1
    db.commit()
    assert db.session.scalars(select(Job.id)).all() == []


def test_a_member_takes_over_what_their_address_follows(site):
    cast = site.cast
    confirm(site, "rosa@post.example")
    followers.confirm_address(Wish("rosa@post.example", "site", 0))
    db.commit()
    cast.browser(cast.rosa).post("/follow/site/0")
    db.lock()
    rosa = db.session.get_one(Person, cast.rosa.id)
    rosa.email = "rosa@post.example"
    db.commit()
    site.work()
    assert known() == ["rosa@post.example"]  # it is not confirmed
    db.lock()
    db.session.get_one(Person, cast.rosa.id).email_verified_at = now()
    db.commit()
    site.work()
    assert known() == []
    mine = select(Subscription.kind).where(Subscription.person_id == cast.rosa.id)
    assert sorted(db.session.scalars(mine)) == ["article", "site"]


def test_admins_see_how_many_there_are_and_each_look_is_logged(site):
    cast = site.cast
    confirm(site)
    ada = cast.browser(cast.ada)
    first = ada.get("/admin/addresses").text
    assert "1 mail address follows" in first
    assert SAM not in first
    assert acts() == []
    assert SAM in ada.post("/admin/addresses").text
    assert acts() == ["address.look"]
    assert ada.post("/admin/addresses/erase", email="Kit@post.example").status_code == 303
    assert acts() == ["address.look"]
    assert ada.post("/admin/addresses/erase", email="SAM@post.example").status_code == 303
    assert acts() == ["address.look", "address.remove"]
    assert known() == []
    assert SAM not in str(db.session.execute(select(Entry.details)).all())


def acts():
    db.session.rollback()
    return list(db.session.scalars(select(Entry.act).where(Entry.act.startswith("address.")).order_by(Entry.id)))


def test_old_notices_of_addresses_go(site):
    from forum.notifications import actions as notices

    confirm(site)
    say(site.cast.rosa, site.cast.article)
    site.work()
    assert notices.purge_notices(now() + timedelta(days=29)) == 0
    assert notices.purge_notices(now() + timedelta(days=31)) == 1
    db.commit()


def test_privacy_says_what_is_kept(site):
    page = site.cast.browser().get("/privacy").text
    assert "with a mail address and no account" in page
    assert "kept until you read them, and for 90 days after" in page
    confirm(site)
    let(guests_follow=False)
    assert "with a mail address and no account" in site.cast.browser().get("/privacy").text
    followers.remove_address(actor(site.cast.ada), SAM)
    db.commit()
    assert "with a mail address and no account" not in site.cast.browser().get("/privacy").text


def test_a_guest_follows_their_own_comment_later_and_nobody_elses(site):
    cast, visitor = site.cast, site.cast.browser()
    posted = visitor.post(f"/articles/{cast.article.slug}/comments", body="When?", guest_name="Sam")
    id = int(posted.location.rsplit("/", 1)[1])
    assert cast.browser().get(f"/follow/answers/{id}").status_code == 404
    assert ask(site, what=f"answers/{id}").status_code == 404
    assert visitor.get(f"/follow/answers/{id}").status_code == 200
    assert visitor.post(f"/follow/answers/{id}/mail", email=SAM).status_code == 303
    assert site.work() == [SAM]
