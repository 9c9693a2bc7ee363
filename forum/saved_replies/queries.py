"""Read the saved replies that somebody has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from forum import policy
from forum.db import session, view
from forum.policy import Actor, Verdict
from forum.saved_replies.models import SavedReply
from forum.text.words import folded


@dataclass(frozen=True)
class Saved:
    """One saved reply, and whether this person may change it."""

    id: int
    title: str
    text: str
    is_shared: bool
    may_change: Verdict


def saved_replies(actor: Actor) -> list[Saved]:
    """Return what somebody has: their own, then those of everybody, each by title. Nobody else has any."""
    if not policy.may_open_desk(actor):
        return []
    mine = SavedReply.person_id.is_(None) | (SavedReply.person_id == actor.id)
    found = [_saved(actor, row) for row in session.scalars(select(SavedReply).where(mine))]
    return sorted(found, key=lambda one: (one.is_shared, folded(one.title), one.id))


def saved_reply(actor: Actor, id: int) -> Saved | None:
    """Return one of them, None where there is none or it is somebody else's."""
    return next((one for one in saved_replies(actor) if one.id == id), None)


def _saved(actor: Actor, row: SavedReply) -> Saved:
    shared = row.person_id is None
    return view(Saved, row, is_shared=shared, may_change=policy.may_save_reply(actor, shared=shared))
