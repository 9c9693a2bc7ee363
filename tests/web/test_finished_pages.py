"""Visitors get finished pages: the same bytes, never older than the last write, never anybody else's."""

from __future__ import annotations

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from forum import create_app, db, web
from forum.articles import actions as articles
from forum.clock import now
from forum.comments.ending import actions as closing
from forum.comments.writing import actions as comments
from forum.moderation import actions as moderation
from forum.pages import Store, finished
from forum.people import actions as people
from forum.site import actions as site
from tests.web.acting import act, page_of, say


class Visitor:
    """Be a browser without a session; each request has a context of its own, as on a server."""

    def __init__(self, app) -> None:
        self.client = app.test_client()

    def get(self, url: str, **options):
        return Context().run(self.client.get, url, **options)

    def head(self, url: str, **options):
        return Context().run(self.client.head, url, **options)


def test_the_page_is_the_one_flask_would_have_made(cast):
    say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    built, kept = visitor.get(page_of(cast)), visitor.get(page_of(cast))
    through_flask = visitor.get(page_of(cast) + "?unknown=1")
    assert built.data == kept.data == through_flask.data
    own = {"ETag", "Content-Length"}
    assert {k: v for k, v in kept.headers if k not in own} == {k: v for k, v in through_flask.headers if k not in own}


def test_it_is_sent_gzipped_and_confirmed_by_304(cast):
    say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    packed = visitor.get(page_of(cast), headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == visitor.get(page_of(cast)).data
    assert packed.headers["ETag"] != visitor.get(page_of(cast)).headers["ETag"]
    again = visitor.get(page_of(cast), headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Vary"] == packed.headers["Vary"]
    assert visitor.head(page_of(cast)).data == b""


WRITES = {
    "a comment": lambda cast, first: say(cast, "rosa", "Another word."),
    "a reply": lambda cast, first: say(cast, "rosa", "An answer.", first),
    "an edit": lambda cast, first: act(cast, "tom", comments.edit, first, "A better word."),
    "a deletion": lambda cast, first: act(cast, "tom", comments.withdraw, first),
    "a removal": lambda cast, first: act(cast, "quill", moderation.decide, first, "hide", "1"),
    "a closing": lambda cast, first: act(cast, "quill", closing.close_branch, first, closing.Ending(words="Enough.")),
    "a closed article": lambda cast, first: act(
        cast, "quill", closing.close_article, cast.article.id, closing.Ending(words="Enough.")
    ),
    "a new name": lambda cast, first: act(cast, "tom", people.rename, cast.tom.id, "Thomas the Rhymer"),
    "a new role": lambda cast, first: act(cast, "ada", people.set_role, cast.tom.id, "moderator"),
    "a setting": lambda cast, first: act(cast, "ada", site.change_settings, {"tagline": "A line of its own"}),
    "a changed article": lambda cast, first: act(
        cast, "ida", articles.edit, cast.article.id, articles.check_words("Another title", "Other words.")
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_nobody_is_served_an_older_page_after(cast, write):
    first = say(cast, "tom", "A word.")
    other = create_app(replace(cast.app.extensions["forum"]))  # as another process would be
    here, there = Visitor(cast.app), Visitor(other)
    before = here.get(page_of(cast)).data
    assert there.get(page_of(cast)).data == before
    WRITES[write](cast, first)
    after = here.get(page_of(cast)).data
    assert after != before
    assert there.get(page_of(cast)).data == after
    with other.app_context():
        db.engine().dispose()


def test_a_closing_that_ends_by_the_clock_ends_on_the_page(cast):
    first = say(cast, "tom", "A word.")
    ending = closing.Ending(words="Until tomorrow.", until=now() + timedelta(days=1))
    act(cast, "quill", closing.close_branch, first, ending)
    visitor = Visitor(cast.app)
    assert "Until tomorrow." in visitor.get(page_of(cast)).text
    with time_machine.travel(now() + timedelta(days=2)):
        assert "Until tomorrow." not in visitor.get(page_of(cast)).text


def test_a_scheduled_article_appears_by_the_clock(cast):
    soon = now() + timedelta(hours=1)
    words = articles.check_words("Tomorrow's news", "Not yet.")
    made = act(cast, "ida", articles.create, words)
    act(cast, "ida", articles.schedule, made.id, soon)
    address = f"/articles/{made.slug}"
    visitor = Visitor(cast.app)
    assert visitor.get(address).status_code == 404
    with time_machine.travel(soon + timedelta(minutes=1)):
        assert visitor.get(address).status_code == 200


def test_a_branch_page_is_kept_too(cast):
    first = say(cast, "tom", "A word.")
    visitor = Visitor(cast.app)
    address = f"/comments/{first}/branch"
    assert visitor.get(address).headers["ETag"] == visitor.get(address).headers["ETag"]
    say(cast, "rosa", "An answer.", first)
    assert "An answer." in visitor.get(address).text


def test_no_byte_of_one_person_reaches_another(cast):
    """Members, moderators and visitors at once: each page names its own reader and nobody else."""
    first = say(cast, "tom", "A word.")
    act(cast, "quill", moderation.decide, first, "hide", "1")
    say(cast, "tom", "An answer below it.", say(cast, "rosa", "Another."))
    names = {"Tom": cast.tom, "Rosa": cast.rosa, "Quill": cast.quill, "Ada": cast.ada, "": None}
    address = page_of(cast)
    browsers = [(name, cast.browser(person)) for name, person in names.items() for _ in range(2)]

    def read(pair) -> list[str]:
        name, browser = pair
        wrong = []
        for number in range(12):
            text = browser.client.get(address + ("?order=newest" if number % 3 == 0 else "")).text
            head = text[text.index("<header") : text.index("</header>")]
            shown = {other for other in names if other and f">{other}<" in head}
            sees_removed = "A word." in text
            if shown != ({name} if name else set()) or sees_removed != (name in ("Quill", "Ada")):
                wrong.append(f"{name}: {shown} {sees_removed}")
            if not name and "csrf_token" in text:
                wrong.append("a visitor's page holds a token")
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert [wrong for wrong in pool.map(read, browsers) if wrong] == []


def test_a_page_is_built_once_while_others_wait():
    store, built, begun = Store(), [], threading.Barrier(8)

    def build():
        built.append(1)
        return finished([], b"page", None)

    def ask(_: int) -> bytes:
        begun.wait()
        return store.get_or_build("key", build).plain.body

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {b"page"}
    assert len(built) == 1


def test_the_store_keeps_to_its_budget():
    store = Store(budget=10_000)
    for number in range(100):
        store.put(number, finished([], bytes([number]) * 900, None))
    assert store.get(0) is None
    assert store.get(99) is not None
    assert store.held <= 10_000
    store.put("huge", finished([], b"x" * 20_000, None))
    assert store.get("huge") is None


def test_members_get_their_page_spliced(cast):
    say(cast, "tom", "A word.")
    browser = cast.browser(cast.rosa)
    plain = browser.get(page_of(cast))
    packed = browser.get(page_of(cast), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    text = gzip.decompress(packed.data).decode()
    assert "A word." in text
    assert ">Rosa<" in text
    assert len(text) == len(plain.text)  # all but the tokens of the forms are the same
    assert plain.headers["Cache-Control"] == "private, no-store"


def test_what_is_typed_cannot_be_mistaken_for_the_place_of_a_piece(cast):
    assert cast.browser(cast.tom).post(page_of(cast) + "/comments", body=f"x{web.MARK}y").status_code == 400
