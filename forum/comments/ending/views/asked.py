"""What the forms of closing ask of the actions, and what is said when it is done."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from forum import web
from forum.clock import now
from forum.closures.models import Closure
from forum.comments.ending.forms import DELAYS, PERIODS, EndForm
from forum.comments.ending.request import Ending
from forum.web.show import moment


def requested(form: EndForm, people: str = "", start_id: int | None = None) -> Ending:
    """Return what was asked; `people` and `start_id` are what a reach that was chosen means."""
    hours = int(form.delay.data) if form.delay.data in {choice.value for choice in DELAYS[1:]} else 0
    days = int(form.period.data) if form.period.data in {choice.value for choice in PERIODS[1:]} else 0
    begins = form.moment(form.begins) or (now() + timedelta(hours=hours) if hours else None)
    person = (form.person.data or "").strip()
    people = people or form.people.data or ("one" if person else "all")
    return Ending(
        words=form.words.data or "",
        people=people,
        person=person if people == "one" else "",
        start_id=start_id,
        begins=begins,
        until=form.moment(form.until) or ((begins or now()) + timedelta(days=days) if days else None),
        reply=form.reply.data or "",
        staff_may=bool(form.staff_may.data),
        once=bool(form.once.data),
        note=form.note.data or "",
        key=form.key.data or "",
    )


def closed(made: Closure, address: str, message: str) -> Response:
    """Say that it is done, with the way to undo it, and lead on.

    `message` is for what closes at once, and for more than one person.
    """
    if made.begins_at is not None:
        message = _("It is announced: from %(when)s on nobody can write there.", when=moment(made.begins_at))
        if made.person_a_id is not None:
            message = _("It begins on %(when)s, only for those whom it concerns.", when=moment(made.begins_at))
    elif made.person_a_id is not None and made.person_b_id is None:
        message = _("It is closed for this person only, who is told and reads your words. Everybody else goes on.")
    web.say(message, undo=url_for("comments.undo_closure", id=made.id))
    return web.other_page(address)
