"""Tell moderators by mail, once a day, that cases wait too long."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from forum import db
from forum.cases.models import Case
from forum.db import session
from forum.jobs import actions as jobs
from forum.jobs.actions import Taken
from forum.ledger import actions as ledger
from forum.ledger import queries as log
from forum.mail.letters import Letter
from forum.moderation.queries import queue
from forum.people.models import Person
from forum.people.queries import viewer_of
from forum.policy import Role
from forum.process import offers_mail, settings
from forum.site.queries import site

ACT = "queue.late"  # its newest entry says when the last alarm was
EVERY = timedelta(days=1)


def tell_of_late(moment: datetime) -> int:
    """Put a letter down for each moderator where cases wait too long, at most once a day; return 0: none is left."""
    if not offers_mail() or not _is_due(moment):
        return 0
    db.lock()
    if _is_due(moment):  # no other worker told them meanwhile
        staff = select(Person.id).where(Person.role.in_((Role.MODERATOR, Role.ADMIN))).order_by(Person.id)
        for person_id in session.scalars(staff).all():
            jobs.put("queue.late", moment, {"person": person_id})
        ledger.record(ACT, moment)
    return 0


def letter(job: Taken) -> Letter | None:
    """Return the letter to a moderator, None where nothing waits too long for them or no mail goes to them."""
    person = session.get(Person, job.subject["person"])
    actor = viewer_of(person.id) if person else None
    if person is None or actor is None or not person.is_reached_by_mail:
        return None
    hours = settings().late_hours
    late = queue.waits_too_long(actor, hours)
    if not late:
        return None
    name = site().name or "Correspondence"
    waits = ngettext("%(num)s case waits", "%(num)s cases wait", late) if late < queue.MANY else _("Many cases wait")
    words = [_("%(cases)s at %(site)s for more than %(hours)s hours.", cases=waits, site=name, hours=hours)]
    values = {"greeting": _("Hello %(name)s,", name=person.display_name), "words": words, "path": "/moderation/queue"}
    values |= {"link": _("Open the queue"), "after": [_("You get this once a day at most, while something waits.")]}
    subject = _("Cases wait · %(site)s", site=name)
    return Letter(person.display_name, person.email or "", subject, "account", f"late-{job.id}", values)


def _is_due(moment: datetime) -> bool:
    last = log.acts(ACT, limit=1)
    if last and moment - last[0].at < EVERY:
        return False
    late = select(Case.id).where(queue.IS_OPEN, Case.since < moment - timedelta(hours=settings().late_hours)).limit(1)
    return session.execute(late).first() is not None
