"""See what a text would look like without posting it."""

from __future__ import annotations

from sqlalchemy import select

from forum import db
from forum.comments.models import Comment
from tests.comments.talk import say


def test_a_preview_shows_the_text_and_posts_nothing(cast):
    answer = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="So *fine*.", preview="1")
    assert answer.status_code == 200
    assert "So <em>fine</em>." in answer.text
    assert "So *fine*.</textarea>" in answer.text
    assert db.session.scalars(select(Comment)).first() is None


def test_a_preview_is_as_safe_as_the_comment(cast):
    body = "<img src=x onerror=alert(1)> [x](javascript:alert(1))"
    answer = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body=body, preview="1")
    assert "<img src=x" not in answer.text
    assert 'href="javascript' not in answer.text


def test_a_preview_of_an_edit_saves_nothing(cast):
    made = say(cast.tom, cast.article, "First.")
    answer = cast.browser(cast.tom).post(f"/comments/{made}/edit", body="*Second*.", preview="1")
    assert "<em>Second</em>." in answer.text
    assert "First." in db.session.get_one(Comment, made).html


def test_a_forged_preview_is_refused(cast):
    assert (
        cast.browser(cast.tom).forge(f"/articles/{cast.article.slug}/comments", body="x", preview="1").status_code
        == 403
    )


def test_an_endless_preview_is_cut(cast):
    answer = cast.browser(cast.tom).post(f"/articles/{cast.article.slug}/comments", body="x" * 200_000, preview="1")
    assert answer.status_code == 200
