"""The worker brings what changed into search, whatever changed it; nothing that is not for all is found."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text

from forum import db
from forum.articles.models import Article
from forum.clock import now
from forum.comments.models import Comment
from forum.comments.moving import actions as moving
from forum.comments.writing import actions as comments
from forum.search import actions, candidates, consistency
from forum.search.asked import read
from forum.search.candidates import Within
from forum.search.models import SearchChange, SearchText
from tests import factories
from tests.comments.talk import say
from tests.moderation import scene
from tests.moderation.test_erase import everywhere

pytestmark = pytest.mark.both_kinds


def proposed(q):
    """Return the comments that the index alone proposes."""
    return [one.comment_id for one in candidates.newest(read(q), Within())]


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
    assert proposed("herring") == [] and everywhere("herring") <= {"revisions"}
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
    assert proposed("herring") == []
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
    assert db.session.scalars(select(SearchText.id).where(SearchText.article_id == piece.id)).all() == []
    actions.index_some(now() + timedelta(hours=2))
    db.commit()
    assert db.session.scalars(select(SearchText.id).where(SearchText.article_id == piece.id)).all() != []


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


def test_many_texts_are_proposed_newest_first_from_the_index_alone(cast, finder, monkeypatch):
    monkeypatch.setattr(candidates, "NEWEST", 4)
    monkeypatch.setattr(candidates, "_AT_ONCE", 3)
    monkeypatch.setattr(actions, "AT_ONCE", 7)
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(30)]
    put(made[5], created_at=now() - timedelta(days=900))
    finder.index()
    wanted = [*[id for id in made[::-1] if id != made[5]], made[5]]
    assert proposed("herring") == proposed("herri*") == wanted
    assert finder.comments("herring") == wanted[:20]
    assert proposed("herring 7") == [made[7]]
    assert proposed("herring -7 -8") == [id for id in wanted if id not in (made[7], made[8])]
    agrees()
    scene.decide(cast.quill, made[12], "hide")
    put(made[5], created_at=now())
    finder.index()
    assert proposed("herring") == [made[5], *[id for id in wanted if id not in (made[5], made[12])]]
    agrees()


def test_texts_of_one_moment_and_of_long_ago_have_each_a_place(cast, finder, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE", 7)
    at, ago = now() - timedelta(days=3), now().replace(year=1962)
    before, *made, old, older = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(33)]
    for id, moment in ((before, at - timedelta(days=1)), *((id, at) for id in made), (old, ago), (older, ago)):
        put(id, created_at=moment)
    finder.index()
    found = proposed("herring")
    assert sorted(found[:30]) == made and found[30] == before and sorted(found[31:]) == [old, older]
    agrees()


@pytest.mark.parametrize("alphabet", ["abcdefghij", "あいうえおかきくけこ"])
def test_of_a_whole_library_as_many_words_are_found_as_there_is_room_for(cast, finder, alphabet):
    words = " ".join("".join(alphabet[int(digit)] for digit in f"{number:06}") for number in range(90_000))
    words += " " + " ".join("".join(alphabet[int(digit)] for digit in f"{number:030}") for number in range(20_000))
    piece = factories.article(cast.ida, "Herrings of the north", "x")
    put(piece.id, Article, html=f"<p>{words}</p>")
    finder.index()
    assert finder.articles("herrings") == [piece.slug]
    agrees()


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

    def look():
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
    threads = [threading.Thread(target=work, args=(act,)) for act in (look, look, talk, talk)]
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
    db.session.scalars(select(SearchText).where(SearchText.comment_id == made[0])).one().words = "mackerel"
    db.commit()
    assert consistency.differences()[1] != []
    actions.note_everything()
    db.commit()
    finder.index()
    assert finder.comments("herring") == made[::-1]
    agrees()


def test_the_doctor_tells_what_is_missing(cast, finder):
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(3)]
    finder.index()
    db.lock()
    db.session.delete(db.session.scalars(select(SearchText).where(SearchText.comment_id == made[1])).one())
    db.commit()
    assert f"comment {made[1]} is not known to search" in consistency.differences()[1]


def test_the_doctor_reads_what_waits_once_and_not_for_each_text(cast, finder):
    """After an import a hundred thousand comments wait: to look among them for each of them takes many minutes."""
    say(cast.tom, cast.article, "A herring.")
    finder.index()
    say(cast.tom, cast.article, "Another one.")
    asked = []
    note = lambda _c, _cursor, statement, values, *_: asked.append((statement, values))  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", note)
    agrees()
    event.remove(db.engine(), "before_cursor_execute", note)
    looking = [one for one in asked if "search_changes" in one[0]]
    assert len(looking) >= 3
    assert not [one for one, _values in looking if "EXISTS" in one]
    if db.engine().dialect.name == "sqlite":
        connection = db.session.connection().connection.dbapi_connection
        for statement, values in looking:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert not [step for step in plan if "CORRELATED" in step]


def test_the_doctor_tells_what_the_index_does_not_find(cast, finder):
    made = say(cast.tom, cast.article, "A herring.")
    finder.index()
    db.lock()
    if db.engine().dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
    else:
        db.session.execute(text("DELETE FROM search_texts"))
    db.commit()
    assert f"article {cast.article.id} is not " in consistency.differences()[1][-1]
    actions.note_everything()
    db.commit()
    finder.index()
    assert proposed("herring") == [made]
    agrees()
