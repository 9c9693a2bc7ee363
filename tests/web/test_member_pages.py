"""Members get their own page kept: with a fresh key, after everything that changes it, and nobody else's."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta

import pytest
import time_machine

from forum import db
from forum.clock import now
from forum.db import Hold
from forum.notifications import actions as notifications
from forum.people import actions as people
from forum.site import actions as site
from tests.cast import Cast
from tests.web.acting import act, page_of, say

KEY = re.compile(r'name="key"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="key"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def key_in(page: str) -> str:
    found = KEY.search(page)
    assert found
    return found[1] or found[2]


def frames(cast: Cast):
    """Return the pages of members this process keeps."""
    return cast.app.extensions["front"]._frames._things


def tell(cast: Cast, comment_id: int) -> None:
    db.lock(people={cast.rosa.id: Hold.SHARED})
    notifications.tell(cast.rosa.id, "comment.hide", comment_id=comment_id, details={"title": "An article"})
    db.commit()


def test_the_kept_page_is_the_one_flask_made_but_for_the_key(cast):
    say(cast, "tom", "A word.")
    rosa = cast.browser(cast.rosa)
    made = rosa.get(page_of(cast))
    assert len(frames(cast)) == 1
    kept, again = rosa.get(page_of(cast)), rosa.get(page_of(cast))
    keys = [key_in(page.text) for page in (made, kept, again)]
    assert len(set(keys)) == 3
    assert {len(key) for key in keys} == {len(keys[0])}
    texts = {page.text.replace(key, "KEY") for page, key in zip((made, kept, again), keys, strict=True)}
    assert len(texts) == 1
    assert sorted(made.headers) == sorted(kept.headers)


def test_gzipped_it_is_the_same_page(cast):
    rosa = cast.browser(cast.rosa)
    plain = rosa.get(page_of(cast)).text
    packed = rosa.get(page_of(cast), headers={"Accept-Encoding": "gzip"})
    text = gzip.decompress(packed.data).decode()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert text.replace(key_in(text), "") == plain.replace(key_in(plain), "")


def test_a_form_from_a_kept_page_posts_once(cast):
    rosa = cast.browser(cast.rosa)
    rosa.get(page_of(cast))
    page = rosa.get(page_of(cast)).text
    token = TOKEN.search(page)
    assert token
    for _ in range(2):
        fields = {"csrf_token": token[1], "key": key_in(page), "body": "Once only."}
        assert rosa.open(page_of(cast) + "/comments", "POST", data=fields).status_code == 303
    assert rosa.get(page_of(cast)).text.count("Once only.") == 1


CHANGES = {
    "a comment": (lambda cast, first: say(cast, "tom", "Another word."), "Another word."),
    "a notice": (lambda cast, first: tell(cast, first), "(1)"),
    "a name": (lambda cast, first: act(cast, "rosa", people.rename, cast.rosa.id, "Rosalind"), "Rosalind"),
    "a suspension": (
        lambda cast, first: act(cast, "ada", people.suspend, cast.rosa.id, now() + timedelta(days=2), "Cool down."),
        "Cool down.",
    ),
    "a role": (lambda cast, first: act(cast, "ada", people.set_role, cast.rosa.id, "moderator"), ">Queue"),
    "a setting": (lambda cast, first: act(cast, "ada", site.change_settings, {"name": "The Attic"}), "The Attic"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nobody_is_sent_a_page_of_before(cast, change):
    rosa = cast.browser(cast.rosa)
    first = say(cast, "rosa", "A first word.")
    make, mark = CHANGES[change]
    before = [rosa.get(page_of(cast)).text for _ in range(2)][1]
    assert mark not in before
    make(cast, first)
    assert mark in rosa.get(page_of(cast)).text
    assert mark in rosa.get(page_of(cast)).text


def test_a_message_is_shown_once(cast):
    rosa = cast.browser(cast.rosa)
    rosa.get(page_of(cast))
    rosa.post("/notices/read", up_to="0")
    assert "All marked as read." in rosa.get(page_of(cast)).text
    assert "All marked as read." not in rosa.get(page_of(cast)).text
    rosa.post("/notices/read", up_to="0")
    assert "All marked as read." in rosa.get(page_of(cast)).text
    assert "All marked as read." not in rosa.get(page_of(cast)).text


def test_a_comment_that_begins_to_wait_is_shown_to_its_writer(cast):
    rosa = cast.browser(cast.rosa)
    made = say(cast, "rosa", "Perhaps too much.")
    rosa.get(page_of(cast))
    assert "only you and the moderators see this" not in rosa.get(page_of(cast)).text
    with_flag = cast.browser(cast.tom)
    with_flag.post(f"/comments/{made}/flag", reason="abuse")
    db.lock(cast.article.id)
    db.session.execute(db.db.text(f"UPDATE comments SET status = 'held' WHERE id = {made}"))
    db.commit()
    assert "only you and the moderators see this" in rosa.get(page_of(cast)).text


def test_whoever_signs_out_is_a_visitor(cast):
    rosa = cast.browser(cast.rosa)
    assert ">Rosa<" in [rosa.get(page_of(cast)).text for _ in range(2)][1]
    rosa.post("/sign-out")
    rosa.client.set_cookie("session", rosa.cookie)
    assert ">Rosa<" not in rosa.get(page_of(cast)).text


def test_an_old_session_is_not_read_from_memory(cast):
    rosa = cast.browser(cast.rosa)
    rosa.get(page_of(cast))
    with time_machine.travel(now() + timedelta(days=31)):
        assert ">Rosa<" not in rosa.get(page_of(cast)).text


def test_a_desk_s_counts_are_never_kept(cast):
    for name in ("ida", "otto", "quill", "ada"):
        cast.browser(getattr(cast, name)).get(page_of(cast))
    assert len(frames(cast)) == 0


def test_two_readers_never_share_a_frame(cast):
    say(cast, "ida", "A word.")
    browsers = {"Rosa": cast.browser(cast.rosa), "Tom": cast.browser(cast.tom), "Nele": cast.browser(cast.nele)}
    for _ in range(3):
        for name, browser in browsers.items():
            page = browser.get(page_of(cast)).text
            assert {other for other in browsers if f">{other}<" in page} == {name}
    assert len(frames(cast)) == 3
