"""What people are told, and what they have read."""

from forum import db
from forum.notifications import actions, queries
from forum.notifications.models import Notice


def leave(person, kind="removed", **details):
    """Leave somebody a committed notice and return its id."""
    db.lock()
    actions.tell(person.id, kind, comment_id=7, details={"title": "An article", "words": "My <words>", **details})
    db.commit()
    return db.session.query(Notice).order_by(Notice.id.desc()).first().id


def test_a_notice_says_what_which_words_and_which_rule(cast):
    leave(cast.tom, rule="2. Keep to the subject", by="moderator")
    page = cast.browser(cast.tom).get("/notices").text
    assert "Your comment was removed." in page
    assert "A moderator did this." in page
    assert "My &lt;words&gt;" in page
    assert "2. Keep to the subject" in page
    assert '/comments/7"' in page


def test_software_is_named_as_such(cast):
    leave(cast.tom, kind="spam", by="software")
    assert "The software of this site did this." in cast.browser(cast.tom).get("/notices").text


def test_nobody_reads_the_notices_of_others(cast):
    leave(cast.tom)
    assert "My &lt;words&gt;" not in cast.browser(cast.rosa).get("/notices").text


def test_visitors_are_asked_to_sign_in(cast):
    answer = cast.browser().get("/notices")
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=/notices")


def test_looking_marks_nothing_as_read(cast):
    leave(cast.tom)
    browser = cast.browser(cast.tom)
    browser.get("/notices")
    assert 'Notices <span class="count">(1)' in browser.get("/notices").text


def test_mark_all_as_read(cast):
    newest = leave(cast.tom)
    browser = cast.browser(cast.tom)
    assert browser.post("/notices/read", up_to=newest).status_code == 303
    assert queries.unseen(cast.tom.id) == 0
    assert "(1)" not in browser.get("/notices").text


def test_what_arrived_since_stays_unread(cast):
    shown = leave(cast.tom)
    leave(cast.tom)
    cast.browser(cast.tom).post("/notices/read", up_to=shown)
    assert queries.unseen(cast.tom.id) == 1


def test_marking_leaves_others_alone(cast):
    newest = leave(cast.tom)
    cast.browser(cast.rosa).post("/notices/read", up_to=newest)
    assert queries.unseen(cast.tom.id) == 1


def test_a_forged_mark_changes_nothing(cast):
    newest = leave(cast.tom)
    assert cast.browser(cast.tom).forge("/notices/read", up_to=newest).status_code == 403
    assert queries.unseen(cast.tom.id) == 1


def test_pages_follow_each_other_without_gap(cast):
    for number in range(queries.PAGE + 3):
        leave(cast.tom, words=f"number {number}")
    first = queries.notices(cast.tom.id)
    second = queries.notices(cast.tom.id, first.older)
    told = [item.words for item in first.items + second.items]
    assert told == [f"number {number}" for number in reversed(range(queries.PAGE + 3))]
    assert second.older is None


def test_erased_words_are_gone(cast):
    leave(cast.tom, rule="1. Be kind")
    db.lock()
    actions.forget_words([7])
    db.commit()
    notice = queries.notices(cast.tom.id).items[0]
    assert (notice.words, notice.rule) == ("", "1. Be kind")


def test_an_odd_number_is_no_mistake(cast):
    browser = cast.browser(cast.tom)
    assert browser.get("/notices?before=abc").status_code == 200
    assert browser.get(f"/notices?before={10**30}").status_code == 200
    assert browser.post("/notices/read", up_to="x").status_code == 303
    assert browser.post("/notices/read", up_to=str(10**30)).status_code == 303
