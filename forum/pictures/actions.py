"""Keep pictures: add one, note which article shows it, and delete what none shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Exists, delete, exists, func, insert, select, update

from forum import db, policy
from forum.acting import lock_as
from forum.clock import now
from forum.db import Hold, session
from forum.errors import Invalid
from forum.ledger import actions as ledger
from forum.pictures import queries
from forum.pictures.encoding import Encoded
from forum.pictures.models import LONGEST_ALT, Picture, PictureFile, picture_uses
from forum.policy import Actor
from forum.policy.pictures import PictureLimits
from forum.text import pictures as text
from forum.text.words import one_line

PURGED_AT_ONCE = 20  # pictures: the lock is held for a moment only
_FETCH = {"synchronize_session": False}


def add(actor: Actor, site: PictureLimits, made: Encoded, alt: str) -> None:
    """Keep an encoded picture, which waits for an article to show it. The same one twice is one.

    Raises Invalid where too many of this person wait already.
    """
    # The site, too: `purge_unused` must not delete what is just added again.
    actor = lock_as(actor, site=Hold.SHARED, people={actor.id or 0: Hold.EXCLUSIVE})
    policy.may_add_picture(actor, site).require()
    moment, alt = now(), one_line(alt)[:LONGEST_ALT]
    mine = select(Picture).where(Picture.hash == made.picture.hash)
    if (same := session.scalar(mine)) is not None:
        same.alt = alt
        same.unused_since = moment if same.unused_since else None
        session.flush()
        return
    waiting = select(func.count()).where(Picture.person_id == actor.id, Picture.unused_since.is_not(None))
    if (session.scalar(waiting) or 0) >= site.article_pictures:
        words = _(
            "%(n)s of your pictures wait for an article already. Show some, or let them go: each stays a week.",
            n=site.article_pictures,
        )
        raise Invalid({"picture": words})
    size = {"hash": made.picture.hash, "width": made.picture.width, "height": made.picture.height}
    kept = Picture(**size, alt=alt, person_id=actor.id, created_at=moment, unused_since=moment)
    session.add(kept)
    session.flush()
    rows = [{"picture_id": kept.id, "width": width, "data": data} for width, data in made.files.items()]
    session.execute(insert(PictureFile), rows)
    ledger.record("picture.add", moment, actor_id=actor.id, details={"hash": kept.hash})


def show(actor: Actor, article_id: int, pictures: Iterable[text.Picture], most: int, field: str = "body") -> None:
    """Note that an article shows these pictures, and no others. Call it inside the lock of the article and the site.

    Raises Invalid for `field` where there are too many, or where one is not there or not the actor's to show. What it
    had before the limit was lowered, or from another site, it may keep.
    """
    wanted, moment = {picture.hash: picture for picture in pictures}, now()
    if len(wanted) > most and len(wanted) > len(_uses(article_id)):
        raise Invalid({field: _("An article can have %(n)s pictures.", n=most)})
    found = queries.known(wanted)
    for hash, picture in wanted.items():
        known = found.get(hash)
        if not known or known.picture != picture or not policy.may_show_picture(actor, known, article_id, moment):
            raise Invalid(
                {field: _("There is no picture %(name)s here. Add it again.", name=f"/pictures/{picture.name}")}
            )
    _set_uses(article_id, {known.id for known in found.values()}, moment)


def forget_article(article_id: int) -> None:
    """Delete the pictures of an article that is deleted, but for those that another one shows."""
    ids = _uses(article_id)
    session.execute(delete(picture_uses).where(picture_uses.c.article_id == article_id))
    _delete(ids)


def purge_unused(moment: datetime) -> int:
    """Delete some pictures that no article has shown for a week; return how many."""
    if not queries.unused(moment - policy.UNUSED_KEPT, 1):
        return 0
    db.lock(site=Hold.EXCLUSIVE)  # as the save of an article does: nobody shows one meanwhile
    ids = list(queries.unused(moment - policy.UNUSED_KEPT, PURGED_AT_ONCE))
    _delete(ids)
    return len(ids)


def _uses(article_id: int) -> set[int]:
    return set(session.scalars(select(picture_uses.c.picture_id).where(picture_uses.c.article_id == article_id)))


def _set_uses(article_id: int, wanted: set[int], moment: datetime) -> None:
    uses, before = picture_uses.c, _uses(article_id)
    if new := wanted - before:
        session.execute(insert(picture_uses), [{"article_id": article_id, "picture_id": id} for id in sorted(new)])
        session.execute(update(Picture).where(Picture.id.in_(new)).values(unused_since=None), execution_options=_FETCH)
    if gone := before - wanted:
        session.execute(delete(picture_uses).where(uses.article_id == article_id, uses.picture_id.in_(gone)))
        left = update(Picture).where(Picture.id.in_(gone), ~_is_shown()).values(unused_since=moment)
        session.execute(left, execution_options=_FETCH)


def _delete(ids: Iterable[int]) -> None:
    unseen = select(Picture.id).where(Picture.id.in_(list(ids)), ~_is_shown())
    gone = session.scalars(unseen).all()
    session.execute(delete(PictureFile).where(PictureFile.picture_id.in_(gone)), execution_options=_FETCH)
    session.execute(delete(Picture).where(Picture.id.in_(gone)), execution_options=_FETCH)


def _is_shown() -> Exists:
    return exists().where(picture_uses.c.picture_id == Picture.id)
