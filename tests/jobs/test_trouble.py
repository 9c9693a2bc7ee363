"""Jobs in trouble: workers that end in the middle, clocks that are put back, words that no database keeps."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from forum import db
from forum.clock import now
from forum.jobs import actions as jobs
from forum.jobs import queries
from forum.jobs.actions import ATTEMPTS, LEASE, Later, LostLease
from forum.jobs.models import Job, Worker
from forum.ledger import actions as sealing
from forum.ledger import queries as ledger
from forum.worker import duties, loop
from tests.comments.talk import say
from tests.worker.test_loop import put, rest, worker  # noqa: F401 -- a fixture

SHAPES = [None, [], "x", 3, {}, *({"comments": ids} for ids in ([], ["x"], [None], [10**30], [[1]], [{}], "5", [-1]))]


@pytest.mark.parametrize("words", ["a\x00b", "a\ud800b", "x" * 100_000, "one\nline", "\u202e" * 5], ids=ascii)
def test_whatever_an_error_says_the_attempt_counts(worker, monkeypatch, words):  # noqa: F811
    done = []

    def falls(job):
        raise ValueError(words)

    monkeypatch.setitem(duties.JOBS, "tests.falls", falls)
    monkeypatch.setitem(duties.JOBS, "tests.note", lambda job: done.append(job.id))
    put("tests.falls")
    put()
    rest(worker)
    job = db.session.scalars(select(Job)).one()
    assert (job.kind, job.attempts, len(done)) == ("tests.falls", 1, 1)
    assert job.error.startswith("ValueError: ")


@pytest.mark.parametrize("subject", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["comments.tell", "articles.tell"])
def test_a_subject_of_the_wrong_shape_holds_no_other_job(worker, cast, kind, subject):  # noqa: F811
    db.lock()
    db.session.add(Job(kind=kind, subject=subject, due_at=now(), created_at=now()))
    db.commit()
    first = say(cast.tom, cast.article)
    say(cast.rosa, cast.article, parent=first)
    rest(worker)
    assert all(job.error and job.attempts == 1 for job in db.session.scalars(select(Job)))
    assert db.session.execute(text("SELECT kind FROM notices")).scalars().all() == ["answer"]


def test_a_job_at_which_workers_end_is_given_up(cast):
    put("comments.tell")
    moment = now()
    with time_machine.travel(moment, tick=False) as clock:
        for _ in range(ATTEMPTS):
            assert len(jobs.take(now(), ["comments.tell"])) == 1
            db.commit()
            clock.shift(LEASE + timedelta(seconds=1))
        assert jobs.take(now(), ["comments.tell"]) == []
        db.commit()
    (failed,) = queries.failed()
    assert "ended during" in failed.error


def test_of_jobs_at_which_a_worker_ended_each_is_taken_by_itself(cast):
    for n in range(5):
        put("comments.tell", n=n)
    moment = now()
    with time_machine.travel(moment, tick=False) as clock:
        assert len(jobs.take(now(), ["comments.tell"])) == 5
        db.commit()
        clock.shift(LEASE + timedelta(seconds=1))
        put("comments.tell", n=5)
        found = []
        while taken := jobs.take(now(), ["comments.tell"]):
            db.commit()
            found.append([job.subject["n"] for job in taken])
    assert found == [[0], [1], [2], [3], [4], [5]]


def test_a_worker_that_slept_over_a_lease_ends_no_job_whose_attempts_were_counted_anew(cast):
    put(n=1)
    moment = now()
    with time_machine.travel(moment, tick=False) as clock:
        (slept,) = jobs.take(now())
        db.commit()
        clock.shift(LEASE + timedelta(seconds=1))
        (other,) = jobs.take(now())
        jobs.finish([other], {other.id: Later({"n": 2}, now())})
        db.commit()
        (again,) = jobs.take(now())
        db.commit()
        assert again.attempts == slept.attempts
        for end in (lambda job: jobs.finish([job]), lambda job: jobs.finish([job], {job.id: Later({"n": 1}, now())})):
            db.lock()
            with pytest.raises(LostLease):
                end(slept)
            db.rollback()
        for put_back in (lambda job: jobs.fail(job, "slept"), lambda job: jobs.postpone(job, now())):
            put_back(slept)
            db.commit()
        db.lock()
        jobs.finish([again])
        db.commit()


def test_what_a_clock_ahead_put_down_or_took_is_done_when_it_is_right(worker, cast, monkeypatch):  # noqa: F811
    done, moment = [], now()
    monkeypatch.setitem(duties.JOBS, "tests.note", lambda job: done.append(job.subject["n"]))
    with time_machine.travel(moment + timedelta(days=400)):
        put(n="taken")
        worker.once()  # what comes again and again was done then, too
        done.clear()
        put(n="taken")
        assert jobs.take(now())
        db.commit()
        put(n="fresh")
        put("tests.others")
        jobs.seen("of another clock", now())
        db.commit()
    db.lock()
    jobs.put("tests.note", now(), {"n": "scheduled"}, due=now() + timedelta(days=500))
    db.commit()
    rest(worker)
    rest(worker)
    assert sorted(done) == ["fresh", "taken"]
    assert queries.work().seen_at < moment + timedelta(days=1)
    assert db.session.scalars(select(Job.subject).where(Job.kind == "tests.note")).all() == [{"n": "scheduled"}]


def test_a_worker_of_another_clock_is_not_taken_for_one_that_is_there(cast):
    db.lock()
    db.session.add(Worker(name="ahead", seen_at=now() + timedelta(hours=3)))
    db.commit()
    assert not queries.work().is_there


def test_what_could_not_be_done_while_the_database_was_away_is_done_when_it_is_back(worker, monkeypatch):  # noqa: F811
    away, done = [True], []

    def note(job):
        if away:
            raise db.Unavailable
        done.append(job.attempts)

    monkeypatch.setitem(duties.JOBS, "tests.note", note)
    put()
    for _ in range(20):
        with pytest.raises(db.Unavailable):
            worker.once()
    away.clear()
    rest(worker)
    assert done == [1]


@pytest.mark.parametrize("broken", ["seal", "take", "round"])
def test_a_mistake_at_one_thing_stops_no_other(worker, cast, monkeypatch, caplog, broken):  # noqa: F811
    done, turns = [], []

    def falls(*_, **__):
        raise ValueError("a mistake")

    if broken == "round":
        monkeypatch.setattr(loop, "ROUNDS", ((timedelta(0), falls), (timedelta(0), lambda _: turns.append(1) or 0)))
    else:
        monkeypatch.setattr(loop, "ROUNDS", ((timedelta(0), lambda _: turns.append(1) or 0),))
        monkeypatch.setattr(sealing if broken == "seal" else jobs, broken, falls)
    monkeypatch.setitem(duties.JOBS, "tests.note", lambda job: done.append(job.id))
    put()
    say(cast.tom, cast.article)
    for _ in range(5):
        worker.once()
    assert len(turns) == 5
    assert bool(done) == (broken != "take")
    assert (ledger.unsealed() > 0) == (broken == "seal")
    assert caplog.text.count("a mistake of the program") == 1  # once a minute: it may not fill the disk
