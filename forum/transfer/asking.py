"""Ask for a large export, which a worker makes, and delete one. The caller commits."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from forum import policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import session
from forum.errors import Conflict, NotFound
from forum.jobs import made
from forum.jobs.models import KEPT, MadeFile
from forum.policy import Actor
from forum.transfer.formats import FORMATS
from forum.transfer.wanted import Wanted

JOB = "transfer.export"


def ask_for_file(actor: Actor, format: str, wanted: Wanted, total: int) -> int:
    """Ask a worker for a file of so many comments; return its id, that of another where the same is being made.

    Raises Conflict where there are too many already.
    """
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    moment = now()
    subject = {"format": format, "wanted": wanted.values()}
    there = session.scalars(select(MadeFile).where(MadeFile.created_at > moment - KEPT)).all()
    same = [file.id for file in there if file.subject == subject and file.ready_at is None and not file.failed]
    if same:
        return same[0]
    if len(there) >= policy.FILES_AT_ONCE:
        raise Conflict(_("There are %(n)s large files already. Delete one of them first.", n=len(there)))
    kind, name = FORMATS[format], f"{wanted.name[:200]}.{FORMATS[format].ending}"
    about = {"person_id": actor.id, "name": name, "media_type": kind.media_type, "subject": subject}
    return made.put(JOB, MadeFile(**about, total=total, created_at=moment))


def delete_file(actor: Actor, file_id: int) -> None:
    """Delete a large export, or stop its making. Raises NotFound."""
    actor = lock_as(actor)
    policy.may_administer(actor).require()
    if session.scalar(select(MadeFile.id).where(MadeFile.id == file_id)) is None:
        raise NotFound()
    made.drop(file_id)
