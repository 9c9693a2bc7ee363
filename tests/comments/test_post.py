"""Write a comment, answer one, and never lose what was typed."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import func, select

from forum import db
from forum.clock import SENT_TWICE, now
from forum.comments.ending import actions as closing
from forum.comments.ending.request import Ending
from forum.comments.models import Comment, Source
from forum.comments.writing import actions
from forum.errors import Forbidden, Invalid, NotFound, SignInNeeded
from forum.ledger.models import Entry
from forum.people.queries import viewer_of
from forum.policy import NOBODY
from forum.text import rendering
from tests import factories
from tests.comments.talk import let, put, row, say

TYPED = "Words that took me an afternoon."


def how_many() -> int:
    return db.session.scalars(select(func.count()).select_from(Comment)).one()


def url(cast) -> str:
    return f"/articles/{cast.article.slug}/comments"


def test_a_comment_stands_where_it_was_written(cast):
    browser = cast.browser(cast.tom)
    answer = browser.post(url(cast), body="Is there *tea*?")
    assert answer.status_code == 303
    landed = browser.get(answer.location)
    assert landed.status_code == 303
    page = browser.get(landed.location)
    assert "Is there <em>tea</em>?" in page.text
    assert f'id="{urlsplit(landed.location).fragment}"' in page.text


def test_a_reply_keeps_its_place_and_source(cast):
    root = say(cast.tom, cast.article)
    answer = cast.browser(cast.rosa).post(f"/comments/{root}/reply", body="Yes, *and* cake.")
    made = row(int(answer.location.rsplit("/", 1)[1]))
    assert (made.parent_id, made.root_id, made.depth, made.author_id) == (root, root, 1, cast.rosa.id)
    assert db.session.get_one(Source, made.id).source == "Yes, *and* cake."
    assert row(root).reply_count == 1


def test_counters_follow(cast):
    root = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=root)
    db.session.refresh(cast.article)
    assert (cast.article.comment_count, cast.article.thread_count) == (2, 1)
    assert (row(root).thread_number, row(root).thread_size) == (1, 2)


def test_the_act_is_in_the_log(cast):
    made = say(cast.tom, cast.article)
    entry = db.session.scalars(select(Entry).where(Entry.act == "comment.post")).one()
    assert (entry.actor_id, entry.comment_id, entry.article_id) == (cast.tom.id, made, cast.article.id)


@pytest.mark.parametrize(
    "body", ["", " \n\t ", "\u200b\u2060", "\u00a0\u3000", "<!-- -->\u200b"[8:], "[a]: /b", "\u0301"]
)
def test_nothing_to_read_is_refused_beside_the_box(cast, body):
    answer = cast.browser(cast.tom).post(url(cast), body=body)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert how_many() == 0


def test_the_longest_text_fits_and_one_more_does_not(cast):
    browser = cast.browser(cast.tom)
    assert browser.post(url(cast), body="x" * rendering.MAX_COMMENT).status_code == 303
    answer = browser.post(url(cast), body="y" * (rendering.MAX_COMMENT + 1))
    assert answer.status_code == 422
    assert "1 characters too long" in answer.text
    assert "y" * (rendering.MAX_COMMENT + 1) in answer.text
    assert how_many() == 1


def test_line_ends_as_browsers_send_them_count_once(cast):
    body = "x\r\n" * (rendering.MAX_COMMENT // 2)
    assert cast.browser(cast.tom).post(url(cast), body=body).status_code == 303


def test_a_nul_is_refused(cast):
    assert cast.browser(cast.tom).post(url(cast), body="a\x00b").status_code == 400
    assert how_many() == 0


def test_broken_bytes_are_refused(cast):
    browser = cast.browser(cast.tom)
    data = f"csrf_token={browser.token}&body=%ff%fe".encode()
    answer = browser.client.post(url(cast), data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400


def test_only_body_and_key_are_taken_from_a_member(cast):
    fields = {"status": "hidden", "author_id": cast.ada.id, "created_at": "2001-01-01", "guest_name": "Ada", "id": 99}
    cast.browser(cast.tom).post(url(cast), body="Mine.", parent_id=7, article_id=5, depth=3, pos=1, **fields)
    made = db.session.scalars(select(Comment)).one()
    assert (made.author_id, made.status, made.guest_name, made.parent_id) == (cast.tom.id, "published", None, None)
    assert made.created_at > now() - timedelta(minutes=1)


def test_a_forged_comment_is_refused_and_its_text_given_back(cast):
    answer = cast.browser(cast.tom).forge(url(cast), body=TYPED)
    assert answer.status_code == 403
    assert TYPED in answer.text
    assert how_many() == 0


def test_a_forged_reply_is_refused(cast):
    root = say(cast.tom, cast.article)
    assert cast.browser(cast.rosa).forge(f"/comments/{root}/reply", body=TYPED).status_code == 403
    assert how_many() == 1


@pytest.mark.parametrize("name", ["sven", "nele"])
def test_a_person_who_may_not_write_is_told_before_and_after(cast, name):
    browser = cast.browser(getattr(cast, name))
    reason = {"sven": "You can only read here until", "nele": "waits for approval"}[name]
    assert reason in browser.get(url(cast)).text
    answer = browser.post(url(cast), body=TYPED)
    assert answer.status_code == 403
    assert reason in answer.text
    assert TYPED in answer.text


def test_nobody_writes_where_commenting_is_off(cast):
    let(who_may_comment="nobody")
    assert cast.browser(cast.ada).post(url(cast), body=TYPED).status_code == 403


def test_the_box_of_a_visitor_says_why_and_leads_to_the_door(cast):
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert "Please sign in to take part" in page
    assert "<textarea" not in page


def test_a_text_that_met_a_closing_is_given_back_with_the_words(cast):
    root = say(cast.tom, cast.article)
    closing.close_article(cast.ida, cast.article.id, Ending(words="Time to <rest>."))
    db.commit()
    for address in (url(cast), f"/comments/{root}/reply"):
        answer = cast.browser(cast.rosa).post(address, body=TYPED)
        assert answer.status_code == 409
        assert "Time to &lt;rest&gt;." in answer.text
        assert TYPED in answer.text
    assert how_many() == 1


def test_a_comment_that_is_removed_meanwhile_cannot_be_answered(cast):
    root = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=root)
    put(root, "hidden")
    answer = cast.browser(cast.rosa).post(f"/comments/{root}/reply", body=TYPED)
    assert answer.status_code == 409
    assert TYPED in answer.text


def test_a_reply_to_what_nobody_sees_is_not_found_and_the_text_given_back(cast):
    root = say(cast.tom, cast.article)
    put(root, "spam")
    answer = cast.browser(cast.rosa).post(f"/comments/{root}/reply", body=TYPED)
    assert answer.status_code == 404
    assert TYPED in answer.text


def test_a_key_makes_posting_twice_one_comment(cast):
    browser = cast.browser(cast.tom)
    first = browser.post(url(cast), body="Once.", key="k1")
    again = browser.post(url(cast), body="Once.", key="k1")
    assert first.location == again.location
    assert how_many() == 1


def test_a_key_holds_also_for_two_at_the_same_moment(cast):
    # What the second of two simultaneous requests finds once it has the lock.
    first = actions.post(cast.tom, cast.article.id, "Once.", key="k1")
    db.commit()
    assert actions.post(cast.tom, cast.article.id, "Once.", key="k1").id == first.id
    db.commit()
    assert how_many() == 1


def test_another_text_sent_with_a_used_key_is_another_comment(cast):
    browser = cast.browser(cast.tom)
    first = browser.post(url(cast), body="Once.", key="k1")
    second = browser.post(url(cast), body="And another thing.", key="k1")
    root = int(first.location.rsplit("/", 1)[1])
    reply = browser.post(f"/comments/{root}/reply", body="Once.", key="k1")
    assert [answer.status_code for answer in (first, second, reply)] == [303, 303, 303]
    assert db.session.scalars(select(Source.source).order_by(Source.comment_id)).all() == [
        "Once.", "And another thing.", "Once."
    ]  # fmt: skip


def test_one_key_sent_by_two_people_makes_two_comments(cast):
    first = cast.browser(cast.tom).post(url(cast), body="Once.", key="k1")
    second = cast.browser(cast.rosa).post(url(cast), body="Once.", key="k1")
    assert (first.status_code, second.status_code, how_many()) == (303, 303, 2)


def test_one_key_sent_at_once_under_two_articles_makes_two_comments(cast):
    slugs = (cast.article.slug, factories.article(cast.otto).slug)
    answers: list[int] = []

    def send(browser, slug, key, start):
        with cast.app.app_context():
            start.wait()
            answers.append(browser.post(f"/articles/{slug}/comments", body=f"Once, {key}.", key=key).status_code)

    for number in range(10):
        start = threading.Barrier(2)
        both = [(cast.browser(cast.tom), slug, f"k{number}", start) for slug in slugs]
        threads = [threading.Thread(target=send, args=arguments) for arguments in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [303] * 20
    assert how_many() == 20


def test_the_same_words_from_a_new_form_are_one_comment_and_the_page_says_so(cast):
    browser = cast.browser(cast.tom)
    first = browser.post(url(cast), body="Once.", key="k1")
    again = browser.post(url(cast), body="Once.", key="k2")
    assert again.location == first.location
    assert "not posted a second time" in browser.get(browser.get(again.location).location).text
    assert how_many() == 1


def test_the_same_words_are_posted_anew_elsewhere_later_by_others_or_after_deleting(cast):
    browser = cast.browser(cast.tom)
    first = int(browser.post(url(cast), body="Once.", key="k1").location.rsplit("/", 1)[1])
    browser.post(f"/comments/{first}/reply", body="Once.", key="k2")
    cast.browser(cast.rosa).post(url(cast), body="Once.", key="k3")
    assert how_many() == 3
    browser.post(f"/comments/{first}/reply", body="Once.", key="k4")
    assert how_many() == 3
    browser.post(f"/comments/{first}/withdraw")
    browser.post(url(cast), body="Once.", key="k5")
    assert how_many() == 4
    with time_machine.travel(now() + SENT_TWICE + timedelta(seconds=1)):
        browser.post(url(cast), body="Once.", key="k6")
    assert how_many() == 5


def test_two_guests_of_one_name_may_say_the_same(cast):
    let(who_may_comment="guests")
    one, other = cast.browser(), cast.browser()
    for browser, key in ((one, "k1"), (one, "k2"), (other, "k3")):
        assert browser.post(url(cast), body="Once.", guest_name="Wanda", key=key).status_code == 303
    assert how_many() == 2


def test_each_page_of_the_box_has_a_key_of_its_own(cast):
    browser = cast.browser(cast.tom)
    keys = {re.search(r'name="key"[^>]*value="([^"]+)"', browser.get(url(cast)).text)[1] for _ in range(3)}
    assert len(keys) == 3


def test_a_key_that_is_too_long_is_refused(cast):
    assert cast.browser(cast.tom).post(url(cast), body="Hm.", key="k" * 41).status_code == 422


def test_a_reply_goes_to_the_article_of_its_parent_which_may_have_been_moved(cast):
    root = say(cast.tom, cast.article)
    other = factories.article(cast.otto)
    made = actions.post(viewer_of(cast.rosa.id), other.id, "Where am I?", parent_id=root).id
    db.commit()
    assert (row(made).article_id, row(made).parent_id) == (cast.article.id, root)


def test_actions_say_no_for_themselves(cast):
    for writer, body, error in ((NOBODY, "Hm.", SignInNeeded), (cast.sven, "Hm.", Forbidden), (cast.tom, " ", Invalid)):
        with pytest.raises(error):
            actions.post(writer, cast.article.id, body)
        db.rollback()
    with pytest.raises(NotFound):
        actions.post(cast.tom, 10**9, "Hm.")
    db.rollback()


def test_nobody_comments_on_what_is_not_published(cast):
    draft = factories.article(cast.ida, status="draft", published_at=None)
    assert cast.browser(cast.rosa).post(f"/articles/{draft.slug}/comments", body=TYPED).status_code == 404
    assert cast.browser(cast.ida).post(f"/articles/{draft.slug}/comments", body=TYPED).status_code == 403


@pytest.mark.parametrize("number", [10**9, 2**31, 2**63, 10**30])
def test_an_impossible_number_is_not_found(cast, number):
    browser = cast.browser(cast.tom)
    for place in ("", "/reply", "/edit", "/withdraw", "/more", "/branch", "/close"):
        assert browser.get(f"/comments/{number}{place}").status_code == 404
    assert browser.post(f"/comments/{number}/reply", body=TYPED).status_code == 404
    assert browser.post(f"/comments/{number}/withdraw/undo").status_code == 404


def test_a_script_gets_the_box_alone(cast):
    answer = cast.browser(cast.tom).post(url(cast), fragment=True, body="")
    assert answer.status_code == 422
    assert "<html" not in answer.text
