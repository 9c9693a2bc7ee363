"""Moves in archives: kept to the byte, and replies to what was moved here follow it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from forum import db
from forum.articles.models import Article
from forum.cases.models import Case
from forum.comments import consistency
from forum.comments.models import Comment, Move
from forum.comments.moving import actions as moving
from forum.comments.writing import actions as writing
from forum.moderation import actions as moderation
from forum.people.models import Person
from tests import factories
from tests.cast import Cast
from tests.comments.talk import exchange, say
from tests.transfer import scene


def moved(cast: Cast) -> tuple[list[int], Article]:
    """Move a branch to another article and there once more, a reply within the article, and one back again."""
    ids, other = exchange(cast), factories.article(cast.ida, "The ferry is late")
    root = say(cast.rosa, other)
    moving.move(cast.quill, ids[2], other.id, None, "About the ferry.")
    moving.move(cast.quill, ids[4], other.id, root)
    taken = moving.move(cast.quill, ids[1], cast.article.id).id
    db.commit()
    moving.undo_move(cast.quill, taken)
    db.commit()
    return ids, other


def test_moves_come_back_byte_for_byte_and_everything_stands_where_it_stood(cast: Cast, empty: Flask) -> None:
    moved(cast)
    data = scene.taken_out()
    assert [line["from_article"] for line in scene.of_type(data, "move")].count(cast.article.slug) == 2
    query = select(Comment.id, Comment.article_id, Comment.parent_id, Comment.root_id, Comment.thread_number)
    before = db.session.execute(query.order_by(Comment.article_id, Comment.root_id, Comment.pos)).all()
    with empty.app_context():
        scene.bring_in(data)
        assert scene.taken_out() == data
        after = db.session.execute(query.order_by(Comment.article_id, Comment.root_id, Comment.pos)).all()
        assert after == before
        assert scene.bring_in(data).added == {}


def test_into_a_site_with_discussions_they_get_new_ids(cast: Cast, empty: Flask) -> None:
    moved(cast)
    data = scene.taken_out()
    with empty.app_context():
        other = Cast(empty)
        scene.write(other.tom, other.article, "We talk here as well.")
        assert scene.bring_in(data, same_people=True).added["move"] == 3
        for move in db.session.scalars(select(Move)):
            assert db.session.get_one(Comment, move.comment_id).article_id != other.article.id
        assert "move" not in scene.bring_in(data, same_people=True).added


def test_one_articles_archive_has_the_moves_within_it(cast: Cast, empty: Flask) -> None:
    ids, _ = moved(cast)
    data = scene.taken_out(cast.article.slug)
    assert [line["comment"] for line in scene.of_type(data, "move")] == [ids[1]]
    with empty.app_context():
        scene.bring_in(data)
        assert db.session.scalars(select(Move.comment_id)).all() == [ids[1]]


def test_new_replies_to_what_was_moved_here_follow_it(cast: Cast, empty: Flask) -> None:
    top = say(cast.tom, cast.article)
    below = say(cast.ida, cast.article, parent=top)
    say(cast.rosa, cast.article, "Somewhere else.")
    first = scene.taken_out()
    reply = writing.post(cast.rosa, cast.article.id, "A late reply.", parent_id=below).id
    db.commit()
    moderation.flag(cast.tom, say(cast.ida, cast.article, "To that one.", parent=reply), "abuse")
    db.commit()
    later = scene.taken_out()
    with empty.app_context():
        here = Cast(empty)
        scene.write(here.tom, here.article, "We talk here as well.")
        scene.bring_in(first, same_people=True)
        came = db.session.scalars(select(Comment).where(Comment.foreign_id == str(top))).one()
        quill = db.session.scalars(select(Person).where(Person.username == "quill")).one()
        moving.move(quill, came.id, here.article.id)
        db.commit()
        scene.bring_in(later, same_people=True)
        late = db.session.scalars(select(Comment).where(Comment.html.contains("late reply"))).one()
        last = db.session.scalars(select(Comment).where(Comment.parent_id == late.id)).one()
        assert (late.article_id, last.article_id, late.root_id) == (here.article.id, here.article.id, came.id)
        case = db.session.scalars(select(Case.article_id).where(Case.comment_id == last.id)).all()
        assert case == [here.article.id]
        for id in db.session.scalars(select(Article.id)).all():
            assert consistency.differences(id) == ([], [])
