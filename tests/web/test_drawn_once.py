"""A page put together from what was drawn before is, to the byte, the page drawn from nothing."""

from __future__ import annotations

import re
from contextvars import Context
from dataclasses import replace

import pytest

from forum import create_app, db
from tests.cast import Cast
from tests.web.acting import page_of, say
from tests.web.test_finished_pages import WRITES, Visitor

OWN = re.compile(r'value="[\w.-]{24,}"')  # a form's one-time key and its token, which are of each answer


def talk(cast: Cast) -> int:
    """Write threads in which people answer one another, some of them twice, and return the first comment."""
    first = say(cast, "tom", "A word.")
    for number in range(12):
        answer = say(cast, "ida", f"Answer {number}.", first)
        if number % 3 == 0:
            say(cast, "rosa", f"Answer to answer {number}.", answer)
    for number in range(8):
        say(cast, "otto", f"Thread {number}.")
    return first


def page(browser, cast: Cast) -> str:
    return OWN.sub("", browser.get(page_of(cast)).text)


@pytest.mark.parametrize("write", WRITES)
def test_whatever_is_written_the_page_is_as_if_drawn_from_nothing(cast, write):
    first = talk(cast)
    readers = [Visitor(cast.app), cast.browser(cast.rosa), cast.browser(cast.quill)]
    before = [page(reader, cast) for reader in readers]
    WRITES[write](cast, first)
    fresh = create_app(replace(cast.app.extensions["forum"]))
    fresh.extensions["front"]._shelf = None  # what other processes drew is there
    for reader, old in zip(readers, before, strict=True):
        now, again = page(reader, cast), page(reader, cast)
        assert now != old
        assert now == again == OWN.sub("", drawn_by(fresh, reader, page_of(cast)))
    with fresh.app_context():
        db.engine().dispose()


def drawn_by(app, reader, path: str) -> str:
    """Return a page as another process draws it for the same browser."""
    client = app.test_client()
    if cookie := reader.client.get_cookie("session"):
        client.set_cookie("session", cookie.value)
    answer = Context().run(client.get, path)
    assert answer.status_code == 200
    return answer.text


def test_a_reply_draws_itself_and_the_one_it_answers(cast):
    first = talk(cast)
    visitor = Visitor(cast.app)
    visitor.get(page_of(cast))
    say(cast, "rosa", "One more of many.", first)
    kept = cast.app.extensions["pieces"]
    known = {key for key in kept._things if key[0] == "comment"}
    visitor.get(page_of(cast))
    new = {key[2].id for key in kept._things if key[0] == "comment" and key not in known}
    # The last reply before it is beside the line now, not in it; the other eleven are as they were.
    assert len(new) == 3
    assert first in new
