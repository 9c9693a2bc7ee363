"""Delete one's own comment, and take that back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.writing import actions
from forum.errors import Conflict, Forbidden
from forum.policy import Nobody
from tests.comments.talk import let, put, row, say


def test_a_deleted_comment_is_gone(cast):
    made = say(cast.tom, cast.article, "I regret this.")
    answer = cast.browser(cast.tom).post(f"/comments/{made}/withdraw")
    assert (answer.status_code, answer.location) == (303, f"/articles/{cast.article.slug}#talk")
    assert "I regret this." not in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert cast.browser().get(f"/comments/{made}").status_code == 404
    db.session.refresh(cast.article)
    assert cast.article.comment_count == 0


def test_under_a_reply_its_place_stays_without_text_or_name(cast):
    made = say(cast.tom, cast.article, "I regret this.")
    say(cast.rosa, cast.article, "I answer you.", parent=made)
    cast.browser(cast.tom).post(f"/comments/{made}/withdraw")
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "Deleted by its writer" in page
    assert "I regret this." not in page
    assert "Tom" not in page
    assert "I answer you." in page


def test_the_question_quotes_it_to_its_writer_only(cast):
    made = say(cast.tom, cast.article, "I regret this.")
    assert "I regret this." in cast.browser(cast.tom).get(f"/comments/{made}/withdraw").text
    for browser in (cast.browser(cast.rosa), cast.browser(cast.quill), cast.browser()):
        assert browser.get(f"/comments/{made}/withdraw").status_code == 403


def test_the_question_does_not_betray_a_removed_comment(cast):
    made = say(cast.tom, cast.article, "I am defamatory.")
    say(cast.rosa, cast.article, parent=made)
    put(made, "hidden")
    answer = cast.browser(cast.rosa).get(f"/comments/{made}/withdraw")
    assert "defamatory" not in answer.text
    assert "Tom" not in answer.text


def test_the_next_page_offers_to_take_it_back(cast):
    made = say(cast.tom, cast.article, "I regret this.")
    browser = cast.browser(cast.tom)
    page = browser.get(browser.post(f"/comments/{made}/withdraw").location).text
    assert f'action="/comments/{made}/withdraw/undo"' in page
    assert browser.post(f"/comments/{made}/withdraw/undo").location == f"/comments/{made}"
    assert "I regret this." in cast.browser().get(f"/articles/{cast.article.slug}").text
    assert row(made).withdrawn_at is None


def test_who_deletes_stays_where_they_were(cast):
    root = say(cast.rosa, cast.article, "What do you think?")
    made, own = say(cast.tom, cast.article, parent=root), say(cast.tom, cast.article)
    browser = cast.browser(cast.tom)
    assert browser.post(f"/comments/{made}/withdraw").location == f"/comments/{root}"
    assert browser.post(f"/comments/{own}/withdraw").location == f"/articles/{cast.article.slug}#talk"


def test_ten_minutes_later_it_cannot_be_taken_back(cast):
    made = say(cast.tom, cast.article)
    actions.withdraw(cast.tom, made)
    db.commit()
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        assert cast.browser(cast.tom).post(f"/comments/{made}/withdraw/undo").status_code == 403
    assert row(made).status == "withdrawn"


def test_the_menu_says_why_it_cannot_be_taken_back(cast):
    made = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=made)
    actions.withdraw(cast.tom, made)
    db.commit()
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        menu = cast.browser(cast.tom).get(f"/comments/{made}/more").text
    assert "A deletion can be undone for ten minutes, and they are over." in menu
    assert "Delete my comment" not in menu


def test_a_waiting_comment_waits_again(cast):
    let(who_may_comment="guests")
    made = say(None, cast.article, guest_name="Moss")
    guest = Nobody(frozenset({made}))
    actions.withdraw(guest, made)
    actions.undo_withdraw(guest, made)
    db.commit()
    assert row(made).status == "held"


@pytest.mark.parametrize("name", ["rosa", "ida", "quill", "ada"])
def test_nobody_deletes_for_another(cast, name):
    made = say(cast.tom, cast.article)
    assert cast.browser(getattr(cast, name)).post(f"/comments/{made}/withdraw").status_code == 403
    assert row(made).status == "published"


def test_nobody_brings_back_for_another(cast):
    made = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=made)
    actions.withdraw(cast.tom, made)
    db.commit()
    with pytest.raises(Forbidden):
        actions.undo_withdraw(cast.rosa, made)
    db.rollback()


def test_forged_posts_change_nothing(cast):
    made = say(cast.tom, cast.article)
    browser = cast.browser(cast.tom)
    assert browser.forge(f"/comments/{made}/withdraw").status_code == 403
    assert row(made).status == "published"
    actions.withdraw(cast.tom, made)
    db.commit()
    assert browser.forge(f"/comments/{made}/withdraw/undo").status_code == 403
    assert row(made).status == "withdrawn"


def test_deleting_is_not_closed_with_the_place(cast):
    made = say(cast.tom, cast.article)
    closing.close_article(cast.ida, cast.article.id, Ending())
    db.commit()
    assert cast.browser(cast.tom).post(f"/comments/{made}/withdraw").status_code == 303
    assert row(made).status == "withdrawn"


def test_twice_is_a_conflict(cast):
    made = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=made)
    actions.withdraw(cast.tom, made)
    db.commit()
    with pytest.raises(Conflict):
        actions.withdraw(cast.tom, made)
    db.rollback()


def test_what_was_removed_is_not_deleted_by_its_writer_and_so_not_brought_back(cast):
    made = say(cast.tom, cast.article)
    put(made, "hidden")
    for act in (actions.withdraw, actions.undo_withdraw):
        with pytest.raises(Conflict):
            act(cast.tom, made)
        db.rollback()
    assert row(made).status == "hidden"


def test_the_last_reply_takes_its_frames_along(cast):
    root = say(cast.tom, cast.article)
    reply = say(cast.rosa, cast.article, parent=root)
    actions.withdraw(cast.tom, root)
    db.commit()
    assert row(root).reply_count == 1
    actions.withdraw(cast.rosa, reply)
    db.commit()
    db.session.refresh(cast.article)
    assert (row(root).reply_count, row(root).thread_size, cast.article.comment_count) == (0, 0, 0)
    actions.undo_withdraw(cast.rosa, reply)
    db.commit()
    assert (row(root).reply_count, row(root).thread_size) == (1, 2)


def test_the_writer_finds_a_deleted_comment_while_it_can_be_undone(cast):
    made = say(cast.tom, cast.article, "I take that back.")
    tom, rosa = cast.browser(cast.tom), cast.browser(cast.rosa)
    tom.post(f"/comments/{made}/withdraw")
    assert "Bring it back" in tom.get(f"/comments/{made}").text
    assert rosa.get(f"/comments/{made}").status_code == 404
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert tom.get(f"/comments/{made}").status_code == 404
