"""Pages about moving: choosing a place, the confirmation, the lines that stay, old addresses, who is told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import Article
from forum.closures.models import Closure
from forum.comments.models import Comment, Move
from forum.comments.moving import actions as moving
from forum.comments.moving import merging
from forum.errors import Conflict
from forum.notifications import actions
from forum.notifications.models import Notice
from forum.policy import ArticleStatus
from tests import factories
from tests.comments.talk import exchange, put, row, say
from tests.comments.test_moving import move, sound


@pytest.fixture
def other(cast: Any) -> Article:
    """Return another article of Ida's."""
    return factories.article(cast.ida, "The ferry is late")


def lines(page: str) -> list[str]:
    """Return the lines about moves of a page, without their links."""
    return [re.sub(r"<[^>]+>", "", line).strip() for line in re.findall(r'<p class="moved">(.*?)</p>', page, re.DOTALL)]


def told(kind: str = "moved") -> list[tuple[int, int | None, str]]:
    """Return who was told: person, comment and words."""
    rows = db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.person_id))
    return [(one.person_id, one.comment_id, one.details.get("words", "")) for one in rows]


@pytest.mark.parametrize(
    "spelling", ["/comments/{}", "http://localhost/comments/{}", "/articles/{slug}#c-{}", "/comments/{}/branch"]
)
def test_a_moderator_moves_a_branch_by_its_new_address(cast, other, spelling):
    ids, target = exchange(cast), say(cast.rosa, other, "Here is a better place.")
    quill = cast.browser(cast.quill)
    assert "Move this comment" in quill.get(f"/comments/{ids[2]}/move").text
    fields = {"place": "there", "address": spelling.format(target, slug=other.slug), "reason": "It is about the ferry."}
    asked = quill.post(f"/comments/{ids[2]}/move", **fields)
    assert asked.status_code == 200
    assert "Move 4 comments?" in asked.text and "by 2 people" in asked.text
    assert "2 people are told, once each" in asked.text  # Tom and Ida; Rosa wrote only what is answered
    assert row(ids[2]).article_id == cast.article.id
    done = quill.post(f"/comments/{ids[2]}/move", **fields, confirm="yes")
    assert done.status_code == 303
    assert (row(ids[2]).article_id, row(ids[2]).parent_id) == (other.id, target)
    page = quill.get(done.headers["Location"], follow_redirects=True).text
    assert "4 comments were moved." in page and "/undo" in page
    sound(cast.article, other)


WRONG = [
    ({"place": "there", "address": ""}, 422, "Please give the address"),
    ({"place": "there", "address": "the ferry"}, 422, "This is no address"),
    ({"place": "there", "address": "x" * 501}, 422, ""),
    ({"place": "there", "address": "https://elsewhere.example/comments/1"}, 422, "on another site"),
    ({"place": "there", "address": "/comments/987654"}, 422, "no comment and no article"),
    ({"place": "there", "address": "/articles/no-such"}, 422, "no comment and no article"),
    ({"place": "there", "address": "//[::1"}, 422, "This is no address"),
    ({"place": "there", "address": "/about"}, 422, "no comment and no article"),
    ({"place": "nowhere"}, 422, "Choose where to move it"),
    ({"place": "article", "title": "  "}, 422, "give the new article a title"),
    ({"place": "there", "address": "/comments/{below}"}, 409, "cannot be moved below itself"),
    ({"place": "there", "address": "/comments/{above}"}, 409, "stands there already"),
    ({"place": "there", "address": "/comments/{gone}"}, 409, "is gone"),
    ({"place": "there", "address": "/articles/closed"}, 409, "This discussion is closed"),
    ({"place": "there", "address": "/articles/secret"}, 422, "no comment and no article"),
]


@pytest.mark.parametrize(("fields", "status", "words"), WRONG)
@pytest.mark.parametrize("confirm", ["", "yes"])
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(cast, other, fields, status, words, confirm):
    ids, gone = exchange(cast), say(cast.tom, other)
    say(cast.rosa, other, parent=gone)
    put(gone, "hidden")
    closed = factories.article(cast.ida, "Closed")
    factories.article(cast.otto, "Secret", status="draft", published_at=None)
    db.lock(closed.id)
    db.session.add(Closure(article_id=closed.id, words="Enough of it."))
    db.commit()
    places = {"below": ids[3], "above": ids[0], "gone": gone}
    typed = {name: value.format(**places) for name, value in fields.items()}
    answer = cast.browser(cast.quill).post(f"/comments/{ids[1]}/move", **typed, reason="Because.", confirm=confirm)
    assert answer.status_code == status
    assert words in answer.text and 'value="Because."' in answer.text
    assert row(ids[1]).parent_id == ids[0]


def test_a_branch_becomes_an_article_that_says_where_it_comes_from(cast):
    ids = exchange(cast)
    ida = cast.browser(cast.ida)
    fields = {"place": "article", "title": "On *ferries* & boats", "reason": ""}
    assert "a new article of yours" in ida.post(f"/comments/{ids[2]}/move", **fields).text
    assert ida.post(f"/comments/{ids[2]}/move", **fields, confirm="yes").status_code == 303
    made = db.session.scalars(select(Article).order_by(Article.id.desc())).first()
    assert (made.title, made.author_id, made.status) == ("On *ferries* & boats", cast.ida.id, ArticleStatus.PUBLISHED)
    page = cast.browser().get(f"/articles/{made.slug}").text
    assert f'href="/articles/{cast.article.slug}"' in page and "These comments were written under" in page
    assert "Turn 2." in page and "4 comments" in page
    sound(cast.article, made)


def test_lines_stay_where_it_was_and_where_it_is(cast, other):
    ids = exchange(cast)
    visitor, here, there = cast.browser(), f"/articles/{cast.article.slug}", f"/articles/{other.slug}"
    assert lines(visitor.get(here).text) == []
    made = move(cast.quill, ids[2], other).id
    assert lines(visitor.get(here).text) == ["4 replies were moved to The ferry is late"]
    assert lines(visitor.get(there).text) == ["Moved here from The library opens on Saturday"]
    assert lines(visitor.get(f"/comments/{ids[2]}/branch").text) == ["Moved here from The library opens on Saturday"]
    assert (
        f'href="/comments/{ids[2]}"' in visitor.get(here).text
        and f'href="/comments/{ids[1]}"' in visitor.get(there).text
    )
    moving.undo_move(cast.quill, made)
    db.commit()
    assert lines(visitor.get(here).text) == lines(visitor.get(there).text) == []


def test_within_an_article_the_lines_name_who_was_answered_only_while_that_stands(cast):
    ids, target = exchange(cast), say(cast.rosa, cast.article, "Elsewhere.")
    visitor, here = cast.browser(), f"/articles/{cast.article.slug}"
    move(cast.ida, ids[2], cast.article, target)
    away = "4 replies were moved to another place in this discussion"
    assert lines(visitor.get(here).text) == [away, "Moved here from the replies to Ida"]
    say(cast.rosa, cast.article, parent=ids[1])
    put(ids[1], "hidden")
    assert lines(visitor.get(here).text) == [away, "Moved here from another place in this discussion"]


def test_threads_that_went_are_told_at_the_head(cast, other):
    first, second = say(cast.tom, cast.article), say(cast.rosa, cast.article)
    kept = say(cast.ida, cast.article)
    move(cast.quill, first, other)
    move(cast.quill, second, other)
    move(cast.quill, second, cast.article, kept)  # it is back under the article, though not where it was
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert lines(page) == ["2 comments were moved to The ferry is late", "Moved here from The ferry is late"]
    move(cast.quill, second, cast.article)
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert lines(page)[0] == "1 comment was moved to The ferry is late"


def test_nothing_is_told_of_an_article_that_is_not_out(cast, other):
    ids = exchange(cast)
    move(cast.ida, ids[2], other)
    visitor, here = cast.browser(), f"/articles/{cast.article.slug}"
    assert lines(visitor.get(here).text) != []
    articles.unpublish(cast.ida, other.id)
    db.commit()
    assert lines(visitor.get(here).text) == []
    articles.publish(cast.ida, other.id)
    articles.edit(cast.ida, other.id, articles.check_words("Boats", "Other words."))
    db.commit()
    assert lines(visitor.get(here).text) == ["4 replies were moved to Boats"]


def test_nothing_is_told_of_what_nobody_saw(cast, other):
    top = say(cast.tom, cast.article)
    held = say(cast.rosa, cast.article, parent=top)
    put(held, "held")
    move(cast.quill, held, other)
    for article in (cast.article, other):
        assert lines(cast.browser().get(f"/articles/{article.slug}").text) == []
    assert lines(cast.browser(cast.quill).get(f"/articles/{other.slug}").text) == []
    sound(cast.article, other)


def test_every_old_address_leads_there(cast, other):
    ids = exchange(cast)
    before = re.findall(r"<id>(.*?)</id>", cast.browser().get(f"/feeds/articles/{cast.article.slug}").text)
    move(cast.quill, ids[2], other)
    visitor = cast.browser()
    answer = visitor.get(f"/comments/{ids[3]}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/articles/{other.slug}#c-{ids[3]}")
    assert visitor.get(f"/comments/{ids[2]}/branch").status_code == 200
    assert visitor.get(f"/comments/{ids[2]}/branch?from={ids[4]}").status_code == 200
    assert visitor.get(f"/comments/{ids[0]}/branch?from={ids[4]}").status_code == 404
    after = re.findall(r"<id>(.*?)</id>", visitor.get(f"/feeds/articles/{other.slug}").text)
    assert set(after) & set(before)
    assert visitor.get(f"/articles/{cast.article.slug}?from={ids[2]}").status_code in (200, 303)


def test_the_writer_is_told_once_and_taken_back_with_it(cast, other):
    ids = exchange(cast)
    made = move(cast.quill, ids[2], other, reason="About the ferry.").id
    assert told() == [(cast.ida.id, ids[3], "About the ferry."), (cast.tom.id, ids[2], "About the ferry.")]
    page = cast.browser(cast.tom).get("/notices").text
    assert "What you wrote was moved." in page and "About the ferry." in page and "Quill" not in page
    actions.mark_read(cast.tom, 10**6)
    db.commit()
    moving.undo_move(cast.quill, made)
    db.commit()
    assert [who for who, _, _ in told()] == [cast.tom.id, cast.tom.id]  # Ida had not read it
    assert "back where it was" in cast.browser(cast.tom).get("/notices").text


def test_the_menu_offers_it_to_those_who_may(cast):
    top = say(cast.tom, cast.article)
    for name, offered in (("quill", True), ("ida", True), ("otto", False), ("tom", False)):
        page = cast.browser(getattr(cast, name)).get(f"/comments/{top}/more").text
        assert (f"/comments/{top}/move" in page) == offered, name
        page = cast.browser(getattr(cast, name)).get(f"/articles/{cast.article.slug}").text
        assert (f"/articles/{cast.article.slug}/move" in page) == offered, name


def test_it_is_offered_only_where_there_is_something_to_move(cast):
    address, offered = f"/articles/{cast.article.slug}", "Move all comments to another article"
    assert offered not in cast.browser(cast.ida).get(address).text
    put(say(cast.tom, cast.article), "held")
    assert offered in cast.browser(cast.ida).get(address).text


def test_a_whole_discussion_goes_to_another_article_and_closes(cast, other):
    ids, apart = exchange(cast), say(cast.rosa, cast.article)
    say(cast.tom, other)
    url, ida = f"/articles/{cast.article.slug}/move", cast.browser(cast.ida)
    fields = {"address": f"/articles/{other.slug}", "reason": "One is enough."}
    asked = ida.post(url, **fields)
    assert "Move 7 comments?" in asked.text and "is closed, with words" in asked.text
    assert row(apart).article_id == cast.article.id
    done = ida.post(url, **fields, confirm="yes")
    assert (done.status_code, done.headers["Location"]) == (303, f"/articles/{other.slug}")
    assert (cast.article.comment_count, other.comment_count, other.thread_count) == (0, 8, 3)
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert lines(page) == ["7 comments were moved to The ferry is late"]
    assert "The discussion goes on under “The ferry is late”." in page
    assert [who for who, _, _ in told()] == [cast.tom.id, cast.rosa.id]
    moves = db.session.scalars(select(Move).order_by(Move.id)).all()
    assert [(one.comment_id, one.comment_count) for one in moves] == [(ids[0], 6), (apart, 1)]
    sound(cast.article, other)
    again = ida.post(url, **fields, confirm="yes")
    assert again.status_code == 409 and "no comments to move" in again.text
    undo = cast.browser(cast.quill).post(f"/moves/{moves[0].id}/undo-all")
    assert undo.status_code == 403
    undo = ida.post(f"/moves/{moves[0].id}/undo-all")
    assert (undo.status_code, undo.headers["Location"]) == (303, f"/articles/{cast.article.slug}")
    assert (cast.article.comment_count, other.comment_count, other.thread_count) == (7, 1, 1)
    page = cast.browser().get(f"/articles/{cast.article.slug}").text
    assert lines(page) == [] and "goes on under" not in page and told() == []
    sound(cast.article, other)


def test_a_merge_is_not_undone_where_a_part_was_moved_on(cast, other):
    ids, apart = exchange(cast), say(cast.rosa, cast.article)
    made = merging.merge(cast.quill, cast.article.id, other.id).id
    db.commit()
    move(cast.ida, apart, other, ids[0])
    with pytest.raises(Conflict):
        merging.undo_merge(cast.quill, made)
    db.rollback()
    assert row(ids[0]).article_id == other.id
    sound(cast.article, other)


def test_a_forged_move_is_refused(cast, other):
    top = say(cast.tom, cast.article)
    fields = {"place": "there", "address": f"/articles/{other.slug}", "confirm": "yes"}
    assert cast.browser(cast.quill).forge(f"/comments/{top}/move", **fields).status_code == 403
    assert cast.browser(cast.otto).post(f"/comments/{top}/move", **fields).status_code == 403
    assert db.session.scalars(select(Comment.article_id)).all() == [cast.article.id]
