"""Choose in which tags somebody moderates. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import delete, select

from forum import policy
from forum.acting import lock_as
from forum.articles.models import Tag
from forum.articles.naming import tag_slug
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Invalid, NotFound
from forum.ledger import actions as ledger
from forum.notifications import actions as notices
from forum.people.models import Person, TagModerator
from forum.policy import Actor

MOST = 60  # tags of which the page tells the names: a paragraph


def choose_tags(actor: Actor | None, person_id: int, names: Sequence[str]) -> None:
    """Let somebody moderate in the tags with these names, and in no others; they are told.

    It takes effect at once: each request, and each write after its lock, reads in which tags its actor moderates.
    Raises Invalid for a tag that there is not.
    """
    actor = lock_as(actor, people={person_id: Hold.EXCLUSIVE})
    policy.may_administer(actor).require()
    if session.get(Person, person_id) is None:
        raise NotFound()
    before, wanted = moderated(person_id), _tags(names)
    if {tag.id for tag in before} == {tag.id for tag in wanted}:
        return
    moment, theirs = now(), TagModerator.person_id == person_id
    kept = {tag.id for tag in before} & {tag.id for tag in wanted}
    session.execute(delete(TagModerator).where(theirs, TagModerator.tag_id.not_in(kept)))
    new = (TagModerator(person_id=person_id, tag_id=tag.id, created_at=moment) for tag in wanted if tag.id not in kept)
    session.add_all(new)
    session.flush()
    named = ", ".join(tag.name for tag in wanted)
    notices.tell(person_id, "tags", details={"other": named})
    details = {"before": [tag.slug for tag in before], "after": [tag.slug for tag in wanted], "words": named}
    ledger.record("person.tags", moment, actor_id=actor.id if actor else None, person_id=person_id, details=details)


def moderated(person_id: int) -> list[Tag]:
    """Return the tags in which somebody moderates, by name."""
    theirs = select(Tag).join(TagModerator, TagModerator.tag_id == Tag.id).where(TagModerator.person_id == person_id)
    return list(session.scalars(theirs.order_by(Tag.slug)))


def known() -> list[str]:
    """Return the names of the site's tags, at most MOST."""
    return list(session.scalars(select(Tag.name).order_by(Tag.slug).limit(MOST)))


def _tags(names: Sequence[str]) -> list[Tag]:
    wanted = {tag_slug(name): name for name in names}
    found = list(session.scalars(select(Tag).where(Tag.slug.in_(wanted)).order_by(Tag.slug)))
    missing = [name for slug, name in wanted.items() if slug not in {tag.slug for tag in found}]
    if missing:
        unknown = _("There is no subject “%(name)s” here.", name=missing[0])
        raise Invalid({"tags": unknown})
    return found
