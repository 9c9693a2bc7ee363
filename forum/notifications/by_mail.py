"""Ask for mails about notices, in the transaction in which these are written, and keep what people chose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.jobs import actions as jobs
from forum.notifications import mailing
from forum.notifications.mailing import Follower
from forum.notifications.models import Address, Notice
from forum.people.models import Person
from forum.policy import Actor
from forum.process import offers_mail
from forum.site.queries import site

_Job = tuple[dict[str, Any], datetime, str]  # subject, time and key


def ask(notices: Sequence[Mapping[str, Any]]) -> None:
    """Let those who want it be told of notices by mail; a row has person_id or address_id, kind, and key or id.

    Nothing is composed here. A person who reads a notice in the page before its mail goes out gets no mail.
    """
    if not notices or not offers_mail():
        return
    moment, timezone = now(), site().timezone
    wanted = _wanted({follower_of(row) for row in notices})
    at_once, later = list[_Job](), list[_Job]()
    for row in notices:
        follower = follower_of(row)
        when = wanted.get(follower, {}).get(mailing.kind_of(row["kind"]), "never")
        due = mailing.due(when, moment, timezone) if when != "never" else moment
        if when == "now":
            about = {**follower.subject, "notice": row.get("id"), "key": row.get("key")}
            key = f"notices.mail:{follower.mark}:{row.get('key') or row.get('id')}"
            at_once.append((about, due, key))
        elif when != "never":
            about = {**follower.subject, "when": when}
            later.append((about, due, f"notices.{when}:{follower.mark}"))
    jobs.put_each("notices.mail", moment, at_once)
    jobs.put_each("notices.digest", moment, later)


def follower_of(notice: Mapping[str, Any]) -> Follower:
    """Return whose notice a row is."""
    return Follower(notice.get("person_id"), notice.get("address_id"))


def mailed(ids: Collection[int]) -> None:
    """Note that notices went out by mail. Call it inside `db.lock()`."""
    sent = update(Notice).where(Notice.id.in_(ids)).values(mailed_at=now())
    session.execute(sent, execution_options={"synchronize_session": False})


def choose(actor: Actor, wanted: Mapping[str, str]) -> None:
    """Keep when somebody gets each kind of mail. Raises Invalid."""
    if any(kind not in mailing.KINDS or when not in mailing.WHEN for kind, when in wanted.items()):
        raise Invalid({"when": _("This is not one of the choices.")})
    id = actor.id or 0
    actor = lock_as(actor, people={id: Hold.EXCLUSIVE})
    policy.may_follow(actor).require()
    person = session.get_one(Person, id)
    person.mail_when = {**person.mail_when, **wanted}
    session.flush()


def leave(person_id: int, what: str) -> dict[str, str]:
    """Send somebody a kind of mail no more, or all that comes hourly or daily; return what was chosen before.

    Anybody with the signed address of a mail may do it, signed in or not. Raises NotFound.
    """
    person = _locked(person_id)
    before = {kind: when for kind, when in mailing.chosen(person.mail_when).items() if what in (kind, when)}
    before = {kind: when for kind, when in before.items() if when != "never"}
    person.mail_when = {**person.mail_when, **dict.fromkeys(before, "never")}
    session.flush()
    return before


def come_back(person_id: int, before: Mapping[str, str]) -> None:
    """Send somebody again what they had chosen before they left. Raises NotFound."""
    person = _locked(person_id)
    person.mail_when = {**person.mail_when, **before}
    session.flush()


def _locked(person_id: int) -> Person:
    db.lock(people={person_id: Hold.EXCLUSIVE})
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound()
    return person


def _wanted(followers: Collection[Follower]) -> dict[Follower, dict[str, str]]:
    """Return for those to whom mail goes (as `Person.is_reached_by_mail`; every address) when they get what."""
    people = [follower.person_id for follower in followers if follower.person_id is not None]
    addresses = [follower.address_id for follower in followers if follower.address_id is not None]
    reached = Person.email_verified_at.is_not(None), Person.mail_paused_at.is_(None), Person.deactivated_at.is_(None)
    found: dict[Follower, dict[str, str]] = {}
    for id, when in session.execute(select(Person.id, Person.mail_when).where(Person.id.in_(people), *reached)):
        found[Follower(person_id=id)] = mailing.chosen(when or {})
    if addresses:
        for id, when in session.execute(select(Address.id, Address.mail_when).where(Address.id.in_(addresses))):
            found[Follower(address_id=id)] = mailing.chosen(when or {})
    return found
