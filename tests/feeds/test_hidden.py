"""Nothing hidden is told: every state of a comment, and of an article, in every channel that is for everybody."""

from __future__ import annotations

import json
import re

import pytest
import time_machine
from sqlalchemy import text

from forum import db
from forum.articles import actions as articles
from forum.clock import now
from forum.moderation import actions as moderation
from forum.moderation import erasing
from forum.policy import CommentStatus
from tests import factories
from tests.comments.talk import let, put, row, say
from tests.feeds.reading import fetch, gone, names, with_address
from tests.web.acting import act

PUBLIC = ("/sitemap.xml", "/sitemaps/0.xml", "/feeds/articles", "/feeds/people/ida", "/subscribe", "/robots.txt")
WORDS, NAME = "Unspeakable words", "Zebedee Quux"
# What each channel holds of a comment: its words and its writer's name, that it is gone, or nothing at all.
TOLD, DELETED, NOTHING = "told", "deleted", "nothing"
TABLE = {
    # state: (feed of the article, feed of the branch, JSON-LD of the article, JSON-LD of the branch)
    CommentStatus.PUBLISHED: (TOLD, TOLD, TOLD, TOLD),
    CommentStatus.HELD: (NOTHING, NOTHING, NOTHING, NOTHING),
    CommentStatus.HIDDEN: (DELETED, DELETED, NOTHING, NOTHING),
    CommentStatus.WITHDRAWN: (DELETED, DELETED, NOTHING, NOTHING),
    CommentStatus.SPAM: (DELETED, DELETED, NOTHING, NOTHING),
    CommentStatus.SEALED: (DELETED, DELETED, NOTHING, NOTHING),
    CommentStatus.ERASED: (DELETED, DELETED, NOTHING, NOTHING),
}


@pytest.fixture
def zebedee(cast):
    """Return somebody whose name cannot stand anywhere by chance."""
    return factories.person(NAME)


def structured(app, path: str) -> str:
    """Return the block for search engines of a page, as text; empty where there is none."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', fetch(app, path).text, re.DOTALL)
    return json.dumps(json.loads(found[1]), ensure_ascii=False) if found else ""


def head(app, path: str) -> str:
    """Return the head of a page."""
    return fetch(app, path).text.partition("</head>")[0]


def test_every_state_has_a_row():
    assert set(TABLE) == set(CommentStatus)


@pytest.mark.parametrize("below", [False, True], ids=["without a reply", "with a reply"])
@pytest.mark.parametrize("state", TABLE)
def test_what_each_channel_tells_of_a_comment(cast, zebedee, request, state, below):
    app = with_address(cast.app, "https://forum.example", request)
    root = say(cast.ida, cast.article, "A beginning.")
    made = say(zebedee, cast.article, WORDS, root)
    if below:
        say(cast.rosa, cast.article, "An answer.", made)
    page, branch = f"/articles/{cast.article.slug}", f"/feeds/comments/{root}"
    feed = f"/feeds{page}"
    before = next(name for name in names(app, feed) if name.endswith(f":comments/{made}"))
    for path in (page, branch, f"/comments/{root}/branch", "/sitemaps/0.xml", "/feeds/articles"):
        fetch(app, path)  # so that everything is kept
    if state == CommentStatus.ERASED:
        act(cast, "ada", erasing.erase_comment, made)
    else:
        put(made, state)
    found = []
    for path in (feed, branch):
        body = fetch(app, path).text
        told = WORDS in body
        assert (NAME in body) is (f"<id>{before}</id>" in body) is told
        found.append(TOLD if told else DELETED if before in gone(app, path) else NOTHING)
    for path in (page, f"/comments/{root}/branch"):
        about = structured(app, path)
        assert (NAME in about) is (f"/comments/{made}" in about) is (WORDS in about)
        found.append(TOLD if WORDS in about else NOTHING)
    assert tuple(found) == TABLE[state]
    for path in (page, f"/comments/{root}/branch"):
        assert WORDS not in head(app, path)
        assert NAME not in head(app, path)
    for path in PUBLIC:
        assert WORDS not in fetch(app, path).text
        assert NAME not in fetch(app, path).text
    if state != CommentStatus.PUBLISHED:
        own = fetch(app, f"/feeds/comments/{made}")
        assert own.status_code == (200 if below else 404)
        assert WORDS not in own.text
        assert NAME not in own.text


def test_another_process_forgets_it_with_the_next_answer(cast, request):
    other = with_address(cast.app, "", request)
    root = say(cast.ida, cast.article, "A beginning.")
    made = say(cast.tom, cast.article, WORDS, root)
    paths = [f"/feeds/articles/{cast.article.slug}", f"/feeds/comments/{root}", f"/articles/{cast.article.slug}"]
    for path in paths * 2:
        assert WORDS in fetch(other, path).text
    etag = fetch(other, paths[0]).headers["ETag"]
    act(cast, "quill", moderation.decide, made, "hide", "1")
    assert fetch(other, paths[0], **{"If-None-Match": etag}).status_code == 200
    for path in paths:
        assert WORDS not in fetch(other, path).text


def test_an_account_that_waits_again_has_no_feed(cast):
    assert len(names(cast.app, "/feeds/people/ida")) == 1
    db.lock()
    db.session.execute(text("UPDATE people SET approved_at = NULL WHERE username = 'ida'"))
    db.commit()
    assert fetch(cast.app, "/feeds/people/ida").status_code == 404


def test_staff_s_page_tells_search_engines_no_more(cast):
    root = say(cast.ida, cast.article, "A beginning.")
    put(say(cast.tom, cast.article, WORDS, root), "held")
    for path in (f"/articles/{cast.article.slug}", f"/comments/{root}/branch"):
        page = cast.browser(cast.quill).get(path).text
        assert "ld+json" in page
        assert page.count(WORDS) == 1


def test_what_was_never_published_is_not_even_called_deleted(cast):
    let(who_may_comment="guests")
    path = f"/feeds/articles/{cast.article.slug}"
    waits = say(None, cast.article, WORDS)
    refused, approved = say(None, cast.article, "Refused."), say(None, cast.article, "Approved first.")
    act(cast, "quill", moderation.decide, refused, "spam")
    act(cast, "quill", moderation.decide, approved, "keep")
    assert len(names(cast.app, path)) == 1
    act(cast, "rosa", moderation.flag, approved, "abuse")
    act(cast, "quill", moderation.decide, approved, "hide", "1")
    assert row(waits).status == "held"
    assert [name.rsplit("/", 1)[1] for name in gone(cast.app, path)] == [str(approved)]


def test_a_deleted_entry_is_dated_when_its_writer_deleted_it(cast):
    made = say(cast.tom, cast.article, WORDS)
    cast.browser(cast.tom).post(f"/comments/{made}/withdraw")
    body = fetch(cast.app, f"/feeds/articles/{cast.article.slug}").text
    moment = row(made).withdrawn_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert re.search(rf'<at:deleted-entry ref="[^"]*/{made}" when="{moment}"', body)
    cast.browser(cast.tom).post(f"/comments/{made}/withdraw/undo")
    assert gone(cast.app, f"/feeds/articles/{cast.article.slug}") == []
    assert WORDS in fetch(cast.app, f"/feeds/articles/{cast.article.slug}").text


def test_a_flood_of_spam_pushes_nothing_out(cast):
    first = say(cast.tom, cast.article, "A word.")
    for _ in range(60):
        say(cast.rosa, cast.article, "Buy.")
    db.lock(cast.article.id)
    db.session.execute(text("UPDATE comments SET status = 'spam' WHERE id <> :first"), {"first": first})
    db.commit()
    assert len(names(cast.app, f"/feeds/articles/{cast.article.slug}")) == 1
    assert len(gone(cast.app, f"/feeds/articles/{cast.article.slug}")) == 50


ARTICLES = ("draft", "scheduled", "unpublished")


@pytest.mark.parametrize("state", ARTICLES)
def test_an_article_that_is_not_out_is_told_of_nowhere(cast, request, state):
    app = with_address(cast.app, "https://forum.example", request)
    soon = now().replace(year=now().year + 1)
    made = act(cast, "otto", articles.create, articles.check_words("Secret plan", WORDS, ["Intrigue"]))
    if state == "scheduled":
        act(cast, "otto", articles.schedule, made.id, soon)
    if state == "unpublished":
        act(cast, "otto", articles.publish, made.id)
        say(cast.tom, made, "A comment below.")
        assert WORDS in fetch(app, "/feeds/articles").text
        act(cast, "otto", articles.unpublish, made.id)
    for path in ("/", "/feeds/people/otto", *PUBLIC):
        body = fetch(app, path)
        assert body.status_code == 200, path
        for word in (WORDS, "Secret plan", made.slug, "Intrigue", "A comment below."):
            assert word not in body.text, (path, word)
    for path in (f"/feeds/articles/{made.slug}", "/feeds/tags/intrigue", "/feeds/comments/1", f"/articles/{made.slug}"):
        answer = fetch(app, path)
        assert (answer.status_code, WORDS in answer.text) == (404, False)
    # Its author sees it, and the page has nothing for those who may be told of it.
    page = cast.browser(cast.otto).get(f"/articles/{made.slug}").text
    assert WORDS in page
    for mark in ("ld+json", "og:title", "description", "canonical", "/feeds/articles/"):
        assert mark not in page, mark
    if state == "scheduled":
        with time_machine.travel(soon, tick=True):
            assert WORDS in fetch(app, "/feeds/articles").text
            assert "ld+json" in fetch(app, f"/articles/{made.slug}").text
            assert made.slug in fetch(app, "/sitemaps/0.xml").text
