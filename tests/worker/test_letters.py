"""Letters as jobs: whatever becomes of worker and mail server, each letter arrives, and twice only as itself."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter

from sqlalchemy import func, select, update

from forum import db
from forum.clock import now
from forum.jobs import actions as jobs
from forum.jobs.models import Job
from forum.people.models import Person
from forum.worker import letters
from tests import factories
from tests.test_serve import FORUM, environment

READERS, KILLS = 120, 5  # `make soak` kills fifty times


def tell(person, number=1):
    """Let something be told to a person by mail."""
    db.lock()
    for _ in range(number):
        jobs.put("people.new-browser", now(), {"person": person, "at": now().isoformat()})
    db.commit()


def reached(name):
    """Return by which address somebody gets letters."""
    return {"email": f"{name.lower()}@post.example", "email_verified_at": now()}


def member(name="Wanda"):
    return factories.person(name, **reached(name)).id


def left():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Job))


def at_once(monkeypatch):
    """Let everything be due now, as if the waits were over."""
    monkeypatch.setattr(letters, "_quiet_until", 0.0)
    db.lock()
    db.session.execute(update(Job).values(due_at=now()))
    db.commit()


def test_a_server_that_is_away_loses_nothing_and_is_not_asked_for_each_letter(mailing, monkeypatch):
    wanda = member()
    mailing.server.stop()
    tell(wanda, 5)
    assert mailing.work() == []
    errors = sorted(db.session.scalars(select(Job.error)))
    assert [bool(error) for error in errors] == [False] * 4 + [True]  # one was tried, the others wait with it
    assert set(db.session.scalars(select(Job.attempts))) == {0, 1}
    page = mailing.cast.browser(mailing.cast.ada).get("/admin/jobs").text
    assert "What failed and is tried again" in page
    assert "Connection refused" in page
    mailing.server.start()
    assert mailing.work() == []  # not before a minute is over
    at_once(monkeypatch)
    assert mailing.work() == ["wanda@post.example"] * 5
    assert left() == 0


def test_a_letter_that_is_refused_for_now_holds_no_other_up(mailing, monkeypatch):
    wanda, xenia = member(), member("Xenia")
    mailing.server.refuse["wanda@post.example"] = "450 4.2.1 Come back later"
    tell(wanda)
    tell(xenia)
    assert mailing.work() == ["xenia@post.example"]
    mailing.server.refuse.clear()
    at_once(monkeypatch)
    assert mailing.work() == ["wanda@post.example"]
    assert db.session.get_one(Person, wanda).mail_paused_at is None


def test_a_refusal_that_is_not_the_addresss_pauses_nobody(mailing, monkeypatch):
    wanda = member()
    mailing.server.refuse["RCPT"] = "554 5.7.1 Relay access denied"
    tell(wanda, 3)
    assert mailing.work() == []
    assert mailing.server.tries == 1
    assert db.session.get_one(Person, wanda).mail_paused_at is None
    mailing.server.refuse.clear()
    at_once(monkeypatch)
    assert len(mailing.work()) == 3


def test_nobody_waits_for_a_slow_server(mailing):
    """While a letter is being sent, others write."""
    import threading

    wanda = member()
    mailing.server.seconds = 1.5
    tell(wanda)
    thread = threading.Thread(target=in_context, args=(mailing,))
    thread.start()
    written = 0
    while thread.is_alive():
        assert (
            mailing.cast.browser(mailing.cast.tom)
            .post("/articles/the-library-opens-on-saturday/comments", body="Hi", key=str(written))
            .status_code
            == 303
        )
        written += 1
    thread.join()
    assert len(mailing.server.received) == 1
    assert written > 3


def in_context(mailing):
    with mailing.cast.app.app_context():
        try:
            mailing.work()
        finally:
            db.session.remove()


def test_workers_killed_at_random_send_each_letter_and_twice_only_the_one_in_flight(mailing, tmp_path):
    readers = [factories.unsaved_person(f"Reader{n}", **reached(f"Reader{n}")) for n in range(READERS)]
    db.lock()
    factories.save(*readers)
    for reader in readers:
        jobs.put("people.new-browser", now(), {"person": reader.id, "at": now().isoformat()})
    db.commit()
    url = db.engine().url.render_as_string(hide_password=False)
    settings = {
        "FORUM_DATABASE_URL": url,
        "FORUM_SMTP_URL": mailing.server.url,
        "FORUM_SITE_URL": "https://talk.example",
        "FORUM_SECRET_KEY": "tests only",
    }
    dice, kills = random.Random(11), 0
    while kills < KILLS:
        worker = begin(tmp_path, settings)
        time.sleep(dice.uniform(0.05, 0.5))
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
        kills += 1
        release()
    worker = begin(tmp_path, settings)
    end = time.monotonic() + 120
    while left() and time.monotonic() < end:
        time.sleep(0.2)
    worker.send_signal(signal.SIGTERM)
    assert "Traceback" not in worker.communicate(timeout=30)[1]
    assert left() == 0
    came = Counter(one.to for one in mailing.server.received)
    assert came.keys() == {f"reader{n}@post.example" for n in range(READERS)}
    twice = [address for address, number in came.items() if number > 1]
    assert sum(came.values()) - READERS <= kills
    for address in twice:
        assert len({one.message["Message-ID"] for one in mailing.server.to(address)}) == 1


def begin(instance, settings):
    worker = subprocess.Popen(
        [FORUM, "worker"], env={**environment(instance), **settings}, stderr=subprocess.PIPE, text=True
    )
    assert "at work" in worker.stderr.readline()
    return worker


def release():
    """Let the leases of workers that died run out."""
    db.session.rollback()
    db.lock()
    db.session.execute(update(Job).where(Job.attempts > 0, Job.due_at > now()).values(due_at=now()))
    db.commit()
