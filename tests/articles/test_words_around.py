"""What stands around a text: a standfirst, an author's own words about a quoted piece, and what was updated."""

from __future__ import annotations

import pytest

from forum import db
from forum.articles import actions
from forum.articles.models import Article
from forum.errors import Invalid
from tests.articles.test_write import HOME, TYPED, write
from tests.cast import Cast

QUOTED = {"source_name": "The Gazette", "source_url": "https://gazette.example/bench"}
FIRST = "Two benches, one sun."


def feed(cast: Cast) -> str:
    """Return the feed of all articles as a visitor gets it."""
    return cast.browser().get("/feeds/articles").text


def test_a_standfirst_stands_under_the_title_in_lists_in_previews_of_links_and_in_the_feed(cast: Cast) -> None:
    write(cast, "publish", standfirst=f" {FIRST}\r\n")
    page, home = cast.browser().get(HOME).text, cast.browser().get("/").text
    assert f'<p class="standfirst" dir="auto">{FIRST}</p>' in page
    assert f'<meta property="og:description" content="{FIRST}">' in page
    assert f'<p class="excerpt" dir="auto">{FIRST}</p>' in home
    assert "It should face" not in home
    assert f"<summary>{FIRST}</summary>" in feed(cast)
    assert "It should face" in feed(cast)


def test_a_page_that_is_kept_shows_a_new_standfirst_at_once(cast: Cast) -> None:
    write(cast, "publish")
    visitor = cast.browser()
    assert "standfirst" not in visitor.get(HOME).text
    cast.browser(cast.ida).post(f"{HOME}/edit", act="save", standfirst=FIRST, **TYPED)
    assert FIRST in visitor.get(HOME).text


def test_without_a_standfirst_the_beginning_of_the_text_stands_for_it(cast: Cast) -> None:
    write(cast, "publish")
    assert '<meta property="og:description" content="It should face south.">' in cast.browser().get(HOME).text
    assert '<p class="excerpt" dir="auto">It should face south.</p>' in cast.browser().get("/").text


@pytest.mark.parametrize("standfirst", ["<script>alert(1)</script>", "*a* & \"b\" 'c'", "\u202eevil"])
def test_a_standfirst_is_plain_text(cast: Cast, standfirst: str) -> None:
    article = write(cast, "publish", standfirst=standfirst)
    for address in (HOME, "/", "/feeds/articles"):
        text = cast.browser().get(address).text
        assert "<script>alert" not in text
    assert "\u202e" not in article.standfirst


def test_a_standfirst_that_is_too_long_is_given_back(cast: Cast) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="publish", standfirst="x" * 301, **TYPED)
    assert answer.status_code == 422
    assert "x" * 301 in answer.text
    assert "It should face" in answer.text


def test_words_of_ones_own_stand_before_and_after_a_quoted_piece(cast: Cast) -> None:
    write(cast, "publish", foreword="See *this*.", afterword="I doubt it.", **QUOTED)
    page = cast.browser().get(HOME).text
    order = ["<p>See <em>this</em>.</p>", "<blockquote", "face <strong>south</strong>", "Read on at", "I doubt it."]
    places = [page.index(words, page.index('<article class="article">')) for words in order]
    assert places == sorted(places)
    assert page.index("</blockquote>") < page.index("I doubt it.")
    entry = feed(cast)
    places = [
        entry.index(words) for words in ("See &lt;em&gt;this", "&lt;blockquote", "face &lt;strong", "I doubt it.")
    ]
    assert places == sorted(places)


def test_words_around_nothing_are_refused_and_given_back(cast: Cast) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="publish", foreword="See this.", **TYPED)
    assert answer.status_code == 422
    assert "See this." in answer.text
    assert db.session.query(Article).count() == 1


@pytest.mark.parametrize("field", ["foreword", "afterword"])
def test_hostile_words_around_a_piece_are_cleaned(cast: Cast, field: str) -> None:
    hostile = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](https://spy.example/z)"
    write(cast, "publish", **{field: hostile}, **QUOTED)
    page = cast.browser().get(HOME).text
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    with pytest.raises(Invalid):
        actions.check_words("T", "b", (), *QUOTED.values(), **{field: "x" * 20_001})


def test_readers_are_told_of_an_update_only_where_the_author_says_so(cast: Cast) -> None:
    article, ida = write(cast, "publish"), cast.browser(cast.ida)
    changed = {**TYPED, "body": "It should face north."}
    ida.post(f"{HOME}/edit", act="save", updated_words="Turned it round.", **changed)
    db.session.refresh(article)
    assert (article.updated_at, article.update_note) == (None, "")
    ida.post(f"{HOME}/edit", act="save", updated="y", updated_words="Turned <it> round.", **changed)
    db.session.refresh(article)
    assert article.updated_at is not None
    page = cast.browser().get(HOME).text
    assert "Turned &lt;it&gt; round." in page
    assert "dateModified" in page
    first = article.updated_at
    ida.post(f"{HOME}/edit", act="save", **{**changed, "title": "A bench"})
    db.session.refresh(article)
    assert (article.title, article.updated_at, article.update_note) == ("A bench", first, "Turned <it> round.")


def test_a_draft_is_never_called_updated(cast: Cast) -> None:
    article = write(cast)
    cast.browser(cast.ida).post(f"{HOME}/edit", act="save", updated="y", **{**TYPED, "body": "Other."})
    db.session.refresh(article)
    assert (article.source, article.updated_at) == ("Other.", None)


def test_what_was_updated_is_given_back_where_it_is_too_long(cast: Cast) -> None:
    article = write(cast, "publish")
    fields = {**TYPED, "updated": "y", "updated_words": "x" * 301}
    answer = cast.browser(cast.ida).post(f"{HOME}/edit", act="save", **fields)
    assert answer.status_code == 422
    assert "x" * 301 in answer.text
    db.session.refresh(article)
    assert article.updated_at is None
    with pytest.raises(Invalid):
        actions.edit(cast.ida, article.id, actions.check_words("T", "b"), updated="x" * 301)
    db.rollback()


def test_the_preview_shows_what_could_not_be_saved_yet(cast: Cast) -> None:
    fields = {"title": "", "body": "Only **words**.", "standfirst": FIRST, "source_name": "Nobody"}
    answer = cast.browser(cast.ida).post("/articles/new", act="preview", **fields)
    assert answer.status_code == 200
    assert "Only <strong>words</strong>." in answer.text
    assert FIRST in answer.text
