"""Keep, change and delete saved replies. Only those of everybody are acts of the site, and stand in its log."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from forum import policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import session
from forum.errors import Invalid, NotFound
from forum.ledger import actions as ledger
from forum.policy import Actor
from forum.saved_replies.models import SavedReply
from forum.text.words import one_line, tidy

MOST = 50  # of one person, and of everybody: a longer list is no help beside a box


def save_reply(actor: Actor, title: str, text: str, *, shared: bool = False) -> SavedReply:
    """Keep a text for oneself, or for everybody who moderates. Raises Invalid where there are too many."""
    actor = lock_as(actor)
    policy.may_save_reply(actor, shared=shared).require()
    owner = None if shared else actor.id
    whose = SavedReply.person_id.is_(None) if shared else SavedReply.person_id == owner
    if (session.scalar(select(func.count()).select_from(SavedReply).where(whose)) or 0) >= MOST:
        raise Invalid({"title": _("There are %(most)s already. Delete one that nobody uses.", most=MOST)})
    made = SavedReply(person_id=owner, created_at=now(), **_checked(title, text))
    session.add(made)
    session.flush()
    _log("saved-reply.add", actor, made)
    return made


def change_reply(actor: Actor, id: int, title: str, text: str) -> None:
    """Change a saved reply. Raises NotFound where it is somebody else's."""
    actor, found = _locked(actor, id)
    for name, value in _checked(title, text).items():
        setattr(found, name, value)
    session.flush()
    _log("saved-reply.change", actor, found)


def delete_reply(actor: Actor, id: int) -> None:
    """Delete a saved reply. Raises NotFound where it is somebody else's."""
    actor, found = _locked(actor, id)
    session.delete(found)
    session.flush()
    _log("saved-reply.delete", actor, found)


def _locked(actor: Actor, id: int) -> tuple[Actor, SavedReply]:
    actor = lock_as(actor)
    found = session.get(SavedReply, id)
    if found is None or found.person_id not in (None, actor.id):
        raise NotFound()
    policy.may_save_reply(actor, shared=found.person_id is None).require()
    return actor, found


def _checked(title: str, text: str) -> dict[str, str]:
    words = {"title": one_line(title), "text": tidy(text).strip()}
    missing = {"title": _("Please give it a title."), "text": _("Please write the text.")}
    if problems := {name: missing[name] for name, value in words.items() if not value}:
        raise Invalid(problems)
    return words


def _log(act: str, actor: Actor, reply: SavedReply) -> None:
    if reply.person_id is None:
        ledger.record(act, now(), actor_id=actor.id)
