"""Large exports: made by a worker, in pieces that are kept in the database, for admins and for a day."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from forum import db, policy
from forum.clock import now
from forum.comments.models import Comment
from forum.db import sqlite
from forum.jobs import actions as jobs
from forum.jobs import made
from forum.jobs.actions import NotNow
from forum.jobs.models import Job, MadeFile, MadePart
from forum.moderation import erasing
from forum.transfer import asking
from forum.transfer.wanted import Wanted
from forum.worker import exports
from tests.cast import Cast
from tests.moderation.scene import actor
from tests.transfer import scene

pytestmark = pytest.mark.both_kinds

WORD = "canary-4711"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three comments be many, and a piece be a few hundred bytes."""
    monkeypatch.setattr(policy, "EXPORTED_AT_ONCE", 3)
    monkeypatch.setattr(exports, "PIECE", 500)


@pytest.fixture
def written(cast: Cast) -> Cast:
    """Return the cast, with thirty comments."""
    scene.many(cast.article, 30, body=f"{WORD} " * 20)
    return cast


def asked(cast: Cast, format: str = "csv", **wanted: Any) -> int:
    """Ask for a file as an admin, and return its id."""
    file_id = asking.ask_for_file(actor(cast.ada), format, Wanted(**wanted), 30)
    db.commit()
    return file_id


def worked(cast: Cast) -> None:
    """Do what a worker does with the job that is due."""
    (job,) = jobs.take(now(), only=["transfer.export"])
    db.commit()
    with cast.app.test_request_context():
        exports.make_file(job)
        db.lock()
        jobs.finish([job])
        db.commit()


def kept(file_id: int) -> int:
    """Return how many pieces there are of a file."""
    return len(db.session.scalars(select(MadePart.number).where(MadePart.file_id == file_id)).all())


@pytest.mark.parametrize("format", ["csv", "html", "jsonl", "markdown", "wxr"])
def test_a_large_export_is_made_by_a_worker_and_is_the_same_file(written: Cast, format: str) -> None:
    admin = written.browser(written.ada)
    offered = admin.get(f"/admin/export?format={format}&since=2001-01-01")
    assert "These are 30 comments" in offered.text and "Content-Disposition" not in offered.headers
    answer = admin.post("/admin/exports", format=format, since="2001-01-01")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert "0 of 30 comments" in admin.get(address).text
    assert admin.get(f"{address}/file").status_code == 404  # nothing is offered before it is whole
    worked(written)
    page = admin.get(address).text
    assert "The file is ready. It has 30 comments." in page and f'href="{address}/file"' in page
    sent = admin.get(f"{address}/file")
    assert sent.data == scene.taken_out(None, format, since=date(2001, 1, 1))
    assert int(sent.headers["Content-Length"]) == len(sent.data)
    assert "no-store" in sent.headers["Cache-Control"]
    assert db.session.scalar(select(Job.id).where(Job.kind == "transfer.export")) is None
    assert address in admin.get("/admin/export").text


def test_few_comments_are_sent_at_once(written: Cast) -> None:
    admin = written.browser(written.ada)
    assert admin.get("/admin/export?format=csv&person=tom").headers["Content-Disposition"].startswith("attachment")


def test_the_page_says_how_far_it_is_and_that_a_worker_is_missing(
    written: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forum.transfer.out.discussion.AT_ONCE", 10)
    file_id, seen = asked(written), []
    admin = written.browser(written.ada)
    assert "No worker is running" in admin.get(f"/admin/exports/{file_id}").text
    for_real = jobs.prolong

    def looked(*arguments: Any) -> None:
        for_real(*arguments)
        db.commit()
        seen.append(admin.get(f"/admin/exports/{file_id}").text)

    monkeypatch.setattr(jobs, "prolong", looked)
    worked(written)
    assert any("20 of 30 comments" in page and "<progress" in page for page in seen)
    assert not any(f"/admin/exports/{file_id}/file" in page for page in seen)


def test_a_file_is_begun_anew_where_a_worker_was_killed(written: Cast) -> None:
    file_id = asked(written)
    (job,) = jobs.take(now(), only=["transfer.export"])
    mark = made.begin(file_id)
    assert mark
    made.add(file_id, mark, 0, b"half of it", 5)
    jobs.prolong(job, exports.LEASE)
    db.commit()
    assert job.leased_until < now() + timedelta(minutes=2)  # not the five minutes of other jobs
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))  # the lease is over
    db.commit()
    worked(written)
    sent = written.browser(written.ada).get(f"/admin/exports/{file_id}/file").data
    assert sent == scene.taken_out(None, "csv")
    db.lock()
    with pytest.raises(made.Superseded):  # the other worker wakes up
        made.add(file_id, mark, 1, b"more", 6)
    db.rollback()


def test_an_erasure_deletes_files_that_were_made_before(written: Cast) -> None:
    file_id = asked(written)
    worked(written)
    comment_id = db.session.scalars(select(Comment.id)).first()
    assert comment_id
    erasing.erase_comment(actor(written.ada), comment_id)
    db.commit()
    assert kept(file_id) == 0
    admin = written.browser(written.ada)
    page = admin.get(f"/admin/exports/{file_id}").text
    assert "may have been removed for good since" in page and f"{file_id}/file" not in page
    assert admin.get(f"/admin/exports/{file_id}/file").status_code == 404


def test_an_erasure_while_a_file_is_made_begins_it_anew(written: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = asked(written)
    comment_id = db.session.scalars(select(Comment.id)).first()
    assert comment_id
    for_real = jobs.prolong

    def interrupted(*arguments: Any) -> None:
        for_real(*arguments)
        db.commit()
        monkeypatch.setattr(jobs, "prolong", for_real)
        erasing.erase_comment(actor(written.ada), comment_id)

    monkeypatch.setattr(jobs, "prolong", interrupted)
    with pytest.raises(NotNow):
        worked(written)
    db.rollback()
    assert kept(file_id) == 0
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))
    db.commit()
    worked(written)
    sent = written.browser(written.ada).get(f"/admin/exports/{file_id}/file").text
    assert sent.count("\r\n") == 31 and sent.count(WORD) == 29 * 20


def test_what_is_written_meanwhile_is_not_in_it(written: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id, before = asked(written), scene.taken_out(None, "csv")
    for_real = jobs.prolong

    def interrupted(*arguments: Any) -> None:
        for_real(*arguments)
        db.commit()
        scene.write(written.tom, written.article, "Written meanwhile.")
        db.lock()

    monkeypatch.setattr(jobs, "prolong", interrupted)
    worked(written)
    assert written.browser(written.ada).get(f"/admin/exports/{file_id}/file").data == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL's disk is another process's
def test_a_full_disk_is_told(written: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of letters by chance, in which compression finds nothing twice: the file needs 25 pages more than there are.
    scene.many(written.article, 1, body=random.Random(4711).randbytes(100_000).hex())
    file_id, admin = asked(written), written.browser(written.ada)
    with full(written):
        worked(written)
    page = admin.get(f"/admin/exports/{file_id}").text
    assert "there is no room on the disk" in page
    assert kept(file_id) == 0
    assert db.session.scalar(select(Job.id)) is None


class full:  # noqa: N801 -- read as a word
    """Let the database's file grow no more, as on a full disk."""

    def __init__(self, cast: Cast) -> None:
        self._engine = db.engine()

    def __enter__(self) -> None:
        db.session.remove()
        self._engine.dispose()
        with closing(sqlite3.connect(str(self._engine.url.database), isolation_level=None)) as raw:
            raw.execute("VACUUM")  # else pages that were given back are room
            # Counted once: a connection that is opened later brings no room along.
            self._most = raw.execute("PRAGMA page_count").fetchone()[0] + 1
        self._for_real = sqlite._set_up
        sqlite._set_up = self._limited

    def __exit__(self, *_: object) -> None:
        sqlite._set_up = self._for_real
        db.session.remove()
        self._engine.dispose()

    def _limited(self, raw: Any, synchronous: str) -> None:
        self._for_real(raw, synchronous)
        raw.execute(f"PRAGMA max_page_count={self._most}").close()


def test_a_file_goes_after_a_day(written: Cast) -> None:
    file_id = asked(written)
    worked(written)
    db.lock()
    db.session.execute(update(MadeFile).values(created_at=now() - timedelta(hours=25)))
    db.commit()
    admin = written.browser(written.ada)
    assert admin.get(f"/admin/exports/{file_id}").status_code == 404  # also where no worker has come yet
    assert admin.get(f"/admin/exports/{file_id}/file").status_code == 404
    assert (made.purge_files(now()), made.purge_files(now())) == (1, 0)
    db.commit()
    assert kept(file_id) == 0 and scene.count(MadeFile) == 0


def test_what_was_chosen_may_be_gone_when_its_turn_comes(written: Cast) -> None:
    file_id = asked(written, person="nobody-here")
    worked(written)
    assert "is not there any more" in written.browser(written.ada).get(f"/admin/exports/{file_id}").text


def test_the_same_is_made_once_and_others_beside_it_up_to_a_number(
    written: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "FILES_AT_ONCE", 2)
    first, second = asked(written), asked(written, "html")
    assert asked(written) == first != second
    admin = written.browser(written.ada)
    answer = admin.post("/admin/exports", format="wxr")
    assert answer.status_code == 409 and "There are 2 large files already." in answer.text
    assert admin.post(f"/admin/exports/{first}/delete").status_code == 303
    assert admin.post(f"/admin/exports/{first}/delete").status_code == 404
    assert admin.post("/admin/exports", format="wxr").status_code == 303
    worked(written)  # of the one that was deleted nothing comes
    assert db.session.get(MadeFile, first) is None and kept(first) == 0
    worked(written)
    assert admin.get(f"/admin/exports/{second}/file").status_code == 200


def test_nobody_else_gets_a_file_and_no_forged_request_makes_one(written: Cast) -> None:
    file_id = asked(written)
    worked(written)
    for person in (written.tom, written.quill, written.ida):
        browser = written.browser(person)
        assert browser.get(f"/admin/exports/{file_id}/file").status_code == 403
        assert browser.post("/admin/exports", format="csv").status_code == 403
    forged = written.browser(written.ada).open("/admin/exports", "POST", data={"format": "wxr"})
    assert forged.status_code == 403
    assert scene.count(MadeFile) == 1


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "1%00", "x"])
def test_a_number_of_no_file_is_not_found(cast: Cast, number: str) -> None:
    assert cast.browser(cast.ada).get(f"/admin/exports/{number}").status_code in (400, 404)


@pytest.mark.parametrize(
    "asked", [{"format": "exe"}, {"format": "csv", "until": "x"}, {}, {"format": "csv", "tag": "no"}]
)
def test_a_wrong_wish_is_told_and_makes_nothing(written: Cast, asked: dict[str, str]) -> None:
    assert written.browser(written.ada).post("/admin/exports", **asked).status_code == 422
    assert scene.count(MadeFile) == 0
