"""One-time links: making and using them. Call everything inside `db.lock()`."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select

from forum.db import session
from forum.errors import NotFound
from forum.people.models import OneTimeLink
from forum.people.tokens import new_token, token_hash

# A setup link lets its holder open an empty site, and each start makes a new one. A reset is done the same day.
LIFETIMES = {
    "setup": timedelta(days=7),
    "reset": timedelta(hours=24),
    "invite": timedelta(days=14),
    "verify": timedelta(days=7),
}


def make_link(purpose: str, moment: datetime, *, person_id: int | None = None, note: str = "") -> str:
    """Return the path of a new link, of whose token only the hash is stored.

    It ends older ones with the same purpose, but not invitations.
    """
    if purpose != "invite":
        drop_links(purpose, person_id)
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=token_hash(token),
            purpose=purpose,
            person_id=person_id,
            created_at=moment,
            expires_at=moment + LIFETIMES[purpose],
            note=note,
        )
    )
    session.flush()
    return f"/{purpose}/{token}"


def take_link(token: str, purpose: str, moment: datetime) -> OneTimeLink:
    """Use a link up and return its row. Raises NotFound where it is used, too old, unknown or of another purpose."""
    query = select(OneTimeLink).where(OneTimeLink.token_hash == token_hash(token), OneTimeLink.purpose == purpose)
    # for update: of two who use it at once on PostgreSQL, the second finds it used
    link = session.execute(query.with_for_update()).scalar_one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= moment:
        raise NotFound(_("This link has been used already or is too old. Ask for a new one."))
    link.used_at = moment
    return link


def drop_links(purpose: str, person_id: int | None) -> None:
    """Delete the unused links of one purpose; only those of one person, where `person_id` is given."""
    dropped = delete(OneTimeLink).where(OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None))
    if person_id is not None:
        dropped = dropped.where(OneTimeLink.person_id == person_id)
    session.execute(dropped, execution_options={"synchronize_session": False})
