"""All words are made anew, or come with an import, no matter who else is at it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import func, select

from forum import db
from forum.clock import now
from forum.search import actions, queries
from forum.search.asked import read
from forum.search.models import SearchChange
from forum.search.queries import Scope
from tests.comments.talk import say
from tests.search.test_indexing import agrees, proposed
from tests.transfer.conftest import empty
from tests.transfer.scene import bring_in, taken_out

__all__ = ["empty"]


def test_a_rebuild_is_done_when_all_is_found_also_where_another_worker_was_at_it(cast, finder, app):
    made = [say(cast.tom, cast.article, f"Herring {number}.") for number in range(5)]
    finder.index()
    has_begun, may_end = threading.Event(), threading.Event()

    def begin_and_die():
        with app.app_context():
            actions.index_some(now())
            has_begun.set()
            may_end.wait(30)
            db.rollback()
            db.session.remove()

    actions.note_everything()
    db.commit()
    assert proposed("herring") == []
    other = threading.Thread(target=begin_and_die)
    other.start()
    has_begun.wait(30)
    threading.Timer(0.5, may_end.set).start()
    while actions.index_some(now(), wait=True):
        db.commit()
    db.commit()
    other.join()
    assert proposed("herring") == made[::-1]
    assert db.session.scalar(select(func.count(SearchChange.id))) == 0
    agrees()


def test_the_command_makes_all_anew(cast, finder, app, tmp_path):
    made = say(cast.tom, cast.article, "A herring.")
    db.session.remove()
    environment = {
        **os.environ,
        "FORUM_INSTANCE": str(tmp_path),
        "FORUM_DATABASE_URL": app.extensions["forum"].database,
    }
    program = Path(sys.executable).with_name("forum")
    told = subprocess.run([program, "search", "rebuild"], env=environment, capture_output=True, text=True, check=True)
    assert (told.stdout + told.stderr).endswith("2 texts are to be read.\nSearch knows all of them.\n")
    assert finder.comments("herring") == [made]


def test_what_was_imported_is_found_after_the_worker_looked(cast, empty, monkeypatch):
    monkeypatch.setattr(queries, "_WAITING", 2)
    for number in range(3):
        say(cast.tom, cast.article, f"Herring {number}.")
    data = taken_out()
    db.session.remove()
    with empty.app_context():
        bring_in(data)
        assert queries.is_behind()
        while actions.index_some(now()):
            db.commit()
        db.commit()
        assert not queries.is_behind()
        found = queries.newest(read("herring"), Scope())
        assert [result.excerpt[1] for result in found.results] == [(" 2.", False), (" 1.", False), (" 0.", False)]
        assert [result.comment_id for result in queries.newest(read("library"), Scope()).results] == [None]
        agrees()
