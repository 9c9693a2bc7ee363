"""Exchanges that go in circles are shown to moderators, once, and what they do about them."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum import db
from forum.cases.models import Case
from forum.clock import now
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.comments.models import Comment
from forum.ledger.models import Entry
from forum.moderation import erasing, exchanges
from forum.moderation.models import Exchange
from forum.moderation.queries.exchanges import circling
from forum.notifications import queries as notices
from forum.notifications.models import Notice
from forum.people.models import Person
from forum.sanctions.models import Sanction
from forum.site.models import Site
from tests.moderation import scene


def talk(cast, rounds=6, above=None, length=4):
    """Let Tom and Rosa answer each other for so many rounds, the second half at greater length."""
    for number in range(2 * rounds):
        words = "No. " * (length if number < rounds else 3 * length)
        above = scene.write((cast.tom, cast.rosa)[number % 2], cast.article, words, above)
    db.lock()
    moment = now()
    for id in range(1, above + 1):  # half a minute apart, so that nobody hurries
        written = update(Comment).where(Comment.id == id)
        db.session.execute(written.values(created_at=moment - timedelta(minutes=above - id) / 2))
    db.commit()
    return above


def heated(cast, rounds=6, above=None):
    """Let them, and let two people report it; return the newest comment."""
    last = talk(cast, rounds, above)
    for person in (cast.otto, cast.ada):
        scene.report(person, last)
    return last


def watch(later=timedelta()):
    exchanges.watch(now() + later)
    db.commit()
    db.session.expire_all()
    return [case.id for case in db.session.query(Case).filter_by(kind="exchange", state="open")]


def test_it_is_shown_with_its_numbers(cast):
    last = heated(cast)
    (case_id,) = watch()
    made = db.session.query(Exchange).one()
    assert (made.rounds, made.reports, made.last_id) == (6, 2, last)
    assert {made.person_a_id, made.person_b_id} == {cast.tom.id, cast.rosa.id}
    browser = cast.browser(cast.quill)
    page = browser.get("/moderation/exchanges").text
    for words in ("Tom", "Rosa", "6 rounds in 5 minutes", "times as long as at first", "2 reports"):
        assert words in page, words
    assert f"/comments/{last}/close" in page
    queue = browser.get("/moderation/queue").text
    assert "Going in circles <span>1</span>" in queue
    assert browser.get("/moderation/queue?tab=exchanges").location == "/moderation/exchanges"
    assert "Going in circles" not in cast.browser(cast.ida).get("/moderation/queue").text
    assert case_id


@pytest.mark.parametrize("what", ["too few", "no report", "a third", "off", "old", "held"])
def test_what_is_not_shown(cast, what):
    last = heated(cast, 5 if what == "too few" else 6) if what != "no report" else talk(cast)
    db.lock()
    if what == "a third":
        db.session.execute(update(Comment).where(Comment.id == last - 4).values(author_id=cast.otto.id))
    if what == "off":
        db.session.get_one(Site, 1).watch_exchanges = False
    if what == "old":
        db.session.execute(update(Comment).values(created_at=now() - timedelta(hours=2)))
    if what == "held":
        db.session.execute(update(Comment).where(Comment.id == last).values(status="held"))
    db.commit()
    assert watch() == []


def test_once_until_it_has_as_many_rounds_more(cast):
    last = heated(cast)
    (first,) = watch()
    assert watch() == [first]
    exchanges.settle(scene.actor(cast.quill), first, "leave")
    db.commit()
    assert watch() == []
    last = talk(cast, 3, last, length=90)
    assert watch() == []
    talk(cast, 3, last, length=300)
    (second,) = watch()
    assert second != first


def test_two_exchanges_are_two_cases_and_take_as_many_statements(cast):
    heated(cast)
    with scene.Statements(cast.app) as one:
        assert len(circling(now())) == 1
    heated(cast)
    with scene.Statements(cast.app) as two:
        assert len(circling(now())) == 2
    assert one.count == two.count == 4
    assert len(watch()) == 2


def test_an_answer_by_somebody_else_below_does_not_hide_it(cast):
    last = heated(cast)
    scene.write(cast.otto, cast.article, "Dear me.", last)
    assert len(watch()) == 1


def test_a_private_word_to_both(cast):
    last = heated(cast)
    (case_id,) = watch()
    browser = cast.browser(cast.quill)
    answer = browser.post(f"/moderation/exchanges/{case_id}", outcome="word", words="")
    assert answer.status_code == 422
    assert "Please write what both should read." in answer.text
    answer = browser.post(f"/moderation/exchanges/{case_id}", outcome="word", words="x" * 1001)
    assert answer.status_code == 422 and "x" * 1001 in answer.text
    answer = browser.post(f"/moderation/exchanges/{case_id}", outcome="word", words="Please sleep over it.")
    assert (answer.status_code, answer.location) == (303, "/moderation/exchanges")
    for person, other in ((cast.tom, "Rosa"), (cast.rosa, "Tom")):
        notice = notices.notices(person.id).items[0]
        assert (notice.kind, notice.text, notice.other, notice.comment_id) == (
            "word",
            "Please sleep over it.",
            other,
            last,
        )
        page = cast.browser(person).get("/notices").text
        assert f"written to you and {other}" in page and "Please sleep over it." in page
        assert "Quill" not in page
    assert (scene.last_act().act, scene.last_act().actor_id) == ("exchange.word", cast.quill.id)
    again = browser.post(f"/moderation/exchanges/{case_id}", outcome="word", words="Typed for an hour")
    assert again.status_code == 409 and "Typed for an hour" in again.text
    assert "a private word" in browser.get("/moderation/exchanges").text
    assert "wrote a private word to two people" in browser.get("/moderation/history").text


def test_slow_mode_for_both_and_for_who_is_slow_already(cast):
    heated(cast)
    heated(cast)
    case_id, other = watch()
    browser = cast.browser(cast.quill)
    assert browser.post(f"/moderation/exchanges/{case_id}", outcome="slow").status_code == 422
    assert browser.post(f"/moderation/exchanges/{case_id}", outcome="slow", words="Rest.").status_code == 303
    slow = [db.session.get_one(Person, person.id).slow_until for person in (cast.tom, cast.rosa)]
    assert all(until is not None and until > now() for until in slow)
    assert browser.post(f"/moderation/exchanges/{other}", outcome="slow", words="Rest.").status_code == 303


def test_a_moderator_cannot_slow_staff_down_and_nothing_is_done_by_half(cast):
    db.lock()
    db.session.get_one(Person, max(cast.rosa.id, cast.tom.id)).role = "moderator"
    db.commit()
    heated(cast)
    (case_id,) = watch()
    answer = cast.browser(cast.quill).post(f"/moderation/exchanges/{case_id}", outcome="slow", words="Rest.")
    assert answer.status_code == 403
    assert db.session.get_one(Person, min(cast.rosa.id, cast.tom.id)).slow_until is None
    assert watch() == [case_id]


def test_one_of_the_two_does_not_decide_while_another_moderator_exists(cast):
    db.lock()
    db.session.get_one(Person, cast.rosa.id).role = "moderator"
    db.commit()
    heated(cast)
    (case_id,) = watch()
    browser = cast.browser(cast.rosa)
    page = browser.get("/moderation/exchanges").text
    assert "somebody else has to decide" in page and "Leave it" not in page
    assert browser.post(f"/moderation/exchanges/{case_id}", outcome="leave").status_code == 403


def test_bad_input_and_forged_requests(cast):
    heated(cast)
    (case_id,) = watch()
    browser = cast.browser(cast.quill)
    assert browser.post(f"/moderation/exchanges/{case_id}", outcome="dance").status_code == 422
    assert browser.post(f"/moderation/exchanges/{10**18}", outcome="leave").status_code == 404
    assert browser.forge(f"/moderation/exchanges/{case_id}", outcome="leave").status_code == 403
    assert watch() == [case_id]


@pytest.mark.parametrize("reach", ["two", "one", "all", "article"])
def test_an_ending_ends_the_case(cast, reach):
    last = heated(cast)
    (case_id,) = watch()
    quill = scene.actor(cast.quill)
    if reach == "article":
        ending.close_article(quill, cast.article.id, Ending(words="Enough."))
    else:
        ending.close_branch(quill, last, Ending(words="Enough.", people=reach))
    db.commit()
    assert watch() == []
    case = db.session.get_one(Case, case_id)
    assert (case.state, case.outcome, case.decided_by_id) == ("decided", "ended", cast.quill.id)


def test_what_nobody_looked_at_goes_by_itself(cast):
    heated(cast)
    (case_id,) = watch()
    assert watch(timedelta(hours=47)) == [case_id]
    assert watch(timedelta(hours=49)) == []
    assert db.session.get_one(Case, case_id).state == "gone"


@pytest.mark.parametrize("outcome", ["word", "slow"])
def test_erasing_any_of_its_letters_blanks_what_both_were_written(cast, outcome):
    last = heated(cast)
    exchanges.settle(scene.actor(cast.quill), watch()[0], outcome, "Tom wrote: the quoted secret.")
    db.commit()
    erasing.erase_comment(scene.actor(cast.ada), last - 4)
    db.commit()
    left = [*db.session.scalars(select(Notice.details)), *db.session.scalars(select(Entry.details))]
    left += [[made.words, made.note] for made in db.session.scalars(select(Sanction))]
    assert "secret" not in str(left)


def test_what_a_moderator_decides_is_not_ended_by_the_worker_meanwhile(cast):
    heated(cast)
    (case_id,) = watch()
    exchanges.settle(scene.actor(cast.quill), case_id, "word", "Please sleep over it.")

    def end():
        with cast.app.app_context():
            exchanges.watch(now() + timedelta(days=3))
            db.commit()
            db.session.remove()

    worker = threading.Thread(target=end)
    worker.start()
    worker.join(0.5)  # by now it waits, or has nothing to do
    db.commit()
    worker.join(30)
    case = db.session.get_one(Case, case_id, populate_existing=True)
    assert (case.state, case.outcome) == ("decided", "word")
