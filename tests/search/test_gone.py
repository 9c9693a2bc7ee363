"""Words that were erased are in no table and no file, also of an index that is too large to be written anew at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import db
from forum.articles import actions as articles
from forum.articles.models import ArticleRevision
from forum.clock import now
from forum.comments.writing import actions as comments
from forum.moderation import erasing
from forum.search import actions
from forum.search.actions import index_some
from forum.search.models import SearchHead, SearchText
from tests.comments.talk import say
from tests.moderation import scene
from tests.moderation.test_erase import everywhere
from tests.search.test_indexing import agrees, proposed
from tests.worker.resting import work

pytestmark = pytest.mark.both_kinds


def holding(folder, word):
    """Return the files below a folder that hold a word. (FTS5 leaves out with what the word before it begins, too.)"""
    db.session.remove()
    db.checkpoint()
    return [path.name for path in folder.rglob("*") if path.is_file() and word in path.read_bytes()]


def purge_at():
    db.rollback()
    return db.session.scalar(select(SearchHead.purge_at))


def test_erasing_takes_the_words_out_of_every_table_at_once(cast, finder):
    made = say(cast.tom, cast.article, "Unspeakablecanary.")
    finder.index()
    assert everywhere("unspeakablecanary") == {"search_texts"}
    erasing.erase_comment(scene.actor(cast.ada), made, "1")
    db.commit()
    assert everywhere("unspeakablecanary") == set() and purge_at() is None
    agrees()


@pytest.mark.parametrize("late", [True, False])
def test_no_file_holds_a_word_after_it_was_erased(cast, finder, tmp_path, late):
    """Also where the worker had not looked since an edit, and the words of before were still in search."""
    made = say(cast.tom, cast.article, "Zxcanary4711 " + "and on " * 300)
    for number in range(30):
        say(cast.rosa, cast.article, f"Rarecanary and others {number}.")
    finder.index()
    comments.edit(scene.actor(cast.tom), made, "Another text")
    db.commit()
    if not late:
        finder.index()
    assert cast.browser(cast.ada).post(f"/moderation/comments/{made}/erase").status_code == 303
    assert holding(tmp_path, b"canary4711") == []


def test_the_worker_goes_on_until_no_file_of_a_large_index_holds_a_word(cast, finder, tmp_path, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 5)
    made = say(cast.tom, cast.article, "Zxcanary4711")
    for number in range(40):
        say(cast.rosa, cast.article, f"Rarecanary and {' '.join(f'w{number}x{n}' for n in range(300))}.")
    finder.index()
    monkeypatch.setattr(actions, "PAGES_AT_ONCE", 1)
    monkeypatch.setattr(actions, "PAGES", 3)
    erasing.erase_comment(scene.actor(cast.ada), made, "1")
    db.commit()
    assert proposed("zxcanary4711") == []
    if db.engine().dialect.name == "sqlite":
        assert purge_at() is not None
    index_some(now())
    db.rollback()  # a worker that dies in the middle: the next one goes on
    finder.index()
    assert purge_at() is None
    if db.engine().dialect.name == "sqlite":
        assert holding(tmp_path, b"rarecanary") == ["forum.sqlite3"]
    assert holding(tmp_path, b"canary4711") == []
    assert len(proposed("rarecanary")) == 40
    agrees()


@pytest.mark.parametrize("late", [True, False])
def test_no_file_holds_the_words_of_an_article_s_version_that_was_erased(cast, finder, tmp_path, late):
    actor = scene.actor(cast.ada)
    for title in ("Zxcanary4711", "Another title"):
        articles.edit(actor, cast.article.id, articles.check_words(title, "Some text."))
        db.commit()
        if not late:
            finder.index()
    db.rollback()
    kept = db.session.scalars(select(ArticleRevision.id).where(ArticleRevision.title == "Zxcanary4711")).one()
    address = f"/articles/{cast.article.slug}/versions/{kept}/erase"
    assert cast.browser(cast.ada).post(address).status_code == 303
    work(cast.app)
    finder.index()
    assert purge_at() is None
    assert holding(tmp_path, b"anary4711") == []
    agrees()


def test_words_that_an_edit_took_away_leave_the_file_within_an_hour(cast, finder, tmp_path):
    made = say(cast.tom, cast.article, "Otherwords")
    db.lock()
    cast.article.title = "Zxcanary4711"
    db.commit()
    finder.index()
    db.lock()
    cast.article.title = "Another title"
    db.commit()
    finder.index()
    due = purge_at()
    assert now() < due < now() + timedelta(hours=2)
    assert index_some(due - timedelta(minutes=1)) == 0
    while index_some(due):
        db.commit()
    db.commit()
    assert purge_at() is None
    assert holding(tmp_path, b"canary4711") == []
    assert proposed("otherwords") == [made]
    assert db.session.scalars(select(SearchText.words)).all()
    agrees()
