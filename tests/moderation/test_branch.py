"""Removing a branch is the same as removing each of its comments, in as few statements as for one."""

from sqlalchemy import inspect

from forum import db
from forum.articles.models import Article
from forum.comments import recount, statuses
from forum.comments.models import Comment
from forum.moderation.queries import desk
from forum.moderation.views.said import said
from tests.moderation import scene

DERIVED = ("reply_count", "thread_size", "root_id", "depth")


def chain(cast, length):
    """Write a chain of replies, a second branch beside its middle, and return their ids."""
    keys = [scene.write(cast.tom, cast.article)]
    for _ in range(length - 1):
        keys.append(scene.write(cast.rosa, cast.article, "Well.", keys[-1]))
    keys.append(scene.write(cast.ida, cast.article, "Beside.", keys[length // 2]))
    return keys


def derived(article_id):
    """Return everything that follows from statuses and parents."""
    db.session.expire_all()
    rows = db.session.query(Comment).filter_by(article_id=article_id).order_by(Comment.id)
    counted = db.session.get_one(Article, article_id).comment_count
    return counted, [tuple(getattr(row, name) for name in DERIVED) for row in rows]


def rebuilt(article_id):
    """Return the same, computed anew."""
    db.lock(article_id)
    recount.rebuild(article_id)
    db.commit()
    return derived(article_id)


def test_counters_are_right_after_removing_and_after_taking_it_back(cast):
    keys = chain(cast, 6)
    scene.decide(cast.quill, keys[3], "spam")
    made = scene.decide(cast.quill, keys[2], "hide-replies")
    assert derived(cast.article.id) == rebuilt(cast.article.id)
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert derived(cast.article.id) == rebuilt(cast.article.id)


def test_counters_are_right_where_the_top_was_only_a_frame(cast):
    keys = chain(cast, 4)
    scene.decide(cast.quill, keys[0], "hide")
    made = scene.decide(cast.quill, keys[1], "hide-replies")
    assert derived(cast.article.id) == rebuilt(cast.article.id)
    assert db.session.get_one(Article, cast.article.id).comment_count == 0
    cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo")
    assert derived(cast.article.id) == rebuilt(cast.article.id)


def test_as_many_statements_for_40_replies_as_for_4(cast):
    few_keys, many_keys = chain(cast, 4), chain(cast, 40)
    with scene.Statements(cast.app) as few:
        scene.decide(cast.quill, few_keys[0], "hide-replies")
    with scene.Statements(cast.app) as many:
        scene.decide(cast.quill, many_keys[0], "hide-replies")
    assert many.count == few.count


def test_a_branch_is_read_without_its_texts(cast):
    keys = chain(cast, 4)
    db.session.remove()
    rows = statuses.branch(db.session.get_one(Comment, keys[0]))
    assert len(rows) == 5
    assert all("html" in inspect(row).unloaded for row in rows[1:])


def test_a_large_number_of_replies_is_written_as_elsewhere(cast):
    key = scene.write(cast.tom, cast.article)
    before = dict.fromkeys(map(str, range(key, key + 1200)), "published")
    with cast.app.test_request_context("/"):
        assert "with its replies: 1,200 comments." in said(desk.case(scene.actor(cast.quill), key), "hide", before)
