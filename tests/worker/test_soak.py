"""Workers in long trouble while people are told: killed many times, the database put back under them, a full disk."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from forum import db
from forum.clock import now
from forum.comments.writing import actions as writing
from forum.jobs.models import Job
from forum.ledger import queries as ledger
from forum.notifications.models import Address, Notice, Subscription
from forum.people.models import Person
from forum.people.queries import viewer_of
from tests.comments.talk import say
from tests.db.test_trouble import ON_SQLITE
from tests.following.test_told import PERSON
from tests.mail.fixtures import Mailing
from tests.test_serve import FORUM, environment
from tests.worker.test_letters import left, release

pytestmark = pytest.mark.soak
PEOPLE, ADDRESSES, KILLS = 900, 100, 50
PATIENCE = 600.0  # seconds for what is left to be sent, on a busy machine


@dataclass
class Workers:
    """Workers of a site, one after the other, and what they said."""

    mailing: Mailing
    folder: Path
    said: list[str] = field(default_factory=list)
    begun: list[subprocess.Popen[str]] = field(default_factory=list)

    def begin(self, most: int | None = None) -> subprocess.Popen[str]:
        """Start a worker; `most` is how large a file it may write, as on a full disk."""
        settings = {
            "FORUM_DATABASE_URL": db.engine().url.render_as_string(hide_password=False),
            "FORUM_SMTP_URL": self.mailing.server.url,
            "FORUM_SITE_URL": "https://talk.example",
            "FORUM_SECRET_KEY": "tests only",
        }

        def full() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        command: dict[str, Any] = {
            "env": {**environment(self.folder), **settings},
            "stderr": subprocess.PIPE,
            "text": True,
        }
        worker = subprocess.Popen([FORUM, "worker"], preexec_fn=full if most else None, **command)
        self.begun.append(worker)
        assert "at work" in worker.stderr.readline()
        return worker

    def kill(self, worker: subprocess.Popen[str]) -> None:
        """Kill a worker at once."""
        os.kill(worker.pid, signal.SIGKILL)
        self.said.append(worker.communicate()[1])

    def finish(self) -> None:
        """Let one more worker do what is left, and end it as one ends a worker."""
        release()
        # A job at which workers ended eight times waits for an admin, who lets it be tried again.
        db.lock()
        db.session.execute(update(Job).where(Job.failed_at.is_not(None)).values(failed_at=None, attempts=0))
        db.commit()
        worker = self.begin()
        end = time.monotonic() + PATIENCE
        while left() and time.monotonic() < end:
            time.sleep(0.3)
        worker.send_signal(signal.SIGTERM)
        self.said.append(worker.communicate(timeout=60)[1])
        assert left() == 0


@pytest.fixture
def workers(mailing, tmp_path):
    """Yield a site that a thousand follow, and its workers."""
    crowd(mailing.cast)
    made = Workers(mailing, tmp_path)
    yield made
    for worker in made.begun:
        if worker.poll() is None:
            worker.kill()
            worker.communicate()


def crowd(cast) -> None:
    """Let people and addresses follow the discussion, and get a mail at once."""
    db.lock()
    moment = now()
    once = {"mail_when": {"comment": "now"}, "email_verified_at": moment}
    names = [(1000 + n, f"heron{n}") for n in range(PEOPLE)]
    people = [
        {**PERSON, **once, "id": id, "username": name, "display_name": name, "email": f"{name}@post.example"}
        for id, name in names
    ]
    db.session.execute(insert(Person), people)
    rows = [{"id": 1 + n, "email": f"gull{n}@post.example", **once, "created_at": moment} for n in range(ADDRESSES)]
    for row in rows:
        del row["email_verified_at"]
    db.session.execute(insert(Address), rows)
    what = {"kind": "article", "subject_id": cast.article.id, "created_at": moment}
    db.session.execute(insert(Subscription), [{**what, "person_id": id} for id, _ in names])
    db.session.execute(insert(Subscription), [{**what, "address_id": row["id"]} for row in rows])
    db.commit()


def everybody() -> set[str]:
    """Return all addresses that are to be written to."""
    return {f"heron{n}@post.example" for n in range(PEOPLE)} | {f"gull{n}@post.example" for n in range(ADDRESSES)}


def check(workers: Workers, kills: int) -> None:
    """See that everybody was told once, by mail too, and twice only by the same letter."""
    db.session.rollback()
    assert db.session.scalar(select(func.count(Notice.id)).where(Notice.kind == "comment")) == PEOPLE + ADDRESSES
    received = workers.mailing.server.received
    came = Counter(one.to for one in received)
    assert came.keys() == everybody()
    assert sum(came.values()) - len(came) <= kills
    for address in (address for address, number in came.items() if number > 1):
        assert len({one.message["Message-ID"] for one in workers.mailing.server.to(address)}) == 1
    assert (ledger.unsealed(), ledger.first_broken()) == (0, None)


def test_fifty_kills_lose_no_notice_and_no_letter(workers):
    say(workers.mailing.cast.tom, workers.mailing.cast.article, "The ferry is late.")
    dice = random.Random(23)
    for _ in range(KILLS):
        worker = workers.begin()
        time.sleep(dice.uniform(0.02, 1.2))
        workers.kill(worker)
        release()
    workers.finish()
    check(workers, KILLS)
    assert not any("Traceback" in said for said in workers.said)


@ON_SQLITE
def test_a_full_disk_holds_up_and_loses_nothing(workers):
    say(workers.mailing.cast.tom, workers.mailing.cast.article, "The ferry is late.")
    log = Path(f"{db.engine().url.database}-wal")
    for _ in range(3):
        worker = workers.begin(most=(log.stat().st_size if log.exists() else 0) + 40_000)
        time.sleep(4)
        workers.kill(worker)
        release()
    workers.finish()
    check(workers, 3 * 40)  # what was sent and could not be noted is sent again, as the same letter
    assert not any("Traceback" in said for said in workers.said)


@ON_SQLITE
def test_a_backup_that_is_put_back_under_a_worker_is_what_it_goes_on_with(workers):
    cast, path = workers.mailing.cast, Path(db.engine().url.database)
    article_id, rosa_id = cast.article.id, cast.rosa.id
    kept = path.with_name("kept.sqlite3")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(kept)) as target:
        source.backup(target)  # before anything was said
    say(cast.tom, cast.article, "Words that are gone after the restore.")
    worker = workers.begin()
    workers.mailing.server.wait(20, seconds=120)
    db.session.remove()
    db.engine().dispose()
    kept.replace(path)  # as an operator puts a file back; the log beside it is that of the file before
    time.sleep(3)
    assert worker.poll() is None
    before = len(workers.mailing.server.received)
    writing.post(viewer_of(rosa_id), article_id, "The ferry is on time.")
    db.commit()
    workers.kill(worker)
    workers.finish()
    after = workers.mailing.server.received[before:]
    assert {one.to for one in after if "The ferry is on time." in one.part()} == everybody()
    assert not any("gone after the restore" in one.part() for one in after)
    assert db.session.scalar(select(func.count(Job.id))) == 0
