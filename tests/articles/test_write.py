"""Writing articles: drafts, publishing, scheduling, and two people at one text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import html5lib
import pytest
import time_machine
from sqlalchemy import select

from forum import db, policy
from forum.articles import actions, lists, queries
from forum.articles.models import Article, Tag
from forum.clock import now
from forum.errors import Conflict, Forbidden, Invalid, NotFound
from forum.ledger.queries import acts
from forum.site.models import Site
from forum.text.rendering import render
from tests import factories
from tests.cast import Cast
from tests.pictures.drawn import added, drawn

TYPED = {"title": "A bench for the square", "body": "It should face **south**.", "tags": "Square, benches, square"}
HOME = "/articles/a-bench-for-the-square"


def write(cast: Cast, act: str = "save", **fields: str) -> Article:
    """Let Ida fill the form in and press a button; return what came of it."""
    answer = cast.browser(cast.ida).post("/articles/new", act=act, **{**TYPED, **fields})
    assert answer.status_code == 303, answer.text
    return db.session.query(Article).order_by(Article.id.desc()).limit(1).one()


def test_a_draft_is_kept_with_its_tags_and_seen_by_nobody_else(cast: Cast) -> None:
    article = write(cast)
    assert (article.status, article.slug) == ("draft", "a-bench-for-the-square")
    assert {tag.slug for tag in article.tags} == {"square", "benches"}
    assert article.html == "<p>It should face <strong>south</strong>.</p>"
    assert "A bench" not in cast.browser(cast.otto).get("/").text
    assert "A bench" in cast.browser(cast.ida).get("/").text
    assert cast.browser().get("/tags/benches").status_code == 404


def test_publishing_puts_it_first(cast: Cast) -> None:
    article = write(cast, "publish")
    assert [item.id for item in lists.listing(cast.tom).items] == [article.id, cast.article.id]
    assert article.updated_at is None
    assert [act.act for act in acts(limit=2)] == ["article.publish", "article.create"]


def test_the_empty_preview_says_what_it_is_for(cast: Cast) -> None:
    ida, told = cast.browser(cast.ida), "What you write is shown here as readers will see it."
    assert told in ida.post("/articles/new", fragment=True, act="preview").text
    for field, words in (("title", "A bench"), ("body", "It faces the square.")):
        shown = ida.post("/articles/new", fragment=True, act="preview", **{field: words}).text
        assert words in shown and told not in shown


def test_the_preview_shows_the_text_and_saves_nothing(cast: Cast) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="preview", **TYPED)
    assert answer.status_code == 200
    assert "face <strong>south</strong>" in answer.text
    assert "It should face **south**." in answer.text
    assert db.session.query(Article).count() == 1


def test_an_article_may_begin_with_code(cast: Cast, shared: Path) -> None:
    body = (shared / "cases" / "article-beginning-with-indented-code.md").read_text()
    article = write(cast, body="\n" + body)
    assert article.source == body.rstrip()
    assert article.html.startswith("<pre><code>def tide(h):")


@pytest.mark.parametrize("field", ["title", "body"])
def test_an_empty_field_gives_everything_else_back(cast: Cast, field: str) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="publish", **{**TYPED, field: " "})
    assert answer.status_code == 422
    assert ("A bench for the square" if field == "body" else "It should face") in answer.text


@pytest.mark.parametrize(
    ("field", "blank"),
    [
        ("title", "\u200b"),
        ("title", "\u3164"),
        ("title", "\u2800"),
        ("body", "&nbsp;"),
        ("body", "\uffa0"),
        ("body", "> "),
    ],
)
def test_what_shows_nothing_is_no_title_and_no_text(cast: Cast, field: str, blank: str) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="publish", **{**TYPED, field: blank})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


@pytest.mark.parametrize(
    "address", ["javascript:1", "data:1", "ftp://example.org", "mailto:a@example.org", "//example.org"]
)
def test_only_web_addresses_are_sources(cast: Cast, address: str) -> None:
    fields = {**TYPED, "source_name": "The Gazette", "source_url": address}
    assert cast.browser(cast.ida).post("/articles/new", act="publish", **fields).status_code == 422


def test_a_link_article_names_its_source(cast: Cast) -> None:
    write(cast, "publish", source_name="The Gazette", source_url="https://gazette.example/bench")
    assert "The Gazette" in cast.browser().get("/").text
    found = queries.article("a-bench-for-the-square")
    assert found is not None
    assert found.source_url == "https://gazette.example/bench"


def test_a_reader_cannot_write(cast: Cast) -> None:
    assert cast.browser(cast.tom).get("/articles/new").status_code == 403
    assert cast.browser(cast.tom).post("/articles/new", act="publish", **TYPED).status_code == 403
    assert db.session.query(Article).count() == 1
    with pytest.raises(Forbidden):
        actions.create(cast.tom, actions.check_words("T", "b"))
    db.rollback()


def test_a_visitor_is_sent_to_sign_in_and_keeps_the_text(cast: Cast) -> None:
    visitor = cast.browser()
    answer = visitor.post("/articles/new", act="save", **TYPED)
    assert answer.status_code == 403
    assert 'action="/sign-in"' in answer.text
    assert TYPED["body"] in answer.text
    assert db.session.query(Article).count() == 1


def test_a_forged_article_is_refused(cast: Cast) -> None:
    assert cast.browser(cast.ida).forge("/articles/new", act="publish", **TYPED).status_code == 403
    assert db.session.query(Article).count() == 1


def test_drafts_of_others_are_not_there(cast: Cast) -> None:
    write(cast)
    for address in ("edit", "publish", "unpublish", "delete"):
        browser = cast.browser(cast.otto)
        answer = browser.get(f"{HOME}/{address}") if address == "edit" else browser.post(f"{HOME}/{address}")
        assert answer.status_code == 404
        assert "bench" not in answer.text


def test_another_author_cannot_change_what_is_published(cast: Cast) -> None:
    write(cast, "publish")
    assert cast.browser(cast.otto).post(f"{HOME}/edit", act="save", **TYPED).status_code == 403
    with pytest.raises(Forbidden):
        actions.unpublish(cast.otto, cast.article.id)
    db.rollback()


def test_saving_over_a_newer_text_shows_both(cast: Cast) -> None:
    article = write(cast, "publish")
    seen = article.mark
    cast.browser(cast.ada).post(f"{HOME}/edit", act="save", seen=seen, **{**TYPED, "body": "Ada's words."})
    answer = cast.browser(cast.ida).post(f"{HOME}/edit", act="save", seen=seen, **{**TYPED, "body": "Ida's words."})
    assert answer.status_code == 409
    assert "Ada&#39;s words." in answer.text
    assert "Ida&#39;s words." in answer.text
    db.session.refresh(article)
    assert article.source == "Ada's words."
    again = cast.browser(cast.ida).post(
        f"{HOME}/edit", act="save", seen=article.mark, **{**TYPED, "body": "Ida's words."}
    )
    assert again.status_code == 303


def test_a_scheduled_article_comes_out_by_itself(cast: Cast) -> None:
    db.lock()
    db.session.get_one(Site, 1).timezone = "Asia/Tokyo"
    db.commit()
    article = write(cast, "schedule", published_at="2035-05-01T09:00")
    assert article.published_at == datetime(2035, 5, 1, 0, 0, tzinfo=UTC)
    assert "A bench" not in cast.browser().get("/").text
    assert "2035-05-01T09:00" in cast.browser(cast.ida).get(f"{HOME}/edit").text
    with time_machine.travel(datetime(2035, 5, 1, 0, 1, tzinfo=UTC)):
        assert "A bench" in cast.browser().get("/").text


@pytest.mark.parametrize("moment", ["", "2001-01-01T10:00", "0001-01-01T00:00", "9999-12-31T23:59", "tomorrow"])
def test_a_moment_that_has_passed_or_is_none_is_refused(cast: Cast, moment: str) -> None:
    answer = cast.browser(cast.ida).post("/articles/new", act="schedule", published_at=moment, **TYPED)
    assert answer.status_code == 422
    assert "It should face" in answer.text
    assert db.session.query(Article).count() == 1


# What a browser sends of the boxes that nobody filled.
FORM = dict.fromkeys(("standfirst", "lead", "tags", "source_name", "source_url", "foreword", "afterword", "slug"), "")
FORM |= dict.fromkeys(("auto_close_days", "auto_close_silent_days", "published_at", "seen"), "")


@pytest.mark.parametrize("act", ["save", "publish"])
def test_a_form_that_is_sent_twice_is_one_article(cast: Cast, act: str) -> None:
    before = db.session.query(Article).count()
    with time_machine.travel(now(), tick=False) as clock:
        browser, words = cast.browser(cast.ida), FORM | {"title": "Once", "body": "  Code\r\n\r\nWords", "act": act}
        first, second = (browser.post("/articles/new", **words) for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.location == second.location
        told = "so they were not saved a second time" if act == "publish" else "The draft is saved."
        assert told in browser.get(second.location).text
        assert db.session.query(Article).count() == before + 1
        browser.post("/articles/new", **{**words, "body": "Other words"})
        cast.browser(cast.otto).post("/articles/new", **words)
        clock.shift(timedelta(minutes=11))
        browser.post("/articles/new", **words)
    assert db.session.query(Article).count() == before + 4


def test_the_words_of_a_draft_sent_again_to_be_published_are_published(cast: Cast) -> None:
    before = db.session.query(Article).count()
    later = f"{now() + timedelta(days=30):%Y-%m-%dT%H:%M}"
    browser, words = cast.browser(cast.ida), FORM | {"title": "Once", "body": "Words", "published_at": later}
    draft = browser.post("/articles/new", **words, act="save").location
    for _ in range(2):
        browser.post("/articles/new", **words, act="schedule")
    assert len([act for act in acts("article.publish") if act.details["title"] == "Once"]) == 1
    assert "will be published at that time" in browser.get(draft).text
    published = browser.post("/articles/new", **words | {"act": "publish", "auto_close_days": "9"})
    assert "The article is published." in browser.get(published.location).text
    made = db.session.scalars(select(Article).where(Article.title == "Once")).one()
    assert policy.is_out(made, now())
    assert made.auto_close_days == 9
    assert db.session.query(Article).count() == before + 1


def test_what_is_sent_again_with_another_choice_is_saved(cast: Cast) -> None:
    browser, words = cast.browser(cast.ida), FORM | {"title": "Once", "body": "Words", "act": "publish"}
    lead = added(browser, drawn()).rpartition("/pictures/")[2].split(")")[0]
    address = browser.post("/articles/new", **words).location
    for field, value in (("lead", lead), ("auto_close_days", "9"), ("auto_close_silent_days", "3")):
        words[field] = value
        answer = browser.post("/articles/new", **words)
        assert answer.location == address
        told = browser.get(address).text
        assert "Your changes are saved." in told and "a second time" not in told
    browser.post("/articles/new", **words)
    assert "so they were not saved a second time" in browser.get(address).text
    made = db.session.scalars(select(Article).where(Article.title == "Once")).one()
    assert (made.lead, made.auto_close_days, made.auto_close_silent_days) == (lead, 9, 3)
    for act in ("save", "schedule"):
        browser.post("/articles/new", **words | {"act": act})
        assert "This article is published already." in browser.get(address).text


def test_what_is_scheduled_is_listed_by_when_it_comes_out(cast: Cast) -> None:
    late = write(cast)
    soon = actions.create(cast.ida, actions.check_words("Sooner", "b"))
    moment = now()
    actions.schedule(cast.ida, late.id, moment + timedelta(days=9))
    actions.schedule(cast.ida, soon.id, moment + timedelta(days=2))
    db.commit()
    assert [item.id for item in lists.unpublished(cast.ida)] == [soon.id, late.id]


def test_unpublishing_hides_it_and_publishing_again_keeps_the_date(cast: Cast) -> None:
    first = cast.article.published_at
    ida = cast.browser(cast.ida)
    assert ida.post(f"/articles/{cast.article.slug}/unpublish").status_code == 303
    assert cast.article.title not in cast.browser().get("/").text
    assert ida.post(f"/articles/{cast.article.slug}/publish").status_code == 303
    db.session.refresh(cast.article)
    assert (cast.article.status, cast.article.published_at) == ("published", first)
    with pytest.raises(Conflict):
        actions.publish(cast.ida, cast.article.id)
    db.rollback()


def test_only_a_draft_that_was_never_out_can_be_deleted(cast: Cast) -> None:
    article_id = write(cast).id
    ida = cast.browser(cast.ida)
    assert ida.post(f"{HOME}/delete").status_code == 303
    assert db.session.get(Article, article_id) is None
    assert ida.post(f"/articles/{cast.article.slug}/delete").status_code == 409
    actions.unpublish(cast.ida, cast.article.id)
    with pytest.raises(Conflict):
        actions.delete(cast.ida, cast.article.id)
    db.rollback()


def test_an_unknown_article_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        actions.publish(cast.ida, 10**9)
    db.rollback()
    assert cast.browser(cast.ida).get("/articles/nothing/edit").status_code == 404


def test_too_many_tags_are_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        actions.check_words("T", "b", [f"tag {number}" for number in range(11)])
    with pytest.raises(Invalid):
        actions.check_words("T", "b", ["!!!"])


def test_known_tags_are_used_again(cast: Cast) -> None:
    first = write(cast, "publish")
    second = write(cast, "publish", title="Another", tags="SQUARE")
    assert {tag.id for tag in second.tags} < {tag.id for tag in first.tags}
    assert "Another" in cast.browser().get("/tags/square").text


IMPORTED = "<p>One <em>slanted</em> word.</p>\r\n<blockquote>And &amp; another.</blockquote>\n"


def imported(cast: Cast) -> Article:
    """Make an article as an import leaves it: in HTML, its lines and title spelled as no form would."""
    made = factories.article(cast.ida, slug="from-elsewhere", format="html")
    db.lock()
    made.source, made.html = IMPORTED, render(IMPORTED, "html", article=True)
    made.title, made.tags = "From  elsewhere", [Tag(slug="tea-and-toast", name="Tea, and toast")]
    db.commit()
    return made


def typed_of(page: str) -> dict[str, str]:
    """Return the fields of the form as a browser would send them."""
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//form[@class='write']")
    assert form is not None
    sent = [
        field for field in form.iter("input") if field.get("type") != "checkbox" or field.get("checked") is not None
    ]
    fields = {field.get("name"): field.get("value", "") for field in sent}
    boxes = {box.get("name"): "\r\n".join((box.text or "").splitlines()) for box in form.iter("textarea")}
    return {**fields, **boxes}


def test_an_article_that_came_in_as_html_stays_html(cast: Cast) -> None:
    article, ida = imported(cast), cast.browser(cast.ida)
    page = ida.get("/articles/from-elsewhere/edit").text
    assert "stays HTML" in page
    changed = {**typed_of(page), "body": "<p>One <em>other</em> word.</p><script>x</script>"}
    preview = ida.post("/articles/from-elsewhere/edit", **{**changed, "act": "preview"})
    assert "<em>other</em>" in preview.text
    assert ida.post("/articles/from-elsewhere/edit", **{**changed, "act": "save"}).status_code == 303
    db.session.refresh(article)
    assert (article.format, article.html) == ("html", "<p>One <em>other</em> word.</p>")


def test_saving_an_imported_article_unchanged_changes_nothing(cast: Cast) -> None:
    article, ida = imported(cast), cast.browser(cast.ida)
    before = (article.title, article.source, article.html, article.mark, article.updated_at, acts())
    typed = typed_of(ida.get("/articles/from-elsewhere/edit").text)
    assert ida.post("/articles/from-elsewhere/edit", **{**typed, "act": "save"}).status_code == 303
    db.session.expire_all()
    assert (article.title, article.source, article.html, article.mark, article.updated_at, acts()) == before


def test_a_sentence_about_the_article_and_the_link_behind_it_are_apart(cast: Cast) -> None:
    write(cast)
    page = html5lib.parse(cast.browser(cast.ida).get(f"{HOME}/edit").text, namespaceHTMLElements=False)
    hint = page.find(".//main/p[@class='hint']")
    assert hint is not None
    assert " ".join("".join(hint.itertext()).split()) == "A draft: only you see it. See its page · Earlier versions"


def test_the_form_of_other_articles_speaks_of_markdown_only(cast: Cast) -> None:
    write(cast)
    assert "HTML" not in cast.browser(cast.ida).get(f"{HOME}/edit").text
