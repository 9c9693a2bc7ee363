"""What is typed and not saved: kept beside the article, seen by its author, and never over what somebody saved."""

from __future__ import annotations

import pytest

from forum import db
from forum.articles import actions
from forum.articles.models import Article, ArticleChanges, ArticleRevision
from forum.articles.queries import writing
from forum.errors import Forbidden, Invalid
from tests.articles.test_write import HOME, TYPED, typed_of, write
from tests.cast import Browser, Cast
from tests.transfer import scene

SECRET = "Typed and *not* saved."


def form(browser: Browser) -> dict[str, str]:
    """Return what the form of the article holds."""
    page = browser.get(f"{HOME}/edit").text
    return typed_of(page)


def keep(cast: Cast, **fields: str) -> int:
    """Let Ida press "Keep for later" in her form with other words."""
    ida = cast.browser(cast.ida)
    return ida.post(f"{HOME}/changes", **{**form(ida), **fields}).status_code


def kept() -> list[ArticleChanges]:
    """Return all that is kept."""
    return db.session.query(ArticleChanges).all()


def test_what_is_kept_is_in_the_form_and_nowhere_else(cast: Cast) -> None:
    article = write(cast, "publish")
    assert keep(cast, title="", body=SECRET, standfirst="Not yet.") == 303
    ida = cast.browser(cast.ida)
    page = ida.get(f"{HOME}/edit").text
    assert SECRET in page
    assert "Go back to what is saved" in page
    assert form(ida)["title"] == ""
    db.session.refresh(article)
    assert (article.title, article.source) == (TYPED["title"], TYPED["body"])
    for browser in (cast.browser(), cast.browser(cast.quill), ida):
        for address in (HOME, "/", "/feeds/articles", f"{HOME}/versions"):
            assert "not* saved" not in browser.get(address).text
    assert SECRET not in scene.taken_out().decode()
    assert db.session.query(ArticleRevision).count() == 0


def test_saving_publishes_it_and_ends_what_was_kept(cast: Cast) -> None:
    article, ida = write(cast, "publish"), cast.browser(cast.ida)
    keep(cast, body=SECRET)
    assert ida.post(f"{HOME}/edit", **{**form(ida), "act": "save"}).status_code == 303
    db.session.refresh(article)
    assert article.source == SECRET
    assert kept() == []
    assert "Typed and <em>not</em> saved." in cast.browser().get(HOME).text


def test_going_back_forgets_it(cast: Cast) -> None:
    write(cast)
    keep(cast, body=SECRET)
    ida = cast.browser(cast.ida)
    assert ida.post(f"{HOME}/changes/drop").status_code == 303
    assert ida.post(f"{HOME}/changes/drop").status_code == 303
    assert kept() == []
    assert "Go back to what is saved" not in ida.get(f"{HOME}/edit").text


def test_a_script_keeps_again_and_again_with_the_mark_it_was_given(cast: Cast) -> None:
    write(cast)
    ida = cast.browser(cast.ida)
    fields = form(ida)
    for number in range(3):
        answer = ida.post(f"{HOME}/changes", fragment=True, **{**fields, "body": f"Words {number}."})
        assert answer.status_code == 200
        fields["seen"] = answer.json["seen"]
    assert kept()[0].fields["body"] == "Words 2."
    assert ida.post(f"{HOME}/edit", **{**fields, "body": "Saved.", "act": "save"}).status_code == 303
    assert kept() == []


def test_two_windows_do_not_overwrite_each_other(cast: Cast) -> None:
    article = write(cast)
    ida = cast.browser(cast.ida)
    first, second = form(ida), form(ida)
    assert ida.post(f"{HOME}/changes", fragment=True, **{**first, "body": "First window."}).status_code == 200
    assert ida.post(f"{HOME}/changes", fragment=True, **{**second, "body": "Second window."}).status_code == 409
    for act in ("save", "publish"):
        answer = ida.post(f"{HOME}/edit", **{**second, "body": "Second window.", "act": act})
        assert answer.status_code == 409
        assert "First window." in answer.text
        assert "Second window." in answer.text
    assert kept()[0].fields["body"] == "First window."
    answer = ida.post(f"{HOME}/changes", **{**second, "body": "Second window."})
    assert answer.status_code == 409
    db.session.refresh(article)
    assert article.source == TYPED["body"]


def test_what_is_kept_does_not_go_over_what_an_admin_saved(cast: Cast) -> None:
    write(cast, "publish")
    ida, ada = cast.browser(cast.ida), cast.browser(cast.ada)
    mine = form(ida)
    ada.post(f"{HOME}/edit", **{**form(ada), "body": "Ada's words.", "act": "save"})
    assert ida.post(f"{HOME}/changes", fragment=True, **{**mine, "body": SECRET}).status_code == 409
    assert kept() == []


def test_no_version_is_brought_back_below_what_was_typed_and_not_saved(cast: Cast) -> None:
    """The form goes on showing what was kept; so "Publish changes" would publish that, not the version."""
    article, ida = write(cast, "publish"), cast.browser(cast.ida)
    ida.post(f"{HOME}/edit", **{**form(ida), "body": "Second.", "act": "save"})
    keep(cast, body=SECRET)
    version = f"{HOME}/versions/{db.session.query(ArticleRevision.id).scalar()}"
    for browser in (ida, cast.browser(cast.ada)):
        page = browser.get(version).text
        assert "Bring this version back" not in page
        assert f'href="{HOME}/edit"' in page and "typed by" in page
        refused = browser.post(f"{version}/restore")
        assert refused.status_code == 409
        assert "is not saved" in refused.text
    db.session.refresh(article)
    assert (kept()[0].fields["body"], article.source) == (SECRET, "Second.")
    ida.post(f"{HOME}/changes/drop")
    assert "Bring this version back" in ida.get(version).text
    assert ida.post(f"{version}/restore").status_code == 303
    assert form(ida)["body"] == TYPED["body"]
    ida.post(f"{HOME}/edit", **{**form(ida), "act": "save"})
    assert "face <strong>south" in cast.browser().get(HOME).text


def test_forged_strangers_and_hostile_requests_keep_nothing(cast: Cast) -> None:
    article = write(cast, "publish")
    assert cast.browser(cast.ida).forge(f"{HOME}/changes", body=SECRET).status_code == 403
    for person in (cast.tom, cast.otto, cast.quill):
        assert cast.browser(person).post(f"{HOME}/changes", body=SECRET).status_code == 403
        assert cast.browser(person).post(f"{HOME}/changes/drop").status_code == 403
    with pytest.raises(Forbidden):
        actions.keep_changes(cast.otto, article.id, {"body": SECRET})
    db.rollback()
    with pytest.raises(Invalid):
        actions.keep_changes(cast.ida, article.id, {"body": "x" * 300_000})
    db.rollback()
    ida = cast.browser(cast.ida)
    answer = ida.post(f"{HOME}/changes", body="x" * 300_000)
    assert answer.status_code == 422
    assert kept() == []
    ida.post(
        f"{HOME}/changes", body="\u202e\u200b", strange="1", auto_close_days="x" * 100, published_at="never", id="9"
    )
    assert ida.get(f"{HOME}/edit").status_code == 200
    assert "strange" not in kept()[0].fields


def test_a_draft_goes_with_what_was_kept_of_it(cast: Cast) -> None:
    article_id = write(cast).id
    keep(cast, body=SECRET)
    assert cast.browser(cast.ida).post(f"{HOME}/delete").status_code == 303
    assert db.session.get(Article, article_id) is None
    assert kept() == []


def test_the_mark_is_the_words_alone_while_nothing_is_kept(cast: Cast) -> None:
    article = write(cast)
    found = writing(article.slug)
    assert found is not None
    assert (found.mark, found.changes) == (article.mark, None)
