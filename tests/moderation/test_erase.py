"""Take a text away for ever."""

import pytest
from sqlalchemy import select, text

from forum import db
from forum.clock import now
from forum.comments.models import Revision
from forum.comments.writing import actions as comments
from forum.ledger import queries as ledger
from forum.legal import actions as legal
from forum.legal import deciding
from forum.legal.actions import Filing
from forum.moderation import bulk
from forum.moderation.models import Decision
from forum.sanctions import actions as sanctions
from forum.sanctions.actions import Wanted
from forum.sanctions.consistency import differences
from tests.moderation import scene

CANARY = "canary-4711"
SENDER = ("Hedda Lowe", "hedda@post.example")


def everywhere(word):
    """Return the tables that hold a word, in whatever column."""
    connection = db.session.connection()
    found = set()
    for table in db.Base.metadata.sorted_tables:
        for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
            if any(word in str(value) for value in row):
                found.add(table.name)
    return found


@pytest.fixture
def spread(cast):
    """Return a comment whose words stand in an earlier version, reports, notes, notices and the log."""
    key = scene.write(cast.tom, cast.article, f"The first {CANARY}")
    scene.report(cast.rosa, key, note=f"He wrote {CANARY}")
    comments.edit(scene.actor(cast.tom), key, f"The second {CANARY}")
    db.commit()
    notice, _ = legal.file(Filing(f"/comments/{key}", "insult", f"He wrote {CANARY}", *SENDER), lambda host: False)
    db.commit()
    deciding.decide(scene.actor(cast.quill), notice.case_id, "keep", f"{CANARY} is no insult")
    db.commit()
    act = bulk.begin(scene.actor(cast.quill), [scene.case_of(key)], now(), "hide", "1", f"Because of {CANARY}")
    db.commit()
    while bulk.step(act.id):
        db.commit()
    wanted = Wanted("suspension", words=f"You wrote {CANARY}", days=3, comment_id=key)
    sanctions.sanction(scene.actor(cast.ada), cast.tom.id, wanted)
    db.commit()
    held = {"comments", "comment_sources", "revisions", "flags", "decisions", "notices", "bulks", "legal_notices"}
    assert everywhere(CANARY) >= held | {"sanctions", "people"}
    return key


def test_the_words_are_gone_from_every_table(cast, spread):
    assert cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase").status_code == 303
    assert everywhere(CANARY) == set()
    assert scene.status(spread) == "erased"
    assert scene.last_act().act == "comment.erase"
    assert differences() == (2, [])  # Tom's and Sven's suspensions


@pytest.mark.parametrize("what", ["comment", "revision"])
def test_no_file_of_the_instance_holds_a_word(cast, spread, tmp_path, what):
    """Readers of every kind have had the page; the free pages and the write-ahead log of SQLite are searched too."""
    rare = f"{CANARY}-rare"
    key = scene.write(cast.otto, cast.article, f"The first {rare} " + "and on " * 900)
    comments.edit(scene.actor(cast.otto), key, f"The {'second' if what == 'revision' else rare} text")
    db.commit()
    scene.report(cast.rosa, key, note=f"He wrote {rare}")
    for person in (None, cast.tom, cast.quill):
        browser = cast.browser(person)
        for address in (f"/articles/{cast.article.slug}", f"/comments/{key}/branch", f"/comments/{key}/history"):
            browser.get(address, headers={"Accept-Encoding": "gzip"})
    revision = db.session.scalars(select(Revision.id).where(Revision.comment_id == key)).one()
    address = f"/moderation/comments/{key}/erase" if what == "comment" else f"/moderation/revisions/{revision}/erase"
    assert cast.browser(cast.ada).post(address).status_code == 303
    db.session.remove()
    holding = [path.name for path in tmp_path.rglob("*") if path.is_file() and rare.encode() in path.read_bytes()]
    assert holding == []


def test_the_log_still_holds_together(cast, spread):
    cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase")
    assert ledger.first_broken() is None


def test_the_writer_and_the_reporters_hear(cast):
    key = scene.write(cast.tom, cast.article, CANARY)
    scene.report(cast.rosa, key)
    cast.browser(cast.ada).post(f"/moderation/comments/{key}/erase", reason="1")
    assert scene.told(cast.tom) == [("erased", "")]
    assert scene.told(cast.rosa) == [("report-answered", "removed")]
    assert CANARY not in cast.browser(cast.tom).get("/notices").text


def test_the_page_says_what_it_means(cast, spread):
    page = cast.browser(cast.ada).get(f"/moderation/comments/{spread}/erase").text
    assert "This cannot be undone" in page
    assert scene.status(spread) == "hidden"


def test_only_admins(cast, spread):
    for person, wanted in ((cast.quill, 403), (cast.ida, 403), (cast.tom, 403), (None, 303)):
        assert cast.browser(person).post(f"/moderation/comments/{spread}/erase").status_code == 403
        assert cast.browser(person).get(f"/moderation/comments/{spread}/erase").status_code == wanted
    assert scene.status(spread) == "hidden"


def test_it_is_not_restored(cast, spread):
    made = db.session.query(Decision).one().id
    cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase")
    assert cast.browser(cast.quill).post(f"/moderation/decisions/{made}/undo").status_code == 409
    assert scene.status(spread) == "erased"
    assert cast.browser(cast.ada).get("/moderation/queue?tab=decided").status_code == 200


def test_twice_is_refused(cast, spread):
    cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase")
    assert cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase").status_code == 409


def test_what_is_not_there_is_not_found(cast):
    browser = cast.browser(cast.ada)
    assert browser.post("/moderation/comments/4711/erase").status_code == 404
    assert browser.get("/moderation/revisions/4711/erase").status_code == 404


def test_an_unknown_rule_is_refused(cast, spread):
    assert cast.browser(cast.ada).post(f"/moderation/comments/{spread}/erase", reason="99").status_code == 422
    assert scene.status(spread) == "hidden"


def test_an_earlier_version(cast):
    key = scene.write(cast.tom, cast.article, f"The first {CANARY}")
    scene.report(cast.rosa, key)
    comments.edit(scene.actor(cast.tom), key, "The second")
    db.commit()
    version = db.session.query(Revision).one().id
    browser = cast.browser(cast.ada)
    assert CANARY in browser.get(f"/moderation/revisions/{version}/erase").text
    assert browser.post(f"/moderation/revisions/{version}/erase").status_code == 303
    assert everywhere(CANARY) == set()
    assert scene.status(key) == "published"
    assert scene.last_act().act == "revision.erase"
    assert browser.post(f"/moderation/revisions/{version}/erase").status_code == 409


def test_forged_it_changes_nothing(cast, spread):
    assert cast.browser(cast.ada).forge(f"/moderation/comments/{spread}/erase").status_code == 403
    assert scene.status(spread) == "hidden"
