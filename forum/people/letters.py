"""The letters about accounts. Each is composed when it is sent, so that it says what is true then.

A letter is asked for by a job, in the transaction of its cause. No token lies in the table of jobs: a link is made with
the letter, and a second attempt makes a new one.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import format_datetime
from flask_babel import gettext as _

from forum import db
from forum.clock import now
from forum.db import Hold, session
from forum.jobs import actions as jobs
from forum.jobs.actions import Taken
from forum.ledger import actions as ledger
from forum.mail.letters import Letter
from forum.people.models import Person
from forum.people.onetime import make_link
from forum.people.tokens import token_hash
from forum.process import offers_mail
from forum.site.queries import site


def ask_to_verify(person: Person, moment: datetime) -> None:
    """Let a link be sent that verifies a person's address, where there is one and mail is offered. Call in the lock."""
    if person.email is not None and offers_mail():
        jobs.put("people.verify", moment, {"person": person.id}, key=f"people.verify:{person.id}")


def verification(job: Taken) -> Letter | None:
    """Return the letter with a link that verifies an address, None where there is nothing left to verify."""
    person = _locked(job)
    if person is None or person.email is None or person.email_verified_at or person.mail_paused_at:
        return None
    path = make_link("verify", now(), person_id=person.id, note=token_hash(person.email))
    words = [
        _("Somebody gave this mail address for the account %(name)s at %(site)s.", name=person.username, site=_site()),
        _("If it was you, open this page and confirm it:"),
    ]
    after = [
        _("The link works for a week."),
        _("If it was not you, do nothing: then no other mail comes to you from there."),
    ]
    return _letter(person, _("Confirm your mail address"), words, path, _("Confirm my address"), after)


def reset(job: Taken) -> Letter | None:
    """Return the letter with a link for a new password, None where no mail goes to this person."""
    person = _locked(job)
    if person is None or not person.is_reached_by_mail:
        return None
    moment = now()
    path = make_link("reset", moment, person_id=person.id)
    ledger.record("person.reset-link", moment, person_id=person.id, details={"by": "mail"})
    words = [
        _(
            "Somebody asked for a new password for your account %(name)s at %(site)s.",
            name=person.username,
            site=_site(),
        ),
        _("If it was you, set it here:"),
    ]
    after = [
        _("The link works once, and for a day."),
        _("If it was not you, do nothing: your password stays as it is."),
    ]
    return _letter(person, _("Set a new password"), words, path, _("Set a new password"), after)


def new_browser(job: Taken) -> Letter | None:
    """Return the letter about a sign-in from a browser that was not known, None where no mail goes to this person."""
    person = session.get(Person, job.subject["person"])
    if person is None or not person.is_reached_by_mail:
        return None
    when = format_datetime(datetime.fromisoformat(job.subject["at"]), _("d MMMM y, HH:mm z"))
    words = [
        _(
            "On %(when)s somebody signed in to your account %(name)s at %(site)s, with a browser that we did not know.",
            when=when,
            name=person.username,
            site=_site(),
        ),
        _("If it was you, all is well. This mail also comes after you deleted your cookies."),
        _("If it was not you, set a new password. That signs out every other browser:"),
    ]
    subject, link = _("Somebody signed in to your account"), _("Set a new password")
    return _letter(person, subject, words, "/forgot", link, [], f"browser-{job.id}")


def invitation(job: Taken) -> Letter:
    """Return the letter with an invitation to an address."""
    by, note = job.subject["by"], job.subject["note"]
    host = session.get(Person, by) if by is not None else None
    db.lock()
    path = make_link("invite", now(), note=note)
    invites = (
        _("%(name)s invites you to take part at %(site)s.", name=host.display_name, site=_site())
        if host
        else _("You are invited to take part at %(site)s.", site=_site())
    )
    words = [invites, _("With this link you make your account:")]
    after = [_("It works once, and for two weeks. If you do not want to take part, do nothing.")]
    link = _("Make my account")
    values = {"greeting": "", "words": words, "path": path, "link": link, "after": after}
    subject = _("An invitation to %(site)s", site=_site())
    return Letter("", job.subject["to"], subject, "account", f"invite-{token_hash(path)[:20]}", values)


def _locked(job: Taken) -> Person | None:
    id = job.subject["person"]
    if id is None:  # a reset that was asked for nobody
        return None
    db.lock(people={id: Hold.EXCLUSIVE})
    return session.get(Person, id)


def _letter(
    person: Person, subject: str, words: list[str], path: str, link: str, after: list[str], id: str = ""
) -> Letter:
    """Return a letter to a person; a link's own id is in its id, because each attempt has another link."""
    greeting = _("Hello %(name)s,", name=person.display_name)
    values = {"greeting": greeting, "words": words, "path": path, "link": link, "after": after}
    id = id or f"{path.split('/')[1]}-{token_hash(path)[:20]}"
    return Letter(person.display_name, person.email or "", f"{subject} · {_site()}", "account", id, values)


def _site() -> str:
    return site().name or "Correspondence"
