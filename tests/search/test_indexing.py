"""The worker brings what changed into search, whatever changed it; nothing that is not for all is found."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.moving import actions as moving
from forum.comments.writing import actions as comments
from forum.moderation import erasing
from forum.search import actions, candidates, consistency, shelf
from forum.search.asked import read
from forum.search.candidates import Looked, Within
from forum.search.models import SearchChange, SearchPlace, SearchShelf, SearchWord
from forum.search.shelves import Loaded
from tests import factories
from tests.comments.talk import say
from tests.moderation import scene
from tests.moderation.test_erase import everywhere
from tests.search.conftest import small_shelves


def proposed(q):
    """Return the comments that the index alone proposes."""
    return [one.comment_id for one in candidates.newest(read(q), Within(), None, Looked())]


def agrees():
    assert consistency.differences()[1] == []


@contextmanager
def changed(row_id, kind=Comment, **values):
    db.lock()
    row = db.session.get_one(kind, row_id)
    for name, value in values.items():
        setattr(row, name, value)
    yield
    db.commit()


def put(row_id, kind=Comment, **values):
    with changed(row_id, kind, **values):
        pass


def test_what_is_new_is_found_after_the_worker_looked(cast, finder):
    made = say(cast.tom, cast.article, "A herring.")
    assert finder.comments("herring") == []
    finder.index()
    assert finder.comments("herring") == [made]
    assert db.session.scalar(select(func.count(SearchChange.id))) == 0
    agrees()


def test_an_edit_takes_the_old_words_away(cast, finder):
    made = say(cast.tom, cast.article, "A herring.")
    finder.index()
    comments.edit(scene.actor(cast.tom), made, "A mackerel.")
    db.commit()
    assert finder.comments("herring") == finder.comments("mackerel") == []  # the text has no herring any more
    finder.index()
    assert (finder.comments("herring"), finder.comments("mackerel")) == ([], [made])
    assert db.session.get(SearchWord, (1, "herring")) is None
    agrees()


@pytest.mark.parametrize("status", ["held", "hidden", "withdrawn", "spam", "sealed", "erased"])
def test_only_what_is_published_is_found_before_and_after_the_worker_looked(cast, finder, status):
    made = say(cast.tom, cast.article, "A herring.")
    say(cast.rosa, cast.article, "An answer.", made)
    finder.index()
    put(made, status=status)
    for person in (None, cast.tom, cast.ida, cast.quill, cast.ada):
        assert "<mark>" not in finder.page("herring", person)
    finder.index()
    assert proposed("herring") == [] and db.session.get(SearchWord, (1, "herring")) is None
    put(made, status="published")
    finder.index()
    assert finder.comments("herring") == [made]
    agrees()


def test_a_removal_and_its_undo(cast, finder):
    made = scene.write(cast.tom, cast.article, "A herring.")
    finder.index()
    decision = scene.decide(cast.quill, made, "hide")
    finder.index()
    assert finder.comments("herring") == []
    assert cast.browser(cast.quill).post(f"/moderation/decisions/{decision}/undo").status_code == 303
    finder.index()
    assert finder.comments("herring") == [made]


def test_drafts_and_what_is_not_due_are_not_found_nor_what_stands_below(cast, finder):
    piece = factories.article(cast.ida, "Herrings of the north", "About a fishmonger.")
    made = say(cast.tom, piece, "A herring.")
    finder.index()
    assert finder.articles("fishmonger") == [piece.slug]
    for values in ({"status": "draft"}, {"status": "published", "published_at": now() + timedelta(days=1)}):
        put(piece.id, Article, **values)
        for _ in range(2):
            for person in (None, cast.ida, cast.ada):
                assert "<mark>" not in finder.page("fishmonger", person) + finder.page("herring", person)
            assert "There is no article" in finder.page("herring", article=piece.slug)
            finder.index()
    put(piece.id, Article, published_at=now() - timedelta(seconds=1))
    finder.index()
    assert finder.articles("fishmonger") == [piece.slug] and finder.comments("herring") == [made]
    agrees()


def test_a_scheduled_article_is_looked_at_when_its_moment_has_come(cast, finder):
    piece = factories.article(cast.ida, "Herrings", published_at=now() + timedelta(hours=1))
    finder.index()
    assert db.session.scalars(select(SearchPlace.id).where(SearchPlace.article_id == piece.id)).all() == []
    actions.index_some(now() + timedelta(hours=2))
    db.commit()
    assert db.session.scalars(select(SearchPlace.id).where(SearchPlace.article_id == piece.id)).all() != []


def test_what_was_moved_is_found_under_its_new_article(cast, finder):
    other = factories.article(cast.otto, "Another piece")
    made = say(cast.tom, cast.article, "A herring.")
    finder.index()
    moving.move(scene.actor(cast.quill), made, other.id)
    db.commit()
    finder.index()
    assert finder.comments("herring", article=other.slug) == [made]
    assert finder.comments("herring", article=cast.article.slug) == []
    agrees()


def test_erasing_takes_the_words_out_of_every_table_at_once(cast, finder):
    made = say(cast.tom, cast.article, "Unspeakablecanary.")
    finder.index()
    assert everywhere("unspeakablecanary") == {"search_words"}
    erasing.erase_comment(scene.actor(cast.ada), made, "1")
    db.commit()
    assert everywhere("unspeakablecanary") == set()
    agrees()


@pytest.mark.parametrize("late", [True, False])
def test_no_file_holds_a_word_after_it_was_erased(cast, finder, tmp_path, late):
    """Also where the worker had not looked since an edit, and the words of before were still in search."""
    made = say(cast.tom, cast.article, "Rarecanary4711 " + "and on " * 300)
    for number in range(30):
        say(cast.rosa, cast.article, f"Rarecanary and others {number}.")
    finder.index()
    comments.edit(scene.actor(cast.tom), made, "Another text")
    db.commit()
    if not late:
        finder.index()
    assert cast.browser(cast.ada).post(f"/moderation/comments/{made}/erase").status_code == 303
    db.session.remove()
    holding = [path.name for path in tmp_path.rglob("*") if path.is_file() and b"arecanary4711" in path.read_bytes()]
    assert holding == []


def test_shelves_are_filled_one_after_the_other_and_pages_go_through_them(cast, finder, monkeypatch):
    small_shelves(monkeypatch)
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(30)]
    put(made[5], created_at=now() - timedelta(days=900))
    finder.index()
    assert db.session.scalar(select(func.count(SearchShelf.id))) >= 4
    wanted = [*[id for id in made[::-1] if id != made[5]], made[5]]
    assert proposed("herring") == wanted
    assert finder.comments("herring") == wanted[:20]
    assert proposed("herring 7") == [made[7]]
    assert proposed("herring -7 -8") == [id for id in wanted if id not in (made[7], made[8])]
    agrees()
    scene.decide(cast.quill, made[12], "hide")
    finder.index()
    assert proposed("herring") == [id for id in wanted if id != made[12]]
    agrees()


def test_more_words_than_a_statement_names_are_added_to_a_shelf(cast, finder):
    """PostgreSQL takes 65,535 values of a statement: 50 comments of random letters have more words than that."""
    say(cast.tom, cast.article, "A herring.")
    finder.index()
    db.lock()
    many = Loaded(1, {"herring", *(f"w{number}" for number in range(70_000))})
    many.add(7, ["herring", "w69999"])
    many.save()
    herring, other = (db.session.get_one(SearchWord, (1, word)).places for word in ("herring", "w69999"))
    assert list(shelf.slots(shelf.unpacked(herring)))[1:] == list(shelf.slots(shelf.unpacked(other))) == [7]
    db.rollback()


def test_a_worker_that_dies_in_the_middle_leaves_nothing_half_done(cast, finder):
    made = say(cast.tom, cast.article, "A herring.")
    db.rollback()
    actions.index_some(now())
    db.rollback()
    assert proposed("herring") == [] and db.session.scalar(select(func.count(SearchChange.id))) >= 1
    finder.index()
    assert proposed("herring") == [made]
    agrees()


def test_two_workers_at_once_and_people_who_write_meanwhile(cast, finder, app):
    wrong = []

    def work(act):
        with app.app_context():
            try:
                act()
            except Exception as error:
                wrong.append(error)
            finally:
                db.session.remove()

    def index():
        for _ in range(25):
            actions.index_some(now())
            db.commit()

    def talk():
        for number in range(15):
            made = comments.post(tom, article_id, f"Herring {number}.")
            db.commit()
            comments.edit(tom, made.id, f"Mackerel {number}.")
            db.commit()

    tom, article_id = scene.actor(cast.tom), cast.article.id
    threads = [threading.Thread(target=work, args=(act,)) for act in (index, index, talk, talk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    finder.index()
    assert len(proposed("mackerel")) == 30 and proposed("herring") == []
    agrees()


def test_a_change_that_comes_while_the_worker_reads_is_not_lost(cast, finder):
    made = say(cast.tom, cast.article, "A herring.")
    db.rollback()
    done, browser = [], cast.browser(cast.tom)

    def edit(connection, cursor, statement, *_):
        if "comments.html" in statement and not done:
            done.append(True)
            answer = browser.post(f"/comments/{made}/edit", body="A mackerel.")
            assert answer.status_code == 303, answer.text

    event.listen(db.engine(), "after_cursor_execute", edit)
    try:
        finder.index()
    finally:
        event.remove(db.engine(), "after_cursor_execute", edit)
    assert done
    assert (proposed("herring"), proposed("mackerel")) == ([], [made])
    agrees()


def test_all_is_made_anew(cast, finder):
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(5)]
    finder.index()
    db.lock()
    db.session.get_one(SearchWord, (1, "herring")).places = b""
    db.commit()
    assert consistency.differences()[1] != []
    actions.note_everything()
    db.commit()
    finder.index()
    assert finder.comments("herring") == made[::-1]
    agrees()


def test_the_doctor_tells_what_is_missing_and_what_is_too_much(cast, finder):
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(3)]
    finder.index()
    db.lock()
    db.session.delete(db.session.scalars(select(SearchPlace).where(SearchPlace.comment_id == made[0])).one())
    db.commit()
    told = " ".join(consistency.differences()[1])
    assert f"comment {made[0]} is not known to search" in told and "has words and no text" in told
