"""Addresses of articles: chosen, changed, and led on from for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forum import db
from forum.articles import actions
from forum.articles.models import Article, FormerAddress
from forum.clock import now
from forum.errors import Invalid
from forum.site.models import Site
from tests.articles.test_write import HOME, TYPED, write
from tests.cast import Cast

NEW = "/articles/seats-in-the-sun"


def move(cast: Cast, old: str, slug: str, **fields: str) -> int:
    """Let Ida save her article under another address; return the status of the answer."""
    return cast.browser(cast.ida).post(f"{old}/edit", act="save", **{**TYPED, **fields, "slug": slug}).status_code


def former() -> dict[str, int]:
    """Return all former addresses."""
    return {row.slug: row.article_id for row in db.session.query(FormerAddress)}


def test_a_former_address_leads_on_for_good_whatever_was_asked_there(cast: Cast) -> None:
    write(cast, "publish")
    visitor = cast.browser()
    assert visitor.get(HOME).status_code == 200
    assert move(cast, HOME, "Seats in the Sun") == 303
    for path in ("", "?order=newest", "/comments", "/edit"):
        answer = visitor.get(HOME + path) if path != "/edit" else cast.browser(cast.ida).get(HOME + path)
        assert (answer.status_code, answer.headers["Location"]) == (308, NEW + path)
        assert answer.headers["Cache-Control"] in ("no-cache", "private, no-store")
    feed = visitor.get(HOME.replace("/articles", "/feeds/articles"))
    assert (feed.status_code, feed.headers["Location"]) == (308, NEW.replace("/articles", "/feeds/articles"))
    assert visitor.get(NEW).status_code == 200
    assert NEW in visitor.get("/").text
    assert HOME not in visitor.get("/").text


def test_a_comment_that_was_begun_at_the_former_address_arrives(cast: Cast) -> None:
    article = write(cast, "publish")
    move(cast, HOME, "seats-in-the-sun")
    answer = cast.browser(cast.tom).post(f"{HOME}/comments", body="I sat there.")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{NEW}/comments")
    assert cast.browser(cast.tom).post(f"{NEW}/comments", body="I sat there.").status_code == 303
    db.session.refresh(article)
    assert article.comment_count == 1


def test_there_and_back_is_no_circle(cast: Cast) -> None:
    article = write(cast, "publish")
    move(cast, HOME, "seats-in-the-sun")
    move(cast, NEW, "a-bench-for-the-square")
    assert former() == {"seats-in-the-sun": article.id}
    assert cast.browser().get(HOME).status_code == 200
    assert cast.browser().get(NEW).headers["Location"] == HOME
    move(cast, HOME, "third")
    assert cast.browser().get(NEW).headers["Location"] == "/articles/third"
    assert cast.browser().get(HOME).headers["Location"] == "/articles/third"


def test_no_other_article_gets_a_former_address(cast: Cast) -> None:
    write(cast, "publish")
    move(cast, HOME, "seats-in-the-sun")
    answer = cast.browser(cast.otto).post("/articles/new", act="save", slug="a-bench-for-the-square", **TYPED)
    assert answer.status_code == 422
    assert "or had it once" in answer.text
    assert "It should face" in answer.text
    made = actions.create(cast.otto, actions.check_words(TYPED["title"], "Mine."))
    db.commit()
    assert made.slug == "a-bench-for-the-square-2"
    with pytest.raises(Invalid):
        actions.edit(cast.otto, made.id, actions.check_words("T", "b", slug="seats-in-the-sun"))
    db.rollback()
    assert cast.browser().get(HOME).headers["Location"] == NEW


def test_an_address_that_nobody_had_is_not_kept(cast: Cast) -> None:
    write(cast)
    move(cast, HOME, "seats-in-the-sun")
    assert former() == {}
    assert cast.browser(cast.ida).get(HOME).status_code == 404
    article = db.session.query(Article).filter_by(slug="seats-in-the-sun").one()
    actions.schedule(cast.ida, article.id, now() + timedelta(days=3))
    db.commit()
    move(cast, NEW, "third")
    assert former() == {}


def test_what_was_taken_back_keeps_the_address_that_readers_had_and_tells_nobody(cast: Cast) -> None:
    write(cast, "publish")
    cast.browser(cast.ida).post(f"{HOME}/unpublish")
    move(cast, HOME, "seats-in-the-sun")
    assert set(former()) == {"a-bench-for-the-square"}
    answer = cast.browser().get(HOME)
    assert answer.status_code == 404
    assert "seats" not in answer.text
    assert cast.browser(cast.otto).get(HOME).status_code == 404
    assert cast.browser(cast.ida).get(HOME).status_code == 308
    cast.browser(cast.ida).post(f"{NEW}/publish")
    assert cast.browser().get(HOME).status_code == 308


@pytest.mark.parametrize(
    ("language", "slug"),
    [("de", "oeffnungszeiten-der-buecherei-im-maerz-strasse"), ("en", "offnungszeiten-der-bucherei-im-marz-strasse")],
)
def test_a_title_is_spelled_as_the_language_of_the_site_does_without_its_own_letters(
    cast: Cast, language: str, slug: str
) -> None:
    db.lock()
    db.session.get_one(Site, 1).language = language
    db.commit()
    assert write(cast, "publish", title="Öffnungszeiten der BÜCHEREI im Ma\u0308rz: Straße").slug == slug


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("  Käse & Brot! ", "kase-brot"),
        ("Καφές στην πλατεία", "καφέσ-στην-πλατεία"),
        ("كرسي في الساحة", "كرسي-في-الساحة"),
        ("पार्क में बेंच", "पार्क-में-बेंच"),
        ("広場のベンチ", "広場のベンチ"),
        ("a/b?c#d%00..\\e", "a-b-c-d-00-e"),
        ("edit", "edit"),
        ("\u202ebench\u200b", "bench"),
    ],
)
def test_addresses_of_every_script_lead_there_and_on(cast: Cast, typed: str, slug: str) -> None:
    article = write(cast, "publish", slug=typed)
    assert article.slug == slug
    assert cast.browser().get(f"/articles/{slug}").status_code == 200
    move(cast, f"/articles/{slug}", "third")
    answer = cast.browser().get(f"/articles/{slug}")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/articles/third")


@pytest.mark.parametrize("slug", ["new", " NEW ", "---", "!!!", "💺", "x" * 201, "\u202e"])
def test_an_address_that_can_be_none_is_refused_and_given_back(cast: Cast, slug: str) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="publish", slug=slug, **TYPED)
    assert answer.status_code == 422
    assert "It should face" in answer.text
    assert db.session.query(Article).count() == 1


def test_an_emptied_address_is_made_from_the_title_and_a_form_without_one_leaves_it(cast: Cast) -> None:
    article = write(cast, "publish", slug="third")
    cast.browser(cast.ida).post("/articles/third/edit", act="save", **{**TYPED, "title": "Other"})
    db.session.refresh(article)
    assert article.slug == "third"
    move(cast, "/articles/third", "", title="Seats in the sun")
    db.session.refresh(article)
    assert article.slug == "seats-in-the-sun"


def test_a_forged_or_a_strangers_change_of_address_is_refused(cast: Cast) -> None:
    write(cast, "publish")
    fields = {**TYPED, "slug": "stolen"}
    assert cast.browser(cast.ida).forge(f"{HOME}/edit", act="save", **fields).status_code == 403
    assert cast.browser(cast.otto).post(f"{HOME}/edit", act="save", **fields).status_code == 403
    assert former() == {}


def test_a_former_address_names_its_article_where_one_is_typed(cast: Cast) -> None:
    article = write(cast, "publish")
    move(cast, HOME, "seats-in-the-sun")
    fields = {"addresses": f"http://localhost{HOME}", "kind": "other", "words": "This is untrue about me.", "good": "y"}
    page = cast.browser().post("/report", **fields)
    assert "another site" not in page.text
    from forum.legal.addresses import read

    assert read(HOME, lambda host: True)[0].article_id == article.id
