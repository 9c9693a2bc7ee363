"""Jobs: taken by one worker at a time, done once, tried again later and later, given up where an admin sees it."""

from __future__ import annotations

import itertools
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from forum import db
from forum.clock import now
from forum.jobs import actions, queries
from forum.jobs.actions import ATTEMPTS, LEASE, Later, LostLease
from forum.jobs.models import Job


def put(kind="tests.nothing", subject=None, **options):
    db.lock()
    actions.put(kind, now(), subject or {}, **options)
    db.commit()


def committed(act, *arguments, **options):
    """Do something as the worker does, which commits."""
    done = act(*arguments, **options)
    db.commit()
    return done


def take(moment):
    taken = committed(actions.take, moment)
    return taken[0] if taken else None


def fail(job, error, **options):
    return committed(actions.fail, job, error, **options)


def finished(job):
    db.lock()
    actions.finish([job])
    db.commit()


def count():
    return db.session.scalar(select(func.count()).select_from(Job))


def later(**values):
    """Move a job's time, as if the clock had gone on."""
    db.lock()
    db.session.execute(update(Job).values(**values))
    db.commit()


def test_a_job_is_there_only_with_its_cause(cast):
    db.lock()
    actions.put("tests.nothing", now(), {"a": 1})
    db.rollback()
    assert (count(), take(now())) == (0, None)


def test_the_oldest_is_taken_first_and_no_other_gets_it(cast):
    put(subject={"n": 2}, due=now() - timedelta(minutes=1))
    put(subject={"n": 1}, due=now() - timedelta(minutes=2))
    put(subject={"n": 3}, due=now() + timedelta(minutes=1))
    assert [take(now()).subject["n"] for _ in range(2)] == [1, 2]
    assert take(now()) is None


def test_jobs_of_a_kind_that_is_done_together_are_taken_together(cast):
    for n in range(30):
        put(["tests.one", "tests.many"][n % 2], {"n": n}, due=now() - timedelta(minutes=60 - n))
    assert [job.subject["n"] for job in committed(actions.take, now(), {"tests.many"})] == [0]
    together = committed(actions.take, now(), {"tests.many"})
    assert [job.subject["n"] for job in together] == list(range(1, 30, 2))


def test_a_lease_that_ran_out_is_anothers_and_the_first_may_not_finish(cast):
    put()
    first = take(now())
    assert take(now() + LEASE - timedelta(seconds=5)) is None
    second = take(now() + LEASE + timedelta(seconds=5))
    assert (second.id, second.attempts) == (first.id, 2)
    db.lock()
    with pytest.raises(LostLease):
        actions.finish([first])
    with pytest.raises(LostLease):
        actions.finish([first], {first.id: Later({}, now())})
    db.rollback()
    finished(second)
    assert count() == 0


def test_a_failed_attempt_waits_longer_each_time_and_is_given_up_at_last(cast):
    put()
    waits = []
    for attempt in range(1, ATTEMPTS + 1):
        later(due_at=now() - timedelta(seconds=1))
        job = take(now())
        assert job.attempts == attempt
        before = now()
        assert fail(job, "No.") is (attempt == ATTEMPTS)
        waits.append(db.session.scalars(select(Job.due_at)).one() - before)
    assert all(first < second for first, second in itertools.pairwise(waits[:-1]))
    later(due_at=now() - timedelta(days=1))
    assert take(now()) is None
    (given_up,) = queries.failed()
    assert (given_up.error, given_up.attempts) == ("No.", ATTEMPTS)


def test_a_part_that_is_done_is_kept(cast):
    put(subject={"after": 0})
    job = take(now())
    db.lock()
    actions.finish([job], {job.id: Later({"after": 500}, now())})
    db.commit()
    again = take(now())
    assert (again.id, again.subject, again.attempts) == (job.id, {"after": 500}, 1)


def test_of_one_key_there_is_one_until_it_is_done(cast):
    put(subject={"n": 1}, key="digest:7")
    put(subject={"n": 2}, key="digest:7", due=now() + timedelta(days=1))
    put(subject={"n": 3}, key="digest:8", due=now() + timedelta(days=1))
    assert count() == 2
    job = take(now())
    assert job.subject == {"n": 1}
    finished(job)
    put(subject={"n": 4}, key="digest:7")
    assert take(now()).subject == {"n": 4}


def test_eight_workers_take_each_job_once(cast):
    for n in range(60):
        put(subject={"n": n})
    taken, trouble = [], []

    def work():
        with cast.app.app_context():
            try:
                while (job := take(now())) is not None:
                    taken.append(job.subject["n"])
                    finished(job)
            except Exception as error:
                trouble.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert len(taken) == len(set(taken))
    # SKIP LOCKED lets a worker leave while another holds the last one; nothing is left undone.
    assert sorted(taken) == list(range(60))
    assert count() == 0


def given_up(error="The mail server was away."):
    put("mail.send", {"to": "nobody"})
    job = take(now())
    fail(job, error, for_good=True)
    return job.id


def test_what_is_tried_again_is_not_called_done(cast):
    put("mail.send", {"to": "nobody"})
    fail(take(now()), "451 Try later")
    page = cast.browser(cast.ada).get("/admin/jobs").text
    assert "451 Try later" in page
    assert "Nothing was given up." in page
    assert "all work was done" not in page


def test_an_admin_sees_what_failed_and_lets_it_be_tried_again(cast):
    ada = cast.browser(cast.ada)
    assert "Nothing went wrong: all work was done." in ada.get("/admin/jobs").text
    id = given_up("<b>550</b> No such user")
    page = ada.get("/admin/jobs").text
    assert "&lt;b&gt;550&lt;/b&gt; No such user" in page
    assert ada.post(f"/admin/jobs/{id}/retry").status_code == 303
    assert take(now()).id == id


def test_an_admin_gives_up_what_failed(cast):
    id = given_up()
    ada = cast.browser(cast.ada)
    assert ada.forge(f"/admin/jobs/{id}/drop").status_code == 403
    assert count() == 1
    assert ada.post(f"/admin/jobs/{id}/drop").status_code == 303
    assert count() == 0
    assert ada.post(f"/admin/jobs/{id}/drop").status_code == 404


def test_what_has_not_failed_is_nobodys_to_drop(cast):
    put()
    id = db.session.scalars(select(Job.id)).one()
    for verb in ("drop", "retry"):
        assert cast.browser(cast.ada).post(f"/admin/jobs/{id}/{verb}").status_code == 404
    assert count() == 1


def test_the_page_and_the_check_say_whether_a_worker_is_there(cast):
    ada = cast.browser(cast.ada)
    assert "No worker is running" in ada.get("/admin/jobs").text
    assert ada.get("/readyz").text == "ready, but no worker has been seen yet\n"
    committed(actions.seen, "one", now())
    assert "A worker is running" in ada.get("/admin/jobs").text
    assert ada.get("/readyz").text == "ready\n"
    committed(actions.seen, "one", now() - timedelta(hours=1))
    assert "No worker is running" in ada.get("/admin/jobs").text
    assert ada.get("/readyz").text.startswith("ready, but no worker has been seen since ")
    committed(actions.gone, "one")
    assert not queries.work().is_there
