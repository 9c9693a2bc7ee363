"""Moderators are told by mail, once a day at most, that cases wait for longer than two days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from forum import db
from forum.clock import now
from forum.jobs.actions import Taken
from forum.jobs.models import Job
from forum.moderation import alarm
from forum.people.models import Person
from tests.cast import Cast
from tests.moderation import scene

LATER = timedelta(hours=49)


def with_mail(cast: Cast) -> None:
    """Let the site send mail."""
    given = replace(cast.app.extensions["forum"], smtp_url="smtp://127.0.0.1:1?starttls=off", late_hours=24)
    cast.app.extensions["forum"] = given


def told(hours: int) -> list[int]:
    """Let the worker look after so many hours, and return who has a letter waiting, by now in all."""
    alarm.tell_of_late(now() + timedelta(hours=hours))
    db.commit()
    jobs = db.session.scalars(select(Job).where(Job.kind == "queue.late").order_by(Job.id))
    return [job.subject["person"] for job in jobs]


def test_once_a_day_while_something_waits(cast: Cast) -> None:
    with_mail(cast)
    key = scene.many_reported(cast, 1)[0]
    scene.decide(cast.ada, key, "keep", "")
    db.lock()
    db.session.get_one(Person, cast.nele.id).created_at = now()
    db.commit()
    assert told(20) == []  # Nele's account waits since a moment ago
    staff = [cast.quill.id, cast.ada.id]
    assert sorted(told(49)) == sorted(staff)
    assert sorted(told(60)) == sorted(staff)
    assert sorted(told(74)) == sorted(staff * 2)


def test_nobody_is_told_without_mail(cast: Cast) -> None:
    assert told(100) == []


def test_the_letter_says_how_many_wait_for_its_reader(cast: Cast) -> None:
    with_mail(cast)
    key = scene.many_reported(cast, 1)[0]
    db.lock()
    for person_id in (cast.quill.id, cast.tom.id):
        person = db.session.get_one(Person, person_id)
        person.email, person.email_verified_at = f"{person.username}@post.example", now()
    flag = db.session.get_one(scene.Case, scene.case_of(key))
    flag.since = now() - LATER
    db.commit()
    job = Taken(1, "queue.late", {"person": cast.quill.id}, 1, now(), now())
    letter = alarm.letter(job)
    assert letter is not None
    assert letter.values["words"] == ["1 case waits at The Reading Room for more than 24 hours."]
    assert alarm.letter(replace(job, subject={"person": cast.tom.id})) is None  # who moderates nothing
    assert alarm.letter(replace(job, subject={"person": cast.ada.id})) is None  # who has no address
