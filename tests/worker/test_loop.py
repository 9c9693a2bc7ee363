"""The worker: what it does at each look, what a mistake or an outage does to it, and that no kill loses a job."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from forum import db
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending import actions as ending
from forum.comments.ending.request import Ending
from forum.comments.models import Comment, Source
from forum.comments.writing import actions as writing
from forum.jobs import actions as jobs
from forum.jobs import queries
from forum.jobs.models import Job, Worker
from forum.ledger import queries as ledger
from forum.ledger.models import Entry
from forum.people import sessions
from forum.people.models import Session
from forum.worker import duties, loop
from forum.worker.loop import Loop
from tests.comments.talk import say
from tests.moderation.scene import actor
from tests.test_serve import FORUM, environment
from tests.worker.resting import is_due


@pytest.fixture
def worker(cast):
    return Loop(cast.app, threading.Event())


def put(kind="tests.note", **subject):
    db.lock()
    jobs.put(kind, now(), subject)
    db.commit()


def rest(worker):
    """Let the worker look until there is nothing to do."""
    while worker.once() < loop.PAUSE or is_due():
        pass


def test_a_job_is_done_and_gone(worker, monkeypatch):
    done = []
    monkeypatch.setitem(duties.JOBS, "tests.note", lambda job: done.append(job.subject["n"]))
    for n in range(3):
        put(n=n)
    rest(worker)
    assert done == [0, 1, 2]
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_what_a_job_wrote_is_not_there_where_it_failed(worker, cast, monkeypatch):
    def half(job):
        db.lock()
        db.session.execute(text("UPDATE people SET about = 'half' WHERE username = 'tom'"))
        raise ValueError("no further")

    monkeypatch.setitem(duties.JOBS, "tests.note", half)
    put()
    rest(worker)
    db.session.expire_all()
    assert cast.tom.about == ""
    job = db.session.scalars(select(Job)).one()
    assert (job.error, job.attempts, job.failed_at) == ("ValueError: no further", 1, None)
    assert job.due_at > now()


def test_of_jobs_done_together_one_that_fails_holds_no_other(worker, monkeypatch):
    done = []

    def together(taken):
        if any(job.subject["n"] == 3 for job in taken):
            raise ValueError("not this one")
        done.append([job.subject["n"] for job in taken])
        return {}

    monkeypatch.setitem(duties.TOGETHER, "tests.note", together)
    for n in range(6):
        put(n=n)
    rest(worker)
    assert done == [[0], [1], [2], [4], [5]]
    assert db.session.scalars(select(Job.error)).all() == ["ValueError: not this one"]


def test_a_job_of_another_program_is_given_up_at_once(worker):
    put("later.invented")
    rest(worker)
    (failed,) = queries.failed()
    assert "knows no such job" in failed.error


def test_a_job_sees_the_sites_address(worker, monkeypatch):
    from flask import url_for

    found = []
    monkeypatch.setitem(duties.JOBS, "tests.note", lambda job: found.append(url_for("site.rules", _external=True)))
    put()
    db.lock()
    db.session.execute(text("UPDATE site SET url = 'https://talk.example'"))
    db.commit()
    rest(worker)
    assert found == ["https://talk.example/rules"]


def test_the_log_is_sealed(worker, cast):
    say(cast.tom, cast.article)
    assert ledger.unsealed() > 0
    rest(worker)
    assert (ledger.unsealed(), ledger.first_broken()) == (0, None)


def test_closings_end_by_the_clock(worker, cast):
    first = say(cast.tom, cast.article)
    reply = say(cast.rosa, cast.article, parent=first)
    until = now() + timedelta(seconds=0.2)
    closure = ending.close_branch(actor(cast.quill), first, Ending(words="A pause.", until=until)).id
    db.commit()
    assert db.session.get_one(Comment, reply).closure_count == 1
    time.sleep(0.3)
    rest(worker)
    db.session.expire_all()
    assert db.session.get_one(Closure, closure).lapsed_at is not None
    assert db.session.get_one(Comment, reply).closure_count == 0


def test_deleted_comments_are_erased_after_thirty_days_and_not_before(worker, cast, monkeypatch):
    kept, gone = say(cast.tom, cast.article), say(cast.tom, cast.article, "A word to forget")
    for comment in (kept, gone):
        writing.withdraw(actor(cast.tom), comment)
        db.commit()
    db.lock()
    db.session.get_one(Comment, gone).withdrawn_at = now() - timedelta(days=31)
    db.session.get_one(Comment, kept).withdrawn_at = now() - timedelta(days=29)
    db.commit()
    rest(worker)
    db.session.expire_all()
    assert [db.session.get_one(Comment, id).status for id in (kept, gone)] == ["withdrawn", "erased"]
    assert db.session.scalars(select(Source.comment_id)).all() == [kept]
    assert ledger.acts("comment.erase-withdrawn")[0].comment_id == gone
    assert ledger.first_broken() is None


def test_sessions_that_ended_are_deleted(worker, cast):
    cast.browser(cast.tom)
    cast.browser(cast.rosa)
    db.lock()
    old = now() - sessions.IDLE - timedelta(hours=1)
    db.session.execute(
        text("UPDATE sessions SET seen_at = :old WHERE person_id = :id"),
        {"old": old.replace(tzinfo=None), "id": cast.tom.id},
    )
    db.commit()
    rest(worker)
    assert db.session.scalars(select(Session.person_id)).all() == [cast.rosa.id]


def test_it_says_that_it_is_there_and_takes_leave(cast):
    stop = threading.Event()
    thread = threading.Thread(target=Loop(cast.app, stop).run)
    thread.start()
    for _ in range(200):
        if queries.work().is_there:
            break
        time.sleep(0.05)
    assert queries.work().is_there
    stop.set()
    thread.join(20)
    assert db.session.scalars(select(Worker)).all() == []


def test_trouble_ends_no_worker(cast, monkeypatch):
    """A mistake of the program in a round, then none."""
    calls, stop = [], threading.Event()

    def falls(moment):
        calls.append(moment)
        if len(calls) == 1:
            raise RuntimeError("a mistake")
        stop.set()
        return 0

    monkeypatch.setattr(loop, "ROUNDS", ((timedelta(0), falls),))
    monkeypatch.setattr(loop, "OUTAGE", 0.01)
    thread = threading.Thread(target=Loop(cast.app, stop).run)
    thread.start()
    thread.join(30)
    assert len(calls) == 2


def test_workers_killed_at_random_do_every_act_of_sealing_once(cast, tmp_path):
    """Kill -9 at any moment while there is much to seal: the chain is whole, nothing is missing."""
    settings = {"FORUM_DATABASE_URL": db.engine().url.render_as_string(hide_password=False)}
    dice, children = random.Random(7), []
    for _ in range(6):
        for _ in range(40):
            say(cast.tom, cast.article)
        child = subprocess.Popen(
            [FORUM, "worker"], env={**environment(tmp_path), **settings}, stderr=subprocess.PIPE, text=True
        )
        children.append(child)
        assert "at work" in child.stderr.readline()
        time.sleep(dice.uniform(0, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    last = subprocess.Popen(
        [FORUM, "worker"], env={**environment(tmp_path), **settings}, stderr=subprocess.PIPE, text=True
    )
    assert "at work" in last.stderr.readline()
    for _ in range(200):
        db.session.rollback()
        if not ledger.unsealed():
            break
        time.sleep(0.1)
    last.send_signal(signal.SIGTERM)
    assert "Traceback" not in last.communicate(timeout=30)[1]
    assert last.returncode == 0
    assert (ledger.unsealed(), ledger.first_broken()) == (0, None)
    assert ledger.head().number == db.session.scalar(select(func.count()).select_from(Entry))
